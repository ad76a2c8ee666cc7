//! Every property of a node pool: set, read back, and changed or refused.

use std::collections::BTreeSet;

use http::Method;
use seedling_azure_sim::arm::pools::properties::{Change, PROPERTIES};
use serde_json::{Value, json};

use crate::bench::{Bench, body};

/// What happens to a change.
enum Then {
    Changed,
    Refused,
}

use Then::{Changed, Refused};

/// A property, what else the pool needs for it, its first value, another one, what happens, and where that was read. "reference" is
/// the REST reference of 2025-10-01, other names are those of AKS's documents, `azurerm` is what its 5.2 replaces a pool for.
struct Row(&'static str, Value, Value, Value, Then, &'static str);

fn id(kind: &str, name: &str) -> Value {
    format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.{kind}/{name}").into()
}

fn none() -> Value {
    json!({})
}

#[rustfmt::skip]
fn table() -> Vec<Row> {
    let auto = json!({ "enableAutoScaling": true, "minCount": 1, "maxCount": 5 });
    let spot = json!({ "scaleSetPriority": "Spot" });
    let windows = json!({ "osType": "Windows" });
    let gpu = json!({ "vmSize": "Standard_NC4as_T4_v3" });
    vec![
        Row("count", none(), json!(2), json!(3), Changed, "reference"),
        Row("minCount", auto.clone(), json!(1), json!(0), Changed, "reference; azurerm#25253 on 0"),
        Row("maxCount", auto.clone(), json!(5), json!(7), Changed, "reference"),
        Row("enableAutoScaling", auto, json!(true), json!(false), Changed, "cluster-autoscaler"),
        Row("scaleDownMode", none(), json!("Delete"), json!("Deallocate"), Changed, "scale-down-mode"),
        Row("mode", none(), json!("User"), json!("System"), Changed, "use-system-pools"),
        Row("orchestratorVersion", none(), json!("1.34.1"), json!("1.34.2"), Changed, "manage-node-pools"),
        Row("powerState", none(), json!({ "code": "Running" }), json!({ "code": "Stopped" }), Changed, "start-stop-nodepools"),
        Row("tags", none(), json!({ "a": "1" }), json!({ "b": "2" }), Changed, "use-tags"),
        Row("nodeLabels", none(), json!({ "a": "1" }), json!({ "b": "2" }), Changed, "use-labels"),
        Row("nodeTaints", none(), json!(["a=1:NoSchedule"]), json!(["b=2:NoExecute"]), Changed, "use-node-taints"),
        Row("nodeInitializationTaints", none(), json!(["a=1:NoSchedule"]), json!([]), Changed, "use-node-taints"),
        Row("osSKU", none(), json!("Ubuntu"), json!("AzureLinux"), Changed, "upgrade-os-version"),
        Row("upgradeSettings", none(), json!({ "maxSurge": "1" }), json!({ "drainTimeoutInMinutes": 45 }), Changed, "upgrade-options"),
        Row("upgradeStrategy", none(), json!("Rolling"), json!("BlueGreen"), Changed, "reference of 2026-06-01, which the CLI sends"),
        Row("networkProfile", none(), json!({ "allowedHostPorts": [] }), json!({ "allowedHostPorts": [{ "portStart": 80, "portEnd": 80, "protocol": "TCP" }] }), Changed, "use-node-public-ips"),
        Row("securityProfile", none(), json!({ "enableSecureBoot": false }), json!({ "enableSecureBoot": true }), Changed, "use-trusted-launch"),
        Row("localDNSProfile", none(), json!({ "mode": "Disabled" }), json!({ "mode": "Required" }), Changed, "localdns-custom"),
        Row("workloadRuntime", none(), json!("OCIContainer"), json!("KataVmIsolation"), Changed, "azurerm: in place"),
        Row("enableFIPS", none(), json!(false), json!(true), Changed, "enable-fips-nodes; az aks nodepool update --enable-fips-image"),
        Row("gpuProfile", gpu.clone(), json!({ "driver": "Install" }), json!({ "driver": "None" }), Changed, "az aks nodepool update --gpu-driver"),
        Row("artifactStreamingProfile", none(), json!({ "enabled": false }), json!({ "enabled": true }), Changed, "az aks nodepool update --enable-artifact-streaming"),
        Row("virtualMachinesProfile", none(), json!({ "scale": {} }), json!({ "scale": { "manual": [] } }), Changed, "virtual-machines-node-pools"),
        Row("windowsProfile", windows.clone(), json!({ "disableOutboundNat": true }), json!({ "disableOutboundNat": false }), Refused, "azurerm"),
        Row("vmSize", none(), json!("Standard_D4ds_v5"), json!("Standard_D8ds_v5"), Refused, "resize-node-pool"),
        Row("osDiskSizeGB", none(), json!(64), json!(128), Refused, "azurerm"),
        Row("osDiskType", none(), json!("Managed"), json!("Ephemeral"), Refused, "azurerm"),
        Row("kubeletDiskType", none(), json!("OS"), json!("Temporary"), Refused, "azurerm"),
        Row("maxPods", none(), json!(60), json!(110), Refused, "azurerm"),
        Row("osType", windows, json!("Windows"), json!("Linux"), Refused, "azurerm"),
        Row("type", none(), json!("VirtualMachineScaleSets"), json!("VirtualMachines"), Refused, "virtual-machines-node-pools"),
        Row("availabilityZones", none(), json!(["1", "2"]), json!(["3"]), Refused, "availability-zones"),
        Row("messageOfTheDay", none(), json!("aGVsbG8="), json!("Ynll"), Refused, "az offers it to `add` only"),
        Row("vnetSubnetID", none(), id("Network", "virtualNetworks/v/subnets/a"), id("Network", "virtualNetworks/v/subnets/b"), Refused, "azurerm"),
        Row("podSubnetID", none(), id("Network", "virtualNetworks/v/subnets/a"), id("Network", "virtualNetworks/v/subnets/b"), Refused, "azurerm"),
        Row("podIPAllocationMode", none(), json!("DynamicIndividual"), json!("StaticBlock"), Refused, "az offers it to `add` only"),
        Row("enableNodePublicIP", none(), json!(false), json!(true), Refused, "azurerm"),
        Row("nodePublicIPPrefixID", none(), id("Network", "publicIPPrefixes/a"), id("Network", "publicIPPrefixes/b"), Refused, "azurerm"),
        Row("scaleSetPriority", spot.clone(), json!("Spot"), json!("Regular"), Refused, "spot-node-pool"),
        Row("scaleSetEvictionPolicy", spot.clone(), json!("Deallocate"), json!("Delete"), Refused, "azurerm"),
        Row("spotMaxPrice", spot, json!(0.5), json!(-1), Refused, "azurerm"),
        Row("proximityPlacementGroupID", none(), id("Compute", "proximityPlacementGroups/a"), id("Compute", "proximityPlacementGroups/b"), Refused, "azurerm"),
        Row("hostGroupID", none(), id("Compute", "hostGroups/a"), id("Compute", "hostGroups/b"), Refused, "azurerm"),
        Row("capacityReservationGroupID", none(), id("Compute", "capacityReservationGroups/a"), id("Compute", "capacityReservationGroups/b"), Refused, "azurerm"),
        Row("kubeletConfig", none(), json!({ "cpuManagerPolicy": "static" }), json!({ "cpuManagerPolicy": "none" }), Refused, "azurerm"),
        Row("linuxOSConfig", none(), json!({ "swapFileSizeMB": 100 }), json!({ "swapFileSizeMB": 200 }), Refused, "azurerm"),
        Row("enableEncryptionAtHost", none(), json!(true), json!(false), Refused, "enable-host-encryption"),
        Row("enableUltraSSD", none(), json!(false), json!(true), Refused, "use-ultra-disks"),
        Row("gpuInstanceProfile", gpu, json!("MIG1g"), json!("MIG2g"), Refused, "gpu-multi-instance"),
        Row("creationData", none(), json!({ "sourceResourceId": "/a" }), json!({ "sourceResourceId": "/b" }), Refused, "azurerm"),
        Row("gatewayProfile", json!({ "mode": "Gateway" }), json!({ "publicIPPrefixSize": 31 }), json!({ "publicIPPrefixSize": 30 }), Refused, "configure-static-egress-gateway"),
    ]
}

