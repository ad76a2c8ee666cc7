//! What things were called before: the source of `moved` blocks.

use seedling_schema::{
    ApplyReply, ApplyRequest, Attribute, Diagnostic, ImportReply, ImportRequest, ReadReply,
    ReadRequest, Resource, Schema, Value, async_trait,
};

use super::{Folder, Thing};

/// The resource.
pub struct Old;

#[async_trait]
impl Resource<Folder> for Old {
    fn type_name(&self) -> &'static str {
        "demo_old"
    }

    fn schema(&self) -> Schema {
        Schema::new(0).attribute("label", Attribute::string().required())
    }

    async fn read(&self, _: &Folder, request: ReadRequest) -> ReadReply {
        ReadReply {
            state: Some(request.state),
            private: request.private,
            ..ReadReply::default()
        }
    }

    async fn create(&self, folder: &Folder, request: ApplyRequest) -> ApplyReply {
        let thing = Value::object([
            ("name", request.planned.get("label").clone()),
            ("size", 1.into()),
            ("id", "old".into()),
            ("revision", 1.into()),
            ("status", "ready".into()),
        ]);
        let made = ApplyRequest {
            planned: thing,
            ..request.clone()
        };
        let ApplyReply { diagnostics, .. } = Thing.create(folder, made).await;
        ApplyReply {
            state: Some(request.planned),
            diagnostics,
            ..ApplyReply::default()
        }
    }

    async fn update(&self, _: &Folder, request: ApplyRequest) -> ApplyReply {
        ApplyReply {
            state: Some(request.planned),
            ..ApplyReply::default()
        }
    }

    async fn delete(&self, _: &Folder, _: ApplyRequest) -> ApplyReply {
        ApplyReply::default()
    }

    async fn import(&self, _: &Folder, _: ImportRequest) -> ImportReply {
        let diagnostics = Diagnostic::error("Not importable", "Use demo_thing.").into();
        ImportReply {
            diagnostics,
            ..ImportReply::default()
        }
    }
}
