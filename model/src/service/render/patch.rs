//! `pod_patch`: JSON merged into the pod template, and the check that the result is one.

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::Value;

use super::{Live, Names, pod_template};
use crate::{merge, service::Args};

/// The template with the patch merged in. A patch that is no JSON object changes nothing; the check refuses it.
pub(super) fn apply(args: &Args, mut template: Value) -> Value {
    let patch = args
        .pod_patch
        .given()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    if let Some(patch) = patch.filter(Value::is_object) {
        merge::merge(&mut template, &patch, "PodTemplate", &[]);
    }
    template
}

/// What is wrong with the patch, as a sentence.
pub(in crate::service) fn patched_template_problem(args: &Args) -> Option<String> {
    let text = args.pod_patch.given()?;
    match serde_json::from_str::<Value>(text) {
        Err(error) => {
            return Some(format!(
                "It is no JSON: {error}. Use `jsonencode({{ … }})`."
            ));
        }
        Ok(patch) if !patch.is_object() => {
            return Some(
                "It must be a JSON object with the members of a pod template, such as `spec`."
                    .into(),
            );
        }
        Ok(_) => {}
    }
    template_problem(&pod_template(args, &Names::default(), &Live::default()))
}

/// Reads the template as Kubernetes would and looks for members that got lost on the way.
fn template_problem(template: &Value) -> Option<String> {
    let typed: PodTemplateSpec = match serde_json::from_value(template.clone()) {
        Ok(typed) => typed,
        Err(error) => return Some(format!("The result is no pod template: {error}.")),
    };
    let kept = serde_json::to_value(typed).unwrap_or_default();
    lost_member(template, &kept, "").map(|path| format!("A pod template has no member `{path}`."))
}

/// The path of the first member of `given` that `kept` lacks.
fn lost_member(given: &Value, kept: &Value, path: &str) -> Option<String> {
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => given.iter().find_map(|(name, value)| {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            match kept.get(name) {
                Some(kept) => lost_member(value, kept, &path),
                None => Some(path),
            }
        }),
        (Value::Array(given), Value::Array(kept)) => {
            given
                .iter()
                .zip(kept)
                .enumerate()
                .find_map(|(index, (given, kept))| {
                    lost_member(given, kept, &format!("{path}[{index}]"))
                })
        }
        _ => None,
    }
}