/// Whether everything that was said is there; a PUT may leave more.
fn holds(has: &Value, said: &Value) -> bool {
    match (has, said) {
        (Value::Object(has), Value::Object(said)) => said
            .iter()
            .all(|(name, said)| has.get(name).is_some_and(|has| holds(has, said))),
        _ => has == said || has.as_f64().is_some() && has.as_f64() == said.as_f64(),
    }
}

#[test]
fn set_read_back_and_changed_or_refused() {
    let bench = Bench::new();
    for Row(name, needs, first, other, then, source) in table() {
        let mut properties = needs.clone();
        properties[name] = first.clone();
        let made = bench.made("pool", &properties);
        assert_eq!(made.status, 201, "{name}: {:?}", made.body);
        let read = bench.get(&bench.pool("pool"));
        assert!(
            holds(&read.body["properties"][name], &first),
            "{name} = {first} is {}",
            read.body["properties"][name]
        );
        let mut properties = json!({});
        properties[name] = other.clone();
        if name == "enableAutoScaling" {
            properties["minCount"] = Value::Null;
        }
        let changed = bench.put(&bench.pool("pool"), json!({ "properties": properties }));
        bench.step(3600);
        let read = bench.get(&bench.pool("pool"));
        let now = &read.body["properties"][name];
        match then {
            Changed => {
                assert_eq!(changed.status, 200, "{name} ({source}): {:?}", changed.body);
                assert!(holds(now, &other), "{name} ({source}) = {other} is {now}");
            }
            Refused => {
                assert_eq!(
                    (changed.status, changed.code()),
                    (400, "PropertyChangeNotAllowed"),
                    "{name} ({source}): {:?}",
                    changed.body
                );
                assert!(
                    holds(now, &first),
                    "{name} ({source}) was refused but is {now}"
                );
            }
        }
        assert_eq!(
            read.body["properties"]["provisioningState"], "Succeeded",
            "{name}"
        );
        assert_eq!(
            bench
                .send(Method::DELETE, &bench.pool("pool"), &[], Value::Null)
                .status,
            202,
            "{name}"
        );
        bench.step(3600);
    }
}

