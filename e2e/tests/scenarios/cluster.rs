//! What a scenario sees and does in the cluster, apart from the provider.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use kube::Client;
use libtest_mimic::Failed;
use seedling_e2e::poll::{Look, poll};
use seedling_e2e::world::World;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// How long the cluster may take for what it does by itself.
const WITHIN: Duration = Duration::from_mins(1);

/// An administrator.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    control_plane: PathBuf,
    kubeconfig: PathBuf,
}

/// Where an object is.
pub fn path(group: &str, namespace: &str, plural: &str, name: &str) -> String {
    let group = if group == "v1" {
        "/api/v1".to_owned()
    } else {
        format!("/apis/{group}")
    };
    format!("{group}/namespaces/{namespace}/{plural}/{name}")
}

/// Where a Deployment is.
pub fn deployment(namespace: &str, name: &str) -> String {
    path("apps/v1", namespace, "deployments", name)
}

impl Cluster {
    /// The administrator of a world.
    pub fn of(world: &World, control_plane: PathBuf) -> Cluster {
        Cluster {
            client: world.client(),
            control_plane,
            kubeconfig: world.cluster().kubeconfig().to_owned(),
        }
    }

    /// The client itself.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// An object, or a list; none on a 404.
    pub async fn find(&self, path: &str) -> Result<Option<Value>, Failed> {
        match self
            .client
            .request(http::Request::get(path).body(Vec::new())?)
            .await
        {
            Ok(object) => Ok(Some(object)),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
            Err(error) => Err(format!("GET {path}: {error}").into()),
        }
    }

    /// An object that must be there.
    pub async fn get(&self, path: &str) -> Result<Value, Failed> {
        Ok(self
            .find(path)
            .await?
            .ok_or_else(|| format!("{path} is not there"))?)
    }

    /// The uid of an object that must be there.
    pub async fn uid(&self, path: &str) -> Result<String, Failed> {
        let object = self.get(path).await?;
        Ok(object["metadata"]["uid"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// Makes an object.
    pub async fn create(&self, collection: &str, object: &Value) -> Result<Value, Failed> {
        let request = http::Request::post(collection)
            .header("Content-Type", "application/json")
            .body(serde_json::to_vec(object)?)?;
        let made = self.client.request(request).await;
        made.map_err(|error| format!("POST {collection}: {error}").into())
    }

    /// Changes an object by a merge patch.
    pub async fn merge(&self, path: &str, patch: &Value) -> Result<Value, Failed> {
        let request = http::Request::patch(path)
            .header("Content-Type", "application/merge-patch+json")
            .body(serde_json::to_vec(patch)?)?;
        let changed = self.client.request(request).await;
        changed.map_err(|error| format!("PATCH {path}: {error}").into())
    }

    /// Deletes an object.
    pub async fn delete(&self, path: &str) -> Result<(), Failed> {
        let body = json!({ "gracePeriodSeconds": 0 });
        let request = http::Request::delete(path)
            .header("Content-Type", "application/json")
            .body(serde_json::to_vec(&body)?)?;
        let gone = self.client.request::<Value>(request).await;
        gone.map(|_| ())
            .map_err(|error| format!("DELETE {path}: {error}").into())
    }

    /// Waits until an object is as it should be.
    pub async fn until(
        &self,
        what: &str,
        path: &str,
        is_so: impl Fn(&Value) -> bool,
    ) -> Result<Value, Failed> {
        let found = poll(what, WITHIN, || async {
            match self.find(path).await {
                Ok(object) => {
                    let object = object.unwrap_or_default();
                    if is_so(&object) {
                        Look::Done(object)
                    } else {
                        Look::NotYet(object.to_string())
                    }
                }
                Err(error) => Look::Never(format!("{:?}", error.message())),
            }
        });
        Ok(found.await?)
    }

    /// Waits until a pod of a namespace says this.
    pub async fn until_a_pod(&self, namespace: &str, text: &str) -> Result<Value, Failed> {
        let pods = format!("/api/v1/namespaces/{namespace}/pods");
        let what = format!("a pod of {namespace} that says {text}");
        self.until(&what, &pods, |pods| pods.to_string().contains(text))
            .await
    }

    /// Runs the real kubectl; `input` is its standard input.
    pub async fn kubectl(&self, arguments: &[&str], input: &str) -> Result<String, Failed> {
        let mut child = Command::new(&self.control_plane)
            .arg("kubectl")
            .arg(format!("--kubeconfig={}", self.kubeconfig.display()))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).await?;
        }
        let output = child.wait_with_output().await?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(format!(
            "kubectl {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into())
    }
}
