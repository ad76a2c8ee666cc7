//! Token buckets: AKS's own (AKS docs, "Quotas, VM sizes and regions", section on throttling limits) behind those of Resource
//! Manager (its docs, "Understand how Azure Resource Manager throttles requests").

use std::collections::HashMap;

use http::Method;
use time::OffsetDateTime;

use crate::arm::error;
use crate::http::{Refusal, Request};

/// How full the buckets are.
#[derive(Debug, Default)]
pub struct Buckets(HashMap<String, Bucket>);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: OffsetDateTime,
}

/// A bucket's size and how many tokens a second brings.
#[derive(Clone, Copy)]
struct Limit {
    size: f64,
    per_second: f64,
}

const fn limit(size: f64, per_second: f64) -> Limit {
    Limit { size, per_second }
}

const POOL_WRITES: Limit = limit(20.0, 1.0 / 60.0);
const CLUSTER_WRITES: Limit = limit(20.0, 1.0 / 60.0);
const CLUSTER_READS: Limit = limit(60.0, 1.0);
const LISTS: Limit = limit(500.0, 1.0);
const LISTS_OF_GROUP: Limit = limit(60.0, 1.0);
const OPERATIONS: Limit = limit(200.0, 2.0);
const REST: Limit = limit(60.0, 1.0);
const READS: Limit = limit(250.0, 25.0);
const WRITES: Limit = limit(200.0, 10.0);
const DELETES: Limit = limit(200.0, 10.0);

/// What is left in Resource Manager's bucket, as its header says it.
#[derive(Debug)]
pub struct Remaining(pub &'static str, pub u64);

impl Buckets {
    /// Takes the tokens of a request; what is left, or 429 when a bucket is empty. Where time is stepped nobody is asked to wait.
    pub fn take(
        &mut self,
        request: &Request,
        now: OffsetDateTime,
        stepped: bool,
    ) -> Result<Option<Remaining>, Refusal> {
        let header_of = |wait: u64| if stepped { 0 } else { wait }.to_string();
        let path = request.lower();
        let [first, subscription, rest @ ..] = path.as_slice() else {
            return Ok(None);
        };
        if first != "subscriptions" {
            return Ok(None);
        }
        let (header, limit) = match request.method {
            Method::GET | Method::HEAD => ("x-ms-ratelimit-remaining-subscription-reads", READS),
            Method::DELETE => ("x-ms-ratelimit-remaining-subscription-deletes", DELETES),
            _ => ("x-ms-ratelimit-remaining-subscription-writes", WRITES),
        };
        let left = self.draw(format!("{header} {subscription}"), limit, now).map_err(|wait| {
            let message = format!("Number of requests for subscription '{subscription}' exceeded the limit. Please try again after '{wait}' seconds.");
            error::resource(429, "SubscriptionRequestsThrottled", &message).with("retry-after", header_of(wait))
        })?;
        for (name, limit) in of_aks(request, subscription, rest) {
            self.draw(name, limit, now).map_err(|wait| {
                let message = format!("The request is throttled: too many requests of this kind. Please try again after '{wait}' seconds.");
                error::flat(429, "Throttled", &message, "").with("retry-after", header_of(wait))
            })?;
        }
        Ok(Some(Remaining(header, left)))
    }

    /// One token; what is left, or after how many seconds there is one.
    fn draw(&mut self, name: String, limit: Limit, now: OffsetDateTime) -> Result<u64, u64> {
        let bucket = self.0.entry(name).or_insert(Bucket {
            tokens: limit.size,
            at: now,
        });
        let passed = (now - bucket.at).as_seconds_f64().max(0.0);
        bucket.tokens = (bucket.tokens + passed * limit.per_second).min(limit.size);
        bucket.at = now;
        // What is short of a token by less than a millionth is a token that arithmetic has nibbled at.
        let short = 1.0 - bucket.tokens;
        if short > 1e-6 {
            return Err(whole((short / limit.per_second - 1e-6).ceil()));
        }
        bucket.tokens -= 1.0;
        Ok(whole(bucket.tokens.floor()))
    }
}

/// Small numbers without a sign: buckets hold at most some hundreds, waits are minutes.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: f64) -> u64 {
    number.max(0.0) as u64
}

fn of_aks(request: &Request, subscription: &str, rest: &[String]) -> Vec<(String, Limit)> {
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let bucket =
        |what: &str, limit| vec![(format!("{what} {subscription} {}", rest.join("/")), limit)];
    let get = request.method == Method::GET;
    let put = request.method == Method::PUT;
    match rest.as_slice() {
        [
            "providers",
            "microsoft.containerservice",
            "locations",
            _,
            "operations" | "operationresults",
            _,
        ] => {
            vec![(format!("operations {subscription}"), OPERATIONS)]
        }
        [
            "resourcegroups",
            _,
            "providers",
            "microsoft.containerservice",
            "managedclusters",
            _,
            "agentpools",
            _,
        ] if put => bucket("put pool", POOL_WRITES),
        [
            "resourcegroups",
            _,
            "providers",
            "microsoft.containerservice",
            "managedclusters",
            _,
        ] if put => bucket("put cluster", CLUSTER_WRITES),
        [
            "resourcegroups",
            _,
            "providers",
            "microsoft.containerservice",
            "managedclusters",
            _,
        ] if get => bucket("get cluster", CLUSTER_READS),
        ["providers", "microsoft.containerservice", "managedclusters"] if get => {
            bucket("list", LISTS)
        }
        [
            "resourcegroups",
            _,
            "providers",
            "microsoft.containerservice",
            "managedclusters",
        ] if get => {
            let mut both = bucket("list", LISTS_OF_GROUP);
            both.push((format!("list {subscription}"), LISTS));
            both
        }
        parts if parts.contains(&"microsoft.containerservice") => {
            vec![(format!("rest {subscription}"), REST)]
        }
        _ => Vec::new(),
    }
}
