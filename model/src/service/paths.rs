//! Paths inside a container as names of volumes, claims and keys. The names are part of rendered pod templates and
//! of claims that hold data: they never change.

use crate::{Arg, digest::short_hash};

use super::{Args, parts::Storage};

/// Longest readable part of a name made from a path.
const LONGEST: usize = 40;

/// A DNS label for a path: `/dev/shm` → `dev-shm`. Where letters had to be left out, a hash keeps it unique.
pub(super) fn slug(path: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let trimmed = path.trim_matches('/');
    let readable: String = trimmed
        .chars()
        .map(|c| if plain(c) { c } else { '-' })
        .take(LONGEST)
        .collect();
    let readable = readable.trim_matches('-');
    let exact = trimmed.len() <= LONGEST
        && trimmed.chars().all(|c| plain(c) || c == '/')
        && !trimmed.contains("//");
    match (exact && !readable.is_empty(), readable.is_empty()) {
        (true, _) => readable.to_owned(),
        (false, true) => short_hash(path.as_bytes()),
        (false, false) => format!("{readable}-{}", short_hash(path.as_bytes())),
    }
}

/// The key of a file in a ConfigMap or Secret: `file-<hash of the path>-<file name>`. No environment variable has
/// a name like it.
pub fn data_key(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let file: String = file
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .take(LONGEST)
        .collect();
    format!("file-{}-{file}", short_hash(path.as_bytes()))
}

/// The name of the claim behind the storage at `path`.
pub fn claim_name(args: &Args, path: &str, storage: &Storage) -> String {
    match &storage.claim {
        Arg::Given(name) => name.clone(),
        Arg::Absent | Arg::Unknown => format!("{}-{}", args.name.text(), slug(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_readable_labels_and_unique() {
        let table = [
            ("/data", "data"),
            ("/dev/shm", "dev-shm"),
            ("/dev-shm", "dev-shm-721330f9"),
            ("/var/lib/Grafana", "var-lib--rafana-9acfe3de"),
            ("/", "8a5edab2"),
        ];
        for (path, expected) in table {
            assert_eq!(slug(path), expected, "{path}");
        }
        let long = slug(&format!("/{}", "a".repeat(100)));
        assert_eq!(long.len(), LONGEST + 9);
    }

    #[test]
    fn keys_of_files() {
        assert_eq!(data_key("/etc/app/app.yaml"), "file-c16480e1-app.yaml");
        assert_ne!(data_key("/etc/a/app.yaml"), data_key("/etc/b/app.yaml"));
        assert_eq!(crate::names::data_key_problem(&data_key("/etc/ä b")), None);
    }
}
