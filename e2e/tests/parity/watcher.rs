//! The watcher of the crate `kube`, which the provider waits with: it must see the same of both.

use std::pin::pin;
use std::time::Duration;

use futures::TryStreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use kube::runtime::watcher::{self, Event};
use kube::{Client, ResourceExt};
use libtest_mimic::{Failed, Trial};
use seedling_e2e::require::Need;
use seedling_e2e::trial::trial;
use serde_json::{Value, json};

use crate::worlds;

const NAMESPACE: &str = "watched";
const DEADLINE: Duration = Duration::from_secs(30);
/// Its deletion is the end.
const LAST: &str = "last";

pub fn trials() -> Vec<Trial> {
    const NEEDS: &[Need] = &[Need::Process];
    vec![trial("the_watcher_of_kube_sees_the_same", NEEDS, || {
        worlds::with(async |both| {
            let [real, simulated] = both.clients();
            let (real, simulated) = (seen(real).await?, seen(simulated).await?);
            if real == simulated {
                return Ok(());
            }
            Err(format!("real: {real:#?}\nsimulated: {simulated:#?}").into())
        })
    })]
}

async fn seen(client: Client) -> Result<Vec<String>, Failed> {
    let namespace: Namespace =
        serde_json::from_value(json!({ "metadata": { "name": NAMESPACE } }))?;
    let namespaces = Api::<Namespace>::all(client.clone());
    namespaces
        .create(&PostParams::default(), &namespace)
        .await?;
    let api = Api::<ConfigMap>::namespaced(client, NAMESPACE);
    write(&api, "first", &json!({ "data": { "a": "1" } })).await?;
    let config = watcher::Config::default().labels("watched=yes");
    let mut events = pin!(watcher::watcher(api.clone(), config));
    let mut seen = Vec::new();
    let read = async {
        while let Some(event) = events.try_next().await? {
            let line = described(&event);
            let begun = matches!(event, Event::InitDone);
            let over = matches!(&event, Event::Delete(object) if object.name_any() == LAST);
            seen.push(line);
            if begun {
                change(&api).await?;
            }
            if over {
                break;
            }
        }
        Ok::<_, Failed>(())
    };
    let read = tokio::time::timeout(DEADLINE, read).await;
    namespaces
        .delete(NAMESPACE, &DeleteParams::default())
        .await?;
    match read {
        Ok(result) => result.map(|()| seen),
        Err(_) => Err(format!("{LAST} was not seen to go; seen: {seen:#?}").into()),
    }
}

fn described(event: &Event<ConfigMap>) -> String {
    let of = |object: &ConfigMap| format!("{} {:?}", object.name_any(), object.data);
    match event {
        Event::Init => "begins".to_owned(),
        Event::InitApply(object) => format!("is there: {}", of(object)),
        Event::InitDone => "all that is there".to_owned(),
        Event::Apply(object) => format!("is: {}", of(object)),
        Event::Delete(object) => format!("goes: {}", of(object)),
    }
}

async fn change(api: &Api<ConfigMap>) -> Result<(), Failed> {
    write(api, "second", &json!({ "data": { "b": "1" } })).await?;
    write(api, "second", &json!({ "data": { "b": "2" } })).await?;
    // Without its label it goes out of sight, and comes again with it.
    for label in ["no", "yes"] {
        let patch = json!({ "metadata": { "labels": { "watched": label } } });
        api.patch("first", &PatchParams::default(), &Patch::Merge(patch))
            .await?;
    }
    write(api, LAST, &json!({})).await?;
    for name in ["second", LAST] {
        api.delete(name, &DeleteParams::default()).await?;
    }
    Ok(())
}

async fn write(api: &Api<ConfigMap>, name: &str, body: &Value) -> Result<(), Failed> {
    let mut object = body.clone();
    object["apiVersion"] = "v1".into();
    object["kind"] = "ConfigMap".into();
    object["metadata"] = json!({ "name": name, "labels": { "watched": "yes" } });
    let parameters = PatchParams::apply("watcher-test").force();
    api.patch(name, &parameters, &Patch::Apply(object)).await?;
    Ok(())
}
