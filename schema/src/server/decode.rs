//! From messages to values and back, as the calls need it.

use seedling_proto::tfplugin6 as pb;

use super::registry::ResourceEntry;
use crate::diagnostics::Diagnostic;
use crate::private::Private;
use crate::types::Type;
use crate::value::Value;
use crate::wire::{self, WireError};

/// Reads a value of a schema's type.
pub(super) fn value(message: Option<&pb::DynamicValue>, ty: &Type) -> Result<Value, Diagnostic> {
    wire::read(message, ty).map_err(Diagnostic::from)
}

/// Reads the provider's notes.
pub(super) fn private(bytes: &[u8]) -> Result<Private, Diagnostic> {
    Private::from_bytes(bytes).map_err(|error| {
        Diagnostic::error(
            "Private state cannot be read",
            format!(
                "The notes that the provider keeps with the state of this object are damaged: {error}.\n\nIf the state \
                 file was edited by hand, restore a backup; else please report this."
            ),
        )
    })
}

/// Reads an identity, if the resource has one and the message brings one.
pub(super) fn identity<C: Send + Sync>(
    message: Option<&pb::ResourceIdentityData>,
    entry: &ResourceEntry<C>,
) -> Result<Option<Value>, Diagnostic> {
    let (Some(message), Some(schema)) = (message, entry.identity()) else {
        return Ok(None);
    };
    let identity = value(message.identity_data.as_ref(), &schema.ty())?;
    Ok((!identity.is_null()).then_some(identity))
}

/// Writes an identity, if the resource has one.
pub(super) fn identity_message<C: Send + Sync>(
    identity: Option<&Value>,
    entry: &ResourceEntry<C>,
) -> Result<Option<pb::ResourceIdentityData>, WireError> {
    let (Some(identity), Some(schema)) = (identity, entry.identity()) else {
        return Ok(None);
    };
    Ok(Some(pb::ResourceIdentityData {
        identity_data: wire::write(identity, &schema.ty())?,
    }))
}
