//! Image references, by the grammar of `distribution/reference`.

/// A reference taken apart, with the registry and tag that a container runtime would fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Registry host with its port; `docker.io` where the reference names none.
    pub registry: String,
    /// Path within the registry; short names on `docker.io` get `library/`.
    pub repository: String,
    /// The tag; `latest` where there is neither tag nor digest.
    pub tag: Option<String>,
    /// The digest, such as `sha256:…`.
    pub digest: Option<String>,
}

/// What is wrong with a reference, as the end of a sentence.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ImageError(String);

/// Takes a reference apart.
///
/// # Errors
/// The text does not follow the grammar; the error says which part.
pub fn parse(reference: &str) -> Result<Image, ImageError> {
    if reference.is_empty() {
        return Err(ImageError("is empty".into()));
    }
    if reference.contains("://") {
        return Err(ImageError(
            "must not start with a scheme such as `https://`".into(),
        ));
    }
    let (named, digest) = reference
        .split_once('@')
        .map_or((reference, None), |(name, digest)| (name, Some(digest)));
    let (path, tag) = split_tag(named);
    let (registry, repository) = split_registry(path);
    check_registry(registry)?;
    check_repository(repository, path)?;
    tag.map_or(Ok(()), check_tag)?;
    digest.map_or(Ok(()), check_digest)?;
    Ok(Image {
        registry: registry.unwrap_or("docker.io").to_owned(),
        repository: full_repository(registry, repository),
        tag: tag
            .map(str::to_owned)
            .or_else(|| digest.is_none().then(|| "latest".to_owned())),
        digest: digest.map(str::to_owned),
    })
}

/// A colon after the last slash starts the tag; one before it belongs to the registry's port.
fn split_tag(named: &str) -> (&str, Option<&str>) {
    let last = named.rfind('/').map_or(0, |slash| slash + 1);
    named[last..].find(':').map_or((named, None), |colon| {
        (&named[..last + colon], Some(&named[last + colon + 1..]))
    })
}

/// The first component is a registry if it looks like a host.
fn split_registry(path: &str) -> (Option<&str>, &str) {
    match path.split_once('/') {
        Some((first, rest)) if is_host(first) => (Some(first), rest),
        _ => (None, path),
    }
}

fn is_host(first: &str) -> bool {
    first == "localhost"
        || first.contains(['.', ':'])
        || first.chars().any(|c| c.is_ascii_uppercase())
}

fn full_repository(registry: Option<&str>, repository: &str) -> String {
    let hub = registry.is_none_or(|host| host == "docker.io");
    if hub && !repository.contains('/') {
        format!("library/{repository}")
    } else {
        repository.to_owned()
    }
}

fn check_registry(registry: Option<&str>) -> Result<(), ImageError> {
    let Some(registry) = registry else {
        return Ok(());
    };
    let (host, port) = registry
        .rsplit_once(':')
        .map_or((registry, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    if host.split('.').all(label) && port {
        Ok(())
    } else {
        Err(ImageError(format!(
            "names the registry `{registry}`, which is no host name with an optional port"
        )))
    }
}

fn check_repository(repository: &str, path: &str) -> Result<(), ImageError> {
    if path.len() > 255 {
        return Err(ImageError("has a name of more than 255 characters".into()));
    }
    if repository.chars().any(|c| c.is_ascii_uppercase()) {
        return Err(ImageError(format!(
            "has upper-case letters in `{repository}`, where only lower-case ones are allowed"
        )));
    }
    if repository.split('/').all(is_component) {
        return Ok(());
    }
    Err(ImageError(format!(
        "has the name `{repository}`: its parts may hold only lower-case letters, digits and single separators (`.`, `_`, `-`) between them"
    )))
}

/// Letters and digits, with one dot, one or two underscores or any number of dashes between them.
fn is_component(component: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let edges = component.starts_with(alphanumeric) && component.ends_with(alphanumeric);
    edges
        && component.split(alphanumeric).all(|separator| {
            matches!(separator, "" | "." | "_" | "__") || separator.chars().all(|c| c == '-')
        })
}

fn check_tag(tag: &str) -> Result<(), ImageError> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let fits = tag.starts_with(word) && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'));
    if fits && tag.len() <= 128 {
        return Ok(());
    }
    Err(ImageError(format!(
        "has the tag `{tag}`: a tag has 1 to 128 letters, digits, `_`, `.` or `-`, and starts with none of the last two"
    )))
}

fn check_digest(digest: &str) -> Result<(), ImageError> {
    let valid = digest.split_once(':').is_some_and(|(algorithm, hex)| {
        let length = if algorithm == "sha256" {
            hex.len() == 64
        } else {
            hex.len() >= 32
        };
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '_' | '-');
        length
            && algorithm.starts_with(|c: char| c.is_ascii_alphabetic())
            && algorithm.chars().all(name)
            && hex
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, 'a'..='f'))
    });
    if valid {
        Ok(())
    } else {
        Err(ImageError(format!(
            "has the digest `{digest}`, which is not like `sha256:` and 64 hexadecimal digits"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(reference: &str) -> String {
        match parse(reference) {
            Ok(Image {
                registry,
                repository,
                tag,
                digest,
            }) => {
                let tag = tag.unwrap_or_default();
                let digest = digest.map_or(0, |digest| digest.len());
                format!("{registry} {repository} {tag} {digest}")
            }
            Err(problem) => format!("error: {problem}"),
        }
    }

    #[test]
    fn takes_references_apart() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let table = [
            ("nginx".to_owned(), "docker.io library/nginx latest 0"),
            ("nginx:1.29".to_owned(), "docker.io library/nginx 1.29 0"),
            (
                "grafana/grafana".to_owned(),
                "docker.io grafana/grafana latest 0",
            ),
            (
                "registry.example/acme/api:1.4.2".to_owned(),
                "registry.example acme/api 1.4.2 0",
            ),
            ("localhost:5000/a".to_owned(), "localhost:5000 a latest 0"),
            (
                "localhost/a__b/c-d:V_1.x-2".to_owned(),
                "localhost a__b/c-d V_1.x-2 0",
            ),
            (
                format!("registry.example/api@{digest}"),
                "registry.example api  71",
            ),
            (
                format!("registry.example/api:1@{digest}"),
                "registry.example api 1 71",
            ),
        ];
        for (reference, expected) in table {
            assert_eq!(parts(&reference), expected, "{reference}");
        }
    }

    #[test]
    fn refuses_what_no_runtime_pulls() {
        let bad = [
            "",
            "UPPER CASE:::bad image",
            "https://registry.example/a",
            "a b",
            "a:",
            "a:b:c",
            "a/",
            "/a",
            "a//b",
            "registry.example/Api",
            "Api",
            "a@sha256:12",
            "a@",
            "a:.1",
            "a___b",
            "-a",
            "a:b/c d",
            "re gistry.example/a",
            "registry.example:x/a",
        ];
        for reference in bad {
            assert!(parse(reference).is_err(), "{reference:?} should be refused");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,60}") {
            let _ = parse(&text);
        }
    }
}
