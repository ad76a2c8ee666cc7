//! Built-in roles (Azure docs, "Azure built-in roles": ids, names, actions).

/// A role.
#[derive(Debug)]
pub struct Role {
    /// Its id.
    pub guid: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it allows, with `*` for any text.
    pub actions: &'static [&'static str],
    /// What it does not allow, though `actions` would.
    pub not_actions: &'static [&'static str],
    /// What it allows inside of the resource: AKS asks for these at the cluster's API server.
    pub data_actions: &'static [&'static str],
}

const fn built_in(
    guid: &'static str,
    name: &'static str,
    actions: &'static [&'static str],
) -> Role {
    Role {
        guid,
        name,
        actions,
        not_actions: &[],
        data_actions: &[],
    }
}

const READ: &str = "Microsoft.Authorization/*/read";
const CLUSTER: &str = "Microsoft.ContainerService/managedClusters/*";
const USER: &str = "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action";
const ADMIN: &str = "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action";
const MONITORING: &str =
    "Microsoft.ContainerService/managedClusters/listClusterMonitoringUserCredential/action";
const GET: &str = "Microsoft.ContainerService/managedClusters/read";
const GROUPS: &str = "Microsoft.Resources/subscriptions/resourceGroups/read";
const DEPLOY: &str = "Microsoft.Resources/deployments/*";

const fn rbac(
    guid: &'static str,
    name: &'static str,
    data_actions: &'static [&'static str],
) -> Role {
    Role {
        guid,
        name,
        actions: &[READ, GROUPS, USER],
        not_actions: &[],
        data_actions,
    }
}

/// All that are simulated.
pub static ROLES: [Role; 16] = [
    built_in("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", &["*"]),
    Role {
        guid: "b24988ac-6180-42a0-ab88-20f7382dd24c",
        name: "Contributor",
        actions: &["*"],
        not_actions: &[
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ],
        data_actions: &[],
    },
    built_in(
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "Reader",
        &["*/read"],
    ),
    built_in(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        &["*/read", "Microsoft.Authorization/*"],
    ),
    built_in(
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Role Based Access Control Administrator",
        &[
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
        ],
    ),
    built_in(
        "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8",
        "Azure Kubernetes Service Cluster Admin Role",
        &[
            ADMIN,
            "Microsoft.ContainerService/managedClusters/accessProfiles/listCredential/action",
            GET,
            "Microsoft.ContainerService/managedClusters/runcommand/action",
        ],
    ),
    built_in(
        "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
        "Azure Kubernetes Service Cluster User Role",
        &[USER, GET],
    ),
    built_in(
        "1afdec4b-e479-420e-99e7-f82237c7c5e6",
        "Azure Kubernetes Service Cluster Monitoring User",
        &[MONITORING, GET],
    ),
    built_in(
        "ed7f3fbd-7b88-4dd4-9017-9adb7ce333f8",
        "Azure Kubernetes Service Contributor Role",
        &[CLUSTER, "Microsoft.ContainerService/locations/*", DEPLOY],
    ),
    rbac(
        "7f6c6a51-bcf8-42ba-9220-52d62157d7db",
        "Azure Kubernetes Service RBAC Reader",
        &["Microsoft.ContainerService/managedClusters/pods/read"],
    ),
    rbac(
        "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb",
        "Azure Kubernetes Service RBAC Writer",
        &["Microsoft.ContainerService/managedClusters/pods/*"],
    ),
    rbac(
        "3498e952-d568-435e-9b2c-8d77e338d7f7",
        "Azure Kubernetes Service RBAC Admin",
        &["Microsoft.ContainerService/managedClusters/*"],
    ),
    rbac(
        "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
        "Azure Kubernetes Service RBAC Cluster Admin",
        &["Microsoft.ContainerService/managedClusters/*"],
    ),
    built_in(
        "289d8817-ee69-43f1-a0af-43a45505b488",
        "Azure Kubernetes Service Namespace Contributor",
        &["Microsoft.ContainerService/managedClusters/managedNamespaces/*"],
    ),
    built_in(
        "c9f76ca8-b262-4b10-8ed2-09cf0948aa35",
        "Azure Kubernetes Service Namespace User",
        &[
            "Microsoft.ContainerService/managedClusters/managedNamespaces/read",
            "Microsoft.ContainerService/managedClusters/managedNamespaces/listCredential/action",
        ],
    ),
    built_in(
        "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "AcrPull",
        &["Microsoft.ContainerRegistry/registries/pull/read"],
    ),
];

/// A role by its name.
pub(crate) fn role(name: &str) -> Option<&'static Role> {
    ROLES
        .iter()
        .find(|role| role.name.eq_ignore_ascii_case(name))
}

/// A role by its id, or by the resource id of its definition.
pub(crate) fn by_id(id: &str) -> Option<&'static Role> {
    let guid = id.rsplit('/').next().unwrap_or_default();
    ROLES
        .iter()
        .find(|role| role.guid.eq_ignore_ascii_case(guid))
}

impl Role {
    /// Whether it allows an action.
    pub(crate) fn allows(&self, action: &str) -> bool {
        let any = |patterns: &[&str]| patterns.iter().any(|pattern| matches(pattern, action));
        any(self.actions) && !any(self.not_actions)
    }
}

/// Whether a pattern, in which `*` is any text, stands for an action; without case.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let Some((start, mut rest)) = pattern.split_once('*') else {
        return pattern == action;
    };
    let Some(mut action) = action.strip_prefix(start) else {
        return false;
    };
    while let Some((middle, after)) = rest.split_once('*') {
        let Some(at) = action.find(middle) else {
            return false;
        };
        action = &action[at + middle.len()..];
        rest = after;
    }
    action.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let table = [
            (
                "Owner",
                "Microsoft.ContainerService/managedClusters/write",
                true,
            ),
            (
                "Contributor",
                "Microsoft.ContainerService/managedClusters/agentPools/write",
                true,
            ),
            (
                "Contributor",
                "Microsoft.Authorization/roleAssignments/write",
                false,
            ),
            (
                "Contributor",
                "Microsoft.Authorization/roleAssignments/read",
                true,
            ),
            (
                "Reader",
                "Microsoft.ContainerService/managedClusters/read",
                true,
            ),
            (
                "Reader",
                "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
                false,
            ),
            (
                "Azure Kubernetes Service Contributor Role",
                "Microsoft.ContainerService/managedClusters/agentPools/delete",
                true,
            ),
            (
                "Azure Kubernetes Service Cluster User Role",
                "Microsoft.ContainerService/managedClusters/agentPools/write",
                false,
            ),
        ];
        for (name, action, allowed) in table {
            assert_eq!(
                role(name).unwrap().allows(action),
                allowed,
                "{name}: {action}"
            );
        }
    }
}
