//! Whom the plugin lets in.

use seedling_proto::tfplugin6::get_provider_schema::Request;
use seedling_proto::tfplugin6::provider_client::ProviderClient;

use super::client::{Channel, Failure, block_on, certificate, connect, origin};
use super::process::{COOKIE, Plugin};

/// Calls something; with TLS 1.3 a refusal shows itself only here.
async fn call(channel: Result<Channel, Failure>) -> Result<(), Failure> {
    let mut client = ProviderClient::with_origin(channel?, origin());
    let schema = client.get_provider_schema(Request {}).await?.into_inner();
    assert!(schema.resource_schemas.contains_key("demo_thing"));
    Ok(())
}

pub fn the_client_is_let_in() {
    let own = certificate();
    let plugin = Plugin::start(&[COOKIE, ("PLUGIN_CLIENT_CERT", &own.cert.pem())], &[]);
    block_on(async { call(connect(&plugin, Some(&own)).await).await.unwrap() });
}

pub fn others_are_refused() {
    let own = certificate();
    let plugin = Plugin::start(&[COOKIE, ("PLUGIN_CLIENT_CERT", &own.cert.pem())], &[]);
    // A thief who knows the certificate, but not its key.
    let stolen = rcgen::CertifiedKey {
        cert: own.cert.clone(),
        signing_key: certificate().signing_key,
    };
    block_on(async {
        for intruder in [Some(&certificate()), Some(&stolen), None] {
            assert!(call(connect(&plugin, intruder).await).await.is_err());
        }
        call(connect(&plugin, Some(&own)).await).await.unwrap();
    });
}
