//! The provider's program. `tofu` and `terraform` start it; it reads its arguments here and
//! nowhere else.

use std::process::ExitCode;

use seedling_provider::Seedling;

fn main() -> ExitCode {
    seedling_schema::run(Seedling, std::env::args().skip(1))
}
