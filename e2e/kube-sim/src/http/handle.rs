//! From a request to its answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{ACCEPT, USER_AGENT};
use http::request::Parts;
use http::{Method, Request, Response};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::answer::{self, Body};
use super::path::{Place, place};
use super::{body, table, watch, who};
use crate::api::{Call, DeleteOptions, List, Options, Server, Status};
use crate::authn::User;
use crate::authz::{Attributes, authorize, refusal, review};
use crate::discovery;

/// Answers.
pub(super) async fn handle(
    server: Arc<Server>,
    certificate: Option<User>,
    request: Request<Incoming>,
) -> Response<Body> {
    let (parts, incoming) = request.into_parts();
    match answered(&server, certificate, &parts, incoming).await {
        Ok(response) => response,
        Err(status) => {
            if status.code == 501 {
                server.note_uncovered(&status.message);
                tracing::warn!(method = %parts.method, uri = %parts.uri, "{}", status.message);
            }
            answer::refusal(&status)
        }
    }
}

async fn answered(
    server: &Arc<Server>,
    certificate: Option<User>,
    parts: &Parts,
    incoming: Incoming,
) -> Result<Response<Body>, Status> {
    let user = who::user(server, certificate, &parts.headers)?;
    let kinds = server.kinds();
    let Some(place) = place(&kinds, parts.uri.path()) else {
        return document(server, &user, parts);
    };
    let place = place?;
    let options = Options::parse(parts.uri.query().unwrap_or_default())?;
    let verb = verb(&parts.method, &place, &options)?;
    allow(server, &user, verb, &place)?;
    let call = Call {
        user,
        agent: agent(parts),
        kind: place.kind,
        namespace: place.namespace,
        name: place.name,
        subresource: place.subresource,
        options,
        warnings: Arc::new(Mutex::default()),
    };
    if call.kind.kind == "Endpoints" {
        let words = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
        call.warn(words.to_owned());
    }
    if matches!(verb, "watch" | "list") {
        call.options.check_list(verb == "watch")?;
    }
    if verb == "watch" {
        let mut response = watch::answer(server.clone(), &call)?;
        let warnings = call.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        answer::warn(&mut response, &warnings);
        return Ok(response);
    }
    let bytes = body::bytes(incoming).await?;
    let attempt = || act(server, &call, verb, parts, &bytes);
    // A mistake of ours must not take other requests with it; what it left in the store is whole, as objects are replaced at once.
    let result = catch_unwind(AssertUnwindSafe(attempt))
        .unwrap_or_else(|_| Err(Status::internal("kube-sim made a mistake: see its log")));
    let warnings = call
        .warnings
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let mut response = result.unwrap_or_else(|status| {
        if status.code == 501 {
            server.note_uncovered(&status.message);
        }
        answer::refusal(&status)
    });
    answer::warn(&mut response, &warnings);
    Ok(response)
}

/// Discovery, health, version.
fn document(server: &Server, user: &User, parts: &Parts) -> Result<Response<Body>, Status> {
    let path = parts.uri.path();
    let what = Attributes {
        verb: parts.method.as_str().to_lowercase(),
        path: path.to_owned(),
        ..Attributes::default()
    };
    if !authorize(server.store(), user, &what).allowed {
        return Err(refusal(user, &what));
    }
    let accept = header(parts, &ACCEPT);
    match discovery::answer(&server.kinds(), path, accept) {
        Some(document) => Ok(answer::bytes(200, document.content_type, document.body)),
        None if path == "/openapi/v2" => {
            Err(Status::not_covered("OpenAPI v2: ask for /openapi/v3"))
        }
        None => Ok(answer::bytes(
            404,
            "text/plain; charset=utf-8",
            b"404 page not found\n".to_vec(),
        )),
    }
}

fn header<'a>(parts: &'a Parts, name: &http::HeaderName) -> &'a str {
    parts
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The name that the real server takes from a client's agent: up to the first slash.
fn agent(parts: &Parts) -> String {
    let name = header(parts, &USER_AGENT)
        .split('/')
        .next()
        .unwrap_or_default();
    if name.is_empty() { "unknown" } else { name }
        .chars()
        .take(128)
        .collect()
}

fn verb(method: &Method, place: &Place, options: &Options) -> Result<&'static str, Status> {
    let one = !place.name.is_empty();
    let verb = match *method {
        // With a name it is an ordinary read, whatever the parameters say.
        Method::GET | Method::HEAD if options.watch && !one && place.subresource.is_empty() => {
            "watch"
        }
        Method::GET | Method::HEAD if one => "get",
        Method::GET | Method::HEAD => "list",
        Method::POST => "create",
        Method::PUT if one => "update",
        Method::PATCH if one => "patch",
        Method::DELETE if one => "delete",
        Method::DELETE => "deletecollection",
        _ => return Err(Status::method_not_allowed()),
    };
    let verbs = match place.kind.subresource(&place.subresource) {
        Some(sub) => &sub.verbs,
        None => &place.kind.verbs,
    };
    let known = verbs.iter().any(|one| one == verb)
        || verb == "create" && one && place.subresource.is_empty();
    if !known || verb == "create" && one && place.subresource.is_empty() {
        return Err(Status::method_not_allowed());
    }
    Ok(verb)
}

fn allow(server: &Server, user: &User, verb: &str, place: &Place) -> Result<(), Status> {
    let plural = &place.kind.resource.plural;
    let what = Attributes {
        verb: verb.to_owned(),
        group: place.kind.resource.group.to_string(),
        resource: match place.subresource.as_str() {
            "" => plural.to_string(),
            sub => format!("{plural}/{sub}"),
        },
        // A namespace is its own.
        namespace: if plural == "namespaces" {
            place.name.clone()
        } else {
            place.namespace.clone()
        },
        name: place.name.clone(),
        path: String::new(),
    };
    if authorize(server.store(), user, &what).allowed {
        return Ok(());
    }
    Err(refusal(user, &what))
}

