//! The `process` backend and its stand-ins: what a cluster must do before anything is proved on it.
#![allow(clippy::unwrap_used, clippy::panic)] // a test ends by panic

mod cluster;
mod look;

use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use k8s_openapi::api::authorization::v1::SelfSubjectAccessReview;
use kube::api::{Api, PostParams};
use libtest_mimic::{Arguments, Failed, Trial};
use seedling_e2e::backend::{Options, ProcessBackend};
use seedling_e2e::ledger::{self, ProcessId, Record};
use seedling_e2e::poll::{Look, poll};
use seedling_e2e::progress::Lines;
use seedling_e2e::require::Need;
use seedling_e2e::trial::{block_on, trial};
use seedling_e2e::world::{World, run_if_asked};
use serde_json::{Value, json};

use cluster::Shared;

/// One world for all tests that do not end it.
static SHARED: OnceLock<Shared> = OnceLock::new();

fn main() {
    run_if_asked();
    if std::env::var_os(VICTIM).is_some() {
        be_killed().unwrap();
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials());
    if let Some(shared) = SHARED.get() {
        shared.stop();
    }
    conclusion.exit();
}

fn trials() -> Vec<Trial> {
    const NEEDS: &[Need] = &[Need::Process];
    vec![
        trial("a_deployment_becomes_available", NEEDS, || {
            shared(deployment)
        }),
        trial(
            "an_image_that_cannot_be_had_is_told_by_state_and_events",
            NEEDS,
            || shared(image_not_found),
        ),
        trial(
            "a_missing_key_keeps_the_container_until_it_comes",
            NEEDS,
            || shared(missing_key),
        ),
        trial("a_crash_loop_has_restarts_and_a_log", NEEDS, || {
            shared(crash_loop)
        }),
        trial(
            "a_claim_gets_a_volume_that_grows_and_goes_with_it",
            NEEDS,
            || shared(claim),
        ),
        trial(
            "load_balancers_and_ingresses_have_loopback_addresses",
            NEEDS,
            || shared(addresses),
        ),
        trial(
            "a_gateway_is_programmed_and_its_route_accepted",
            NEEDS,
            || shared(gateway),
        ),
        trial("an_annotated_ingress_gets_a_certificate", NEEDS, || {
            shared(certificate)
        }),
        trial(
            "a_group_has_the_rights_of_its_binding_and_no_more",
            NEEDS,
            || shared(group),
        ),
        trial("pod_security_is_enforced_by_the_namespace", NEEDS, || {
            shared(pod_security)
        }),
        trial("requests_are_counted_by_user_agent", NEEDS, || {
            shared(audit)
        }),
        trial(
            "a_second_world_stays_when_kept_and_leaves_nothing_when_ended",
            NEEDS,
            || block_on(kept_and_ended()),
        ),
        trial("what_a_killed_run_left_is_swept", NEEDS, || {
            block_on(killed_and_swept())
        }),
        trial("a_dropped_world_leaves_nothing", NEEDS, || {
            block_on(dropped())
        }),
    ]
}

fn shared<F: Future<Output = Result<(), Failed>>>(
    test: fn(&'static Shared) -> F,
) -> Result<(), Failed> {
    SHARED.get_or_init(Shared::new).run(test)
}

async fn deployment(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("deployment").await?;
    shared
        .apply(&pods_of("web", &namespace, "nginx:1.27", 2))
        .await?;
    shared
        .until("Deployment", &namespace, "web", |web| {
            web["status"]["availableReplicas"] == 2
        })
        .await?;
    Ok(())
}

async fn image_not_found(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("image").await?;
    shared
        .apply(&pods_of("web", &namespace, "nginx:not-found", 1))
        .await?;
    let reason =
        |pod: &Value| pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"].clone();
    shared
        .until_any("Pod", &namespace, |pod| {
            matches!(
                reason(pod).as_str(),
                Some("ErrImagePull" | "ImagePullBackOff")
            )
        })
        .await?;
    shared
        .until_any("Event", &namespace, |event| {
            event["reason"] == "Failed" && event["message"].to_string().contains("not-found")
        })
        .await?;
    Ok(())
}

async fn missing_key(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("missing-key").await?;
    let secret = |key: &str| {
        let data = json!({ key: "c2VlZA==" });
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "db", "namespace": namespace }, "data": data })
    };
    shared.apply(&secret("user")).await?;
    let mut pods = pods_of("web", &namespace, "nginx", 1);
    pods["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{ "name": "PASSWORD", "valueFrom": { "secretKeyRef": { "name": "db", "key": "password" } } }]);
    shared.apply(&pods).await?;
    let waiting = |pod: &Value| pod["status"]["containerStatuses"][0]["state"]["waiting"].clone();
    let pod = shared
        .until_any("Pod", &namespace, |pod| {
            waiting(pod)["reason"] == "CreateContainerConfigError"
        })
        .await?;
    assert_eq!(
        waiting(&pod)["message"],
        "couldn't find key password in Secret missing-key/db"
    );
    shared.apply(&secret("password")).await?;
    shared
        .until("Deployment", &namespace, "web", |web| {
            web["status"]["availableReplicas"] == 1
        })
        .await?;
    Ok(())
}

