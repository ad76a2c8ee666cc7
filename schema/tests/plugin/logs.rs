//! What the plugin writes to standard error.

use seedling_proto::goplugin::Empty;
use seedling_proto::goplugin::grpc_controller_client::GrpcControllerClient;
use seedling_proto::tfplugin6::get_metadata::Request;
use seedling_proto::tfplugin6::provider_client::ProviderClient;
use serde_json::Value;

use super::client::{block_on, connect, origin};
use super::process::{COOKIE, Plugin};

fn errors_after_a_call(variables: &[(&str, &str)]) -> String {
    let mut plugin = Plugin::start(variables, &[]);
    block_on(async {
        let channel = connect(&plugin, None).await.unwrap();
        ProviderClient::with_origin(channel.clone(), origin())
            .get_metadata(Request {})
            .await
            .unwrap();
        GrpcControllerClient::with_origin(channel, origin())
            .shutdown(Empty {})
            .await
            .unwrap();
    });
    plugin.ended();
    plugin.errors()
}

pub fn lines_are_what_core_reads() {
    let errors =
        errors_after_a_call(&[COOKIE, ("TF_LOG", "off"), ("TF_LOG_PROVIDER_DEMO", "trace")]);
    let lines: Vec<Value> = errors
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        lines.iter().any(|line| line["tf_rpc"] == "get_metadata"),
        "{errors}"
    );
    for line in lines {
        assert!(
            line["@message"].is_string() && line["@module"] == "provider.demo",
            "{line}"
        );
        assert!(
            matches!(
                line["@level"].as_str(),
                Some("trace" | "debug" | "info" | "warn" | "error")
            ),
            "{line}"
        );
        let timestamp = line["@timestamp"].as_str().unwrap();
        assert!(
            timestamp.len() == "2006-01-02T15:04:05.000000Z".len() && timestamp.ends_with('Z'),
            "{line}"
        );
    }
}

pub fn nothing_is_written_unasked() {
    assert_eq!(errors_after_a_call(&[COOKIE]), "");
}