#[test]
fn the_table_is_complete() {
    let tested: BTreeSet<&str> = table().iter().map(|row| row.0).collect();
    let known: BTreeSet<&str> = PROPERTIES
        .iter()
        .filter(|known| known.change != Change::ReadOnly)
        .map(|known| known.name)
        .collect();
    assert_eq!(known, tested);
}

#[test]
fn what_azure_alone_writes_is_not_taken_from_a_request() {
    let bench = Bench::new();
    let read_only = PROPERTIES
        .iter()
        .filter(|known| known.change == Change::ReadOnly);
    let mut properties = json!({});
    for known in
        read_only.filter(|known| known.name != "status" && !known.name.starts_with("virtual"))
    {
        properties[known.name] = "mine".into();
    }
    assert_eq!(bench.made("pool", &properties).status, 201);
    let read = bench.get(&bench.pool("pool"));
    assert!(
        !read.body["properties"]
            .as_object()
            .unwrap()
            .values()
            .any(|value| value == "mine"),
        "{:?}",
        read.body
    );
}

#[test]
fn defaults_that_come_back_unasked() {
    let bench = Bench::new();
    bench.made("plain", &json!({}));
    bench.made("gpu", &json!({ "vmSize": "Standard_NC4as_T4_v3" }));
    bench.made("spot", &json!({ "scaleSetPriority": "Spot" }));
    let read = |name: &str| bench.get(&bench.pool(name)).body["properties"].clone();
    let plain = read("plain");
    for (name, value) in [
        ("osDiskType", json!("Ephemeral")),
        ("osSKU", json!("Ubuntu")),
        ("maxPods", json!(250)),
        ("scaleDownMode", json!("Delete")),
        (
            "upgradeSettings",
            json!({ "maxSurge": "10%", "maxUnavailable": "0" }),
        ),
        ("powerState", json!({ "code": "Running" })),
        ("orchestratorVersion", json!("1.34")),
        ("currentOrchestratorVersion", json!("1.34.2")),
        ("scaleSetPriority", Value::Null),
        ("minCount", Value::Null),
    ] {
        assert_eq!(plain[name], value, "{name}");
    }
    assert_eq!(read("gpu")["gpuProfile"]["driver"], "Install");
    assert_eq!(
        read("spot")["nodeTaints"],
        json!(["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"])
    );
}

