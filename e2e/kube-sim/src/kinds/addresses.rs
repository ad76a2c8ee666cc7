//! Addresses and ports of services.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::api::Server;
use crate::discovery::Kind;
use crate::store::Resource;

const SERVICES: Resource = Resource::new("", "services");
/// `--service-cluster-ip-range` of the recorded server.
const FIRST: u32 = 0x0a60_0001;
const LAST: u32 = 0x0a60_fffe;
/// The default of `--service-node-port-range`.
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;

/// Gives a service what it has not: the lowest that is free, so that it is the same in every run.
pub fn allocate(server: &Server, object: &mut Value, kind: &Kind) {
    if kind.resource != SERVICES {
        return;
    }
    let (services, _) = server.store().list(&SERVICES, None);
    let spec = &mut object["spec"];
    let service_type = spec["type"].as_str().unwrap_or_default().to_owned();
    if service_type == "ExternalName" {
        return;
    }
    if spec["clusterIP"].as_str().unwrap_or_default().is_empty() {
        let used: BTreeSet<_> = services
            .iter()
            .filter_map(|one| one["spec"]["clusterIP"].as_str())
            .collect();
        // The first is the API server's own.
        let free = (FIRST + 1..=LAST)
            .map(|address| Ipv4Addr::from(address).to_string())
            .find(|address| !used.contains(address.as_str()));
        spec["clusterIP"] = free.unwrap_or_default().into();
    }
    spec["clusterIPs"] = json!([spec["clusterIP"]]);
    spec["ipFamilies"] = json!(["IPv4"]);
    spec["ipFamilyPolicy"] = "SingleStack".into();
    if service_type == "NodePort"
        || service_type == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] != false
    {
        let mut used: BTreeSet<_> = services
            .iter()
            .flat_map(|one| one["spec"]["ports"].as_array().into_iter().flatten())
            .filter_map(|port| port["nodePort"].as_i64())
            .collect();
        for port in spec["ports"].as_array_mut().into_iter().flatten() {
            if port["nodePort"].as_i64().unwrap_or(0) == 0
                && let Some(free) = NODE_PORTS.into_iter().find(|number| !used.contains(number))
            {
                used.insert(free);
                port["nodePort"] = free.into();
            }
        }
    }
}
