//! One table: arguments, and all findings they give.

use serde_json::{Value, json};

use super::*;
use crate::{IngressController, arg::all_unknown, finding::lines};

fn read(args: &Value) -> Args {
    serde_json::from_value(args.clone()).unwrap()
}

#[test]
fn a_good_ingress_has_no_findings() {
    let args = json!({
        "environment": "prod", "name": "api", "gateway": "shared/public", "host": "api.example.com", "aliases": ["*.example.org"],
        "routes": { "/": { "service": "web" }, "/api": { "service": "api", "port": 8080 } },
        "tls": { "issuer": "letsencrypt" }, "redirect_http": false, "max_body_size": "16Mi",
        "timeouts": { "request": "60s", "connect": "5s" }, "websocket": true,
        "basic_auth": { "user": "password" }, "allow_cidrs": ["10.0.0.0/8", "2001:db8::/32"]
    });
    assert_eq!(check(&read(&args)), []);
}

#[test]
fn nothing_is_said_about_unknown_values() {
    assert_eq!(check(&all_unknown()), []);
    let nested = Args {
        tls: Arg::Given(all_unknown()),
        timeouts: Arg::Given(all_unknown()),
        routes: Arg::Given([("/".to_owned(), Arg::Given(all_unknown()))].into()),
        ..all_unknown()
    };
    assert_eq!(check(&nested), []);
}

#[test]
fn every_problem_is_found() {
    let table = [
        (
            json!({ "environment": "A" }),
            "error environment: Invalid name",
        ),
        (json!({ "name": "a.b" }), "error name: Invalid name"),
        (json!({ "gateway": "a/b/c" }), "error gateway: Invalid name"),
        (
            json!({ "host": "https://a.example" }),
            "error host: Invalid name",
        ),
        (
            json!({ "host": "a.example", "aliases": ["a.example"] }),
            "error aliases[0]: Host used twice",
        ),
        (json!({ "routes": {} }), "error routes: No routes"),
        (
            json!({ "routes": { "api": {} } }),
            "error routes[\"api\"]: Invalid path prefix",
        ),
        (
            json!({ "routes": { "/api/": {} } }),
            "error routes[\"/api/\"]: Invalid path prefix",
        ),
        (
            json!({ "routes": { "/a*": {} } }),
            "error routes[\"/a*\"]: Invalid path prefix",
        ),
        (
            json!({ "routes": { "/": { "service": "A" } } }),
            "error routes[\"/\"].service: Invalid name",
        ),
        (
            json!({ "routes": { "/": { "service": "a", "port": 0 } } }),
            "error routes[\"/\"].port: Number out of range",
        ),
        (
            json!({ "redirect_http": true }),
            "error redirect_http: Redirect without `tls`",
        ),
        (
            json!({ "tls": {} }),
            "error tls: Where the certificate comes from",
        ),
        (
            json!({ "tls": { "issuer": "a", "secret": "b" } }),
            "error tls: Where the certificate comes from",
        ),
        (
            json!({ "tls": { "certificate": "-----BEGIN CERTIFICATE-----" } }),
            "error tls.key: Certificate without its key",
        ),
        (
            json!({ "tls": { "certificate": "x", "key": "-----BEGIN PRIVATE KEY-----" } }),
            "error tls.certificate: Not a certificate",
        ),
        (
            json!({ "tls": { "certificate": "-----BEGIN CERTIFICATE-----", "key": "x" } }),
            "error tls.key: Not a private key",
        ),
        (
            json!({ "max_body_size": "big" }),
            "error max_body_size: Invalid size",
        ),
        (
            json!({ "timeouts": { "request": "1" } }),
            "error timeouts.request: Invalid duration",
        ),
        (
            json!({ "timeouts": { "connect": "1500ms" } }),
            "error timeouts.connect: Not whole seconds",
        ),
        (json!({ "basic_auth": {} }), "error basic_auth: No users"),
        (
            json!({ "basic_auth": { "a:b": "x" } }),
            "error basic_auth[\"a:b\"]: Invalid user name",
        ),
        (
            json!({ "basic_auth": { "a": "" } }),
            "error basic_auth[\"a\"]: Empty password",
        ),
        (
            json!({ "basic_auth": { "a": "x".repeat(73) } }),
            "error basic_auth[\"a\"]: Password too long",
        ),
        (
            json!({ "allow_cidrs": ["10.0.0.1"] }),
            "error allow_cidrs[0]: Invalid network",
        ),
        (
            json!({ "allow_cidrs": ["10.0.0.0/33"] }),
            "error allow_cidrs[0]: Invalid network",
        ),
    ];
    for (args, expected) in table {
        assert_eq!(lines(&check(&read(&args))), [expected], "{args}");
    }
}

#[test]
fn each_controller_says_what_it_cannot_do() {
    let with = |controller| Context {
        ingress: Some(IngressController {
            controller,
            class: None,
        }),
        ..Context::default()
    };
    let (gateway, nginx) = (with(Controller::Gateway), with(Controller::IngressNginx));
    let impossible = |path: &str, controller: &str| {
        format!("error {path}: Not possible with the controller `{controller}`")
    };
    let table = [
        (
            json!({ "basic_auth": { "a": "b" } }),
            &gateway,
            impossible("basic_auth", "gateway"),
        ),
        (
            json!({ "allow_cidrs": ["10.0.0.0/8"] }),
            &gateway,
            impossible("allow_cidrs", "gateway"),
        ),
        (
            json!({ "max_body_size": "1Mi" }),
            &gateway,
            impossible("max_body_size", "gateway"),
        ),
        (
            json!({ "timeouts": { "connect": "1s" } }),
            &gateway,
            impossible("timeouts.connect", "gateway"),
        ),
        (
            json!({ "gateway": "public" }),
            &nginx,
            impossible("gateway", "ingress-nginx"),
        ),
        (
            json!({ "websocket": true, "timeouts": { "request": "60s" } }),
            &gateway,
            "warning websocket: Web sockets end with the request's time-out".into(),
        ),
    ];
    for (args, context, expected) in table {
        assert_eq!(
            lines(&check_with(&read(&args), context)),
            [expected],
            "{args}"
        );
    }
    assert_eq!(
        lines(&check_with(&read(&json!({})), &Context::default())),
        ["error : No ingress controller"]
    );
    let portable = read(
        &json!({ "host": "a.example", "tls": { "issuer": "a" }, "websocket": true, "timeouts": { "request": "60s" } }),
    );
    assert_eq!(check_with(&portable, &nginx), []);
}
