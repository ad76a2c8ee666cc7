//! Columns by kind.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::age;
use crate::discovery::Kind;

/// What a cell shows of an object.
type Cell = Box<dyn Fn(&Value, OffsetDateTime) -> Value + Send + Sync>;

/// A column.
pub(super) struct Column {
    pub name: String,
    pub kind: &'static str,
    /// 0 is always shown, 1 with `-o wide`.
    pub priority: i64,
    pub cell: Cell,
}

fn text(name: &str, cell: impl Fn(&Value) -> String + Send + Sync + 'static) -> Column {
    Column {
        name: name.to_owned(),
        kind: "string",
        priority: 0,
        cell: Box::new(move |object, _| cell(object).into()),
    }
}

fn number(name: &str, path: &'static str) -> Column {
    Column {
        kind: "integer",
        cell: Box::new(move |object, _| at(object, path).as_i64().unwrap_or(0).into()),
        ..text(name, |_| String::new())
    }
}

fn wide(column: Column) -> Column {
    Column {
        priority: 1,
        ..column
    }
}

/// The value at a dotted path.
fn at<'a>(object: &'a Value, path: &str) -> &'a Value {
    static NULL: Value = Value::Null;
    path.split('.')
        .fold(object, |value, step| value.get(step).unwrap_or(&NULL))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() {
        otherwise.to_owned()
    } else {
        text
    }
}

fn path(name: &str, path: &'static str, otherwise: &'static str) -> Column {
    text(name, move |object| or(plain(at(object, path)), otherwise))
}

fn list<'a>(object: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    at(object, path).as_array().into_iter().flatten()
}

fn joined(values: impl Iterator<Item = String>) -> String {
    or(values.collect::<Vec<_>>().join(","), "<none>")
}

fn name() -> Column {
    text("Name", |object| {
        let name = plain(at(object, "metadata.name"));
        let annotations = at(object, "metadata.annotations");
        if annotations["storageclass.kubernetes.io/is-default-class"] == "true" {
            return name + " (default)";
        }
        name
    })
}

fn created() -> Column {
    Column {
        cell: Box::new(|object, now| age(at(object, "metadata.creationTimestamp"), now).into()),
        ..text("Age", |_| String::new())
    }
}

fn count(name: &str, path: &'static str) -> Column {
    Column {
        cell: Box::new(move |object, _| {
            at(object, path)
                .as_object()
                .map_or(0, serde_json::Map::len)
                .into()
        }),
        ..text(name, |_| String::new())
    }
}

fn labels(value: &Value) -> String {
    let pairs = value.as_object().into_iter().flatten();
    joined(pairs.map(|(key, value)| format!("{key}={}", plain(value))))
}

fn containers(base: &'static str) -> [Column; 2] {
    let column = |name: &str, member: &'static str| {
        wide(text(name, move |object| {
            joined(list(object, base).map(|one| plain(&one[member])))
        }))
    };
    [column("Containers", "name"), column("Images", "image")]
}

/// The columns of a kind; name and age for those without own ones.
pub(super) fn columns(kind: &Kind) -> Vec<Column> {
    if kind.is_custom() {
        return custom(kind);
    }
    let name_of_kind = kind.kind.as_str();
    if let Some(all) = all_columns(name_of_kind) {
        return all;
    }
    let middle = workloads(name_of_kind)
        .or_else(|| storage(name_of_kind))
        .or_else(|| rules(name_of_kind))
        .unwrap_or_default();
    let has_age = middle.iter().any(|column| column.name == "Age");
    let age = (!has_age).then(created);
    std::iter::once(name()).chain(middle).chain(age).collect()
}

/// Kinds whose columns do not end with the age.
fn all_columns(kind: &str) -> Option<Vec<Column>> {
    Some(match kind {
        "Pod" => pod(),
        "Deployment" => deployment(),
        "Event" => event(),
        "Role" | "ClusterRole" | "CustomResourceDefinition" => {
            vec![name(), path("Created At", "metadata.creationTimestamp", "")]
        }
        _ => return None,
    })
}

