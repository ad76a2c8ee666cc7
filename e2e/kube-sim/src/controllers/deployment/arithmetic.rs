//! How many pods of which revision there may be. Numbers only; after `deployment_util.go` and `sync.go` of
//! `k8s.io/kubernetes/pkg/controller/deployment` 1.36.

use serde_json::Value;

/// A number or a percentage of another, rounded up or down.
pub fn scaled(amount: &Value, of: i64, up: bool) -> i64 {
    if let Some(number) = amount.as_i64() {
        return number;
    }
    let percent = amount.as_str().and_then(|text| text.strip_suffix('%'));
    let share = percent
        .and_then(|percent| percent.parse::<i64>().ok())
        .unwrap_or(0)
        * of;
    if up {
        (share + 99).div_euclid(100)
    } else {
        share.div_euclid(100)
    }
}

/// What a rolling update allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fenceposts {
    /// So many pods more than wanted.
    pub surge: i64,
    /// So many pods fewer than wanted.
    pub unavailable: i64,
}

impl Fenceposts {
    /// Both as numbers; when both come out as zero, one pod may be unavailable, or nothing would ever move.
    pub fn resolve(surge: &Value, unavailable: &Value, wanted: i64) -> Fenceposts {
        let surge = scaled(surge, wanted, true);
        let unavailable = scaled(unavailable, wanted, false);
        let stuck = surge == 0 && unavailable == 0;
        Fenceposts {
            surge,
            unavailable: if stuck { 1 } else { unavailable },
        }
    }
}

/// The new revision's size: as much as surge leaves room for, and no more than wanted.
pub fn new_size(wanted: i64, surge: i64, all: i64, new: i64) -> i64 {
    let most = wanted + surge;
    if all >= most {
        return new;
    }
    new + (most - all).min(wanted - new)
}

/// One revision that is being scaled together with others.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Its size.
    pub size: i64,
    /// `max-replicas` of the deployment when it was last scaled.
    pub most_before: Option<i64>,
}

/// New sizes for revisions, in the order given (the largest first), when the deployment's size changes in the
/// middle of a rollout: each gets its share, the first what is left over.
pub fn proportional(shares: &[Share], wanted: i64, surge: i64, counted: i64) -> Vec<i64> {
    let all: i64 = shares.iter().map(|share| share.size).sum();
    let allowed = if wanted > 0 { wanted + surge } else { 0 };
    let to_add = allowed - all;
    let mut added = 0;
    let mut sizes: Vec<i64> = Vec::new();
    for share in shares {
        let part = proportion(*share, wanted, surge, counted, to_add, added);
        added += part;
        sizes.push(share.size + part);
    }
    if let Some(first) = sizes.first_mut()
        && to_add != 0
    {
        *first = (*first + to_add - added).max(0);
    }
    sizes
}

fn proportion(share: Share, wanted: i64, surge: i64, counted: i64, to_add: i64, added: i64) -> i64 {
    if share.size == 0 || to_add == 0 || to_add == added {
        return 0;
    }
    let fraction = fraction(share, wanted, surge, counted);
    let allowed = to_add - added;
    if to_add > 0 {
        fraction.min(allowed)
    } else {
        fraction.max(allowed)
    }
}

fn fraction(share: Share, wanted: i64, surge: i64, counted: i64) -> i64 {
    if wanted == 0 {
        return -share.size;
    }
    let before = share
        .most_before
        .filter(|most| *most > 0)
        .unwrap_or(counted);
    if before == 0 {
        return 0;
    }
    // Rounded to the nearest, halves up: sizes are never negative.
    let doubled = 2 * share.size * (wanted + surge) + before;
    doubled.div_euclid(2 * before) - share.size
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fenceposts() {
        for (surge, unavailable, wanted, expected) in [
            (json!("25%"), json!("25%"), 4, (1, 1)),
            (json!("25%"), json!("25%"), 1, (1, 0)),
            (json!("25%"), json!("25%"), 10, (3, 2)),
            (json!(0), json!(0), 3, (0, 1)),
            (json!(0), json!("10%"), 3, (0, 1)),
            (json!(1), json!(0), 3, (1, 0)),
            (json!("100%"), json!("50%"), 3, (3, 1)),
        ] {
            let found = Fenceposts::resolve(&surge, &unavailable, wanted);
            assert_eq!(
                (found.surge, found.unavailable),
                expected,
                "{surge} {unavailable} of {wanted}"
            );
        }
    }

    #[test]
    fn the_new_revision_takes_the_room_that_surge_leaves() {
        for (wanted, surge, all, new, expected) in [
            (4, 1, 4, 0, 1),
            (4, 1, 5, 1, 1),
            (4, 0, 3, 0, 1),
            (4, 10, 4, 0, 4),
            (0, 1, 0, 0, 0),
        ] {
            assert_eq!(new_size(wanted, surge, all, new), expected);
        }
    }

    /// Cases of `TestScale` in `deployment_controller`'s `sync_test.go`.
    #[test]
    fn shares() {
        let sizes = |sizes: &[i64], most: i64, wanted: i64, surge: i64| {
            let shares: Vec<Share> = sizes
                .iter()
                .map(|size| Share {
                    size: *size,
                    most_before: Some(most),
                })
                .collect();
            proportional(&shares, wanted, surge, 0)
        };
        assert_eq!(sizes(&[10, 10], 20, 30, 0), [15, 15]);
        assert_eq!(sizes(&[8, 2], 10, 12, 0), [10, 2]);
        assert_eq!(sizes(&[3, 3, 1], 7, 10, 0), [5, 4, 1]);
        assert_eq!(sizes(&[5, 3, 2], 10, 0, 0), [0, 0, 0]);
        assert_eq!(sizes(&[5, 8], 13, 20, 3).iter().sum::<i64>(), 23);
    }
}
