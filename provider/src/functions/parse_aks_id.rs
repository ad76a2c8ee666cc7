//! `provider::seedling::parse_aks_id(id)`: the ARM id of a cluster or node pool taken apart.

use std::collections::BTreeMap;

use seedling_schema::{Function, FunctionError, FunctionSignature, Parameter, Type, Value};

/// The function.
pub struct ParseAksId;

/// Segments of an ARM id with the names of what follows them, in order. ARM compares segments
/// without regard to case.
const SEGMENTS: [(&str, &str); 4] = [
    ("subscriptions", "subscription_id"),
    ("resourceGroups", "resource_group"),
    ("managedClusters", "cluster"),
    ("agentPools", "node_pool"),
];
const PROVIDER: [&str; 2] = ["providers", "Microsoft.ContainerService"];

impl Function for ParseAksId {
    fn name(&self) -> &'static str {
        "parse_aks_id"
    }

    fn signature(&self) -> FunctionSignature {
        FunctionSignature {
            params: vec![Parameter::new("id", Type::string(), "ARM id of a cluster or node pool.")],
            variadic: None,
            returns: Type::object(SEGMENTS.map(|(_, name)| (name, Type::string()))),
            summary: "Takes the ARM id of an AKS cluster or node pool apart".to_owned(),
            description: "Gives `subscription_id`, `resource_group`, `cluster` and `node_pool` (null for a cluster's id).".to_owned(),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let id = arguments
            .first()
            .and_then(Value::as_str)
            .unwrap_or_default();
        let parts = parse(id).ok_or_else(|| {
            FunctionError::argument(0, format!("`{id}` is not the ARM id of an AKS cluster or node pool: /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/…, for a node pool followed by /agentPools/…."))
        })?;
        let members = SEGMENTS.iter().zip(parts);
        let members = members
            .map(|((_, name), part)| ((*name).to_owned(), part.map_or(Value::Null, Value::from)));
        Ok(Value::Map(members.collect::<BTreeMap<_, _>>()))
    }
}

fn parse(id: &str) -> Option<[Option<&str>; 4]> {
    let segments: Vec<&str> = id.strip_prefix('/')?.split('/').collect();
    let (group, rest) = segments.split_at_checked(4)?;
    let (provider, rest) = rest.split_at_checked(2)?;
    let is_ours = provider
        .iter()
        .zip(PROVIDER)
        .all(|(is, name)| is.eq_ignore_ascii_case(name));
    let mut parts = [None; 4];
    let pairs = [group, rest].concat();
    if !is_ours || !matches!(pairs.len(), 6 | 8) {
        return None;
    }
    for (index, pair) in pairs.chunks(2).enumerate() {
        if !pair[0].eq_ignore_ascii_case(SEGMENTS[index].0) || pair[1].is_empty() {
            return None;
        }
        parts[index] = Some(pair[1]);
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::parse;

    const CLUSTER: &str =
        "/subscriptions/s/resourcegroups/g/providers/microsoft.containerservice/managedClusters/c";

    #[test]
    fn ids_are_taken_apart() {
        assert_eq!(
            parse(CLUSTER),
            Some([Some("s"), Some("g"), Some("c"), None])
        );
        let pool = format!("{CLUSTER}/agentPools/p");
        assert_eq!(
            parse(&pool),
            Some([Some("s"), Some("g"), Some("c"), Some("p")])
        );
    }

    #[test]
    fn other_ids_are_refused() {
        for id in [
            "",
            "c",
            "/subscriptions/s",
            &format!("{CLUSTER}/"),
            &format!("{CLUSTER}/other/p"),
        ] {
            assert_eq!(parse(id), None, "{id}");
        }
    }
}
