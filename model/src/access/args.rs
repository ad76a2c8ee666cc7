//! The arguments of `seedling_group_access`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arg, arguments::Arguments};

/// What the members of a Microsoft Entra group may do in which environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// The group's object id (a UUID). Changing it to another group replaces the resource.
    #[argument(required)]
    pub group: Arg<String>,
    /// Environment → role. `view`, `edit` and `admin` are Kubernetes' own; `logs` reads pods, logs, events and
    /// config maps; `plan` reads every kind that Seedling manages except Secrets, for the identity that plans
    /// pull requests.
    #[argument(required)]
    pub environments: Arg<BTreeMap<String, Arg<String>>>,
    /// Whether to take over role bindings of these names that something else made. Default `false`.
    pub adopt: Arg<bool>,
}
