//! Whether the identity of this run may do something.

use serde_json::json;

use super::{Cluster, Kind};

/// Where questions about oneself are asked.
const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

impl Cluster {
    /// Whether this identity has the verb on a kind in a namespace. It tells a refusal by admission
    /// from one by authorization: both are a 403.
    pub async fn may(&self, verb: &str, kind: Kind, namespace: &str) -> bool {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {
                "namespace": namespace,
                "verb": verb,
                "group": kind.group,
                "resource": kind.plural,
            }},
        });
        let answer = self.ask(REVIEWS, &review).await;
        answer.is_ok_and(|answer| answer["status"]["allowed"] == true)
    }
}