async fn crash_loop(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("crash").await?;
    shared
        .apply(&pods_of("web", &namespace, "nginx:crash", 1))
        .await?;
    let status = |pod: &Value| pod["status"]["containerStatuses"][0].clone();
    let looping = |pod: &Value| {
        status(pod)["restartCount"].as_i64() > Some(1)
            && status(pod)["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    };
    let pod = shared.until_any("Pod", &namespace, looping).await?;
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let params = kube::api::LogParams {
        previous: true,
        ..Default::default()
    };
    let pods =
        Api::<k8s_openapi::api::core::v1::Pod>::namespaced(shared.world()?.client(), &namespace);
    let log = pods.logs(name, &params).await?;
    assert!(log.contains("starting"), "{log}");
    Ok(())
}

async fn claim(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("claim").await?;
    shared.apply(&claim_of(&namespace, "1Gi")).await?;
    let mut pods = pods_of("db", &namespace, "postgres:17", 1);
    pods["spec"]["template"]["spec"]["volumes"] =
        json!([{ "name": "data", "persistentVolumeClaim": { "claimName": "data" } }]);
    shared.apply(&pods).await?;
    shared
        .until("Deployment", &namespace, "db", |db| {
            db["status"]["availableReplicas"] == 1
        })
        .await?;
    let bound = shared
        .until("PersistentVolumeClaim", &namespace, "data", |claim| {
            claim["status"]["phase"] == "Bound"
        })
        .await?;
    let volume = bound["spec"]["volumeName"]
        .as_str()
        .unwrap_or_default()
        .to_owned();

    shared.apply(&claim_of(&namespace, "2Gi")).await?;
    shared
        .until("PersistentVolumeClaim", &namespace, "data", |claim| {
            claim["status"]["capacity"]["storage"] == "2Gi"
        })
        .await?;

    shared.delete("Deployment", &namespace, "db").await?;
    shared
        .delete("PersistentVolumeClaim", &namespace, "data")
        .await?;
    shared.until_gone("PersistentVolume", "", &volume).await
}

fn claim_of(namespace: &str, size: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "data", "namespace": namespace },
        "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": size } } },
    })
}

async fn addresses(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("addresses").await?;
    shared
        .apply(&service_of("web", &namespace, "LoadBalancer"))
        .await?;
    shared
        .apply(&ingress_of("web", &namespace, "web.example.com"))
        .await?;
    for kind in ["Service", "Ingress"] {
        let found = shared
            .until(kind, &namespace, "web", |object| {
                object["status"]["loadBalancer"]["ingress"][0]["ip"].is_string()
            })
            .await?;
        let address: std::net::IpAddr = found["status"]["loadBalancer"]["ingress"][0]["ip"]
            .as_str()
            .unwrap_or_default()
            .parse()?;
        assert!(address.is_loopback(), "{address}");
    }
    Ok(())
}