fn act(
    server: &Server,
    call: &Call,
    verb: &str,
    parts: &Parts,
    bytes: &[u8],
) -> Result<Response<Body>, Status> {
    let object = || body::object(&parts.headers, bytes, &call.kind.kind);
    let optional = || {
        if bytes.is_empty() {
            Ok(Value::Null)
        } else {
            object()
        }
    };
    if !call.subresource.is_empty() && call.subresource != "status" {
        return subresource(server, call, verb, parts, bytes);
    }
    match verb {
        "get" => shown(server, call, parts, 200, &server.get(call)?),
        "list" => listed(server, call, parts, &server.list(call)?),
        "create" => {
            let object = object()?;
            match review(server, call, &object) {
                Some(answer) => Ok(answer::json(201, &answer?)),
                None => shown(server, call, parts, 201, &server.create(call, object)?),
            }
        }
        "update" => {
            let is_new = !server.store().has(&call.key());
            let result = server.update(call, object()?)?;
            shown(server, call, parts, if is_new { 201 } else { 200 }, &result)
        }
        "patch" => {
            let (kind, patch) = body::patch(&parts.headers, bytes)?;
            let is_new = !server.store().has(&call.key());
            let result = server.patch(call, kind, &patch)?;
            shown(server, call, parts, if is_new { 201 } else { 200 }, &result)
        }
        "delete" => {
            let options = DeleteOptions::read(&optional()?, &call.options);
            Ok(answer::json(200, &server.delete(call, &options)?))
        }
        "deletecollection" => {
            let options = DeleteOptions::read(&optional()?, &call.options);
            Ok(answer::json(200, &server.delete_all(call, &options)?))
        }
        _ => Err(Status::method_not_allowed()),
    }
}

fn subresource(
    server: &Server,
    call: &Call,
    verb: &str,
    parts: &Parts,
    bytes: &[u8],
) -> Result<Response<Body>, Status> {
    let object = || body::object(&parts.headers, bytes, &call.kind.kind);
    match (call.subresource.as_str(), verb) {
        ("scale", "get") => Ok(answer::json(200, &server.scale(call)?)),
        ("scale", "update") => {
            let wanted = object()?;
            Ok(answer::json(200, &server.set_scale(call, |_| Ok(wanted))?))
        }
        ("scale", "patch") => match body::patch(&parts.headers, bytes)? {
            (crate::api::PatchKind::Merge, patch) => {
                Ok(answer::json(200, &server.patch_scale(call, &patch)?))
            }
            _ => Err(Status::not_covered(
                "patches of a scale that are no merge patches",
            )),
        },
        ("log", "get") => Ok(answer::bytes(
            200,
            "text/plain",
            server.log(call)?.into_bytes(),
        )),
        ("eviction", "create") => Ok(answer::json(201, &server.evict(call, &object()?)?)),
        ("binding", "create") => Ok(answer::json(201, &server.bind(call, &object()?)?)),
        ("token", "create") => Ok(answer::json(201, &server.token(call, &object()?)?)),
        ("finalize", "update") => shown(
            server,
            call,
            parts,
            200,
            &server.finalize(call, &object()?)?,
        ),
        (sub, verb) => Err(Status::not_covered(&format!(
            "{verb} of the sub-resource {sub}"
        ))),
    }
}

fn shown(
    server: &Server,
    call: &Call,
    parts: &Parts,
    code: u16,
    object: &Arc<Value>,
) -> Result<Response<Body>, Status> {
    let accept = header(parts, &ACCEPT);
    if table::is_wanted(accept) {
        let metadata = json!({ "resourceVersion": object["metadata"]["resourceVersion"] });
        let now = server.store().clock().now();
        let table = table::table(call, std::slice::from_ref(object), &metadata, now, accept)?;
        return Ok(answer::json(code, &table));
    }
    Ok(answer::json(code, object))
}

fn listed(
    server: &Server,
    call: &Call,
    parts: &Parts,
    list: &List,
) -> Result<Response<Body>, Status> {
    let accept = header(parts, &ACCEPT);
    if table::is_wanted(accept) {
        let items: Vec<_> = list.items.iter().map(|item| item.tree()).collect();
        let now = server.store().clock().now();
        let table = table::table(call, &items, &metadata(list), now, accept)?;
        return Ok(answer::json(200, &table));
    }
    let version = call.kind.api_version();
    let head = format!(
        "{{\"kind\":\"{}List\",\"apiVersion\":\"{version}\",\"metadata\":{},\"items\":[",
        call.kind.kind,
        match metadata(list) {
            // Lists of custom kinds always say that nothing follows.
            mut metadata if call.kind.is_custom() && list.go_on.is_empty() => {
                metadata["continue"] = "".into();
                metadata
            }
            metadata => metadata,
        }
    );
    let mut body = head.into_bytes();
    for (index, item) in list.items.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        // Items of a list do not repeat their kind; those of custom kinds do.
        if call.kind.is_custom() {
            body.extend(item.text(&version).bytes());
        } else {
            body.extend(item.bare_text().bytes());
        }
    }
    body.extend(b"]}");
    Ok(answer::bytes(200, "application/json", body))
}

pub(super) fn metadata(list: &List) -> Value {
    let mut metadata = json!({ "resourceVersion": list.revision.to_string() });
    if !list.go_on.is_empty() {
        metadata["continue"] = list.go_on.as_str().into();
        if list.remaining > 0 {
            metadata["remainingItemCount"] = list.remaining.into();
        }
    }
    metadata
}
