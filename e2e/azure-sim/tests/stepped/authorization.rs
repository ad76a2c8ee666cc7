//! Role assignments: names, delays, effects.

use http::Method;
use seedling_azure_sim::settings::Settings;
use serde_json::{Value, json};

use crate::bench::{Bench, VERSION};

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

#[test]
fn tokens_end_by_the_machines_clock() {
    let bench = Bench::with(Settings {
        token: -1,
        ..Settings::default()
    });
    let refused = bench.get(&format!("{}?api-version={VERSION}", bench.cluster));
    assert_eq!(
        (refused.status, refused.code()),
        (401, "ExpiredAuthenticationToken")
    );
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with("Bearer authorization_uri=\"https://localhost:1/"),
        "{challenge}"
    );
    let bench = Bench::new();
    bench.step(24 * 3600);
    assert_eq!(
        bench
            .get(&format!("{}?api-version={VERSION}", bench.cluster))
            .status,
        200
    );
}

#[test]
fn paths_that_nobody_should_send() {
    let bench = Bench::new();
    let subscription = format!("/subscriptions/{}", bench.seed.subscription);
    let ends = [
        "",
        "/",
        "/providers",
        "/providers/Microsoft.Authorization",
        "/providers/Microsoft.ContainerService",
        "/resourceGroups",
        "/providers/Microsoft.ContainerService/locations",
        "/providers/Microsoft.ContainerService/locations/x/operations/none",
        "/resourceGroups/rg-sim/providers",
        "/resourceGroups/rg-sim/providers/Microsoft.ContainerService",
        "/resourceGroups/rg-sim/providers/Microsoft.ContainerService/managedClusters/aks-sim/agentPools/",
        "/resourceGroups/rg-sim/providers/Microsoft.ContainerService/managedClusters/aks-sim/agentPools/a/b/c/d",
        "/microsoft.authorization/roleAssignments",
        "/locations/a/b/c",
    ];
    let roots = [
        "/",
        "/subscriptions/",
        "/tenants/x",
        "/providers",
        "/providers/Microsoft.Authorization/roleAssignments",
        "/v1.0",
        "/v1.0/groups/x/members/$ref",
        "/x/oauth2/v2.0/token",
        "/_simulator/x",
        "/metadata",
    ];
    let targets = ends
        .iter()
        .map(|end| format!("{subscription}{end}"))
        .chain(roots.map(str::to_owned));
    for target in targets {
        for method in [
            Method::GET,
            Method::PUT,
            Method::POST,
            Method::DELETE,
            Method::PATCH,
            Method::HEAD,
        ] {
            for version in ["2025-10-01", "2022-04-01", "2024-11-01"] {
                let reply = bench.send(
                    method.clone(),
                    &format!("{target}?api-version={version}"),
                    &[],
                    json!([[]]),
                );
                assert!(
                    reply.status >= 200 && reply.status != 500,
                    "{method} {target}: {}",
                    reply.status
                );
            }
        }
    }
}
