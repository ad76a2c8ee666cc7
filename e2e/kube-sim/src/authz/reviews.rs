//! Questions to the server about rights and names.

use serde_json::{Value, json};

use super::{Attributes, authorize, grants};
use crate::api::{Call, Cause, Server, Status};
use crate::authn::User;

const KINDS: [&str; 6] = [
    "LocalSubjectAccessReview",
    "SelfSubjectAccessReview",
    "SelfSubjectReview",
    "SelfSubjectRulesReview",
    "SubjectAccessReview",
    "TokenReview",
];

/// Answers a review; `None` for a kind that is none.
pub fn review(server: &Server, call: &Call, body: &Value) -> Option<Result<Value, Status>> {
    if !KINDS.contains(&call.kind.kind.as_str()) {
        return None;
    }
    if !body.is_object() {
        return Some(Err(Status::bad_request(
            "the body of the request is no object",
        )));
    }
    let mut answer = body.clone();
    answer["apiVersion"] = call.kind.api_version().into();
    answer["kind"] = call.kind.kind.as_str().into();
    if !answer["metadata"].is_object() {
        answer["metadata"] = json!({});
    }
    let spec = &body["spec"];
    let status = match call.kind.kind.as_str() {
        "SelfSubjectAccessReview" => access(server, &call.user, spec),
        "SubjectAccessReview" | "LocalSubjectAccessReview" => {
            somebody(call, spec).and_then(|user| access(server, &user, spec))
        }
        "SelfSubjectRulesReview" => Ok(rules(server, &call.user, spec)),
        "SelfSubjectReview" => {
            let mut info = user_info(&call.user);
            if info["uid"] == "" {
                info.as_object_mut().map(|info| info.remove("uid"));
            }
            Ok(json!({ "userInfo": info }))
        }
        "TokenReview" => Ok(token(server, spec)),
        _ => return None,
    };
    Some(status.map(|status| {
        match call.kind.kind.as_str() {
            // These two are answered anew, not with what was sent.
            "SelfSubjectRulesReview" => answer["spec"] = json!({}),
            "SelfSubjectReview" => {
                answer["metadata"] = json!({ "creationTimestamp": server.now() });
            }
            _ => server.book_review(call, &mut answer),
        }
        answer["status"] = status;
        answer
    }))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn somebody(call: &Call, spec: &Value) -> Result<User, Status> {
    let groups = spec["groups"].as_array().into_iter().flatten();
    let user = User {
        name: text(&spec["user"]),
        uid: text(&spec["uid"]),
        groups: groups.map(text).collect(),
        ..User::default()
    };
    if user.name.is_empty() && user.groups.is_empty() {
        let why = "at least one of user or group must be specified";
        let cause = Cause::invalid("spec.user", &"".into(), why);
        // The real server names the group alone.
        return Err(Status::invalid(&call.kind.resource.group, "", "", &[cause]));
    }
    Ok(user)
}

fn access(server: &Server, user: &User, spec: &Value) -> Result<Value, Status> {
    let (resource, path) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    let what = if resource.is_object() {
        let sub = text(&resource["subresource"]);
        let plural = text(&resource["resource"]);
        Attributes {
            verb: text(&resource["verb"]),
            group: text(&resource["group"]),
            resource: if sub.is_empty() {
                plural
            } else {
                format!("{plural}/{sub}")
            },
            namespace: text(&resource["namespace"]),
            name: text(&resource["name"]),
            path: String::new(),
        }
    } else if path.is_object() {
        Attributes {
            verb: text(&path["verb"]),
            path: text(&path["path"]),
            ..Attributes::default()
        }
    } else {
        let message = "spec: Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified";
        return Err(Status::bad_request(message));
    };
    let decision = authorize(server.store(), user, &what);
    let mut status = json!({ "allowed": decision.allowed });
    if !decision.reason.is_empty() {
        status["reason"] = decision.reason.into();
    }
    Ok(status)
}

fn rules(server: &Server, user: &User, spec: &Value) -> Value {
    let namespace = text(&spec["namespace"]);
    let all = grants(server.store(), user, &namespace)
        .into_iter()
        .flat_map(|grant| grant.rules);
    let mut resources = Vec::new();
    let mut urls = Vec::new();
    if user.groups.iter().any(|group| group == "system:masters") {
        resources.push(json!({ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] }));
        urls.push(json!({ "verbs": ["*"], "nonResourceURLs": ["*"] }));
    }
    for rule in all {
        if rule.resources.is_empty() {
            urls.push(rule.to_json());
        } else {
            resources.push(rule.to_json());
        }
    }
    json!({ "resourceRules": resources, "nonResourceRules": urls, "incomplete": false })
}

fn user_info(user: &User) -> Value {
    json!({ "username": user.name, "uid": user.uid, "groups": user.groups })
}

fn token(server: &Server, spec: &Value) -> Value {
    match server.tokens.user(server.store(), &text(&spec["token"])) {
        Some(user) => {
            json!({ "authenticated": true, "user": user_info(&user), "audiences": ["https://kubernetes.default.svc"] })
        }
        None => json!({ "user": {}, "error": "[invalid bearer token, token lookup failed]" }),
    }
}
