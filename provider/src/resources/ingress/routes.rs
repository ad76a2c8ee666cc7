//! What a Gateway says to our routes: accepted, or why not.

use seedling_model::Object;
use seedling_schema::Diagnostic;

use crate::kubernetes::{Cluster, Failure, conditions, kinds};

/// Warnings for routes that their Gateway refuses or that lead nowhere.
pub async fn refusals(
    cluster: &Cluster,
    title: &str,
    objects: &[Object],
) -> Result<Option<Diagnostic>, Failure> {
    let mut found = Vec::new();
    for route in objects.iter().filter(|object| object.kind() == "HTTPRoute") {
        let live = cluster
            .read(kinds::HTTP_ROUTE, route.namespace(), route.name())
            .await?;
        if let Some(live) = live {
            found.extend(of(&live));
        }
    }
    found.dedup();
    Ok((!found.is_empty()).then(|| {
        Diagnostic::warning(
            format!("The Gateway does not serve {title} fully"),
            format!(
                "It says:\n\n  {}\n\nUntil that is mended, requests are answered with an error.",
                found.join("\n  ")
            ),
        )
    }))
}

/// The conditions that do not hold for the route as it is now.
fn of(route: &Object) -> Vec<String> {
    let generation = route.at("/metadata/generation");
    let parents = route.at("/status/parents").as_array();
    let mut found = Vec::new();
    for parent in parents.into_iter().flatten() {
        let current: Vec<_> = parent["conditions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|condition| condition["observedGeneration"] == *generation)
            .cloned()
            .collect();
        let listener = parent["parentRef"]["sectionName"].as_str().unwrap_or("any");
        for condition in conditions::listed(&current.into()) {
            let matters = matches!(condition.kind.as_str(), "Accepted" | "ResolvedRefs");
            if matters && !condition.is_true() {
                found.push(format!(
                    "HTTPRoute/{} on listener {listener}: {}",
                    route.name(),
                    condition.sentence()
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_gateway_says_of_an_earlier_generation_is_left_out() {
        let route = |seen: i64, status: &str| {
            Object(json!({
                "metadata": {"name": "web", "generation": 2},
                "status": {"parents": [{"parentRef": {"sectionName": "http"}, "conditions": [
                    {"type": "ResolvedRefs", "status": status, "reason": "BackendNotFound", "message": "no api", "observedGeneration": seen},
                ]}]},
            }))
        };
        assert_eq!(
            of(&route(2, "False")),
            ["HTTPRoute/web on listener http: ResolvedRefs is False (BackendNotFound): no api"]
        );
        assert_eq!(of(&route(1, "False")), [] as [&str; 0]);
        assert_eq!(of(&route(2, "True")), [] as [&str; 0]);
    }
}
