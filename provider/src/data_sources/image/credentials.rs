//! Logins for registries, as `docker login` and `az acr login` leave them.

use std::fs;
use std::path::Path as File;

use docker_credential::{CredentialRetrievalError as Error, DockerCredential};
use seedling_schema::{Diagnostic, Path};

/// User and password; nothing where nobody has signed in.
pub type Credential = Option<(String, String)>;
/// Nobody has signed in.
pub const NONE: Credential = None;

/// The name under which Azure's registries take a token for a password
/// (https://learn.microsoft.com/azure/container-registry/container-registry-authentication).
const TOKEN_USER: &str = "00000000-0000-0000-0000-000000000000";
/// The name that Docker Hub's login has in the file.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// The login for a registry in Docker's configuration file, or from the helper that it names. A file that is not there
/// holds none.
pub async fn of(config: Option<&File>, registry: &str) -> Result<Credential, Diagnostic> {
    let Some((file, text)) = config.and_then(|file| Some((file, fs::read(file).ok()?))) else {
        return Ok(NONE);
    };
    let name = if registry == "docker.io" {
        DOCKER_HUB
    } else {
        registry
    };
    let name = name.to_owned();
    // A helper is a process, and is waited for.
    let found = tokio::task::spawn_blocking(move || {
        docker_credential::get_credential_from_reader(text.as_slice(), &name)
    });
    let found = found
        .await
        .map_err(|error| unusable(file, registry, &error.to_string()))?;
    match found {
        Ok(DockerCredential::UsernamePassword(user, password)) => Ok(Some((user, password))),
        Ok(DockerCredential::IdentityToken(token)) => Ok(Some((TOKEN_USER.to_owned(), token))),
        Err(Error::NoCredentialConfigured) => Ok(NONE),
        // A store that all registries share says so in this way.
        Err(Error::HelperFailure { stdout, .. }) if stdout.contains("not found") => Ok(NONE),
        // Its outputs may hold a password.
        Err(Error::HelperFailure { helper, .. }) => Err(unusable(
            file,
            registry,
            &format!("the credential helper {helper} failed"),
        )),
        Err(error) => Err(unusable(file, registry, &error.to_string())),
    }
}

fn unusable(file: &File, registry: &str, why: &str) -> Diagnostic {
    Diagnostic::error(
        format!("The login for {registry} cannot be read"),
        format!(
            "{}: {why}. Sign in anew with `docker login {registry}`, or remove the entry if the registry needs no login.",
            file.display()
        ),
    )
    .at(Path::of("image"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn read(config: &serde_json::Value, registry: &str) -> Result<Credential, Diagnostic> {
        let folder = std::env::temp_dir().join(format!(
            "seedling-credentials-{}-{}",
            std::process::id(),
            registry.replace(['.', ':'], "-")
        ));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("config.json");
        fs::write(&file, config.to_string()).unwrap();
        let found = of(Some(&file), registry).await;
        fs::remove_dir_all(&folder).unwrap();
        found
    }

    #[tokio::test]
    async fn logins_of_all_forms_are_read() {
        // "me:secret", and the name that `az acr login` writes beside its token.
        let config = json!({ "auths": {
            "a.example": { "auth": "bWU6c2VjcmV0" },
            "acme.azurecr.io": { "auth": "MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwOg==", "identitytoken": "refresh" },
            "https://index.docker.io/v1/": { "auth": "bWU6c2VjcmV0" },
        } });
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        for (registry, expected) in [
            ("a.example", pair("me", "secret")),
            ("acme.azurecr.io", pair(TOKEN_USER, "refresh")),
            ("docker.io", pair("me", "secret")),
            ("b.example", NONE),
        ] {
            assert_eq!(
                read(&config, registry).await.unwrap(),
                expected,
                "{registry}"
            );
        }
        let missing = of(Some(File::new("/nowhere/config.json")), "a.example").await;
        assert_eq!(missing.unwrap(), NONE);
    }

    #[tokio::test]
    async fn a_broken_login_is_an_error_without_its_content() {
        let config = json!({ "auths": { "c.example": { "auth": "canary!" } } });
        let error = read(&config, "c.example").await.unwrap_err();
        assert!(
            error.detail.contains("docker login c.example"),
            "{}",
            error.detail
        );
        assert!(!error.detail.contains("canary"));
    }
}
