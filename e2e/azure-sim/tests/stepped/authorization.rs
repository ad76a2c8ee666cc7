//! Role assignments: names, delays, effects.

use http::Method;
use serde_json::{Value, json};

use crate::bench::Bench;

const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const NAMES: [&str; 2] = [
    "aaaaaaaa-0000-4000-8000-000000000001",
    "aaaaaaaa-0000-4000-8000-000000000002",
];

fn at(bench: &Bench, name: &str) -> String {
    format!(
        "{}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01",
        bench.cluster
    )
}

fn assignment(principal: &str, role: &str, kind: &str) -> Value {
    json!({ "properties": {
        "principalId": principal, "principalType": kind,
        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
    } })
}

#[test]
fn an_assignment_has_an_effect_after_a_while() {
    let mut bench = Bench::new();
    let machine = bench
        .simulator
        .edit(|world, _| world.directory.identities[0].object_id.clone());
    let cluster = format!("{}?api-version=2025-10-01", bench.cluster);
    assert_eq!(
        bench
            .put(
                &at(&bench, NAMES[0]),
                assignment(&machine, READER, "ServicePrincipal")
            )
            .status,
        201
    );
    bench.as_principal(&machine);
    let refused = bench.get(&cluster);
    assert_eq!(
        (refused.status, refused.code()),
        (403, "AuthorizationFailed")
    );
    assert!(
        refused
            .body
            .to_string()
            .contains("Microsoft.ContainerService/managedClusters/read"),
        "{:?}",
        refused.body
    );
    bench.step(60);
    assert_eq!(bench.get(&cluster).status, 200);
    let write = bench.put(&bench.pool("work"), json!({ "properties": { "count": 1 } }));
    assert!(
        write
            .body
            .to_string()
            .contains("Microsoft.ContainerService/managedClusters/agentPools/write"),
        "{:?}",
        write.body
    );
}

#[test]
fn a_triple_has_one_name() {
    let bench = Bench::new();
    let machine = bench
        .simulator
        .edit(|world, _| world.directory.identities[0].object_id.clone());
    let put = |name: &str, body: Value| bench.put(&at(&bench, name), body);
    let first = assignment(&machine, READER, "ServicePrincipal");
    assert_eq!(put(NAMES[0], first.clone()).status, 201);
    assert_eq!(put(NAMES[0], first.clone()).status, 200, "again is no harm");
    let second = put(NAMES[1], first);
    assert_eq!(
        (second.status, second.code()),
        (409, "RoleAssignmentExists")
    );
    let other = put(
        NAMES[0],
        assignment(
            &machine,
            "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
            "ServicePrincipal",
        ),
    );
    assert_eq!(
        (other.status, other.code()),
        (400, "RoleAssignmentUpdateNotPermitted")
    );
    let role = put(NAMES[1], assignment(&machine, NAMES[1], "ServicePrincipal"));
    assert_eq!(
        (role.status, role.code()),
        (400, "RoleDefinitionDoesNotExist")
    );
    let kind = put(NAMES[1], assignment(&machine, READER, "Group"));
    assert_eq!((kind.status, kind.code()), (400, "UnmatchedPrincipalType"));
    assert_eq!(
        put("no-guid", assignment(&machine, READER, "ServicePrincipal")).code(),
        "InvalidRoleAssignmentId"
    );
    let delete = |name: &str| {
        bench
            .send(Method::DELETE, &at(&bench, name), &[], Value::Null)
            .status
    };
    assert_eq!((delete(NAMES[0]), delete(NAMES[0])), (200, 204));
    assert_eq!(
        bench.get(&at(&bench, NAMES[0])).code(),
        "RoleAssignmentNotFound"
    );
}

#[test]
fn a_new_group_is_known_after_a_while() {
    let bench = Bench::new();
    let body = json!({ "displayName": "new", "mailNickname": "new", "mailEnabled": false, "securityEnabled": true });
    let group = bench.send(Method::POST, "/v1.0/groups", &[], body).body["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let put = || bench.put(&at(&bench, NAMES[0]), assignment(&group, READER, "Group"));
    let refused = put();
    assert_eq!((refused.status, refused.code()), (400, "PrincipalNotFound"));
    bench.step(10);
    assert_eq!(put().status, 201);
}
