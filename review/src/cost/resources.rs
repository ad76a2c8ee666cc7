//! What resources of ours cost: storage claims and load balancers.

use std::collections::BTreeMap;

use seedling_model::{
    Arg,
    service::{Args, claim_name, parts::Storage},
};

use super::{Line, Prices, Range};
use crate::{
    judge::Judge,
    plan::{Action, Change},
};

impl Judge {
    /// The claims of a service. One that is retained costs on when its service goes.
    pub(crate) fn cost_of_storage(
        &mut self,
        change: &Change,
        before: Option<&Args>,
        after: Option<&Args>,
    ) {
        let (old, mut new) = (claims(before), claims(after));
        if change.action == Action::Forget {
            new.clone_from(&old);
        }
        for (claim, (environment, storage)) in &old {
            if storage.on_destroy.text() != "delete" {
                new.entry(claim.clone()).or_insert((*environment, *storage));
            }
        }
        let names = old
            .keys()
            .chain(new.keys().filter(|name| !old.contains_key(*name)));
        for claim in names {
            let side = |side: &BTreeMap<String, (&str, &Storage)>| match side.get(claim) {
                None => Some(Range::default()),
                Some((_, storage)) => price(&self.options.prices, storage),
            };
            let environment = old
                .get(claim)
                .or(new.get(claim))
                .map_or("", |(name, _)| name);
            let line = Line::new(
                &format!("storage {environment}/{claim}"),
                &change.address,
                side(&old),
                side(&new),
            );
            self.cost.push(line);
        }
    }

    /// The load balancer of a gateway.
    pub(crate) fn cost_of_address(&mut self, change: &Change) {
        let exists = |action: bool| {
            Some(Range::exactly(if action {
                self.options.prices.load_balancer()
            } else {
                0
            }))
        };
        let was = !matches!(change.action, Action::Create);
        let will = change.action != Action::Delete;
        let subject = format!("load balancer of {}", change.address);
        let line = Line::new(&subject, &change.address, exists(was), exists(will));
        self.cost.push(line);
    }
}

fn claims(args: Option<&Args>) -> BTreeMap<String, (&str, &Storage)> {
    let Some(args) = args else {
        return BTreeMap::new();
    };
    let storage = args.storage.given().into_iter().flatten();
    storage
        .filter_map(|(path, storage)| {
            let storage = storage.given()?;
            let name = claim_name(args, path, storage);
            Some((name, (args.environment.text(), storage)))
        })
        .collect()
}

fn price(prices: &Prices, storage: &Storage) -> Option<Range> {
    let class = match (&storage.class, storage.access.text()) {
        (Arg::Given(class), _) => class,
        (_, "shared") => "azurefile-csi",
        _ => "managed-csi",
    };
    prices
        .volume(class, storage.size.text())
        .map(Range::exactly)
}
