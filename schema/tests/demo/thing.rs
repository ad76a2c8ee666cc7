//! A thing: a file with most kinds of attributes.

use std::io::ErrorKind;

use seedling_schema::{
    ApplyReply, ApplyRequest, Attribute, Diagnostic, Diagnostics, Identity, ImportReply,
    ImportRequest, MoveSource, Path, Plan, Private, ReadReply, ReadRequest, Resource, Schema, Type,
    Value, async_trait,
};

use super::Folder;

/// The resource.
pub struct Thing;

impl Thing {
    fn identity_of(name: &Value) -> Value {
        Value::object([("name", name.clone())])
    }

    /// What the thing becomes when the plan is carried out.
    fn finished(planned: &Value, revision: i64) -> Value {
        let mut state = planned.clone();
        let name = planned.get("name").as_str().unwrap_or_default();
        state.set("id", format!("thing-{name}").into());
        state.set("revision", revision.into());
        if let Some(ports) = planned.get("ports").as_map() {
            let addressed = ports.iter().map(|(key, port)| {
                let mut port = port.clone();
                let number = port.get("port").as_i64().unwrap_or_default();
                port.set("address", format!("10.0.0.1:{number}").into());
                (key.clone(), port)
            });
            state.set("ports", Value::Map(addressed.collect()));
        }
        state
    }

    fn write(folder: &Folder, state: &Value, secret: &Value) -> Result<(), Diagnostic> {
        let name = state.get("name").as_str().unwrap_or_default();
        let written =
            std::fs::write(folder.file(name), state.to_json().to_string()).and_then(|()| {
                std::fs::write(
                    folder.0.join(format!("{name}.secret")),
                    secret.as_str().unwrap_or(""),
                )
            });
        written.map_err(|error| Diagnostic::error("Thing cannot be written", error.to_string()))
    }