fn deployment() -> Vec<Column> {
    let ready = text("Ready", |object| {
        let count = |path: &str| at(object, path).as_i64().unwrap_or(0);
        format!(
            "{}/{}",
            count("status.readyReplicas"),
            count("spec.replicas")
        )
    });
    let [names, images] = containers("spec.template.spec.containers");
    vec![
        name(),
        ready,
        number("Up-to-date", "status.updatedReplicas"),
        number("Available", "status.availableReplicas"),
        created(),
        names,
        images,
        wide(text("Selector", |object| {
            labels(at(object, "spec.selector.matchLabels"))
        })),
    ]
}

fn workloads(kind: &str) -> Option<Vec<Column>> {
    Some(match kind {
        "ReplicaSet" => vec![
            number("Desired", "spec.replicas"),
            number("Current", "status.replicas"),
            number("Ready", "status.readyReplicas"),
        ],
        "Namespace" => vec![path("Status", "status.phase", "")],
        "ConfigMap" => vec![count("Data", "data")],
        "Secret" => vec![path("Type", "type", ""), count("Data", "data")],
        "Service" => service(),
        "Node" => node(),
        "HorizontalPodAutoscaler" => vec![
            text("Reference", |object| {
                let target = at(object, "spec.scaleTargetRef");
                format!("{}/{}", plain(&target["kind"]), plain(&target["name"]))
            }),
            text("Targets", targets),
            path("MinPods", "spec.minReplicas", "<unset>"),
            number("MaxPods", "spec.maxReplicas"),
            number("Replicas", "status.currentReplicas"),
        ],
        "PodDisruptionBudget" => vec![
            path("Min Available", "spec.minAvailable", "N/A"),
            path("Max Unavailable", "spec.maxUnavailable", "N/A"),
            number("Allowed Disruptions", "status.disruptionsAllowed"),
        ],
        _ => return None,
    })
}

/// What is measured of what is wanted, by metric.
fn targets(scaler: &Value) -> String {
    let metrics = list(scaler, "spec.metrics").map(|metric| {
        let resource = &metric["resource"];
        let measured = list(scaler, "status.currentMetrics")
            .find(|one| one["resource"]["name"] == resource["name"])
            .map(|one| &one["resource"]["current"]["averageUtilization"])
            .filter(|share| !share.is_null());
        let measured = measured.map_or("<unknown>".to_owned(), |share| format!("{share}%"));
        let name = plain(&resource["name"]);
        format!(
            "{name}: {measured}/{}%",
            resource["target"]["averageUtilization"]
        )
    });
    or(metrics.collect::<Vec<_>>().join(", "), "<none>")
}

fn storage(kind: &str) -> Option<Vec<Column>> {
    let modes = || {
        text("Access Modes", |object| {
            joined(list(object, "spec.accessModes").map(mode))
        })
    };
    Some(match kind {
        "PersistentVolumeClaim" => vec![
            path("Status", "status.phase", ""),
            path("Volume", "spec.volumeName", ""),
            path("Capacity", "status.capacity.storage", ""),
            modes(),
            path("StorageClass", "spec.storageClassName", ""),
        ],
        "PersistentVolume" => vec![
            path("Capacity", "spec.capacity.storage", ""),
            modes(),
            path("Reclaim Policy", "spec.persistentVolumeReclaimPolicy", ""),
            path("Status", "status.phase", ""),
            text("Claim", |object| match at(object, "spec.claimRef") {
                Value::Null => String::new(),
                claim => format!("{}/{}", plain(&claim["namespace"]), plain(&claim["name"])),
            }),
            path("StorageClass", "spec.storageClassName", ""),
        ],
        "StorageClass" => vec![
            path("Provisioner", "provisioner", ""),
            path("ReclaimPolicy", "reclaimPolicy", ""),
            path("VolumeBindingMode", "volumeBindingMode", ""),
            text("AllowVolumeExpansion", |object| {
                at(object, "allowVolumeExpansion")
                    .as_bool()
                    .unwrap_or(false)
                    .to_string()
            }),
        ],
        _ => return None,
    })
}

