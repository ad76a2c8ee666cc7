//! The nodes of a pool, as its arguments describe them.

use serde_json::Value as Json;

use crate::{cost::Range, plan::Change};

/// A side of a change.
#[derive(Clone, Copy)]
pub enum Values {
    /// What is.
    Before,
    /// What will be.
    After,
}

/// Nodes of one side.
pub struct Pool {
    /// Size of the virtual machines.
    pub vm_size: String,
    /// At least so many.
    pub fewest: u32,
    /// At most so many.
    pub most: u32,
    /// Whether Azure may take them away at any time.
    pub is_spot: bool,
}

impl Pool {
    /// The pool of one side; nothing where there is none, or its size of machine is not known. Reads the arguments of
    /// both `azurerm_kubernetes_cluster_node_pool` and `seedling_aks_node_pool`.
    pub fn of(change: &Change, side: Values) -> Option<Self> {
        let value = |name: &str| match side {
            Values::Before => change.values.before(name),
            Values::After => change.values.after(name),
        };
        let number = |value: &Json| value.as_u64().and_then(|it| u32::try_from(it).ok());
        let size = value("size");
        let least = number(&size["min"]).or(number(value("min_count")));
        let most = number(&size["max"]).or(number(value("max_count")));
        let fixed = number(&size["count"]).or(number(value("node_count")));
        let (fewest, most) = match (least, most) {
            (Some(least), Some(most)) if most > 0 => (least, most),
            _ => {
                let nodes = fixed.unwrap_or(1);
                (nodes, nodes)
            }
        };
        let spot = value("spot");
        Some(Self {
            vm_size: value("vm_size").as_str()?.to_owned(),
            fewest,
            most,
            is_spot: value("priority") == "Spot" || spot.is_object() || spot == &Json::Bool(true),
        })
    }

    /// Such as `2 to 5 nodes Standard_D4s_v5`.
    pub fn words(&self) -> String {
        let spot = if self.is_spot { " spot" } else { "" };
        let count = if self.fewest == self.most {
            self.most.to_string()
        } else {
            format!("{} to {}", self.fewest, self.most)
        };
        let nodes = if self.most == 1 { "node" } else { "nodes" };
        format!("{count}{spot} {nodes} {}", self.vm_size)
    }

    /// What it costs per month, where a node's price is known. What a spot node costs follows the market: no table can
    /// say.
    pub fn price(&self, node: impl Fn(&str) -> Option<i64>) -> Option<Range> {
        if self.is_spot {
            return None;
        }
        let node = node(&self.vm_size)?;
        Some(Range {
            low: node.saturating_mul(self.fewest.into()),
            high: node.saturating_mul(self.most.into()),
        })
    }
}