    fn look(folder: &Folder, name: &str) -> Result<Option<Value>, Diagnostic> {
        let broken = |error: String| Diagnostic::error("Thing cannot be read", error);
        match std::fs::read(folder.file(name)) {
            Ok(bytes) => {
                let json =
                    serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
                Value::from_json(&json, &Thing.schema().ty())
                    .map(Some)
                    .map_err(|error| broken(error.to_string()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(broken(error.to_string())),
        }
    }

    async fn make(folder: &Folder, request: ApplyRequest, revision: i64) -> ApplyReply {
        let mut state = Self::finished(&request.planned, revision);
        let mut diagnostics = Diagnostics::default();
        match request.planned.get("behaviour").as_str() {
            Some("panic") => panic!("the thing fell over"),
            Some("lie") => state.set("note", "something else".into()),
            Some("wait") => {
                let name = request.planned.get("name").as_str().unwrap_or_default();
                std::fs::write(folder.0.join(format!("{name}.waiting")), "").unwrap();
                request.stop.stopped().await;
                diagnostics.push(Diagnostic::error("Stopped", "The thing is half made."));
            }
            _ => {}
        }
        if let Err(diagnostic) = Self::write(folder, &state, request.config.get("secret")) {
            diagnostics.push(diagnostic);
        }
        let mut private = Private::default();
        private.set("revision", revision);
        ApplyReply {
            identity: Some(Self::identity_of(state.get("name"))),
            state: Some(state),
            private,
            diagnostics,
        }
    }
}

#[async_trait]
impl Resource<Folder> for Thing {
    fn type_name(&self) -> &'static str {
        "demo_thing"
    }

    fn schema(&self) -> Schema {
        let ports = Attribute::map_of_objects(vec![
            (
                "port",
                Attribute::number()
                    .required()
                    .describe("The port's number."),
            ),
            (
                "protocol",
                Attribute::string()
                    .default_to("TCP")
                    .describe("`TCP` or `UDP`."),
            ),
            (
                "address",
                Attribute::string()
                    .computed()
                    .describe("Where it can be reached."),
            ),
        ]);
        Schema::new(1)
            .describe("A thing, kept as a file.")
            .attribute(
                "name",
                Attribute::string()
                    .required()
                    .replaces()
                    .describe("The thing's name."),
            )
            .attribute(
                "size",
                Attribute::number()
                    .default_to(1)
                    .describe("How large it is."),
            )
            .attribute("ratio", Attribute::number().optional())
            .attribute("tags", Attribute::set_of(Type::string()).optional())
            .attribute("ports", ports.optional().describe("Its ports."))
            .attribute("note", Attribute::string().optional())
            .attribute("behaviour", Attribute::string().optional())
            .attribute(
                "secret",
                Attribute::string()
                    .optional()
                    .sensitive()
                    .write_only()
                    .describe("Tell nobody."),
            )
            .attribute("secret_length", Attribute::number().computed())
            .attribute("id", Attribute::string().keeps_prior())
            .attribute(
                "revision",
                Attribute::number().computed().describe("Counts changes."),
            )
            .attribute("status", Attribute::string().planned_as("ready"))
    }

    fn identity(&self) -> Option<Identity> {
        Some(Identity::new(0).string("name", true, "The thing's name."))
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let negative = config.get("size").as_i64().is_some_and(|size| size < 0);
        let error =
            Diagnostic::error("Size is negative", "A thing takes up space.").at(Path::of("size"));
        if negative {
            error.into()
        } else {
            Diagnostics::default()
        }
    }

    fn modify_plan(&self, plan: &mut Plan) -> Diagnostics {
        if plan.is_destroy() {
            return Diagnostics::default();
        }
        let length = match plan.config.get("secret") {
            secret if secret.is_unknown() => Value::unknown(),
            secret => secret
                .as_str()
                .and_then(|secret| i64::try_from(secret.len()).ok())
                .into(),
        };
        plan.planned.set("secret_length", length);
        Diagnostics::default()
    }

    async fn check_plan(&self, folder: &Folder, plan: &mut Plan) -> Diagnostics {
        let name = plan.planned.get("name").as_str().unwrap_or_default();
        // The second plan of a replacement comes with the notes of what it replaces.
        let exists =
            plan.is_create() && plan.prior_private.is_empty() && folder.file(name).exists();
        let error = Diagnostic::error("Thing exists", "Import it.").at(Path::of("name"));
        if exists {
            error.into()
        } else {
            Diagnostics::default()
        }
    }

    async fn read(&self, folder: &Folder, request: ReadRequest) -> ReadReply {
        let name = request.state.get("name").as_str().unwrap_or_default();
        let (state, diagnostics) = match Self::look(folder, name) {
            Ok(state) => (state, Diagnostics::default()),
            Err(diagnostic) => (Some(request.state), diagnostic.into()),
        };
        let identity = state
            .as_ref()
            .map(|state| Self::identity_of(state.get("name")));
        ReadReply {
            state,
            private: request.private,
            identity,
            diagnostics,
        }
    }

    async fn create(&self, folder: &Folder, request: ApplyRequest) -> ApplyReply {
        Self::make(folder, request, 1).await
    }

    async fn update(&self, folder: &Folder, request: ApplyRequest) -> ApplyReply {
        let revision = request.prior.get("revision").as_i64().unwrap_or_default() + 1;
        Self::make(folder, request, revision).await
    }

    async fn delete(&self, folder: &Folder, request: ApplyRequest) -> ApplyReply {
        let name = request.prior.get("name").as_str().unwrap_or_default();
        match std::fs::remove_file(folder.file(name)) {
            Ok(()) => ApplyReply::default(),
            Err(error) => ApplyReply {
                state: Some(request.prior),
                private: request.private,
                diagnostics: Diagnostic::error("Thing cannot be removed", error.to_string()).into(),
                ..ApplyReply::default()
            },
        }
    }

    async fn import(&self, folder: &Folder, request: ImportRequest) -> ImportReply {
        let identity = request.identity.unwrap_or_default();
        let name = request
            .id
            .or_else(|| identity.get("name").as_str().map(str::to_owned))
            .unwrap_or_default();
        match Self::look(folder, &name) {
            Ok(Some(state)) => ImportReply {
                identity: Some(Self::identity_of(state.get("name"))),
                state: Some(state),
                ..ImportReply::default()
            },
            Ok(None) => ImportReply {
                diagnostics: Diagnostic::error(
                    "No such thing",
                    format!("There is no thing {name:?}."),
                )
                .into(),
                ..ImportReply::default()
            },
            Err(diagnostic) => ImportReply {
                diagnostics: diagnostic.into(),
                ..ImportReply::default()
            },
        }
    }

    fn upgrade(
        &self,
        version: i64,
        mut state: serde_json::Value,
    ) -> Result<serde_json::Value, Diagnostic> {
        if version != 0 {
            return Err(Diagnostic::error("Unknown version", version.to_string()));
        }
        // Version 0 called the size weight.
        if let Some(members) = state.as_object_mut()
            && let Some(weight) = members.remove("weight")
        {
            members.insert("size".to_owned(), weight);
        }
        Ok(state)
    }

    fn move_from(&self, source: MoveSource) -> Option<Result<(Value, Option<Value>), Diagnostic>> {
        let ours =
            source.provider_address.ends_with("/acme/demo") && source.type_name == "demo_old";
        let name = Value::from(source.state.get("label")?.as_str()?);
        let identity = Some(Self::identity_of(&name));
        ours.then(|| Ok((Value::object([("name", name)]), identity)))
    }
}