/// A name, properties, the code and a part of the message of the refusal.
#[rustfmt::skip]
fn refusals() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    vec![
        ("pool", json!({ "count": null }), "InvalidParameter", "properties.count"),
        ("pool", json!({ "count": 1001 }), "InvalidParameter", "1000"),
        ("pool", json!({ "count": "2" }), "UnmarshalError", "a whole number"),
        ("pool", json!({ "cuont": 2 }), "UnmarshalError", "cuont"),
        ("pool", json!({ "minCount": 1 }), "InvalidParameter", "enableAutoScaling"),
        ("pool", json!({ "enableAutoScaling": true, "minCount": 3, "maxCount": 5 }), "InvalidParameter", "between"),
        ("pool", json!({ "mode": "System", "count": 0 }), "InvalidParameter", "at least 1"),
        ("pool", json!({ "mode": "System", "maxPods": 20 }), "InvalidParameter", "30 pods"),
        ("pool", json!({ "scaleSetPriority": "Spot", "upgradeSettings": { "maxSurge": "1" } }), "InvalidParameter", "maxSurge"),
        ("pool", json!({ "upgradeSettings": { "maxSurge": "many" } }), "InvalidParameter", "many"),
        ("pool", json!({ "upgradeSettings": { "maxUnavailable": "18446744073709551615%" } }), "InvalidParameter", "maxUnavailable"),
        ("pool", json!({ "scaleSetPriority": "Spot", "mode": "System" }), "InvalidParameter", "Spot"),
        ("pool", json!({ "nodeTaints": ["nonsense"] }), "InvalidParameter", "nonsense"),
        ("pool", json!({ "nodeLabels": { "kubernetes.azure.com/mine": "x" } }), "InvalidParameter", "reserved"),
        ("pool", json!({ "availabilityZones": ["4"] }), "InvalidParameter", "4"),
        ("pool", json!({ "osSKU": "Windows2022" }), "InvalidParameter", "osType"),
        ("Pool", json!({}), "InvalidParameter", "lower-case"),
        ("windowspool", json!({ "osType": "Windows" }), "InvalidParameter", "1 to 6"),
        ("pool", json!({ "vmSize": "Standard_Nowhere" }), "BadRequest", "Standard_Nowhere"),
        ("pool", json!({ "count": 26 }), "ErrCode_InsufficientVCPUQuota", "requested 104"),
        ("pool", json!({ "orchestratorVersion": "1.36.0" }), "NodePoolMcVersionIncompatible", "1.36.0"),
        ("pool", json!({ "orchestratorVersion": "1.12" }), "AgentPoolK8sVersionNotSupported", "1.12"),
    ]
}

#[test]
fn values_that_are_refused() {
    let bench = Bench::new();
    for (name, more, code, part) in refusals() {
        let refused = bench.put(&bench.pool(name), body(&more));
        assert_eq!(
            (refused.status, refused.code()),
            (400, code),
            "{more}: {:?}",
            refused.body
        );
        assert!(
            refused.body.to_string().contains(part),
            "{more}: {:?}",
            refused.body
        );
        assert_eq!(
            bench.get(&bench.pool(name)).status,
            404,
            "{more} left something"
        );
    }
}
