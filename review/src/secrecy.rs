//! What must not be shown. Names and values that look like secrets are left out even where no mask covers them.

use serde_json::Value;

/// Longest value that is shown, in characters.
const LONGEST: usize = 80;
/// Digits of a digest that are shown.
const SHORT_DIGEST: usize = 12;
/// From this length on, a mix of letters and digits without any space is taken for a token.
const TOKEN: usize = 20;

/// Parts of names whose values are not shown. The last row are names for anything, secrets included.
const NAMES: [&str; 34] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "connection",
    "conn_str",
    "dsn",
    "sas",
    "signature",
    "auth",
    "cookie",
    "session",
    "salt",
    "hash",
    "private",
    "certificate",
    "pem",
    "pfx",
    "license",
    "webhook",
    "custom_data",
    "user_data",
    "kube_config",
    "kubeconfig",
    "content",
    "payload",
    "input",
    "output",
    "triggers",
    "value",
];

/// Beginnings of well-known tokens.
const BEGINNINGS: [&str; 12] = [
    "eyJ",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "sk-",
    "sk_live",
    "xox",
    "AKIA",
    "npm_",
    "hf_",
];

/// Parts of values that carry credentials.
const PARTS: [&str; 9] = [
    "-----BEGIN",
    "AccountKey=",
    "SharedAccessKey",
    "SharedAccessSignature",
    "sig=",
    "Password=",
    "password=",
    "pwd=",
    "Bearer ",
];

/// Whether a name objects to its value being shown.
pub fn name_objects(name: &str) -> bool {
    let name = name.to_lowercase().replace('-', "_");
    NAMES.iter().any(|part| name.contains(part))
}

/// Whether a value objects to being shown: it looks like a token, a key or a connection string.
pub fn value_objects(text: &str) -> bool {
    let login = text.contains("://") && text.contains('@');
    login
        || PARTS.iter().any(|part| text.contains(part))
        || BEGINNINGS.iter().any(|start| text.starts_with(start))
        || is_token(text)
}

fn is_token(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '=' | '~');
    let mixed =
        text.chars().any(|c| c.is_ascii_digit()) && text.chars().any(|c| c.is_ascii_alphabetic());
    text.len() >= TOKEN && text.chars().all(plain) && mixed && !is_uuid(text)
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// A single value as text, where it may be shown.
pub fn shown(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => "none".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => with_short_digests(text),
        Value::Array(_) | Value::Object(_) => return None,
    };
    let showable = text.chars().count() <= LONGEST
        && !text.chars().any(char::is_control)
        && !value_objects(&text);
    showable.then_some(text)
}

/// An image's digest takes 64 characters, of which the first tell one push from another.
fn with_short_digests(text: &str) -> String {
    match text.split_once("@sha256:") {
        Some((name, digest))
            if digest.len() == 64 && digest.chars().all(|c| c.is_ascii_hexdigit()) =>
        {
            format!("{name}@sha256:{}…", &digest[..SHORT_DIGEST])
        }
        _ => text.to_owned(),
    }
}

/// Whether a mask covers anything here. A mask is `true` for a whole value, or has the value's form.
pub fn covers(mask: &Value) -> bool {
    match mask {
        Value::Bool(covered) => *covered,
        Value::Array(elements) => elements.iter().any(covers),
        Value::Object(members) => members.values().any(covers),
        Value::Null => false,
        // No CLI writes such a mask: what cannot be read covers.
        Value::Number(_) | Value::String(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_that_object() {
        for name in [
            "db_password",
            "API_TOKEN",
            "sas_url",
            "primary-access-key",
            "connection_string",
            "custom_data",
        ] {
            assert!(name_objects(name), "{name}");
        }
        for name in ["vm_size", "node_count", "location", "image", "zones"] {
            assert!(!name_objects(name), "{name}");
        }
    }

    #[test]
    fn values_that_object() {
        for text in [
            "postgres://u:p@host/db",
            "ghp_abc",
            "-----BEGIN KEY",
            "eyJhbGciOi.x",
            "a1b2c3d4e5f6a7b8c9d0",
            "AccountName=x;AccountKey=y",
        ] {
            assert!(value_objects(text), "{text}");
        }
        for text in [
            "registry.example/acme/api:1.4.2",
            "Standard_D4s_v5",
            "5f0c2f4e-8a34-4e0b-9d52-6d0d3c1a7b01",
            "registry.example/a@sha256:0123",
            "westeurope",
            "https://a.example/healthz",
        ] {
            assert!(!value_objects(text), "{text}");
        }
    }

    #[test]
    fn digests_of_images_are_short() {
        let digest = "0123456789abcdef".repeat(4);
        let image = format!("registry.acme.example/acme/api:1.4@sha256:{digest}");
        assert_eq!(
            shown(&json!(image)).unwrap(),
            "registry.acme.example/acme/api:1.4@sha256:0123456789ab…"
        );
        let login = format!("https://me:secret@sha256:{digest}");
        assert_eq!(shown(&json!(login)), None);
    }

    #[test]
    fn masks_of_all_forms_cover() {
        for (mask, covered) in [
            (json!(true), true),
            (json!(false), false),
            (json!({ "a": { "b": [false, true] } }), true),
            (json!({ "a": {} }), false),
            (json!(null), false),
            (json!("x"), true),
        ] {
            assert_eq!(covers(&mask), covered, "{mask}");
        }
    }
}
