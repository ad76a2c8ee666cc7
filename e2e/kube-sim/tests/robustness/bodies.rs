//! Bodies that are broken, too large, too deep or not what they say.

use std::fmt::Write;

use crate::server::Server;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const JSON: &str = "application/json";
const YAML: &str = "application/yaml";
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// A status, and how the message begins.
type Expected = (u16, &'static str);

const UNRECOGNIZED: Expected = (
    400,
    "the object provided is unrecognized (must be of type ConfigMap)",
);

async fn check(
    server: &Server,
    method: &str,
    path: &str,
    kind: &str,
    body: Vec<u8>,
    expected: Expected,
) {
    let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
    let answer = server.send(method, path, kind, body).await;
    let message = answer.message();
    let fits = answer.status == expected.0 && message.starts_with(expected.1);
    assert!(
        fits,
        "{method} {kind} {shown}: {} {message:.300}",
        answer.status
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_no_objects() {
    let server = Server::start().await;
    let nameless = (
        422,
        "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required",
    );
    let table: &[(&str, &[u8], Expected)] = &[
        (
            JSON,
            b"",
            (
                400,
                "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
            ),
        ),
        (
            JSON,
            b"{",
            (
                400,
                "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({)",
            ),
        ),
        (JSON, b"null", nameless),
        (
            JSON,
            b"[]",
            (
                400,
                "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string",
            ),
        ),
        (
            JSON,
            b"3",
            (
                400,
                "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal number into Go value of type struct { APIVersion string",
            ),
        ),
        (JSON, b"\"x\"", UNRECOGNIZED),
        (JSON, b"{\"a\":}", UNRECOGNIZED),
        (
            JSON,
            br#"{"kind":"ConfigMap","apiVersion":"v1","metadata":3}"#,
            (
                400,
                "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: ",
            ),
        ),
        (
            JSON,
            br#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":3}}"#,
            (
                400,
                "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: ",
            ),
        ),
        (JSON, br#"{"kind":3}"#, (400, "")),
        (
            JSON,
            br#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}} trailing"#,
            UNRECOGNIZED,
        ),
        ("", b"{", UNRECOGNIZED),
        (
            "text/plain",
            b"{",
            (
                415,
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
            ),
        ),
        (YAML, b"a: [", UNRECOGNIZED),
        (YAML, b": :", UNRECOGNIZED),
        (YAML, b"null", nameless),
        (YAML, b"- x", UNRECOGNIZED),
        (YAML, b"x", UNRECOGNIZED),
        (YAML, b"", nameless),
        (YAML, b"\t\tx: 1", UNRECOGNIZED),
        (YAML, b"a: *b", UNRECOGNIZED),
        (YAML, b"{\"a\":\"\xff\xfe\"}", (400, "")),
        (PROTOBUF, b"x", (400, "")),
        (PROTOBUF, b"k8s\0", (400, "")),
        (PROTOBUF, b"k8s\0\x0a\xff\xff\xff\xff\xff", (400, "")),
        (PROTOBUF, b"", (400, "")),
    ];
    for (kind, body, expected) in table {
        check(&server, "POST", MAPS, kind, body.to_vec(), *expected).await;
    }
    server.goes_on().await;
}

const REJECTED: Expected = (
    422,
    "the server rejected our request due to an error in our request",
);
const DECODING: Expected = (400, "error decoding patch: ");
const BAD_YAML: Expected = (400, "error decoding YAML: ");

/// Patches of a map that is there.
const PATCHES: &[(&str, &str, Expected)] = &[
    (
        "json-patch+json",
        "{",
        (400, "error decoding patch: unexpected end of JSON input"),
    ),
    ("json-patch+json", "null", (200, "")),
    ("json-patch+json", "[]", (200, "")),
    (
        "json-patch+json",
        "3",
        (
            400,
            "error decoding patch: json: cannot unmarshal number into Go value of type []handlers.jsonPatchOp",
        ),
    ),
    ("json-patch+json", "{\"data\":3}", DECODING),
    ("json-patch+json", "[{\"op\":\"x\"}]", REJECTED),
    (
        "json-patch+json",
        "[{\"op\":\"add\",\"path\":\"\",\"value\":1}]",
        REJECTED,
    ),
    (
        "json-patch+json",
        "[{\"op\":\"replace\",\"path\":\"/a/b/c\",\"value\":1}]",
        REJECTED,
    ),
    ("json-patch+json", "[{\"op\":\"remove\"}]", REJECTED),
    (
        "merge-patch+json",
        "{",
        (400, "error decoding patch: unexpected end of JSON input"),
    ),
    ("merge-patch+json", "null", (400, "Invalid JSON Patch")),
    (
        "merge-patch+json",
        "[]",
        (
            400,
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
    ),
    ("merge-patch+json", "3", DECODING),
    ("merge-patch+json", "{\"data\":3}", (422, "")),
    ("strategic-merge-patch+json", "{", (400, "")),
    ("strategic-merge-patch+json", "null", (200, "")),
    ("strategic-merge-patch+json", "[]", (400, "")),
    ("strategic-merge-patch+json", "{\"data\":3}", (422, "")),
    ("apply-patch+yaml", "{", BAD_YAML),
    (
        "apply-patch+yaml",
        "null",
        (400, "invalid object type: /, Kind="),
    ),
    (
        "apply-patch+yaml",
        "",
        (400, "invalid object type: /, Kind="),
    ),
    (
        "apply-patch+yaml",
        "[]",
        (
            400,
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
    ),
    (
        "apply-patch+yaml",
        "a: [",
        (
            400,
            "error decoding YAML: error converting YAML to JSON: yaml: ",
        ),
    ),
    ("apply-patch+yaml", "3", BAD_YAML),
    (
        "apply-patch+yaml",
        "apiVersion: v1",
        (400, "invalid object type: /v1, Kind="),
    ),
    ("xml", "x", (415, "")),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn patches_that_are_none() {
    let server = Server::start().await;
    let map = serde_json::json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "a": "b" } });
    assert_eq!(
        server
            .apply(&format!("{MAPS}/one"), "test", &map)
            .await
            .status,
        201
    );
    for (kind, body, expected) in PATCHES {
        let path = format!("{MAPS}/one?fieldManager=test");
        let expected = if expected.0 == 200 {
            (200, "{")
        } else {
            *expected
        };
        check(
            &server,
            "PATCH",
            &path,
            &format!("application/{kind}"),
            body.as_bytes().to_vec(),
            expected,
        )
        .await;
    }
    let data = server.get(&format!("{MAPS}/one")).await.json()["data"].clone();
    assert_eq!(data, map["data"]);
    server.goes_on().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_too_large_or_too_deep() {
    let server = Server::start().await;
    let map = |data: &str| {
        format!("{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"x\"}},\"data\":{data}}}").into_bytes()
    };
    let text = |megabytes: usize| map(&format!("{{\"a\":\"{}\"}}", "x".repeat(megabytes << 20)));
    let nested = |depth: usize| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
    check(
        &server,
        "POST",
        MAPS,
        JSON,
        text(3),
        (413, "Request entity too large: limit is 3145728"),
    )
    .await;
    check(
        &server,
        "POST",
        MAPS,
        JSON,
        text(40),
        (413, "Request entity too large: limit is 3145728"),
    )
    .await;
    check(
        &server,
        "POST",
        MAPS,
        JSON,
        text(2),
        (422, "ConfigMap \"x\" is invalid: "),
    )
    .await;
    check(
        &server,
        "POST",
        MAPS,
        JSON,
        map(&nested(20_000)),
        UNRECOGNIZED,
    )
    .await;
    check(
        &server,
        "POST",
        MAPS,
        JSON,
        map(&nested(100)),
        (400, "ConfigMap in version \"v1\" cannot be handled"),
    )
    .await;
    check(
        &server,
        "POST",
        MAPS,
        JSON,
        "[".repeat(100_000).into_bytes(),
        UNRECOGNIZED,
    )
    .await;
    check(
        &server,
        "POST",
        MAPS,
        YAML,
        ("a: ".to_owned() + &"[".repeat(20_000)).into_bytes(),
        UNRECOGNIZED,
    )
    .await;
    check(&server, "POST", MAPS, YAML, bomb(), UNRECOGNIZED).await;
    let apply = format!("{MAPS}/x?fieldManager=test");
    check(
        &server,
        "PATCH",
        &apply,
        "application/apply-patch+yaml",
        map(&nested(20_000)),
        (400, "error decoding YAML: "),
    )
    .await;
    check(
        &server,
        "PATCH",
        &apply,
        "application/apply-patch+yaml",
        bomb(),
        (400, "error decoding YAML: "),
    )
    .await;
    let mut deep = b"k8s\0".to_vec();
    for _ in 0..5_000 {
        let length = deep.len().min(100);
        deep.extend([0x0a, u8::try_from(length).unwrap()]);
    }
    check(&server, "POST", MAPS, PROTOBUF, deep, (400, "")).await;
    server.goes_on().await;
}

/// Nine lists of nine references to the one before: 387 million items.
fn bomb() -> Vec<u8> {
    let mut text = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (before, name) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let references = vec![format!("*{before}"); 9].join(",");
        let _ = writeln!(text, "{name}: &{name} [{references}]");
    }
    text.into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_utf_8_is_replaced_in_json() {
    let server = Server::start().await;
    let body = b"{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"utf\"},\"data\":{\"a\":\"\xff\"}}";
    assert_eq!(server.post(MAPS, JSON, body).await.status, 201);
    let map = server.get(&format!("{MAPS}/utf")).await.json();
    assert_eq!(map["data"]["a"], "\u{fffd}");
}
