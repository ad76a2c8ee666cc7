//! The single rules. Each says what it found in one phrase; the order is that of the real server's list.

use serde_json::Value;

/// What violates a level; nothing for `privileged` and for levels that do not exist.
pub(super) fn violations(level: &str, spec: &Value) -> Vec<String> {
    let containers: Vec<_> = ["initContainers", "containers", "ephemeralContainers"]
        .iter()
        .flat_map(|list| spec[*list].as_array().into_iter().flatten())
        .collect();
    let pod = Pod { spec, containers };
    let baseline: [fn(&Pod<'_>) -> Option<String>; 7] = [
        capabilities,
        host_namespaces,
        host_path,
        host_ports,
        privileged,
        proc_mount,
        sysctls,
    ];
    let restricted: [fn(&Pod<'_>) -> Option<String>; 5] = [
        escalation,
        restricted_capabilities,
        volume_types,
        non_root,
        seccomp,
    ];
    match level {
        "baseline" => baseline.iter().filter_map(|rule| rule(&pod)).collect(),
        "restricted" => {
            // The restricted rule on capabilities and volumes says more than the baseline's.
            let base = baseline
                .iter()
                .enumerate()
                .filter(|(index, _)| ![0, 2].contains(index))
                .filter_map(|(_, rule)| rule(&pod));
            base.chain(restricted.iter().filter_map(|rule| rule(&pod)))
                .chain(run_as_user(&pod))
                .collect()
        }
        _ => Vec::new(),
    }
}

struct Pod<'a> {
    spec: &'a Value,
    containers: Vec<&'a Value>,
}

impl<'a> Pod<'a> {
    /// Names of containers of which something holds.
    fn those(&self, holds: impl Fn(&Value) -> bool) -> Vec<&'a str> {
        let found = self.containers.iter().filter(|container| holds(container));
        found
            .filter_map(|container| container["name"].as_str())
            .collect()
    }
}

/// `container "a"` or `containers "a", "b"`.
fn named(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("{name:?}")).collect();
    let s = if names.len() == 1 { "" } else { "s" };
    format!("container{s} {}", quoted.join(", "))
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

const BASELINE_CAPABILITIES: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
    "",
];

fn capabilities(pod: &Pod<'_>) -> Option<String> {
    let added = |container: &Value| {
        texts(&container["securityContext"]["capabilities"]["add"])
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let is_bad = |name: &String| !BASELINE_CAPABILITIES.contains(&name.as_str());
    let names = pod.those(|container| added(container).iter().any(is_bad));
    if names.is_empty() {
        return None;
    }
    let mut bad: Vec<_> = pod
        .containers
        .iter()
        .flat_map(|container| added(container))
        .filter(is_bad)
        .map(|name| format!("{name:?}"))
        .collect();
    bad.sort();
    bad.dedup();
    let s = if names.len() == 1 { "" } else { "s" };
    let quoted: Vec<_> = names.iter().map(|name| format!("{name:?}")).collect();
    Some(format!(
        "non-default capabilities (container{s} {} must not include {} in securityContext.capabilities.add)",
        quoted.join(", "),
        bad.join(", ")
    ))
}

fn host_namespaces(pod: &Pod<'_>) -> Option<String> {
    let set: Vec<_> = ["hostNetwork", "hostPID", "hostIPC"]
        .into_iter()
        .filter(|member| pod.spec[*member] == true)
        .map(|member| format!("{member}=true"))
        .collect();
    (!set.is_empty()).then(|| format!("host namespaces ({})", set.join(", ")))
}

fn volumes(pod: &Pod<'_>, is_bad: impl Fn(&str) -> bool) -> (Vec<String>, Vec<String>) {
    let (mut names, mut kinds) = (Vec::new(), Vec::new());
    for volume in pod.spec["volumes"].as_array().into_iter().flatten() {
        let kind = volume
            .as_object()
            .into_iter()
            .flatten()
            .map(|(member, _)| member)
            .find(|member| *member != "name");
        if let Some(kind) = kind.filter(|kind| is_bad(kind)) {
            names.push(format!("{:?}", volume["name"].as_str().unwrap_or_default()));
            kinds.push(format!("{kind:?}"));
        }
    }
    kinds.sort();
    kinds.dedup();
    (names, kinds)
}

fn host_path(pod: &Pod<'_>) -> Option<String> {
    let (names, _) = volumes(pod, |kind| kind == "hostPath");
    let s = if names.len() == 1 { "" } else { "s" };
    (!names.is_empty()).then(|| format!("hostPath volumes (volume{s} {})", names.join(", ")))
}

fn host_ports(pod: &Pod<'_>) -> Option<String> {
    let ports = |container: &Value| {
        let ports = container["ports"].as_array().cloned().unwrap_or_default();
        ports
            .iter()
            .filter_map(|port| port["hostPort"].as_i64())
            .filter(|port| *port != 0)
            .collect::<Vec<_>>()
    };
    let names = pod.those(|container| !ports(container).is_empty());
    if names.is_empty() {
        return None;
    }
    let mut used: Vec<_> = pod
        .containers
        .iter()
        .flat_map(|container| ports(container))
        .collect();
    used.sort_unstable();
    let used: Vec<_> = used.iter().map(ToString::to_string).collect();
    let s = if used.len() == 1 { "" } else { "s" };
    Some(format!(
        "hostPort ({} uses hostPort{s} {})",
        named(&names),
        used.join(", ")
    ))
}

fn privileged(pod: &Pod<'_>) -> Option<String> {
    let names = pod.those(|container| container["securityContext"]["privileged"] == true);
    (!names.is_empty()).then(|| {
        format!(
            "privileged ({} must not set securityContext.privileged=true)",
            named(&names)
        )
    })
}

fn proc_mount(pod: &Pod<'_>) -> Option<String> {
    let is_bad = |container: &Value| {
        container["securityContext"]["procMount"]
            .as_str()
            .is_some_and(|mount| mount != "Default")
    };
    let names = pod.those(is_bad);
    (!names.is_empty()).then(|| {
        format!(
            "procMount ({} must not set securityContext.procMount)",
            named(&names)
        )
    })
}

const SAFE_SYSCTLS: [&str; 10] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
];

