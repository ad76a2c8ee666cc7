//! Storage and scratch.

use std::collections::BTreeMap;

use crate::{
    At, Report, checks, names,
    quantity::Quantity,
    service::{Args, claim_name, parts::Storage, rollout},
};

pub(super) fn check(args: &Args, report: &mut Report) {
    for (path, scratch) in args.scratch.given().into_iter().flatten() {
        if let Some(scratch) = scratch.given() {
            checks::memory(
                &scratch.size,
                &At::of("scratch").key(path).attribute("size"),
                report,
            );
        }
    }
    for (path, storage) in args.storage.given().into_iter().flatten() {
        if let Some(storage) = storage.given() {
            check_storage(storage, &At::of("storage").key(path), report);
        }
    }
    check_claims(args, report);
    check_single(args, report);
}

fn check_storage(storage: &Storage, at: &At, report: &mut Report) {
    let size = checks::memory(&storage.size, &at.attribute("size"), report);
    if size.is_some_and(Quantity::is_zero) {
        report.error(
            &at.attribute("size"),
            "Size is zero",
            "Storage needs a size, such as `20Gi`.",
        );
    }
    checks::choice(
        &storage.access,
        &["single", "shared"],
        &at.attribute("access"),
        report,
    );
    checks::choice(
        &storage.on_destroy,
        &["retain", "delete"],
        &at.attribute("on_destroy"),
        report,
    );
    checks::name(
        &storage.class,
        names::dns_subdomain_problem,
        &at.attribute("class"),
        report,
    );
    checks::name(
        &storage.claim,
        names::dns_subdomain_problem,
        &at.attribute("claim"),
        report,
    );
}

fn check_claims(args: &Args, report: &mut Report) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (path, storage) in args.storage.given().into_iter().flatten() {
        let Some(storage) = storage.given() else {
            continue;
        };
        if let Some(earlier) = seen.insert(claim_name(args, path, storage), path) {
            let detail = format!(
                "The storage at `{earlier}` uses this claim already. Give one of them another `claim`."
            );
            report.error(
                &At::of("storage").key(path).attribute("claim"),
                "Claim used twice",
                detail,
            );
        }
    }
}

/// A volume that one node at a time can use carries one pod.
fn check_single(args: &Args, report: &mut Report) {
    if !rollout::has_single_storage(args) {
        return;
    }
    let way_out = "Set `access = \"shared\"` on every storage (with a class that can, such as `azurefile-csi`)";
    if args
        .autoscale
        .given()
        .is_some_and(|autoscale| autoscale.max.or(1) > 1)
    {
        let detail = format!(
            "Storage with `access = \"single\"` can be used by one pod only. {way_out}, or use `replicas = 1`."
        );
        report.error(
            &At::of("autoscale"),
            "Autoscaling with storage for one pod",
            detail,
        );
    }
    if args.replicas.or(1) > 1 {
        let detail = format!(
            "Storage with `access = \"single\"` can be used by one pod only. {way_out}, or use `replicas = 1`."
        );
        report.error(
            &At::of("replicas"),
            "Several pods with storage for one",
            detail,
        );
    }
}
