//! `data.seedling_image`: the digest that a tag stands for now. A push moves the tag, so the next plan shows it.

mod credentials;
mod registry;

use async_trait::async_trait;
use seedling_model::image::{self, Image};
use seedling_schema::{Attribute, DataSource, Diagnostic, Diagnostics, Path, Schema, Value};

use crate::{env, session::Session};
use registry::Registry;

/// The data source.
pub struct ImageDigest;

#[async_trait]
impl DataSource<Session> for ImageDigest {
    fn type_name(&self) -> &'static str {
        "seedling_image"
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
            .describe("The digest that a tag of a container image stands for now.")
            .attribute(
                "image",
                Attribute::string().required().describe(
                    "Image reference with a tag, such as `registry.example/acme/api:1.4`; without one, `latest` is meant. With a digest, no registry is asked.",
                ),
            )
            .attribute(
                "reference",
                Attribute::string().computed().describe(
                    "The image with its digest, such as `registry.example/acme/api:1.4@sha256:…`: what `seedling_service.image` takes.",
                ),
            )
            .attribute(
                "digest",
                Attribute::string()
                    .computed()
                    .describe("The digest alone, such as `sha256:…`."),
            )
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let text = config.get("image").as_str();
        let parsed = text.map(parse).transpose();
        parsed.err().into_iter().collect()
    }

    async fn read(&self, session: &Session, mut config: Value) -> (Option<Value>, Diagnostics) {
        let text = config.get("image").as_str().unwrap_or_default().to_owned();
        match found(session, &text).await {
            Ok(digest) => {
                config.set("reference", Value::from(reference(&text, &digest)));
                config.set("digest", Value::from(digest));
                (Some(config), Diagnostics::default())
            }
            Err(error) => (None, error.into()),
        }
    }
}

fn parse(text: &str) -> Result<Image, Diagnostic> {
    image::parse(text).map_err(|problem| {
        Diagnostic::error(
            "Invalid image reference",
            format!("`{text}` {problem}. Write it as `registry.example/acme/api:1.4.2`."),
        )
        .at(Path::of("image"))
    })
}

/// The reference as it was written, with the digest: the tag still tells people which version it is.
fn reference(text: &str, digest: &str) -> String {
    if text.contains('@') {
        text.to_owned()
    } else {
        format!("{text}@{digest}")
    }
}

async fn found(session: &Session, text: &str) -> Result<String, Diagnostic> {
    let image = parse(text)?;
    if let Some(digest) = image.digest {
        return Ok(digest);
    }
    let registry = match &session.sandbox {
        None => Registry::of(&image.registry),
        Some(sandbox) => {
            let address = sandbox.registry.as_deref();
            Registry::of_sandbox(address.ok_or_else(|| nobody_to_ask(text))?)
        }
    };
    let credential = match &session.sandbox {
        None => credentials::of(env::docker_config().as_deref(), &image.registry).await?,
        // An engineer's own logins are of no use in a sandbox, and do not belong there.
        Some(_) => credentials::NONE,
    };
    registry.digest(&image, text, credential).await
}

fn nobody_to_ask(text: &str) -> Diagnostic {
    Diagnostic::error(
        "The sandbox has no registry",
        format!(
            "Only the registry that the sandbox file names in `registry` (`host:port`) may be asked for the digest of {text}, and it names none. Add one there, or give the digest: `{text}@sha256:…`."
        ),
    )
    .at(Path::of("image"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_stays_readable() {
        for (text, expected) in [
            ("r.example/api:1", "r.example/api:1@sha256:ab"),
            ("nginx", "nginx@sha256:ab"),
            ("r.example/api@sha256:cd", "r.example/api@sha256:cd"),
        ] {
            assert_eq!(reference(text, "sha256:ab"), expected);
        }
    }

    #[test]
    fn what_is_no_reference_is_refused_before_any_registry_is_asked() {
        let config = Value::Map([("image".to_owned(), Value::from("https://a/b"))].into());
        let found = ImageDigest.validate(&config);
        assert!(found.has_errors());
    }
}
