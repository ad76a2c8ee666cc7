//! What a new simulated Azure holds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::directory::{Application, Directory, ManagedIdentity, Secret, User};
use super::{Assignment, Cluster, Compute, Guids, Pool, Subscription, World, key};
use crate::arm::authorization::{assignment_id, role};
use crate::arm::clusters::defaults as cluster_defaults;
use crate::arm::pools::defaults as pool_defaults;

/// How a new one is to be.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Where its GUIDs come from.
    pub number: u64,
    /// The tenant's id.
    pub tenant: String,
    /// The subscription's id.
    pub subscription: String,
    /// Client id of the application that may do everything in the subscription.
    pub client_id: String,
    /// Its client secret.
    pub client_secret: String,
    /// The region.
    pub location: String,
    /// The resource group that is there.
    pub resource_group: String,
    /// The cluster that is there, with one System pool `sys0`; none when empty.
    pub cluster: String,
}

impl Default for Seed {
    fn default() -> Seed {
        Seed {
            number: 1,
            tenant: "11111111-1111-4111-8111-111111111111".to_owned(),
            subscription: "22222222-2222-4222-8222-222222222222".to_owned(),
            client_id: "33333333-3333-4333-8333-333333333333".to_owned(),
            client_secret: "azure-sim-secret".to_owned(),
            location: "westeurope".to_owned(),
            resource_group: "rg-sim".to_owned(),
            cluster: "aks-sim".to_owned(),
        }
    }
}

/// Application permissions of Microsoft Graph that the first application holds.
const PERMISSIONS: [&str; 4] = [
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "Application.Read.All",
    "User.Read.All",
];

impl World {
    /// A new one.
    pub fn new(seed: &Seed, now: OffsetDateTime) -> World {
        let mut guids = Guids::new(seed.number);
        let directory = directory(seed, &mut guids);
        let mut world = World {
            guids,
            directory,
            subscriptions: BTreeMap::from([(seed.subscription.clone(), subscription())]),
            resource_groups: BTreeMap::new(),
            clusters: BTreeMap::new(),
            pools: BTreeMap::new(),
            operations: BTreeMap::new(),
            assignments: BTreeMap::new(),
            compute: Compute {
                default_limit: 100,
                regional_limit: 350,
                ..Compute::default()
            },
        };
        world.owner(seed, now);
        let group = world.resource_group(seed);
        if !seed.cluster.is_empty() {
            world.cluster(seed, &group, now);
        }
        world
    }

    fn owner(&mut self, seed: &Seed, now: OffsetDateTime) {
        let scope = format!("/subscriptions/{}", seed.subscription);
        let principal = self.directory.applications[0].object_id.clone();
        let name = self.guids.take();
        let id = assignment_id(&scope, &name);
        let definition = role("Owner").map_or("", |role| role.guid);
        let value = json!({
            "id": id, "name": name, "type": "Microsoft.Authorization/roleAssignments",
            "properties": {
                "scope": scope,
                "roleDefinitionId": format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{definition}"),
                "principalId": principal,
                "principalType": "ServicePrincipal",
            },
        });
        self.assignments.insert(
            key(&id),
            Assignment {
                value,
                effective: now,
            },
        );
    }

    fn resource_group(&mut self, seed: &Seed) -> String {
        let id = format!(
            "/subscriptions/{}/resourceGroups/{}",
            seed.subscription, seed.resource_group
        );
        let value = json!({
            "id": id, "name": seed.resource_group, "type": "Microsoft.Resources/resourceGroups",
            "location": seed.location, "tags": {}, "properties": { "provisioningState": "Succeeded" },
        });
        self.resource_groups.insert(key(&id), value);
        id
    }

    fn cluster(&mut self, seed: &Seed, group: &str, now: OffsetDateTime) {
        let id = format!(
            "{group}/providers/Microsoft.ContainerService/managedClusters/{}",
            seed.cluster
        );
        let asked = json!({
            "location": seed.location,
            "identity": { "type": "SystemAssigned" },
            "properties": {
                "dnsPrefix": seed.cluster,
                "enableRBAC": true,
                "aadProfile": { "managed": true, "enableAzureRBAC": false, "tenantID": seed.tenant },
                "oidcIssuerProfile": { "enabled": true },
            },
        });
        let mut value = cluster_defaults::complete(&id, &asked, self);
        value["properties"]["provisioningState"] = "Succeeded".into();
        value["systemData"] = json!({ "createdAt": crate::clock::text(now) });
        let version = value["properties"]["kubernetesVersion"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.clusters.insert(
            key(&id),
            Cluster {
                value,
                endpoint: None,
            },
        );
        let pool = format!("{id}/agentPools/sys0");
        let asked = json!({ "count": 2, "vmSize": "Standard_D4ds_v5", "mode": "System" });
        let mut properties = pool_defaults::complete(&asked, &version, "overlay");
        properties["eTag"] = self.guids.take().into();
        properties["provisioningState"] = "Succeeded".into();
        let value = json!({
            "id": pool, "name": "sys0", "type": "Microsoft.ContainerService/managedClusters/agentPools",
            "properties": properties,
        });
        let actual = Some(value["properties"].clone());
        self.pools.insert(
            key(&pool),
            Pool {
                value,
                actual,
                ..Pool::default()
            },
        );
    }
}

fn subscription() -> Subscription {
    let registered = [
        "microsoft.containerservice",
        "microsoft.authorization",
        "microsoft.compute",
        "microsoft.resources",
    ];
    Subscription {
        name: "Simulated subscription".to_owned(),
        registered: BTreeSet::from(registered.map(str::to_owned)),
    }
}

fn directory(seed: &Seed, guids: &mut Guids) -> Directory {
    Directory {
        tenant: seed.tenant.clone(),
        name: "Simulated directory".to_owned(),
        domain: "sim.onmicrosoft.com".to_owned(),
        applications: vec![Application {
            client_id: seed.client_id.clone(),
            object_id: guids.take(),
            name: "deployer".to_owned(),
            secrets: vec![Secret {
                value: seed.client_secret.clone(),
                expires: datetime!(2100-01-01 0:00 UTC) - Duration::DAY,
            }],
            certificates: Vec::new(),
            federated: Vec::new(),
            permissions: PERMISSIONS.map(str::to_owned).to_vec(),
        }],
        identities: vec![ManagedIdentity {
            client_id: guids.take(),
            object_id: guids.take(),
            resource_id: String::new(),
            name: "machine".to_owned(),
            permissions: Vec::new(),
        }],
        users: vec![User {
            object_id: guids.take(),
            name: "Ada".to_owned(),
            principal_name: "ada@sim.onmicrosoft.com".to_owned(),
        }],
        groups: Vec::new(),
    }
}
