//! The table of prices.

use std::collections::BTreeMap;

use seedling_model::quantity::Quantity;
use serde::Deserialize;

/// The table that comes with the program.
const BUILT_IN: &str = include_str!("prices.json");
/// Hours of a month, as Azure counts them.
const HOURS: f64 = 730.0;

/// What things cost in one region, without reservations.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// What kind of prices these are.
    pub about: String,
    /// When they were taken, such as `2026-11`.
    pub date: String,
    /// Such as `USD`.
    pub currency: String,
    /// Such as `westeurope`.
    pub region: String,
    /// Size of virtual machine → price per hour, Linux, pay as you go.
    vm: BTreeMap<String, f64>,
    /// Storage class → what a volume costs.
    storage: BTreeMap<String, Storage>,
    /// A load balancer with a public address, per month.
    load_balancer: f64,
}

/// What a volume costs per month.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Storage {
    /// By the GiB.
    PerGib(f64),
    /// By steps: the smallest disk that is large enough. Pairs of GiB and price.
    Steps(Vec<(f64, f64)>),
}

/// A table that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the price table cannot be read: {0}; its form is that of review/src/cost/prices.json")]
pub struct PricesError(#[from] serde_json::Error);

impl Prices {
    /// The table that comes with the program.
    ///
    /// # Errors
    /// It is broken, which a test rules out.
    pub fn built_in() -> Result<Self, PricesError> {
        Self::parse(BUILT_IN)
    }

    /// Reads a table.
    ///
    /// # Errors
    /// It has not the form of the built-in one.
    pub fn parse(text: &str) -> Result<Self, PricesError> {
        Ok(serde_json::from_str(text)?)
    }

    /// A node of this size per month, in cents.
    pub fn vm(&self, size: &str) -> Option<i64> {
        self.vm.get(size).map(|hour| cents(hour * HOURS))
    }

    /// A volume per month, in cents.
    pub fn volume(&self, class: &str, size: &str) -> Option<i64> {
        let bytes = Quantity::parse(size).ok()?.ceil();
        let gib = f64::from(u32::try_from(bytes.div_euclid(1 << 20)).ok()?) / 1024.0;
        let price = match self.storage.get(class)? {
            Storage::PerGib(price) => Some(gib * price),
            Storage::Steps(steps) => steps
                .iter()
                .find(|(largest, _)| gib <= *largest)
                .map(|(_, price)| *price),
        };
        price.map(cents)
    }

    /// A load balancer with a public address per month, in cents.
    pub fn load_balancer(&self) -> i64 {
        cents(self.load_balancer)
    }
}

#[allow(clippy::cast_possible_truncation)] // beyond any price, the cast gives the nearest number
fn cents(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_answers() {
        let prices = Prices::built_in().unwrap();
        assert!(
            prices
                .vm("Standard_D4s_v5")
                .is_some_and(|price| price > 10_000)
        );
        let disks =
            ["20Gi", "32Gi", "33Gi"].map(|size| prices.volume("managed-csi", size).unwrap());
        assert!(disks[0] == disks[1] && disks[1] < disks[2], "{disks:?}");
        let files = prices.volume("azurefile-csi", "100Gi").unwrap();
        assert_eq!(files, 2 * prices.volume("azurefile-csi", "50Gi").unwrap());
        assert_eq!(prices.volume("unheard-of", "1Gi"), None);
    }
}
