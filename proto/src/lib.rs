//! Wire types of the plugin protocol (`tfplugin6`), of go-plugin (`goplugin`) and of gRPC's health
//! service (`health`), generated from the files in `proto/`.

/// The provider service, protocol 6.
#[allow(missing_docs, clippy::pedantic, reason = "generated code")]
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// The services that every go-plugin process offers.
#[allow(missing_docs, clippy::pedantic, reason = "generated code")]
pub mod goplugin {
    tonic::include_proto!("plugin");
}

/// gRPC's health service.
#[allow(missing_docs, clippy::pedantic, reason = "generated code")]
pub mod health {
    tonic::include_proto!("grpc.health.v1");
}
