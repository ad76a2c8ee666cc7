//! Bytes that nobody would send: reading them gives an answer, never a panic.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{body, path};
use crate::api::Options;
use crate::clock::RunningClock;
use crate::{api::Server, store::Store};

const OBJECTS: [&str; 4] = [
    "",
    "application/json",
    "application/yaml",
    "application/vnd.kubernetes.protobuf",
];
const PATCHES: [&str; 4] = [
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
];

fn headers(kind: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())])
}

/// Random bytes, and bytes that begin as a body of that kind does and go wrong later.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let beginnings: [&[u8]; 6] = [
        b"",
        b"k8s\0",
        b"k8s\0\x0a\x15\x0a\x02v1\x12\x0fLimitRange\x12",
        b"{\"apiVersion\":\"v1\",\"kind\":",
        b"a: &a [*a, ",
        b"[{\"op\":\"add\",\"path\":\"/",
    ];
    let end = prop_oneof![
        vec(any::<u8>(), 0..200),
        "[-\\[\\]{}:,&*!|>\"'a-c0-9\n ]{0,80}".prop_map(String::into_bytes)
    ];
    (proptest::sample::select(beginnings.to_vec()), end)
        .prop_map(|(beginning, end)| [beginning, &end].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_an_object_or_refused(bytes in bytes()) {
        for kind in OBJECTS {
            match body::object(&headers(kind), &bytes, "Pod") {
                Ok(object) => prop_assert!(object.is_object()),
                Err(status) => prop_assert!((400..500).contains(&status.code), "{status:?}"),
            }
        }
    }

    #[test]
    fn any_bytes_are_a_patch_or_refused(bytes in bytes()) {
        for kind in PATCHES {
            if let Err(status) = body::patch(&headers(kind), &bytes) {
                prop_assert!((400..500).contains(&status.code), "{status:?}");
            }
        }
    }

    #[test]
    fn any_query_is_read_or_refused(query in "[a-zA-Z]{0,12}[=&%+ -~]{0,30}") {
        if let Err(status) = Options::parse(&query) {
            prop_assert!([400, 422, 501].contains(&status.code), "{status:?}");
        }
    }
}

#[test]
fn any_path_leads_somewhere_or_nowhere() {
    let server = Server::new(Store::new(std::sync::Arc::new(RunningClock), 1));
    let kinds = server.kinds();
    let parts = [
        "api",
        "apis",
        "v1",
        "apps",
        "namespaces",
        "default",
        "pods",
        "deployments",
        "status",
        "log",
        "..",
        "",
        "%2f",
        "%00",
        "%ff",
        "%",
        "é",
    ];
    let paths = vec(proptest::sample::select(parts.to_vec()), 0..8);
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&paths, |parts| {
            if let Some(Err(status)) = path::place(&kinds, &format!("/{}", parts.join("/"))) {
                prop_assert!([400, 404, 501].contains(&status.code), "{status:?}");
            }
            Ok(())
        })
        .unwrap();
}
