//! The readiness probe that fails.

use std::time::Duration;

use serde_json::Value;

use super::{fate, first_container, telling};
use crate::controllers::World;
use crate::controllers::object::text;

/// The probe's words: `pkg/kubelet/prober` and `pkg/probe` of Kubernetes.
pub fn words(pod: &Value) -> String {
    if let Some(told) = fate::told(pod) {
        return told.to_owned();
    }
    let probe = &first_container(pod)["readinessProbe"];
    let said = if probe["tcpSocket"].is_object() {
        let port = &probe["tcpSocket"]["port"];
        format!(
            "dial tcp {}:{port}: connect: connection refused",
            text(pod, "/status/podIP")
        )
    } else {
        "HTTP probe failed with statuscode: 503".to_owned()
    };
    format!("Readiness probe failed: {said}")
}

/// From when the pod has run as it does until the probe fails: a second, then every ten.
pub fn next_failure(world: &World, pod: &Value) -> Duration {
    let told = ("Warning", "Unhealthy", words(pod));
    telling::next_time(world, pod, told, Duration::from_secs(10)).max(Duration::from_secs(1))
}
