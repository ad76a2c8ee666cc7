//! The provider's program. `tofu` and `terraform` start it; it reads its arguments here and
//! nowhere else.

use std::process::ExitCode;

use seedling_provider::Seedling;
use seedling_schema::{ServeEnvironment, serve};

fn main() -> ExitCode {
    // An error only says that a provider of cryptography is installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    serve(
        Seedling,
        &ServeEnvironment::from_process(),
        std::env::args().skip(1),
    )
}
