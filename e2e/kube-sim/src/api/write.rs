//! Creating and changing objects.

use std::sync::Arc;

use serde_json::{Value, json};

use super::options::FieldValidation;
use super::parts::{keep_metadata, restrict, same};
use super::read::in_version;
use super::status::{Cause, Status};
use super::{Call, DEFINITIONS, Server};
use crate::admission::{self, Change};
use crate::apply::{Manager, Operation, Set, Writing};
use crate::kinds;
use crate::schema::{Schema, unknown_fields, wrong_types};
use crate::store::Resource;

/// What a function that makes the new state of an object gives.
pub(super) enum New {
    /// A state whose owners are to be booked.
    Written(Value),
    /// A state whose owners are booked.
    Applied(Value),
}

/// Kinds whose registries set `AllowCreateOnUpdate`.
const CREATED_BY_UPDATE: [&str; 9] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "Endpoints",
    "Event",
    "Lease",
    "LimitRange",
    "Role",
    "RoleBinding",
    "Service",
];

impl Server {
    /// Makes an object.
    pub fn create(&self, call: &Call, mut object: Value) -> Result<Arc<Value>, Status> {
        check_type(self, call, &mut object)?;
        check_fields(call, &object)?;
        self.create_new(call, New::Written(object))
    }

    /// Makes an object that was read and checked.
    pub(super) fn create_new(&self, call: &Call, new: New) -> Result<Arc<Value>, Status> {
        let (mut object, is_booked) = match new {
            New::Written(object) => (object, false),
            New::Applied(object) => (object, true),
        };
        let mut call = call.clone();
        check_place(&mut call, &mut object)?;
        let given = &object["metadata"]["resourceVersion"];
        if given.as_str().is_some_and(|version| !version.is_empty()) {
            return Err(Status::internal(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        kinds::read(&call.kind, &mut object);
        kinds::set_defaults(&call.kind, &mut object);
        let _writing = self.write_lock();
        self.generate_name(&mut call, &mut object);
        let now = self.now();
        if is_booked {
            // done by the apply
        } else {
            let manager = manager(&call, Operation::Update);
            writing(&call, &manager, &ignored(&call), &now)
                .create(&mut object, !call.kind.is_custom());
        }
        let metadata = &mut object["metadata"];
        metadata["uid"] = self.store.uid().into();
        metadata["creationTimestamp"] = now.into();
        for member in [
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
            "generation",
        ] {
            metadata
                .as_object_mut()
                .map(|metadata| metadata.remove(member));
        }
        admission::mutate(self, &call, None, &mut object)?;
        kinds::prepare_create(&call.kind, &mut object);
        kinds::allocate(self, &mut object, &call.kind);
        kinds::validate(&call.kind, None, &object).refuse(&call, &object)?;
        admission::validate(self, &call, Change::Create(&object))?;
        if self.store.has(&call.key()) {
            return Err(Status::already_exists(&call.kind.resource, &call.name));
        }
        Ok(self.keep(&call, object))
    }

    /// Replaces an object.
    pub fn update(&self, call: &Call, mut object: Value) -> Result<Arc<Value>, Status> {
        check_type(self, call, &mut object)?;
        check_fields(call, &object)?;
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        if name != call.name {
            let message = format!(
                "the name of the object ({name}) does not match the name on the URL ({})",
                call.name
            );
            return Err(Status::bad_request(message));
        }
        if CREATED_BY_UPDATE.contains(&call.kind.kind.as_str()) && !self.store.has(&call.key()) {
            return self.create(call, object);
        }
        // Their registries allow no unconditional update.
        let is_strict = call.kind.is_custom() || call.kind.kind == "PodDisruptionBudget";
        let version = &object["metadata"]["resourceVersion"];
        if is_strict
            && self.store.has(&call.key())
            && version.as_str().unwrap_or_default().is_empty()
        {
            let why = "must be specified for an update";
            let cause = Cause::invalid("metadata.resourceVersion", &0.into(), why);
            let Resource { group, plural } = &call.kind.resource;
            return Err(Status::invalid(group, plural, &call.name, &[cause]));
        }
        self.update_checked(call, object)
    }

    /// Replaces an object by one that was read and checked.
    pub(super) fn update_checked(&self, call: &Call, object: Value) -> Result<Arc<Value>, Status> {
        self.change(call, |_| Ok(New::Written(object)))
    }

    /// Changes an object that is there: `change` makes the new state from the live one.
    pub(super) fn change(
        &self,
        call: &Call,
        change: impl FnOnce(&Value) -> Result<New, Status>,
    ) -> Result<Arc<Value>, Status> {
        let _writing = self.write_lock();
        let key = call.key();
        let live = self.store.get(&key);
        let live = live.ok_or_else(|| Status::not_found(&call.kind.resource, &call.name))?;
        let live = in_version(call, live);
        let (mut object, is_booked) = match change(&live)? {
            New::Written(object) => (object, false),
            New::Applied(object) => (object, true),
        };
        check_place(&mut call.clone(), &mut object)?;
        check_preconditions(call, &live, &object)?;
        kinds::read(&call.kind, &mut object);
        kinds::set_defaults(&call.kind, &mut object);
        keep_metadata(&live, &mut object);
        if !is_booked {
            let manager = manager(call, Operation::Update);
            writing(call, &manager, &ignored(call), &self.now()).update(&live, &mut object);
        }
        self.store_change(call, &live, object)
    }

    /// The end of every change.
    fn store_change(
        &self,
        call: &Call,
        live: &Arc<Value>,
        mut object: Value,
    ) -> Result<Arc<Value>, Status> {
        restrict(call, live, &mut object);
        admission::mutate(self, call, Some(live), &mut object)?;
        kinds::prepare_update(&call.kind, &call.subresource, live, &mut object);
        kinds::validate(&call.kind, Some(live), &object).refuse(call, &object)?;
        admission::validate(self, call, Change::Update(live, &object))?;
        if same(live, &object) {
            return Ok(live.clone());
        }
        let metadata = &object["metadata"];
        let waits = metadata["finalizers"]
            .as_array()
            .is_some_and(|list| !list.is_empty())
            || object["spec"]["finalizers"]
                .as_array()
                .is_some_and(|list| !list.is_empty())
                && call.kind.kind == "Namespace";
        let grace = metadata["deletionGracePeriodSeconds"].as_i64().unwrap_or(0);
        if metadata["deletionTimestamp"].is_string()
            && !waits
            && grace == 0
            && !call.options.dry_run
        {
            self.remove_for_good(&call.key());
            return Ok(Arc::new(object));
        }
        Ok(self.keep(call, object))
    }

    /// Reviews are never stored, but have an owner all the same.
    pub(crate) fn book_review(&self, call: &Call, review: &mut Value) {
        let manager = manager(call, Operation::Update);
        writing(call, &manager, &ignored(call), &self.now()).create(review, true);
    }

    fn generate_name(&self, call: &mut Call, object: &mut Value) {
        let metadata = &mut object["metadata"];
        let has_name = metadata["name"]
            .as_str()
            .is_some_and(|name| !name.is_empty());
        if let (false, Some(prefix)) = (
            has_name,
            metadata["generateName"].as_str().map(str::to_owned),
        ) {
            // 63 characters for a name, 5 of them for the suffix.
            let prefix: String = prefix.chars().take(58).collect();
            metadata["name"] = format!("{prefix}{}", self.store.suffix(5)).into();
        }
        metadata["name"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut call.name);
    }

    /// Stores, unless it is a dry run.
    pub(super) fn keep(&self, call: &Call, mut object: Value) -> Arc<Value> {
        if call.options.dry_run {
            return Arc::new(object);
        }
        // One version is stored.
        if let Some(stored) = self.kinds().stored(&call.kind.resource) {
            object["apiVersion"] = stored.api_version().into();
        }
        let kept = self.store.put(&call.key(), object);
        if call.kind.resource == DEFINITIONS {
            self.learn_kinds();
        }
        in_version(call, kept)
    }
}

/// Fields that an endpoint does not write.
pub(super) fn ignored(call: &Call) -> Set {
    match call.subresource.as_str() {
        "" if call.kind.subresource("status").is_some() => Set::of_fields(&[&["status"]]),
        "status" => Set::of_fields(&[&["spec"], &["metadata", "labels"]]),
        _ => Set::default(),
    }
}

pub(super) fn manager(call: &Call, operation: Operation) -> Manager {
    Manager {
        name: call.manager().to_owned(),
        operation,
        api_version: call.kind.api_version(),
        subresource: call.subresource.clone(),
    }
}

pub(super) fn writing<'a>(
    call: &'a Call,
    manager: &'a Manager,
    ignored: &'a Set,
    now: &'a str,
) -> Writing<'a> {
    Writing {
        schema: call.kind.schema(),
        manager,
        ignored,
        now,
    }
}

/// The body is of the kind that the URL names; a body that names none gets it.
fn check_type(server: &Server, call: &Call, object: &mut Value) -> Result<(), Status> {
    let Some(members) = object.as_object_mut() else {
        return Err(Status::bad_request("the body of the request is no object"));
    };
    let (api_version, kind) = (call.kind.api_version(), &call.kind.kind);
    for (member, wanted) in [("apiVersion", &api_version), ("kind", kind)] {
        let given = members
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default();
        if given.is_empty() {
            members.insert(member.to_owned(), wanted.as_str().into());
        }
    }
    let text = |member: &str| {
        members
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (given_version, given_kind) = (text("apiVersion"), text("kind"));
    if given_version == api_version && given_kind == *kind {
        return Ok(());
    }
    let version = given_version.rsplit('/').next().unwrap_or_default();
    let why = if server.kinds().of(&given_version, &given_kind).is_some() {
        format!("converting (v1.{given_kind}) to (core.{kind}): unknown conversion")
    } else {
        format!(
            "no kind {given_kind:?} is registered for version {given_version:?} in scheme \"pkg/runtime/scheme.go:111\""
        )
    };
    Err(Status::bad_request(format!(
        "{given_kind} in version {version:?} cannot be handled as a {kind}: {why}"
    )))
}

/// Unknown fields and values of wrong types.
pub(super) fn check_fields(call: &Call, object: &Value) -> Result<(), Status> {
    let schema: Schema<'_> = call.kind.schema();
    if let Some(problem) = wrong_types(schema, object) {
        return Err(kinds::unreadable(&call.kind, &problem));
    }
    if let Some(why) = kinds::bad_quantity(&call.kind, object) {
        return Err(kinds::cannot_handle(&call.kind, &why));
    }
    if call.options.validation == FieldValidation::Ignore {
        return Ok(());
    }
    let unknown: Vec<_> = unknown_fields(schema, object)
        .into_iter()
        .map(|path| format!("unknown field {path:?}"))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    if call.options.validation == FieldValidation::Warn {
        for text in unknown {
            call.warn(text);
        }
        return Ok(());
    }
    let list = unknown.join(", ");
    Err(Status::bad_request(format!(
        "{} in version {:?} cannot be handled as a {}: strict decoding error: {list}",
        call.kind.kind, call.kind.version, call.kind.kind
    )))
}

/// Namespace and name of the body are those of the URL.
fn check_place(call: &mut Call, object: &mut Value) -> Result<(), Status> {
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    let metadata = &mut object["metadata"];
    let text = |member: &str| metadata[member].as_str().unwrap_or_default().to_owned();
    let namespace = text("namespace");
    if call.kind.namespaced {
        if namespace.is_empty() {
            metadata["namespace"] = call.namespace.as_str().into();
        } else if namespace != call.namespace {
            return Err(Status::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
    } else if namespace.is_empty() {
        metadata
            .as_object_mut()
            .map(|metadata| metadata.remove("namespace"));
    } else {
        return Err(Status::bad_request("namespace is not allowed on this type"));
    }
    if call.name.is_empty() {
        object["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut call.name);
    }
    Ok(())
}

fn check_preconditions(call: &Call, live: &Value, object: &Value) -> Result<(), Status> {
    let (live, new) = (&live["metadata"], &object["metadata"]);
    let (resource, name) = (&call.kind.resource, &call.name);
    if let Some(uid) = new["uid"].as_str().filter(|uid| !uid.is_empty())
        && live["uid"] != uid
    {
        let live = live["uid"].as_str().unwrap_or_default();
        let key = call.key();
        let place: Vec<_> = [&*resource.plural, &key.namespace, name]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: /registry/{}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {live}",
            place.join("/")
        );
        return Err(Status::conflict(resource, name, &why));
    }
    let version = new["resourceVersion"].as_str().unwrap_or_default();
    if !version.is_empty() && live["resourceVersion"] != version {
        return Err(Status::stale(resource, name));
    }
    Ok(())
}
