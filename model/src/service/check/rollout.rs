//! How pods are replaced.

use crate::{
    Arg, At, Report, checks,
    service::{
        Args,
        parts::Rollout,
        rollout::{Share, Strategy, has_single_storage, strategy, timeout},
    },
};

pub(super) fn check(args: &Args, report: &mut Report) {
    let Some(rollout) = args.rollout.given() else {
        return;
    };
    let at = At::of("rollout");
    let shares = check_shares(rollout, &at, report);
    checks::choice(
        &rollout.on_failure,
        &["stop", "roll_back"],
        &at.attribute("on_failure"),
        report,
    );
    checks::positive_duration(&rollout.timeout, &at.attribute("timeout"), report);
    let min_ready = checks::any_duration(&rollout.min_ready, &at.attribute("min_ready"), report);
    if min_ready
        .is_some_and(|min_ready| !rollout.timeout.is_unknown() && min_ready >= timeout(args))
    {
        let detail = "A pod would have to stay ready for longer than the whole rollout may take. Raise `timeout` or lower `min_ready`.";
        report.error(
            &at.attribute("min_ready"),
            "`min_ready` not below `timeout`",
            detail,
        );
    }
    if shares {
        check_movable(args, rollout, &at, report);
    }
}

/// Whether both shares can be read.
fn check_shares(rollout: &Rollout, at: &At, report: &mut Report) -> bool {
    let unavailable = check_share(
        &rollout.max_unavailable,
        &at.attribute("max_unavailable"),
        report,
    );
    let surge = check_share(&rollout.max_surge, &at.attribute("max_surge"), report);
    if let Some(Share::Percent(percent)) = rollout
        .max_unavailable
        .given()
        .and_then(|text| Share::parse(text))
        && percent > 100
    {
        report.error(
            &at.attribute("max_unavailable"),
            "More than all pods",
            "No more than `100%` of the pods can be missing.",
        );
    }
    unavailable && surge
}

fn check_share(share: &Arg<String>, at: &At, report: &mut Report) -> bool {
    let Some(text) = share.given() else {
        return true;
    };
    let readable = Share::parse(text).is_some();
    if !readable {
        report.error(at, "Invalid share of pods", format!("`{text}` is neither a number of pods, such as `1`, nor a percentage, such as `25%`."));
    }
    readable
}

/// With neither a missing nor an additional pod nothing could move, and no node could be drained.
fn check_movable(args: &Args, rollout: &Rollout, at: &At, report: &mut Report) {
    if has_single_storage(args) {
        if rollout.max_surge.is_set() || rollout.max_unavailable.is_set() {
            let detail = "Storage with `access = \"single\"` means that the old pod stops before the new one starts, whatever is written here.";
            report.warning(at, "No effect with storage for one pod", detail);
        }
        return;
    }
    if rollout.max_surge.is_unknown() || rollout.max_unavailable.is_unknown() {
        return;
    }
    if let Strategy::Rolling { unavailable, surge } = strategy(args)
        && unavailable.is_zero()
        && surge.is_zero()
    {
        let detail = "With no pod missing and no pod in addition, none can be replaced and no node can be drained. \
                      Allow one: `max_unavailable = \"1\"` or `max_surge = \"1\"`.";
        report.error(&at.attribute("max_unavailable"), "Nothing may move", detail);
    }
}
