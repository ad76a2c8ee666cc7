//! The first line, and what is said instead of it.

use super::client::certificate;
use super::process::{COOKIE, Plugin};

pub fn the_line_says_where_to_connect() {
    let pem = certificate().cert.pem();
    let plugin = Plugin::start(
        &[
            COOKIE,
            ("PLUGIN_CLIENT_CERT", &pem),
            ("PLUGIN_PROTOCOL_VERSIONS", "5,6"),
        ],
        &[],
    );
    let fields = plugin.fields();
    assert_eq!(fields[..3], ["1", "6", "unix"], "{}", plugin.line);
    assert_eq!(fields[4], "grpc");
    assert!(
        fields[5].len() > 50 && !fields[5].contains('='),
        "{}",
        fields[5]
    );
    assert_eq!(fields.len(), 6);
    assert!(std::path::Path::new(fields[3]).exists());
}

pub fn a_start_by_hand_is_explained() {
    let mut plugin = Plugin::start(&[], &[]);
    assert_eq!(plugin.ended().code(), Some(1));
    assert_eq!(plugin.line, "");
    let errors = plugin.errors();
    assert!(
        errors.contains("plugin") && errors.contains("1.2.3") && errors.contains("tofu init"),
        "{errors}"
    );
}

pub fn a_senseless_certificate_is_named() {
    let mut plugin = Plugin::start(&[COOKIE, ("PLUGIN_CLIENT_CERT", "nonsense")], &[]);
    assert_eq!(plugin.ended().code(), Some(1));
    assert!(
        plugin
            .line
            .starts_with("PLUGIN_CLIENT_CERT holds no certificate"),
        "{}",
        plugin.line
    );
}

pub fn multiplexing_is_declined_when_asked() {
    let plugin = Plugin::start(&[COOKIE, ("PLUGIN_MULTIPLEX_GRPC", "true")], &[]);
    let fields = plugin.fields();
    assert_eq!(
        (fields.len(), fields[5], fields[6]),
        (7, "", "false"),
        "{}",
        plugin.line
    );
}
