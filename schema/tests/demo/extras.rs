//! A data source, a function and an ephemeral resource.

use seedling_schema::{
    Attribute, DataSource, Diagnostic, Diagnostics, EphemeralResource, Function, FunctionError,
    FunctionSignature, OpenReply, Parameter, Private, ReadRequest, Resource, Schema, Type, Value,
    async_trait,
};

use super::{Folder, Thing};

/// Looks at a thing.
pub struct ThingData;

#[async_trait]
impl DataSource<Folder> for ThingData {
    fn type_name(&self) -> &'static str {
        "demo_thing"
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
            .attribute("name", Attribute::string().required())
            .attribute("revision", Attribute::number().computed())
    }

    async fn read(&self, folder: &Folder, config: Value) -> (Option<Value>, Diagnostics) {
        let request = ReadRequest {
            state: config.clone(),
            private: Private::default(),
            identity: None,
        };
        let Some(thing) = Thing.read(folder, request).await.state else {
            return (
                None,
                Diagnostic::error("No such thing", "It is not there.").into(),
            );
        };
        let mut state = config;
        state.set("revision", thing.get("revision").clone());
        (Some(state), Diagnostics::default())
    }
}

/// Joins texts.
pub struct Join;

impl Function for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn signature(&self) -> FunctionSignature {
        FunctionSignature {
            params: vec![Parameter::new(
                "separator",
                Type::string(),
                "Stands between the texts.",
            )],
            variadic: Some(Parameter::new("texts", Type::string(), "The texts.")),
            returns: Type::string(),
            summary: "Joins texts.".to_owned(),
            description: "Joins texts with a separator.".to_owned(),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let mut texts = arguments.iter().filter_map(Value::as_str);
        let separator = texts.next().unwrap_or_default();
        if separator.len() > 3 {
            return Err(FunctionError::argument(0, "The separator is too long."));
        }
        Ok(texts.collect::<Vec<_>>().join(separator).into())
    }
}

/// A token of a given length.
pub struct Token;

#[async_trait]
impl EphemeralResource<Folder> for Token {
    fn type_name(&self) -> &'static str {
        "demo_token"
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
            .attribute("length", Attribute::number().required())
            .attribute("token", Attribute::string().computed().sensitive())
    }

    async fn open(&self, _: &Folder, config: Value) -> OpenReply {
        let length = config
            .get("length")
            .as_i64()
            .and_then(|length| usize::try_from(length).ok());
        let mut result = config;
        result.set("token", "t".repeat(length.unwrap_or_default()).into());
        OpenReply {
            result: Some(result),
            ..OpenReply::default()
        }
    }
}
