//! Graph: replication, pages, permissions.

use http::Method;
use serde_json::{Value, json};

use crate::bench::Bench;

fn made(bench: &Bench, name: &str) -> String {
    let body = json!({ "displayName": name, "mailNickname": "x", "mailEnabled": false, "securityEnabled": true });
    let reply = bench.send(Method::POST, "/v1.0/groups", &[], body);
    assert_eq!(reply.status, 201, "{:?}", reply.body);
    reply.body["id"].as_str().unwrap().to_owned()
}

#[test]
fn the_directory_lags() {
    let bench = Bench::new();
    let id = made(&bench, "team");
    let by_id = || bench.get(&format!("/v1.0/groups/{id}"));
    let by_name = || {
        bench.get("/v1.0/groups?$filter=displayName eq 'team'").body["value"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((by_id().code(), by_name()), ("Request_ResourceNotFound", 0));
    bench.step(5);
    assert_eq!((by_id().status, by_name()), (200, 1));
}

#[test]
fn pages() {
    let bench = Bench::new();
    for index in 0..5 {
        made(&bench, &format!("team {index}"));
    }
    bench.step(5);
    let mut next = "/v1.0/groups?$top=2&$select=id,displayName".to_owned();
    let mut names = Vec::new();
    for page in 0..3 {
        let body = bench.get(&next).body;
        assert!(body["value"][0].get("mailNickname").is_none());
        names.extend(
            body["value"]
                .as_array()
                .unwrap()
                .iter()
                .map(|group| group["displayName"].as_str().unwrap().to_owned()),
        );
        match body["@odata.nextLink"].as_str() {
            Some(link) => next = link.to_owned(),
            None => assert_eq!(page, 2),
        }
    }
    assert_eq!(names, ["team 0", "team 1", "team 2", "team 3", "team 4"]);
}

#[test]
fn a_member_of_a_member_is_in_the_group() {
    let bench = Bench::new();
    let (outer, inner) = (made(&bench, "outer"), made(&bench, "inner"));
    bench.step(5);
    let user = bench
        .simulator
        .edit(|world, _| world.directory.users[0].object_id.clone());
    let add = |group: &str, member: &str| {
        let body = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{member}") });
        bench
            .send(
                Method::POST,
                &format!("/v1.0/groups/{group}/members/$ref"),
                &[],
                body,
            )
            .status
    };
    assert_eq!(
        (add(&outer, &inner), add(&inner, &user), add(&inner, &user)),
        (204, 204, 400)
    );
    let members = |path: &str| {
        bench.get(&format!("/v1.0/groups/{outer}/{path}")).body["value"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((members("members"), members("transitiveMembers")), (1, 2));
    let body = json!({ "securityEnabledOnly": false });
    let groups = bench.send(
        Method::POST,
        &format!("/v1.0/users/{user}/getMemberGroups"),
        &[],
        body,
    );
    assert_eq!(groups.body["value"].as_array().unwrap().len(), 2);
    let found = bench.send(
        Method::POST,
        "/v1.0/directoryObjects/getByIds",
        &[],
        json!({ "ids": [outer, user], "types": ["group"] }),
    );
    assert_eq!(found.body["value"].as_array().unwrap().len(), 1);
}

#[test]
fn permissions() {
    let mut bench = Bench::new();
    let machine = bench
        .simulator
        .edit(|world, _| world.directory.identities[0].object_id.clone());
    bench.as_principal(&machine);
    let refused = bench.get("/v1.0/groups");
    assert_eq!(
        (refused.status, refused.code()),
        (403, "Authorization_RequestDenied")
    );
    bench.simulator.edit(|world, _| {
        world.directory.identities[0]
            .permissions
            .push("GroupMember.Read.All".to_owned());
    });
    assert_eq!(bench.get("/v1.0/groups").status, 200);
    let refused = bench.send(Method::POST, "/v1.0/groups", &[], Value::Null);
    assert_eq!(refused.status, 403);
}
