//! The pod template. What it looks like for given arguments is a promise: it does not change between releases of
//! one major version, because a change would restart every pod.

use serde_json::{Value, json};

use super::{
    Live, Names, container, environment, patch, pod_labels, scheduling, security, selector, volumes,
};
use crate::{
    environment::PULL_SECRET,
    object::without_nulls,
    service::{Args, ports},
};

/// Time between the end of traffic and the end of the program, and the whole time a pod has to stop.
pub(super) const PRE_STOP_SECONDS: i64 = 10;
const GRACE_SECONDS: i64 = 40;

/// The pod template with `pod_patch` merged in.
pub fn pod_template(args: &Args, names: &Names, live: &Live) -> Value {
    patch::apply(args, without_nulls(plain_template(args, names, live)))
}

fn plain_template(args: &Args, names: &Names, live: &Live) -> Value {
    let shared = container::Shared {
        variables: environment::of_service(args, names),
        mounts: volumes::mounts(args, names),
    };
    let init = container::before_main(args, &shared);
    let volumes = volumes::volumes(args, names);
    let has_port = ports::has_port(args);
    json!({
        "metadata": { "labels": labels(args, live) },
        "spec": {
            "serviceAccountName": args.identity.given().map(|_| args.name.text()),
            "automountServiceAccountToken": false,
            // Otherwise a service called `server` would set SERVER_PORT in every pod of the environment.
            "enableServiceLinks": false,
            "terminationGracePeriodSeconds": has_port.then_some(GRACE_SECONDS),
            "imagePullSecrets": [{ "name": PULL_SECRET }],
            "securityContext": security::of_pod(args),
            "affinity": scheduling::affinity(args),
            "tolerations": scheduling::tolerations(args),
            "topologySpreadConstraints": scheduling::spread(&selector(args, live)),
            "initContainers": (!init.is_empty()).then_some(init),
            "containers": [container::main(args, shared)],
            "volumes": (!volumes.is_empty()).then_some(volumes),
        }
    })
}

fn labels(args: &Args, live: &Live) -> std::collections::BTreeMap<String, String> {
    let mut labels = selector(args, live);
    labels.extend(pod_labels(args));
    if args.identity.given().is_some() {
        labels.insert("azure.workload.identity/use".into(), "true".into());
    }
    labels
}
