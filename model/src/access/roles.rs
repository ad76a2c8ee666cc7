//! The roles of ours. They never read Secrets.

use serde_json::{Value, json};

const READ: [&str; 3] = ["get", "list", "watch"];

/// The rules of a role that we make ourselves; nothing for Kubernetes' own.
pub(super) fn rules(role: &str) -> Option<Value> {
    match role {
        "logs" => Some(json!([rule(
            "",
            &["pods", "pods/log", "events", "configmaps"]
        )])),
        "plan" => Some(plan()),
        _ => None,
    }
}

/// Every kind that Seedling manages or looks at while it plans.
fn plan() -> Value {
    let kinds: [(&str, &[&str]); 9] = [
        (
            "",
            &[
                "namespaces",
                "pods",
                "pods/log",
                "events",
                "configmaps",
                "services",
                "serviceaccounts",
                "persistentvolumeclaims",
                "resourcequotas",
                "limitranges",
            ],
        ),
        ("apps", &["deployments", "replicasets"]),
        ("autoscaling", &["horizontalpodautoscalers"]),
        ("policy", &["poddisruptionbudgets"]),
        ("networking.k8s.io", &["ingresses", "networkpolicies"]),
        ("rbac.authorization.k8s.io", &["roles", "rolebindings"]),
        ("gateway.networking.k8s.io", &["gateways", "httproutes"]),
        ("cert-manager.io", &["certificates", "certificaterequests"]),
        ("acme.cert-manager.io", &["orders", "challenges"]),
    ];
    kinds
        .into_iter()
        .map(|(group, resources)| rule(group, resources))
        .collect()
}

fn rule(group: &str, resources: &[&str]) -> Value {
    json!({ "apiGroups": [group], "resources": resources, "verbs": READ })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_roles_only_read_and_never_secrets() {
        for role in ["logs", "plan"] {
            let rules = rules(role).unwrap().to_string();
            assert!(
                !rules.contains("secrets") && !rules.contains('*'),
                "{rules}"
            );
            for verb in ["create", "update", "patch", "delete"] {
                assert!(!rules.contains(verb), "{rules}");
            }
        }
        assert_eq!(rules("edit"), None);
    }
}