async fn gateway(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("gateway").await?;
    shared
        .apply(&json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": { "name": "public", "namespace": namespace },
            "spec": { "gatewayClassName": "approuting-istio", "listeners": [{ "name": "http", "port": 80, "protocol": "HTTP" }] },
        }))
        .await?;
    let programmed = shared
        .until("Gateway", &namespace, "public", |gateway| {
            condition(&gateway["status"], "Programmed") == "True"
        })
        .await?;
    assert!(
        programmed["status"]["addresses"][0]["value"].is_string(),
        "{programmed}"
    );
    shared
        .apply(&json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": { "name": "web", "namespace": namespace },
            "spec": { "parentRefs": [{ "name": "public" }], "rules": [{ "backendRefs": [{ "name": "web", "port": 80 }] }] },
        }))
        .await?;
    let parent = |route: &Value| route["status"]["parents"][0].clone();
    shared
        .until("HTTPRoute", &namespace, "web", |route| {
            condition(&parent(route), "Accepted") == "True"
                && condition(&parent(route), "ResolvedRefs") == "False"
        })
        .await?;
    shared
        .apply(&service_of("web", &namespace, "ClusterIP"))
        .await?;
    shared
        .until("HTTPRoute", &namespace, "web", |route| {
            condition(&parent(route), "ResolvedRefs") == "True"
        })
        .await?;
    shared
        .until("Gateway", &namespace, "public", |gateway| {
            gateway["status"]["listeners"][0]["attachedRoutes"] == 1
        })
        .await?;
    Ok(())
}

async fn certificate(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("certificate").await?;
    let mut ingress = ingress_of("web", &namespace, "web.example.com");
    ingress["metadata"]["annotations"] = json!({ "cert-manager.io/cluster-issuer": "letsencrypt" });
    ingress["spec"]["tls"] = json!([{ "hosts": ["web.example.com"], "secretName": "web-tls" }]);
    shared.apply(&ingress).await?;
    shared
        .until("Certificate", &namespace, "web-tls", |certificate| {
            condition(&certificate["status"], "Ready") == "True"
        })
        .await?;
    let secret = shared
        .until("Secret", &namespace, "web-tls", |secret| {
            secret["type"] == "kubernetes.io/tls"
        })
        .await?;
    for key in ["tls.crt", "tls.key", "ca.crt"] {
        assert!(secret["data"][key].is_string(), "no {key}");
    }
    Ok(())
}

async fn group(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("group").await?;
    let group = "0f6f1c0e-0000-4000-8000-000000000001";
    shared
        .apply(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "view", "namespace": namespace },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" },
            "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group }],
        }))
        .await?;
    let client = shared
        .world()?
        .cluster()
        .as_user("somebody", group)?
        .client()
        .await?;
    for (verb, resource, expected) in [
        ("list", "pods", true),
        ("create", "pods", false),
        ("get", "secrets", false),
    ] {
        let review = json!({ "spec": { "resourceAttributes": { "namespace": namespace, "verb": verb, "resource": resource } } });
        let review = serde_json::from_value(review)?;
        let answer: SelfSubjectAccessReview = Api::all(client.clone())
            .create(&PostParams::default(), &review)
            .await?;
        assert_eq!(
            answer.status.map(|status| status.allowed),
            Some(expected),
            "{verb} {resource}"
        );
    }
    Ok(())
}

async fn pod_security(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("pod-security").await?;
    shared
        .apply(&json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": { "name": namespace, "labels": { "pod-security.kubernetes.io/enforce": "restricted" } },
        }))
        .await?;
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "root", "namespace": namespace },
        "spec": { "containers": [{ "name": "root", "image": "nginx" }] },
    });
    let refusal = shared
        .apply(&pod)
        .await
        .err()
        .and_then(|error| error.message().map(str::to_owned))
        .unwrap_or_default();
    assert!(refusal.contains("violates PodSecurity"), "{refusal}");
    Ok(())
}

async fn audit(shared: &Shared) -> Result<(), Failed> {
    shared.namespace("audit").await?;
    let path = shared
        .world()?
        .cluster()
        .audit_log()
        .ok_or("no audit log")?;
    let found = poll(
        "a request in the audit log",
        Duration::from_secs(10),
        || async {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let events = text
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let own = events
                .filter(|event| event["userAgent"] == "seedling-e2e" && event["verb"] == "create")
                .count();
            Look::at((own > 0).then_some(own), "none of this program")
        },
    );
    found.await?;
    Ok(())
}