/// The first three, and how many there are besides.
fn few(mut all: Vec<String>) -> String {
    let more = all.len().saturating_sub(3);
    all.truncate(3);
    let shown = all.join(",");
    if more > 0 {
        format!("{shown} + {more} more...")
    } else {
        shown
    }
}

fn rules(kind: &str) -> Option<Vec<Column>> {
    Some(match kind {
        "RoleBinding" | "ClusterRoleBinding" => vec![text("Role", |object| {
            let role = at(object, "roleRef");
            format!("{}/{}", plain(&role["kind"]), plain(&role["name"]))
        })],
        "NetworkPolicy" => vec![text("Pod-Selector", |object| {
            labels(at(object, "spec.podSelector.matchLabels"))
        })],
        "ResourceQuota" => vec![text("Request", quota)],
        "EndpointSlice" => vec![
            path("AddressType", "addressType", ""),
            text("Ports", |object| {
                let ports = list(object, "ports").map(|port| plain(&port["port"]));
                or(ports.collect::<Vec<_>>().join(","), "<unset>")
            }),
            text("Endpoints", |object| {
                let addresses = list(object, "endpoints").flat_map(|one| list(one, "addresses"));
                or(few(addresses.map(plain).collect()), "<unset>")
            }),
        ],
        "Ingress" => vec![
            path("Class", "spec.ingressClassName", "<none>"),
            text("Hosts", |object| {
                let hosts = list(object, "spec.rules").map(|rule| or(plain(&rule["host"]), "*"));
                or(hosts.collect::<Vec<_>>().join(","), "*")
            }),
            text("Address", addresses),
            text("Ports", |object| {
                let has_tls = list(object, "spec.tls").next().is_some();
                if has_tls { "80, 443" } else { "80" }.to_owned()
            }),
        ],
        _ => return None,
    })
}

fn addresses(object: &Value) -> String {
    let found = list(object, "status.loadBalancer.ingress");
    let found = found.map(|one| plain(&one["ip"]) + &plain(&one["hostname"]));
    found.collect::<Vec<_>>().join(",")
}

