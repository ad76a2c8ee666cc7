//! What concerns the pod as a whole.

use crate::{
    At, Report, checks, names,
    service::{
        Args,
        parts::{RunAs, Toleration},
        render,
    },
};

pub(super) fn check(args: &Args, report: &mut Report) {
    checks::name(
        &args.node_pool,
        node_pool_problem,
        &At::of("node_pool"),
        report,
    );
    for (index, toleration) in args.tolerations.given().into_iter().flatten().enumerate() {
        if let Some(toleration) = toleration.given() {
            check_toleration(toleration, &At::of("tolerations").index(index), report);
        }
    }
    if let Some(run_as) = args.run_as.given() {
        check_run_as(args, run_as, report);
    }
    if args
        .identity
        .given()
        .is_some_and(|identity| identity.client_id.given().is_some_and(String::is_empty))
    {
        report.error(
            &At::of("identity").attribute("client_id"),
            "Empty client id",
            "Give the client id of the managed identity.",
        );
    }
    if args.command.given().is_some_and(Vec::is_empty) {
        report.error(
            &At::of("command"),
            "Empty command",
            "Name a program, or leave `command` out to run the image's own.",
        );
    }
    if let Some(problem) = render::patched_template_problem(args) {
        report.error(&At::of("pod_patch"), "Invalid patch", problem);
    }
}

fn node_pool_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        Some("is empty".into())
    } else {
        names::label_value_problem(name)
    }
}

fn check_toleration(toleration: &Toleration, at: &At, report: &mut Report) {
    checks::name(
        &toleration.key,
        names::qualified_name_problem,
        &at.attribute("key"),
        report,
    );
    checks::name(
        &toleration.value,
        names::label_value_problem,
        &at.attribute("value"),
        report,
    );
    checks::choice(
        &toleration.effect,
        &["NoSchedule", "PreferNoSchedule", "NoExecute"],
        &at.attribute("effect"),
        report,
    );
    checks::any_duration(&toleration.stay, &at.attribute("stay"), report);
    if toleration.key.is_absent() && toleration.value.given().is_some() {
        report.error(
            &at.attribute("value"),
            "Value without a key",
            "Name the taint's `key`, or leave `value` out.",
        );
    }
    if toleration.stay.given().is_some()
        && !toleration.effect.is_unknown()
        && toleration.effect.text() != "NoExecute"
    {
        report.error(
            &at.attribute("stay"),
            "`stay` without `NoExecute`",
            "Only taints with the effect `NoExecute` send pods away.",
        );
    }
}

fn check_run_as(args: &Args, run_as: &RunAs, report: &mut Report) {
    let at = At::of("run_as");
    for (name, id) in [
        ("user", &run_as.user),
        ("group", &run_as.group),
        ("fs_group", &run_as.fs_group),
    ] {
        checks::number(id, 0, i64::from(i32::MAX), &at.attribute(name), report);
    }
    if args.restricted.or(false) && run_as.user.given() == Some(&0) {
        report.error(
            &at.attribute("user"),
            "Root under `restricted`",
            "`restricted` means not as root. Use another user than 0.",
        );
    }
}