fn sysctls(pod: &Pod<'_>) -> Option<String> {
    let set = pod.spec["securityContext"]["sysctls"]
        .as_array()
        .into_iter()
        .flatten();
    let bad: Vec<_> = set
        .filter_map(|one| one["name"].as_str())
        .filter(|name| !SAFE_SYSCTLS.contains(name))
        .collect();
    (!bad.is_empty()).then(|| format!("forbidden sysctls ({})", bad.join(", ")))
}

fn escalation(pod: &Pod<'_>) -> Option<String> {
    let names =
        pod.those(|container| container["securityContext"]["allowPrivilegeEscalation"] != false);
    (!names.is_empty()).then(|| {
        format!("allowPrivilegeEscalation != false ({} must set securityContext.allowPrivilegeEscalation=false)", named(&names))
    })
}

fn restricted_capabilities(pod: &Pod<'_>) -> Option<String> {
    let of = |container: &Value, side: &str| {
        texts(&container["securityContext"]["capabilities"][side])
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let no_drop = pod.those(|container| !of(container, "drop").iter().any(|name| name == "ALL"));
    let adds = pod.those(|container| {
        of(container, "add")
            .iter()
            .any(|name| name != "NET_BIND_SERVICE")
    });
    let mut phrases = Vec::new();
    if !no_drop.is_empty() {
        phrases.push(format!(
            "{} must set securityContext.capabilities.drop=[\"ALL\"]",
            named(&no_drop)
        ));
    }
    if !adds.is_empty() {
        let mut bad: Vec<_> = pod
            .containers
            .iter()
            .flat_map(|container| of(container, "add"))
            .filter(|name| name != "NET_BIND_SERVICE")
            .collect();
        bad.sort();
        bad.dedup();
        let bad: Vec<_> = bad.iter().map(|name| format!("{name:?}")).collect();
        phrases.push(format!(
            "{} must not include {} in securityContext.capabilities.add",
            named(&adds),
            bad.join(", ")
        ));
    }
    (!phrases.is_empty()).then(|| format!("unrestricted capabilities ({})", phrases.join("; ")))
}

const VOLUMES: [&str; 8] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

fn volume_types(pod: &Pod<'_>) -> Option<String> {
    let (names, kinds) = volumes(pod, |kind| !VOLUMES.contains(&kind));
    if names.is_empty() {
        return None;
    }
    let s = if names.len() == 1 { "" } else { "s" };
    let uses = if names.len() == 1 { "uses" } else { "use" };
    let types = if kinds.len() == 1 { "type" } else { "types" };
    Some(format!(
        "restricted volume types (volume{s} {} {uses} restricted volume {types} {})",
        names.join(", "),
        kinds.join(", ")
    ))
}

fn non_root(pod: &Pod<'_>) -> Option<String> {
    let of_pod = &pod.spec["securityContext"]["runAsNonRoot"];
    let bad = pod.those(|container| container["securityContext"]["runAsNonRoot"] == false);
    let unset = pod.those(|container| container["securityContext"]["runAsNonRoot"].is_null());
    if !bad.is_empty() {
        return Some(format!(
            "runAsNonRoot != true ({} must not set securityContext.runAsNonRoot=false)",
            named(&bad)
        ));
    }
    if *of_pod == false {
        return Some(
            "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)".to_owned(),
        );
    }
    if unset.is_empty() || *of_pod == true {
        return None;
    }
    Some(format!(
        "runAsNonRoot != true (pod or {} must set securityContext.runAsNonRoot=true)",
        named(&unset)
    ))
}

fn run_as_user(pod: &Pod<'_>) -> Option<String> {
    let mut setters = Vec::new();
    if pod.spec["securityContext"]["runAsUser"] == 0 {
        setters.push("pod".to_owned());
    }
    let bad = pod.those(|container| container["securityContext"]["runAsUser"] == 0);
    if !bad.is_empty() {
        setters.push(named(&bad));
    }
    (!setters.is_empty()).then(|| {
        format!(
            "runAsUser=0 ({} must not set runAsUser=0)",
            setters.join(" and ")
        )
    })
}

fn seccomp(pod: &Pod<'_>) -> Option<String> {
    let good = |kind: &Value| kind == "RuntimeDefault" || kind == "Localhost";
    let of_pod = &pod.spec["securityContext"]["seccompProfile"]["type"];
    let bad = pod.those(|container| {
        let kind = &container["securityContext"]["seccompProfile"]["type"];
        !kind.is_null() && !good(kind)
    });
    let unset =
        pod.those(|container| container["securityContext"]["seccompProfile"]["type"].is_null());
    let words = "securityContext.seccompProfile.type";
    if !bad.is_empty() {
        return Some(format!(
            "seccompProfile ({} must not set {words} to \"Unconfined\")",
            named(&bad)
        ));
    }
    if of_pod == "Unconfined" {
        return Some(format!(
            "seccompProfile (pod must not set {words} to \"Unconfined\")"
        ));
    }
    if unset.is_empty() || good(of_pod) {
        return None;
    }
    Some(format!(
        "seccompProfile (pod or {} must set {words} to \"RuntimeDefault\" or \"Localhost\")",
        named(&unset)
    ))
}
