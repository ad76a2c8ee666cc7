//! From a rolling update to `Recreate`: the two exclude each other, and server-side apply leaves
//! alone what it does not own, such as the parameters that the server itself filled in.

use seedling_model::Object;
use seedling_schema::Diagnostic;
use serde_json::json;

use crate::kubernetes::{Cluster, kinds, ownership};

const TYPE: &str = "/spec/strategy/type";
const PARAMETERS: &str = "/spec/strategy/rollingUpdate";

/// Whether the live Deployment has parameters that the wanted strategy refuses.
pub fn stands_in_the_way(wanted: &Object, live: &Object) -> bool {
    wanted.at(TYPE) == "Recreate" && !live.at(PARAMETERS).is_null()
}

/// Takes such parameters away, together with the strategy that they belong to.
pub async fn make_way(cluster: &Cluster, wanted: &Object) -> Result<(), Diagnostic> {
    if wanted.at(TYPE) != "Recreate" {
        return Ok(());
    }
    let cleared = async {
        match ownership::live(cluster, wanted).await? {
            Some(live) if stands_in_the_way(wanted, &live) => {
                let patch =
                    json!({"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}});
                let (namespace, name) = (wanted.namespace(), wanted.name());
                cluster
                    .merge(kinds::DEPLOYMENT, namespace, name, &patch)
                    .await
                    .map(|_| ())
            }
            _ => Ok(()),
        }
    };
    cleared.await.map_err(|failure| {
        failure.diagnostic(&format!(
            "change the strategy of Deployment/{}",
            wanted.name()
        ))
    })
}
