//! Ways to look at a shared world and to write to it.

use std::time::Duration;

use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams,
};
use libtest_mimic::Failed;
use seedling_e2e::poll::{Look, poll};
use serde_json::{Value, json};

use crate::cluster::Shared;

/// Long enough for two busy cores.
const DEADLINE: Duration = Duration::from_mins(1);

impl Shared {
    pub async fn namespace(&self, name: &str) -> Result<String, Failed> {
        self.apply(
            &json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } }),
        )
        .await?;
        self.until("ServiceAccount", name, "default", |_| true)
            .await?;
        Ok(name.to_owned())
    }

    pub async fn apply(&self, object: &Value) -> Result<(), Failed> {
        let text = |pointer: &str| {
            object
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let api = self.api(text("/kind"), text("/metadata/namespace"))?;
        api.patch(
            text("/metadata/name"),
            &PatchParams::apply("test").force(),
            &Patch::Apply(object),
        )
        .await?;
        Ok(())
    }

    pub async fn delete(&self, kind: &str, namespace: &str, name: &str) -> Result<(), Failed> {
        self.api(kind, namespace)?
            .delete(name, &DeleteParams::default())
            .await?;
        Ok(())
    }

    pub async fn until(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Result<Value, Failed> {
        self.until_any(kind, namespace, |object| {
            object["metadata"]["name"] == name && holds(object)
        })
        .await
    }

    /// The first object of a namespace for which it holds.
    pub async fn until_any(
        &self,
        kind: &str,
        namespace: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Result<Value, Failed> {
        let api = self.api(kind, namespace)?;
        let look = || async {
            match objects(&api).await {
                Ok(objects) => Look::at(
                    objects.iter().find(|object| holds(object)).cloned(),
                    json!(objects),
                ),
                Err(error) => Look::NotYet(error.to_string()),
            }
        };
        Ok(poll(&format!("{kind} in {namespace}"), DEADLINE, look).await?)
    }

    pub async fn until_gone(&self, kind: &str, namespace: &str, name: &str) -> Result<(), Failed> {
        let api = self.api(kind, namespace)?;
        let look = || async {
            match api.get_opt(name).await {
                Ok(None) => Look::Done(()),
                Ok(Some(object)) => Look::NotYet(json!(object).to_string()),
                Err(error) => Look::NotYet(error.to_string()),
            }
        };
        Ok(poll(&format!("the end of {kind} {name}"), DEADLINE, look).await?)
    }

    fn api(&self, kind: &str, namespace: &str) -> Result<Api<DynamicObject>, Failed> {
        let (group, version) = match kind {
            "Deployment" => ("apps", "v1"),
            "Ingress" => ("networking.k8s.io", "v1"),
            "Gateway" | "HTTPRoute" => ("gateway.networking.k8s.io", "v1"),
            "Certificate" => ("cert-manager.io", "v1"),
            "RoleBinding" => ("rbac.authorization.k8s.io", "v1"),
            _ => ("", "v1"),
        };
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        let client = self.world()?.client();
        let whole_cluster = namespace.is_empty() || kind == "Namespace";
        Ok(if whole_cluster {
            Api::all_with(client, &resource)
        } else {
            Api::namespaced_with(client, namespace, &resource)
        })
    }
}

async fn objects(api: &Api<DynamicObject>) -> kube::Result<Vec<Value>> {
    let list = api.list(&ListParams::default()).await?;
    Ok(list
        .items
        .into_iter()
        .filter_map(|object| serde_json::to_value(object).ok())
        .collect())
}
