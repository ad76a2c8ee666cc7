//! Every property of a node pool: what it may be, and whether it can be changed.
//!
//! Names and kinds: REST reference of 2025-10-01 (`ManagedClusterAgentPoolProfileProperties`). What can be changed: the reference's
//! descriptions, AKS docs by the name given, and what azurerm 5.2 replaces a pool for.

/// A property.
#[derive(Debug)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Whether it can be changed.
    pub change: Change,
}

/// What a property may be.
#[derive(Debug)]
pub enum Kind {
    /// A whole number within limits.
    Whole(i64, i64),
    /// A number.
    Number,
    /// Text.
    Text,
    /// One of these, compared without case.
    Choice(&'static [&'static str]),
    /// True or false.
    Flag,
    /// A list of texts.
    Texts,
    /// Texts by name.
    Map,
    /// A resource id, compared without case.
    Id,
    /// An object with these members; what a PUT does not name stays.
    Object(&'static [Property]),
    /// Anything.
    Free,
}

/// Whether a property can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Yes.
    Yes,
    /// Not after the pool was created.
    No,
    /// Azure alone does; what a request says is not looked at.
    ReadOnly,
}

use Change::{No, ReadOnly, Yes};
use Kind::{Choice, Flag, Free, Id, Map, Number, Object, Text, Texts, Whole};

const fn of(name: &'static str, kind: Kind, change: Change) -> Property {
    Property { name, kind, change }
}

/// All properties.
pub static PROPERTIES: &[Property] = &[
    of("eTag", Text, ReadOnly),
    of("provisioningState", Text, ReadOnly),
    of("currentOrchestratorVersion", Text, ReadOnly),
    of("nodeImageVersion", Text, ReadOnly),
    of("status", Free, ReadOnly),
    of("virtualMachineNodesStatus", Free, ReadOnly),
    of("nodeImageVersionUpgradeProfile", Free, ReadOnly),
    of("count", Whole(0, 1000), Yes),
    of("minCount", Whole(0, 1000), Yes),
    of("maxCount", Whole(0, 1000), Yes),
    of("enableAutoScaling", Flag, Yes),
    of("scaleDownMode", Choice(&["Delete", "Deallocate"]), Yes),
    of(
        "mode",
        Choice(&["System", "User", "Gateway", "ManagedSystem", "Machines"]),
        Yes,
    ),
    of("orchestratorVersion", Text, Yes),
    of(
        "powerState",
        Object(&[of("code", Choice(&["Running", "Stopped"]), Yes)]),
        Yes,
    ),
    of("tags", Map, Yes),
    of("nodeLabels", Map, Yes),
    of("nodeTaints", Texts, Yes),
    of("nodeInitializationTaints", Texts, Yes),
    of("osSKU", Choice(SKUS), Yes),
    of("upgradeSettings", Object(UPGRADE), Yes),
    of("upgradeStrategy", Choice(&["Rolling", "BlueGreen"]), Yes),
    of("networkProfile", Object(NETWORK), Yes),
    of("securityProfile", Object(SECURITY), Yes),
    of("localDNSProfile", Free, Yes),
    of(
        "workloadRuntime",
        Choice(&[
            "OCIContainer",
            "WasmWasi",
            "KataVmIsolation",
            "KataMshvVmIsolation",
        ]),
        Yes,
    ),
    // AKS docs, "Enable FIPS": `az aks nodepool update --enable-fips-image` re-images the nodes.
    of("enableFIPS", Flag, Yes),
    of(
        "gpuProfile",
        Object(&[
            of("driver", Choice(&["Install", "None"]), Yes),
            of("driverType", Text, No),
            of("nvidia", Free, Yes),
        ]),
        Yes,
    ),
    of(
        "artifactStreamingProfile",
        Object(&[of("enabled", Flag, Yes)]),
        Yes,
    ),
    of("vmSize", Kind::Id, No),
    of("osDiskSizeGB", Whole(0, 2048), No),
    of("osDiskType", Choice(&["Managed", "Ephemeral"]), No),
    of("kubeletDiskType", Choice(&["OS", "Temporary"]), No),
    of("maxPods", Whole(10, 250), No),
    of("osType", Choice(&["Linux", "Windows"]), No),
    of(
        "type",
        Choice(&[
            "VirtualMachineScaleSets",
            "AvailabilitySet",
            "VirtualMachines",
        ]),
        No,
    ),
    of("availabilityZones", Texts, No),
    of("messageOfTheDay", Text, No),
    of("vnetSubnetID", Id, No),
    of("podSubnetID", Id, No),
    of(
        "podIPAllocationMode",
        Choice(&["DynamicIndividual", "StaticBlock"]),
        No,
    ),
    of("enableNodePublicIP", Flag, No),
    of("nodePublicIPPrefixID", Id, No),
    of("scaleSetPriority", Choice(&["Regular", "Spot"]), No),
    of(
        "scaleSetEvictionPolicy",
        Choice(&["Delete", "Deallocate"]),
        No,
    ),
    of("spotMaxPrice", Number, No),
    of("proximityPlacementGroupID", Id, No),
    of("hostGroupID", Id, No),
    of("capacityReservationGroupID", Id, No),
    of("kubeletConfig", Free, No),
    of("linuxOSConfig", Free, No),
    of("enableEncryptionAtHost", Flag, No),
    of("enableUltraSSD", Flag, No),
    of(
        "gpuInstanceProfile",
        Choice(&["MIG1g", "MIG2g", "MIG3g", "MIG4g", "MIG7g"]),
        No,
    ),
    of(
        "creationData",
        Object(&[of("sourceResourceId", Id, No)]),
        No,
    ),
    of(
        "windowsProfile",
        Object(&[of("disableOutboundNat", Flag, No)]),
        Yes,
    ),
    of("gatewayProfile", Free, No),
    of("virtualMachinesProfile", Free, Yes),
];

const SKUS: &[&str] = &[
    "Ubuntu",
    "Ubuntu2204",
    "Ubuntu2404",
    "AzureLinux",
    "AzureLinux3",
    "CBLMariner",
    "Windows2019",
    "Windows2022",
    "Windows2025",
    "AzureContainerLinux",
];

const UPGRADE: &[Property] = &[
    of("maxSurge", Text, Yes),
    of("maxUnavailable", Text, Yes),
    of("drainTimeoutInMinutes", Whole(1, 1440), Yes),
    of("nodeSoakDurationInMinutes", Whole(0, 30), Yes),
    of(
        "undrainableNodeBehavior",
        Choice(&["Cordon", "Schedule"]),
        Yes,
    ),
    of("maxBlockedNodes", Text, Yes),
];

const NETWORK: &[Property] = &[
    of("allowedHostPorts", Free, Yes),
    of("applicationSecurityGroups", Texts, Yes),
    of("nodePublicIPTags", Free, No),
];

const SECURITY: &[Property] = &[
    of("enableVTPM", Flag, Yes),
    of("enableSecureBoot", Flag, Yes),
    of(
        "sshAccess",
        Choice(&["LocalUser", "Disabled", "EntraId"]),
        Yes,
    ),
];
