//! Generates the message types and the servers from `proto/`, without a protobuf compiler.

use std::error::Error;

const FILES: [&str; 3] = ["tfplugin6.proto", "goplugin.proto", "health.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let descriptors = protox::compile(FILES, ["proto"])?;
    tonic_prost_build::configure()
        // Tests of the plugin server call it through the generated client.
        .build_client(true)
        .build_transport(false)
        .compile_fds(descriptors)?;
    Ok(())
}
