//! What surrounds clusters: tenants, subscriptions, resource groups, registration, sizes, quota.

use http::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, VERSION, body};

const RESOURCES: &str = "api-version=2022-12-01";

#[test]
fn who_and_where() {
    let bench = Bench::new();
    let tenants = bench.get(&format!("/tenants?{RESOURCES}")).body;
    assert_eq!(tenants["value"][0]["tenantId"], bench.seed.tenant.as_str());
    let subscriptions = bench.get(&format!("/subscriptions?{RESOURCES}")).body;
    assert_eq!(
        subscriptions["value"][0]["tenantId"],
        bench.seed.tenant.as_str()
    );
    let nowhere = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/x/providers/Microsoft.ContainerService/managedClusters/y";
    let refused = bench.get(&format!("{nowhere}?api-version={VERSION}"));
    assert_eq!(
        (refused.status, refused.code()),
        (404, "SubscriptionNotFound")
    );
    let elsewhere = bench.cluster.replace("rg-sim", "rg-other");
    let refused = bench.get(&format!("{elsewhere}?api-version={VERSION}"));
    assert_eq!(
        (refused.status, refused.code()),
        (404, "ResourceGroupNotFound")
    );
    let other_case = bench
        .cluster
        .replace("resourceGroups/rg-sim", "RESOURCEGROUPS/RG-Sim");
    assert_eq!(
        bench
            .get(&format!("{other_case}?api-version={VERSION}"))
            .status,
        200,
        "ids are compared without case"
    );
}

#[test]
fn a_namespace_has_to_be_registered() {
    let bench = Bench::new();
    let provider = format!(
        "/subscriptions/{}/providers/Microsoft.ContainerService",
        bench.seed.subscription
    );
    let set = |verb: &str| {
        bench
            .send(
                Method::POST,
                &format!("{provider}/{verb}?{RESOURCES}"),
                &[],
                Value::Null,
            )
            .body["registrationState"]
            .clone()
    };
    let create = || {
        let pools =
            json!([{ "name": "sys0", "mode": "System", "count": 1, "vmSize": "Standard_D4ds_v5" }]);
        let target = bench.cluster.replace("aks-sim", "other");
        let asked =
            json!({ "location": "westeurope", "properties": { "agentPoolProfiles": pools } });
        bench.put(&format!("{target}?api-version={VERSION}"), asked)
    };
    assert_eq!(set("unregister"), "NotRegistered");
    assert_eq!(create().code(), "MissingSubscriptionRegistration");
    assert_eq!(set("register"), "Registered");
    assert_eq!(create().status, 201);
}

#[test]
fn sizes_and_quota() {
    let bench = Bench::new();
    bench.simulator.edit(|world, _| {
        world
            .compute
            .restricted
            .insert("Standard_D8s_v5".to_owned());
        world
            .compute
            .limits
            .insert("standardDSv3Family".to_owned(), 4);
    });
    let root = format!(
        "/subscriptions/{}/providers/Microsoft.Compute",
        bench.seed.subscription
    );
    let skus = bench
        .get(&format!("{root}/skus?api-version=2019-04-01"))
        .body;
    let size = |name: &str| {
        skus["value"]
            .as_array()
            .unwrap()
            .iter()
            .find(|sku| sku["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(
        size("Standard_D8s_v5")["restrictions"][0]["reasonCode"],
        "NotAvailableForSubscription"
    );
    assert_eq!(size("Standard_D4s_v3")["restrictions"], json!([]));
    let refused = bench.put(
        &bench.pool("work"),
        body(&json!({ "vmSize": "Standard_D8s_v5" })),
    );
    assert_eq!((refused.status, refused.code()), (400, "BadRequest"));
    let used = || {
        let usages = bench
            .get(&format!(
                "{root}/locations/westeurope/usages?api-version=2024-11-01"
            ))
            .body;
        let family = usages["value"]
            .as_array()
            .unwrap()
            .iter()
            .find(|usage| usage["name"]["value"] == "standardDSv3Family")
            .cloned();
        let family = family.unwrap();
        (
            family["currentValue"].as_u64().unwrap(),
            family["limit"].as_u64().unwrap(),
        )
    };
    assert_eq!(used(), (0, 4));
    assert_eq!(
        bench
            .made("work", &json!({ "vmSize": "Standard_D4s_v3" }))
            .status,
        201
    );
    assert_eq!(used(), (4, 4));
    // The node that an upgrade adds for its time has no room either.
    let more = bench.put(&bench.pool("work"), json!({ "properties": { "count": 2 } }));
    let upgrade = bench.put(
        &bench.pool("work"),
        json!({ "properties": { "orchestratorVersion": "1.34.2" } }),
    );
    assert_eq!(
        (more.code(), upgrade.code()),
        (
            "ErrCode_InsufficientVCPUQuota",
            "ErrCode_InsufficientVCPUQuota"
        )
    );
}

#[test]
fn credentials_name_the_api_server_that_is_there() {
    let bench = Bench::new();
    let endpoint = seedling_azure_sim::store::Endpoint {
        server: "https://127.0.0.1:6443".to_owned(),
        certificate_authority: "authority".to_owned(),
        administrator: Some(("certificate".to_owned(), "key".to_owned())),
    };
    let key = seedling_azure_sim::store::key(&bench.cluster);
    bench
        .simulator
        .edit(|world, _| world.clusters.get_mut(&key).unwrap().endpoint = Some(endpoint));
    let kubeconfig = |verb: &str| -> Value {
        use base64::Engine;
        let reply = bench.send(
            Method::POST,
            &format!("{}/{verb}?api-version={VERSION}", bench.cluster),
            &[],
            Value::Null,
        );
        let text = reply.body["kubeconfigs"][0]["value"]
            .as_str()
            .unwrap()
            .to_owned();
        serde_json::from_slice(&base64::prelude::BASE64_STANDARD.decode(text).unwrap()).unwrap()
    };
    let user = kubeconfig("listClusterUserCredential");
    assert_eq!(
        user["clusters"][0]["cluster"]["server"],
        "https://127.0.0.1:6443"
    );
    assert_eq!(user["users"][0]["user"]["exec"]["command"], "kubelogin");
    let admin = kubeconfig("listClusterAdminCredential");
    assert_eq!(admin["users"][0]["user"]["client-key-data"], "a2V5");
}
