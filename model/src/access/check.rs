//! What can be said about the arguments without a cluster.

use super::{Args, ROLES};
use crate::{At, Finding, Report, checks, names};

/// Problems of the arguments.
pub fn check(args: &Args) -> Vec<Finding> {
    let mut report = Report::default();
    if args
        .group
        .given()
        .is_some_and(|group| group.trim().is_empty())
    {
        let detail = "Give the group's object id (a UUID).";
        report.error(&At::of("group"), "Empty group", detail);
    }
    for (environment, role) in args.environments.given().into_iter().flatten() {
        let at = At::of("environments").key(environment);
        if let Some(problem) = names::dns_label_problem(environment, 63) {
            report.error(
                &at,
                "Invalid environment",
                format!("`{environment}` {problem}."),
            );
        }
        if role.is_absent() {
            report.error(
                &at,
                "Role is null",
                "Give a role, or leave the environment out.",
            );
        }
        checks::choice(role, &ROLES, &at, &mut report);
    }
    report.into_findings()
}

/// The group's object id in lower case, where `group` is one.
pub fn object_id(group: &str) -> Option<String> {
    let lengths: Vec<usize> = group.split('-').map(str::len).collect();
    let hexadecimal = group.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    (hexadecimal && lengths == [8, 4, 4, 4, 12]).then(|| group.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::lines;
    use serde_json::json;

    #[test]
    fn every_problem_is_found() {
        let table = [
            (json!({ "group": " " }), vec!["error group: Empty group"]),
            (
                json!({ "environments": { "Dev": "view" } }),
                vec!["error environments[\"Dev\"]: Invalid environment"],
            ),
            (
                json!({ "environments": { "dev": "owner" } }),
                vec!["error environments[\"dev\"]: Unknown value"],
            ),
            (
                json!({ "environments": { "dev": null } }),
                vec!["error environments[\"dev\"]: Role is null"],
            ),
            (
                json!({ "group": "Engineers", "environments": { "dev": "edit", "prod": "logs", "ci": "plan" } }),
                vec![],
            ),
        ];
        for (args, expected) in table {
            assert_eq!(
                lines(&check(&serde_json::from_value(args.clone()).unwrap())),
                expected,
                "{args}"
            );
        }
    }

    #[test]
    fn object_ids_are_uuids() {
        let id = "0A1b2c3d-0000-1111-2222-333344445555";
        assert_eq!(object_id(id), Some(id.to_lowercase()));
        for name in [
            "",
            "Engineers",
            "0a1b2c3d-0000-1111-2222-33334444555",
            "0a1b2c3g-0000-1111-2222-333344445555",
        ] {
            assert_eq!(object_id(name), None, "{name}");
        }
    }
}
