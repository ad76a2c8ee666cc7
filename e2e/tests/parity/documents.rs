//! Records what the server publishes about itself.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use kube::client::Body;
use serde_json::{Map, Value};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// What a new cluster holds.
const BOOTSTRAP: [(&str, &str, &str); 5] = [
    (
        "ClusterRole",
        "rbac.authorization.k8s.io/v1",
        "clusterroles",
    ),
    (
        "ClusterRoleBinding",
        "rbac.authorization.k8s.io/v1",
        "clusterrolebindings",
    ),
    ("Role", "rbac.authorization.k8s.io/v1", "roles"),
    (
        "RoleBinding",
        "rbac.authorization.k8s.io/v1",
        "rolebindings",
    ),
    ("PriorityClass", "scheduling.k8s.io/v1", "priorityclasses"),
];

/// Writes `recordings/server` anew: the documents that are there, from this server.
pub async fn record(client: &kube::Client) {
    let folder = crate::exchange::folder().join("server");
    for entry in std::fs::read_dir(folder.join("openapi")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let place = name.trim_end_matches(".json.gz").replace('_', "/");
        pack(
            &path,
            &get(client, &format!("/openapi/v3/{place}"), "application/json").await,
        );
    }
    for (file, url) in [("discovery-api", "/api"), ("discovery-apis", "/apis")] {
        let path = folder.join(format!("{file}.json.gz"));
        pack(&path, &get(client, url, AGGREGATED).await);
    }
    let version = get(client, "/version", "application/json").await;
    let version = serde_json::to_string_pretty(&version).unwrap() + "\n";
    std::fs::write(folder.join("version.json"), version).unwrap();
    let mut bootstrap = Map::new();
    for (kind, version, plural) in BOOTSTRAP {
        let group = version.split('/').next().unwrap();
        bootstrap.insert(
            format!("{plural}.{group}"),
            list(client, kind, version, plural).await,
        );
    }
    pack(&folder.join("bootstrap.json.gz"), &Value::Object(bootstrap));
    let version = "apiextensions.k8s.io/v1";
    let definitions = list(
        client,
        "CustomResourceDefinition",
        version,
        "customresourcedefinitions",
    )
    .await;
    pack(&folder.join("definitions.json.gz"), &definitions);
}

async fn get(client: &kube::Client, url: &str, accept: &str) -> Value {
    let request = http::Request::get(url).header("accept", accept);
    let response = client
        .send(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert!(
        response.status().is_success(),
        "{url}: {}",
        response.status()
    );
    let bytes = response.into_body().collect_bytes().await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// Objects without what is different in every cluster.
async fn list(client: &kube::Client, kind: &str, version: &str, plural: &str) -> Value {
    let list = get(
        client,
        &format!("/apis/{version}/{plural}"),
        "application/json",
    )
    .await;
    let items = list["items"].as_array().unwrap().iter().map(|item| {
        let mut item = item.clone();
        item["apiVersion"] = version.into();
        item["kind"] = kind.into();
        let metadata = item["metadata"].as_object_mut().unwrap();
        for member in [
            "uid",
            "creationTimestamp",
            "resourceVersion",
            "managedFields",
            "generation",
        ] {
            metadata.remove(member);
        }
        item
    });
    items.collect()
}

fn pack(path: &Path, value: &Value) {
    let mut encoder = GzEncoder::new(std::fs::File::create(path).unwrap(), Compression::best());
    encoder.write_all(value.to_string().as_bytes()).unwrap();
    encoder.finish().unwrap();
}
