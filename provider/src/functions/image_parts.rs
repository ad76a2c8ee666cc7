//! `provider::seedling::image_parts(reference)`: an image reference taken apart.

use std::collections::BTreeMap;

use seedling_model::image;
use seedling_schema::{Function, FunctionError, FunctionSignature, Parameter, Type, Value};

/// The function.
pub struct ImageParts;

impl Function for ImageParts {
    fn name(&self) -> &'static str {
        "image_parts"
    }

    fn signature(&self) -> FunctionSignature {
        let members = ["registry", "repository", "tag", "digest"];
        FunctionSignature {
            params: vec![Parameter::new("reference", Type::string(), "The image reference.")],
            variadic: None,
            returns: Type::object(members.map(|name| (name, Type::string()))),
            summary: "Takes an image reference apart".to_owned(),
            description: "Gives `registry` (`docker.io` where the reference names none), `repository`, `tag` (`latest` where there is neither tag nor digest) and `digest` (null where there is none).".to_owned(),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let reference = arguments
            .first()
            .and_then(Value::as_str)
            .unwrap_or_default();
        let parts = image::parse(reference).map_err(|problem| {
            FunctionError::argument(
                0,
                format!("`{reference}` is no image reference: it {problem}."),
            )
        })?;
        let text = |part: Option<String>| part.map_or(Value::Null, Value::from);
        Ok(Value::Map(BTreeMap::from([
            ("registry".to_owned(), Value::from(parts.registry)),
            ("repository".to_owned(), Value::from(parts.repository)),
            ("tag".to_owned(), text(parts.tag)),
            ("digest".to_owned(), text(parts.digest)),
        ])))
    }
}
