//! Syntax of names, as the API server judges it (`k8s.io/apimachinery/pkg/util/validation`). Each function gives the
//! problem as the end of a sentence, or nothing.

/// Why `name` is no DNS label of at most `longest` characters.
pub fn dns_label_problem(name: &str, longest: usize) -> Option<String> {
    if name.is_empty() {
        return Some("is empty".into());
    }
    if name.len() > longest {
        return Some(format!(
            "has {} characters, and at most {longest} are allowed",
            name.len()
        ));
    }
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = name.chars().all(inner) && !name.starts_with('-') && !name.ends_with('-');
    (!fits).then(|| "may hold only lower-case letters, digits and `-`, and must start and end with a letter or digit".into())
}

/// Why `name` is no name of a Service (RFC 1035: it must also start with a letter).
pub fn service_name_problem(name: &str, longest: usize) -> Option<String> {
    dns_label_problem(name, longest).or_else(|| {
        let letter = name.starts_with(|c: char| c.is_ascii_lowercase());
        (!letter).then(|| "must start with a letter, because it becomes a host name".into())
    })
}

/// Why `name` is no DNS subdomain, the syntax of most object names.
pub fn dns_subdomain_problem(name: &str) -> Option<String> {
    if name.len() > 253 {
        return Some("is longer than 253 characters".into());
    }
    name.split('.')
        .find_map(|label| dns_label_problem(label, 63))
}

/// Why `host` is no host name, with or without a leading `*.`.
pub fn host_problem(host: &str) -> Option<String> {
    let plain = host.strip_prefix("*.").unwrap_or(host);
    if plain.contains("://") || plain.contains('/') || plain.contains(':') {
        return Some("must be a host name only, without scheme, port or path".into());
    }
    if plain.parse::<std::net::IpAddr>().is_ok() {
        return Some("is an IP address, and a host name is needed".into());
    }
    dns_subdomain_problem(plain)
}

/// Why `value` is no value of a label.
pub fn label_value_problem(value: &str) -> Option<String> {
    if value.len() > 63 {
        return Some(format!(
            "has {} characters, and at most 63 are allowed",
            value.len()
        ));
    }
    (!value.is_empty() && !is_qualified_part(value)).then(|| QUALIFIED_RULE.into())
}

/// Why `key` is no key of a label or annotation.
pub fn qualified_name_problem(key: &str) -> Option<String> {
    let (prefix, name) = key
        .split_once('/')
        .map_or((None, key), |(prefix, name)| (Some(prefix), name));
    if let Some(problem) = prefix.and_then(dns_subdomain_problem) {
        return Some(format!("has a prefix that {problem}"));
    }
    if name.is_empty() || name.len() > 63 {
        return Some("must have 1 to 63 characters after its prefix".into());
    }
    (!is_qualified_part(name)).then(|| QUALIFIED_RULE.into())
}

const QUALIFIED_RULE: &str = "may hold only letters, digits, `-`, `_` and `.`, and must start and end with a letter or digit";

fn is_qualified_part(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.chars().all(inner) && edge(text.chars().next()) && edge(text.chars().next_back())
}

/// Why `name` is no name of a container port (RFC 6335).
pub fn port_name_problem(name: &str) -> Option<String> {
    dns_label_problem(name, 15).or_else(|| {
        let letter = name.chars().any(|c| c.is_ascii_lowercase());
        (!letter || name.contains("--"))
            .then(|| "must hold a letter and no two `-` in a row".into())
    })
}

/// Why `key` is no key of a ConfigMap or Secret.
pub fn data_key_problem(key: &str) -> Option<String> {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if key.is_empty() || key.len() > 253 {
        return Some("must have 1 to 253 characters".into());
    }
    if key == "." || key.starts_with("..") {
        return Some("must not be `.` or start with `..`".into());
    }
    (!key.chars().all(inner)).then(|| "may hold only letters, digits, `-`, `_` and `.`".into())
}

/// Whether every shell can use `name` as a variable.
pub fn is_shell_variable(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(problem: fn(&str) -> Option<String>, good: &[&str], bad: &[&str]) {
        for name in good {
            assert_eq!(problem(name), None, "{name:?} should be accepted");
        }
        for name in bad {
            assert!(problem(name).is_some(), "{name:?} should be refused");
        }
    }

    #[test]
    fn dns_labels() {
        let problem = |name: &str| dns_label_problem(name, 63);
        check(
            problem,
            &["a", "dev", "0-a"],
            &["", "Dev", "-a", "a-", "a.b", "a_b", &"a".repeat(64)],
        );
        check(
            |name| service_name_problem(name, 50),
            &["api", "a1"],
            &["1a", &"a".repeat(51)],
        );
    }

    #[test]
    fn hosts() {
        check(
            host_problem,
            &["example.com", "*.example.com", "a.b-c.example"],
            &[
                "",
                "*",
                "https://a.example",
                "a.example:80",
                "a.example/x",
                "10.0.0.1",
                "A.example",
                "a..b",
                "x.*.y",
            ],
        );
    }

    #[test]
    fn label_keys_and_values() {
        check(
            label_value_problem,
            &["", "a", "A.b_c-1"],
            &["-a", "a b", &"a".repeat(64)],
        );
        check(
            qualified_name_problem,
            &["a", "example.com/A_b"],
            &["", "a/", "/a", "A.com/x", "a/b/c", "a b"],
        );
    }

    #[test]
    fn ports_keys_and_variables() {
        check(
            port_name_problem,
            &["http", "h2c-1"],
            &["", "1-2", "a--b", "longer-than-fifteen"],
        );
        check(
            data_key_problem,
            &["A", "a.b-c_d"],
            &["", ".", "..a", "a b", "a/b"],
        );
        assert!(
            is_shell_variable("_A1")
                && !is_shell_variable("1A")
                && !is_shell_variable("a.b")
                && !is_shell_variable("")
        );
    }
}
