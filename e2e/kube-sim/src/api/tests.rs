//! Whatever patch is sent to whatever object: there is an answer, and an object that was refused is as it was.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Call, Options, PatchKind, Selector, Server};
use crate::authn::User;
use crate::clock::RunningClock;
use crate::store::{Resource, Store};

/// JSON of a few names and values, so that random patches meet something.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2_i64..100).prop_map(Value::from),
        "[a-c]{0,3}".prop_map(Value::from),
        proptest::sample::select(vec![
            "replace",
            "delete",
            "merge",
            "v1",
            "apps/v1",
            "Deployment",
            "25%",
            "1Gi"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let names = proptest::sample::select(vec![
            "apiVersion",
            "kind",
            "metadata",
            "name",
            "labels",
            "annotations",
            "finalizers",
            "ownerReferences",
            "managedFields",
            "fieldsV1",
            "f:spec",
            "spec",
            "replicas",
            "template",
            "containers",
            "image",
            "ports",
            "containerPort",
            "env",
            "value",
            "selector",
            "matchLabels",
            "strategy",
            "$patch",
            "$retainKeys",
            "$setElementOrder/containers",
            "$deleteFromPrimitiveList/finalizers",
            "status",
            "conditions",
            "type",
            "a",
        ]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names.prop_map(str::to_owned), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Operations of a JSON patch.
fn operations() -> impl Strategy<Value = Value> {
    let operation = proptest::sample::select(vec![
        "add", "remove", "replace", "test", "move", "copy", "x",
    ]);
    let path = "(/(spec|template|metadata|labels|containers|0|-|1|a|~1|~0|~)){0,5}/?";
    let one = (operation, path, path, value()).prop_map(
        |(op, path, from, value)| json!({ "op": op, "path": path, "from": from, "value": value }),
    );
    proptest::collection::vec(one, 0..4).prop_map(Value::from)
}

fn deployment() -> Value {
    json!({
        "metadata": { "name": "web", "labels": { "a": "b" } },
        "spec": {
            "selector": { "matchLabels": { "a": "b" } },
            "template": {
                "metadata": { "labels": { "a": "b" } },
                "spec": { "containers": [{ "name": "a", "image": "a", "ports": [{ "containerPort": 80 }], "env": [{ "name": "a", "value": "b" }] }] },
            },
        },
    })
}

fn call(server: &Server, name: &str) -> Call {
    let options = Options {
        field_manager: Some("test".to_owned()),
        ..Options::default()
    };
    Call {
        user: User::authenticated("admin", &["system:masters"]),
        agent: "test".to_owned(),
        kind: server
            .kinds()
            .stored(&Resource::new("apps", "deployments"))
            .unwrap()
            .clone(),
        namespace: "default".to_owned(),
        name: name.to_owned(),
        subresource: String::new(),
        options,
        warnings: Arc::new(Mutex::default()),
    }
}

fn check(kind: PatchKind, patch: &Value) -> Result<(), TestCaseError> {
    let server = Server::new(Store::new(Arc::new(RunningClock), 1));
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "default" }, "status": { "phase": "Active" } });
    server.store().put(
        &crate::store::Key::new(&Resource::new("", "namespaces"), "", "default"),
        namespace,
    );
    server.create(&call(&server, ""), deployment()).unwrap();
    let call = call(&server, "web");
    let before = server.get(&call).unwrap();
    match server.patch(&call, kind, patch) {
        Ok(after) => prop_assert_eq!(&after["metadata"]["name"], "web"),
        Err(status) => {
            prop_assert!((400..=500).contains(&status.code), "{status:?}");
            prop_assert_eq!(server.get(&call).unwrap(), before);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_json_patch_has_an_answer(patch in operations()) {
        check(PatchKind::Json, &patch)?;
    }

    #[test]
    fn any_merge_patch_has_an_answer(patch in value()) {
        check(PatchKind::Merge, &patch)?;
    }

    #[test]
    fn any_strategic_patch_has_an_answer(patch in value()) {
        check(PatchKind::Strategic, &patch)?;
    }

    #[test]
    fn any_apply_has_an_answer(mut patch in value()) {
        if patch.is_object() {
            patch["apiVersion"] = "apps/v1".into();
            patch["kind"] = "Deployment".into();
            patch["metadata"] = json!({ "name": "web", "labels": patch["metadata"]["labels"] });
        }
        check(PatchKind::Apply, &patch)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn any_selector_is_read_or_refused(labels in "[a-c=!<>(), \t./\\-é]{0,24}|.{0,24}", fields in "[a-z.=!,\\\\]{0,24}|.{0,24}") {
        for (labels, fields) in [(labels.as_str(), ""), ("", fields.as_str())] {
            match Selector::parse(&Resource::new("", "pods"), labels, fields) {
                Ok(selector) => { selector.chooses(&deployment()); }
                Err(status) => prop_assert_eq!(status.code, 400),
            }
        }
    }
}
