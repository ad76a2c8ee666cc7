//! Errors in the two shapes that Resource Manager's clients meet.

use serde_json::json;

use crate::http::{Answer, Refusal};

/// In the envelope of Resource Manager (its RPC, "Error response content").
pub fn resource(status: u16, code: &str, message: &str) -> Refusal {
    let body = json!({ "error": { "code": code, "message": message } });
    Answer::json(status, body)
        .with("x-ms-failure-cause", "gateway")
        .into()
}

/// As AKS writes them: without an envelope (microsoft/tyger#121, hashicorp/terraform-provider-azurerm#31129).
pub fn flat(status: u16, code: &str, message: &str, target: &str) -> Refusal {
    let mut body = json!({ "code": code, "details": null, "message": message, "subcode": "" });
    if !target.is_empty() {
        body["target"] = target.into();
    }
    Answer::json(status, body)
        .with("x-ms-error-code", code)
        .into()
}

/// A value that AKS does not take.
pub fn invalid(target: &str, message: &str) -> Refusal {
    flat(400, "InvalidParameter", message, target)
}