fn quota(object: &Value) -> String {
    let used = at(object, "status.used");
    let hard = at(object, "status.hard").as_object().into_iter().flatten();
    hard.map(|(name, hard)| format!("{name}: {}/{}", plain(&used[name.as_str()]), plain(hard)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn node() -> Vec<Column> {
    let status = |object: &Value| {
        let ready = list(object, "status.conditions").find(|one| one["type"] == "Ready");
        match ready.map(|one| &one["status"]) {
            Some(status) if status == "True" => "Ready",
            Some(_) => "NotReady",
            None => "Unknown",
        }
        .to_owned()
    };
    vec![
        text("Status", status),
        text("Roles", |_| "<none>".to_owned()),
        created(),
        path("Version", "status.nodeInfo.kubeletVersion", ""),
    ]
}

fn mode(mode: &Value) -> String {
    match mode.as_str().unwrap_or_default() {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        other => other,
    }
    .to_owned()
}

fn service() -> Vec<Column> {
    vec![
        path("Type", "spec.type", ""),
        path("Cluster-IP", "spec.clusterIP", "<none>"),
        text("External-IP", |object| {
            match plain(at(object, "spec.type")).as_str() {
                "LoadBalancer" => or(addresses(object), "<pending>"),
                "ExternalName" => plain(at(object, "spec.externalName")),
                _ => "<none>".to_owned(),
            }
        }),
        text("Port(s)", |object| {
            joined(list(object, "spec.ports").map(|port| {
                let node = port["nodePort"]
                    .as_i64()
                    .map_or_else(String::new, |node| format!(":{node}"));
                format!(
                    "{}{node}/{}",
                    plain(&port["port"]),
                    plain(&port["protocol"])
                )
            }))
        }),
        created(),
        wide(text("Selector", |object| {
            labels(at(object, "spec.selector"))
        })),
    ]
}

/// As `printPod` sums up a pod's state, without its rarer cases.
fn pod_status(pod: &Value) -> String {
    let mut reason = or(
        plain(at(pod, "status.reason")),
        &plain(at(pod, "status.phase")),
    );
    for status in list(pod, "status.containerStatuses") {
        let (waiting, terminated) = (
            at(status, "state.waiting.reason"),
            at(status, "state.terminated.reason"),
        );
        if !waiting.is_null() {
            reason = plain(waiting);
        } else if !terminated.is_null() {
            reason = plain(terminated);
        }
    }
    if at(pod, "metadata.deletionTimestamp").is_string() {
        return "Terminating".to_owned();
    }
    reason
}

fn pod() -> Vec<Column> {
    vec![
        name(),
        text("Ready", |pod| {
            let ready = list(pod, "status.containerStatuses")
                .filter(|status| status["ready"] == true)
                .count();
            format!("{ready}/{}", list(pod, "spec.containers").count())
        }),
        text("Status", pod_status),
        text("Restarts", |pod| {
            let restarts = list(pod, "status.containerStatuses")
                .filter_map(|status| status["restartCount"].as_i64());
            restarts.sum::<i64>().to_string()
        }),
        created(),
        wide(path("IP", "status.podIP", "<none>")),
        wide(path("Node", "spec.nodeName", "<none>")),
        wide(path("Nominated Node", "status.nominatedNodeName", "<none>")),
        wide(text("Readiness Gates", |_| "<none>".to_owned())),
    ]
}

fn event() -> Vec<Column> {
    let seen = |object: &Value, now| {
        let last = ["lastTimestamp", "eventTime", "firstTimestamp"]
            .iter()
            .find(|member| object[**member].is_string());
        Value::from(age(
            last.map_or(&Value::Null, |member| &object[*member]),
            now,
        ))
    };
    vec![
        Column {
            cell: Box::new(seen),
            ..text("Last Seen", |_| String::new())
        },
        path("Type", "type", ""),
        path("Reason", "reason", ""),
        text("Object", |object| {
            let about = at(object, "involvedObject");
            format!(
                "{}/{}",
                plain(&about["kind"]).to_lowercase(),
                plain(&about["name"])
            )
        }),
        text("Message", |object| {
            plain(&object["message"]).trim().to_owned()
        }),
        wide(name()),
    ]
}

/// The definition's own columns: simple JSON paths with one filter, as the definitions that we know use them.
fn custom(kind: &Kind) -> Vec<Column> {
    let mut columns = vec![name()];
    for definition in &kind.columns {
        let (Some(title), Some(json_path)) =
            (definition["name"].as_str(), definition["jsonPath"].as_str())
        else {
            continue;
        };
        let is_date = definition["type"] == "date";
        let json_path = json_path.to_owned();
        columns.push(Column {
            priority: definition["priority"].as_i64().unwrap_or(0),
            cell: Box::new(move |object, now| match find(object, &json_path) {
                Some(value) if is_date => age(value, now).into(),
                Some(value) => plain(value).into(),
                None => json!(null),
            }),
            ..text(title, |_| String::new())
        });
    }
    if kind.columns.is_empty() {
        columns.push(created());
    }
    columns
}

/// `.spec.host`, `.status.conditions[?(@.type=="Ready")].status`, `.items[0]`.
fn find<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    let path = path.strip_prefix('.').unwrap_or(path);
    if path.is_empty() {
        return Some(object);
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (step, rest) = path.split_at(end);
    let value = if step.is_empty() {
        object
    } else {
        object.get(step)?
    };
    let Some(inside) = rest.strip_prefix('[') else {
        return find(value, rest);
    };
    let (filter, rest) = inside.split_once(']')?;
    let item = if let Some(condition) = filter.strip_prefix("?(@.") {
        let (member, wanted) = condition.trim_end_matches(')').split_once("==")?;
        let wanted = wanted.trim_matches(['"', '\'']);
        value
            .as_array()?
            .iter()
            .find(|item| item[member] == wanted)?
    } else if filter == "*" {
        value.as_array()?.first()?
    } else {
        value.get(filter.parse::<usize>().ok()?)?
    };
    find(item, rest)
}
