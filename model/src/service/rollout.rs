//! The arithmetic of rollouts: how many pods there are, and how many may be missing or in addition meanwhile.

use std::{fmt, time::Duration};

use serde_json::Value;

use super::{Args, parts::Rollout};
use crate::{Arg, duration};

/// How long a rollout may take unless `rollout.timeout` says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_mins(10);

/// A number of pods, or a percentage of the wanted ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// So many pods.
    Count(i64),
    /// So many of a hundred.
    Percent(i64),
}

impl Share {
    /// Reads `2` or `25%`; nothing where it is neither, or negative.
    pub fn parse(text: &str) -> Option<Self> {
        let share = match text.strip_suffix('%') {
            Some(percent) => Self::Percent(percent.parse().ok()?),
            None => Self::Count(text.parse().ok()?),
        };
        let (Self::Count(number) | Self::Percent(number)) = share;
        (0..=i64::from(i32::MAX)).contains(&number).then_some(share)
    }

    /// The number of pods out of `total`, rounded down, as Kubernetes counts `maxUnavailable`.
    pub fn rounded_down(self, total: i64) -> i64 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => total.saturating_mul(percent) / 100,
        }
    }

    /// The number of pods out of `total`, rounded up, as Kubernetes counts `maxSurge`.
    pub fn rounded_up(self, total: i64) -> i64 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => total.saturating_mul(percent).saturating_add(99) / 100,
        }
    }

    /// Whether it is zero of any number of pods.
    pub fn is_zero(self) -> bool {
        matches!(self, Self::Count(0) | Self::Percent(0))
    }

    /// The share as Kubernetes writes it.
    pub fn to_json(self) -> Value {
        match self {
            Self::Count(count) => count.into(),
            Self::Percent(_) => self.to_string().into(),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(formatter, "{count}"),
            Self::Percent(percent) => write!(formatter, "{percent}%"),
        }
    }
}

/// How new pods replace old ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// All old pods stop before the first new one starts.
    Recreate,
    /// Step by step.
    Rolling {
        /// Pods that may be missing.
        unavailable: Share,
        /// Pods that may be there in addition.
        surge: Share,
    },
}

impl Strategy {
    /// How many of `wanted` pods may be missing at a time.
    pub fn missing_at_most(self, wanted: i64) -> i64 {
        match self {
            Self::Recreate => wanted,
            Self::Rolling { unavailable, surge } => {
                let missing = unavailable.rounded_down(wanted);
                // Kubernetes lets one pod go where both would be zero, or the rollout could not move
                // (`ResolveFenceposts` in k8s.io/kubernetes/pkg/controller/deployment/util).
                if missing == 0 && surge.rounded_up(wanted) == 0 {
                    1.min(wanted)
                } else {
                    missing.min(wanted)
                }
            }
        }
    }

    /// How many pods there may be beyond the `wanted` ones.
    pub fn extra_at_most(self, wanted: i64) -> i64 {
        match self {
            Self::Recreate => 0,
            Self::Rolling { surge, .. } => surge.rounded_up(wanted),
        }
    }
}

/// How this service's pods are replaced. Storage that one node at a time can use, and GPUs, leave no room for a
/// new pod beside the old one.
pub fn strategy(args: &Args) -> Strategy {
    if has_single_storage(args) {
        return Strategy::Recreate;
    }
    let rollout = args.rollout.given();
    let (unavailable, surge) = if uses_gpu(args) {
        (Share::Count(1), Share::Count(0))
    } else {
        (Share::Percent(25), Share::Percent(25))
    };
    let read = |pick: fn(&Rollout) -> &Arg<String>, default| {
        rollout
            .and_then(|rollout| Share::parse(pick(rollout).given()?))
            .unwrap_or(default)
    };
    Strategy::Rolling {
        unavailable: read(|rollout| &rollout.max_unavailable, unavailable),
        surge: read(|rollout| &rollout.max_surge, surge),
    }
}

/// Whether any storage is for one node at a time.
pub fn has_single_storage(args: &Args) -> bool {
    let storage = args
        .storage
        .given()
        .into_iter()
        .flatten()
        .filter_map(|(_, storage)| storage.given());
    storage
        .into_iter()
        .any(|storage| storage.access.known_or("single".into()).as_deref() == Some("single"))
}

/// Whether a pod asks for a GPU.
pub fn uses_gpu(args: &Args) -> bool {
    args.resources
        .given()
        .is_some_and(|resources| resources.gpu.or(0) > 0)
}

/// The number of pods that are there at least: `replicas`, or the autoscaler's lower bound.
pub fn fewest_pods(args: &Args) -> i64 {
    args.autoscale
        .given()
        .map_or_else(|| args.replicas.or(1), |autoscale| autoscale.min.or(1))
}

/// The number of pods that are wanted at most: `replicas`, or the autoscaler's upper bound.
pub fn most_pods(args: &Args) -> i64 {
    args.autoscale
        .given()
        .map_or_else(|| args.replicas.or(1), |autoscale| autoscale.max.or(1))
}

/// The number of pods that may exist at one moment of a rollout, for quota arithmetic.
pub fn most_pods_with_surge(args: &Args) -> i64 {
    let most = most_pods(args);
    most.saturating_add(strategy(args).extra_at_most(most))
}

/// How long a rollout may take.
pub fn timeout(args: &Args) -> Duration {
    let given = args
        .rollout
        .given()
        .and_then(|rollout| duration::parse(rollout.timeout.given()?).ok());
    given.unwrap_or(DEFAULT_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shares_round_like_kubernetes() {
        let table = [
            ("25%", 2, 0, 1),
            ("25%", 4, 1, 1),
            ("25%", 5, 1, 2),
            ("1", 3, 1, 1),
            ("0%", 9, 0, 0),
            ("100%", 3, 3, 3),
        ];
        for (text, total, down, up) in table {
            let share = Share::parse(text).unwrap();
            assert_eq!(
                (share.rounded_down(total), share.rounded_up(total)),
                (down, up),
                "{text} of {total}"
            );
        }
        for text in ["", "-1", "a", "25 %", "%", "1.5", "99999999999999"] {
            assert_eq!(Share::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn numbers_of_pods() {
        let table = [
            (json!({}), 1, 0, 2),
            (json!({ "replicas": 4 }), 4, 1, 5),
            (json!({ "replicas": 2, "resources": { "gpu": 1 } }), 2, 1, 2),
            (
                json!({ "storage": { "/data": { "size": "1Gi" } } }),
                1,
                1,
                1,
            ),
            (
                json!({ "replicas": 2, "storage": { "/data": { "size": "1Gi", "access": "shared" } } }),
                2,
                0,
                3,
            ),
            (
                json!({ "replicas": 3, "rollout": { "max_unavailable": "0", "max_surge": "0" } }),
                3,
                1,
                3,
            ),
            (json!({ "autoscale": { "min": 2, "max": 6 } }), 2, 0, 8),
        ];
        for (value, fewest, missing, most) in table {
            let args: Args = serde_json::from_value(value.clone()).unwrap();
            let found = (
                fewest_pods(&args),
                strategy(&args).missing_at_most(fewest_pods(&args)),
                most_pods_with_surge(&args),
            );
            assert_eq!(found, (fewest, missing, most), "{value}");
        }
    }
}