async fn kept_and_ended() -> Result<(), Failed> {
    let world = World::start(&ProcessBackend, &Options::default(), &Lines).await?;
    let record = world.keep()?;
    assert_eq!(record.processes.len(), 6, "{record:?}");
    assert!(
        is_running(&record),
        "a kept world ended with its owner: {record:?}"
    );
    assert!(ledger::kept()?.iter().any(|kept| kept.id == record.id));
    assert!(
        std::fs::exists(&record.about["kubeconfig"])? && std::fs::exists(&record.about["sandbox"])?
    );
    let ended = tokio::task::block_in_place(|| ledger::down(&record.id))?;
    assert_eq!(ended.processes.len(), 6, "{ended:?}");
    nothing_is_left(&record)
}

async fn dropped() -> Result<(), Failed> {
    let world = World::start(&ProcessBackend, &Options::default(), &Lines).await?;
    let record = world.record();
    drop(world);
    nothing_is_left(&record)
}

/// The variable that makes this program start a world and wait for its own end.
const VICTIM: &str = "SEEDLING_TEST_VICTIM";

fn be_killed() -> Result<(), Failed> {
    block_on(async {
        let _world = World::start(&ProcessBackend, &Options::default(), &Lines).await?;
        tokio::time::sleep(Duration::from_mins(5)).await;
        Ok(())
    })
}

async fn killed_and_swept() -> Result<(), Failed> {
    let mut victim = Command::new(std::env::current_exe()?)
        .env(VICTIM, "1")
        .spawn()?;
    let owner = ProcessId::of(victim.id());
    let look = || async {
        Look::at(
            ledger::owned_by(owner).ok().and_then(is_whole),
            "no whole world of the victim",
        )
    };
    let record = poll("the victim's world", Duration::from_mins(2), look).await;
    victim.kill()?;
    victim.wait()?;
    let record = record?;
    assert!(is_running(&record), "nothing was left to sweep");
    // Another test's start may sweep first.
    tokio::task::block_in_place(ledger::sweep)?;
    let gone = || async { Look::at(nothing_is_left(&record).ok(), "something is left") };
    poll("the end of the sweep", Duration::from_secs(20), gone).await?;
    Ok(())
}

/// The world, when all of its processes are known.
fn is_whole(mut records: Vec<Record>) -> Option<Record> {
    let record = records.pop()?;
    let known = record
        .processes
        .iter()
        .filter(|process| process.id.is_some())
        .count();
    (known == 6).then_some(record)
}

fn is_running(record: &Record) -> bool {
    record
        .processes
        .iter()
        .all(|process| process.id.is_some_and(ProcessId::is_alive))
}

fn nothing_is_left(record: &Record) -> Result<(), Failed> {
    for process in &record.processes {
        assert!(
            !process.id.is_some_and(ProcessId::is_alive),
            "{process:?} is still running"
        );
    }
    assert_eq!(
        ledger::with_environment(ledger::WORLD_VARIABLE, &record.id),
        []
    );
    for folder in &record.folders {
        assert!(
            !std::fs::exists(folder)?,
            "{} is still there",
            folder.display()
        );
    }
    assert!(ledger::kept()?.iter().all(|kept| kept.id != record.id));
    Ok(())
}

fn condition(status: &Value, kind: &str) -> String {
    let conditions = status["conditions"].as_array().into_iter().flatten();
    conditions
        .filter(|one| one["type"] == kind)
        .filter_map(|one| one["status"].as_str())
        .collect()
}

fn pods_of(name: &str, namespace: &str, image: &str, replicas: i64) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name, "namespace": namespace },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": name, "image": image }] },
            },
        },
    })
}

fn service_of(name: &str, namespace: &str, kind: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": namespace },
        "spec": { "type": kind, "ports": [{ "port": 80 }], "selector": { "app": name } },
    })
}

fn ingress_of(name: &str, namespace: &str, host: &str) -> Value {
    let backend = json!({ "service": { "name": name, "port": { "number": 80 } } });
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": { "name": name, "namespace": namespace },
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{ "host": host, "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": backend }] } }],
        },
    })
}
