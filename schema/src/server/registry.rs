//! What a provider offers, by name. Schemas are made when they are first needed.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::data_source::DataSource;
use crate::diagnostics::Diagnostic;
use crate::ephemeral::EphemeralResource;
use crate::function::Function;
use crate::resource::{Provider, Resource};
use crate::schema::{Identity, Schema};
use crate::types::Type;

/// A schema and what follows from it, made on first use.
pub(super) struct Described<T: ?Sized> {
    made: OnceLock<(Schema, Type)>,
    describe: fn(&T) -> Schema,
    /// The thing itself.
    pub thing: Box<T>,
}

impl<T: ?Sized> Described<T> {
    fn new(thing: Box<T>, describe: fn(&T) -> Schema) -> Self {
        Self {
            made: OnceLock::new(),
            describe,
            thing,
        }
    }

    fn described(&self) -> &(Schema, Type) {
        self.made.get_or_init(|| {
            let schema = (self.describe)(&self.thing);
            let ty = schema.ty();
            (schema, ty)
        })
    }

    /// The schema.
    pub(super) fn schema(&self) -> &Schema {
        &self.described().0
    }

    /// The schema's object type.
    pub(super) fn ty(&self) -> &Type {
        &self.described().1
    }
}

/// A resource with its schemas.
pub(super) struct ResourceEntry<C> {
    /// The resource and its schema.
    pub resource: Described<dyn Resource<C>>,
    identity: OnceLock<Option<Identity>>,
}

impl<C: Send + Sync> ResourceEntry<C> {
    /// The identity schema, if the resource has one.
    pub(super) fn identity(&self) -> Option<&Identity> {
        self.identity
            .get_or_init(|| self.resource.thing.identity())
            .as_ref()
    }
}

/// Everything a provider offers.
pub(super) struct Registry<C> {
    /// The provider block's schema.
    pub provider: Schema,
    pub resources: BTreeMap<&'static str, ResourceEntry<C>>,
    pub data_sources: BTreeMap<&'static str, Described<dyn DataSource<C>>>,
    pub ephemeral_resources: BTreeMap<&'static str, Described<dyn EphemeralResource<C>>>,
    pub functions: BTreeMap<&'static str, Box<dyn Function>>,
}

impl<C: Send + Sync + 'static> Registry<C> {
    /// Asks the provider for what it offers.
    pub(super) fn new<P: Provider<Client = C>>(provider: &P) -> Self {
        let resource = |resource: Box<dyn Resource<C>>| {
            let name = resource.type_name();
            (
                name,
                ResourceEntry {
                    resource: Described::new(resource, super::super::resource::Resource::schema),
                    identity: OnceLock::new(),
                },
            )
        };
        Self {
            provider: provider.schema(),
            resources: provider.resources().into_iter().map(resource).collect(),
            data_sources: provider
                .data_sources()
                .into_iter()
                .map(|it| {
                    (
                        it.type_name(),
                        Described::new(it, super::super::data_source::DataSource::schema),
                    )
                })
                .collect(),
            ephemeral_resources: provider
                .ephemeral_resources()
                .into_iter()
                .map(|it| {
                    (
                        it.type_name(),
                        Described::new(it, super::super::ephemeral::EphemeralResource::schema),
                    )
                })
                .collect(),
            functions: provider
                .functions()
                .into_iter()
                .map(|it| (it.name(), it))
                .collect(),
        }
    }

    /// The resource of this name, which the log of the call will name as well.
    pub(super) fn resource(&self, name: &str) -> Result<&ResourceEntry<C>, Diagnostic> {
        tracing::Span::current().record("tf_resource_type", name);
        self.resources
            .get(name)
            .ok_or_else(|| unknown("resource", name))
    }

    /// The data source of this name.
    pub(super) fn data_source(
        &self,
        name: &str,
    ) -> Result<&Described<dyn DataSource<C>>, Diagnostic> {
        self.data_sources
            .get(name)
            .ok_or_else(|| unknown("data source", name))
    }

    /// The ephemeral resource of this name.
    pub(super) fn ephemeral_resource(
        &self,
        name: &str,
    ) -> Result<&Described<dyn EphemeralResource<C>>, Diagnostic> {
        self.ephemeral_resources
            .get(name)
            .ok_or_else(|| unknown("ephemeral resource", name))
    }
}

fn unknown(kind: &str, name: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Unknown {kind}"),
        format!(
            "This provider has no {kind} {name:?}. If the state or the configuration comes from a newer \
             release of the provider, install that one."
        ),
    )
}
