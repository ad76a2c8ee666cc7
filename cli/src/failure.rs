//! How a command says that it could not do what was asked.

use std::process::ExitCode;

use crate::say;

/// Exit code of a command that could not do what was asked, as clap has it for wrong arguments.
const REFUSED: u8 = 2;
/// Exit code after Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;

/// One clear message, the next step, and the exit code.
#[derive(Debug)]
pub struct Failure {
    message: String,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// With a message only.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            code: REFUSED,
        }
    }

    /// With the next step.
    pub fn with_hint(self, hint: Option<impl ToString>) -> Self {
        Self {
            hint: hint.map(|hint| hint.to_string()),
            ..self
        }
    }

    /// With another exit code, for a command in which 2 means something else. An interrupt keeps its own.
    pub fn with_code(self, code: u8) -> Self {
        let code = if self.code == INTERRUPTED {
            self.code
        } else {
            code
        };
        Self { code, ..self }
    }

    /// After Ctrl-C: nothing was wrong.
    pub fn interrupted() -> Self {
        Self {
            message: "interrupted; everything that was started has been ended".into(),
            hint: None,
            code: INTERRUPTED,
        }
    }

    /// Shows it on the error output: the hint last, where the eye rests.
    pub fn tell(&self) -> ExitCode {
        say::err(&format!("error: {}", self.message));
        if let Some(hint) = &self.hint {
            say::err(&format!("hint: {hint}"));
        }
        ExitCode::from(self.code)
    }
}

/// Errors without a next step of their own.
macro_rules! plain {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error.to_string())
            }
        })+
    };
}

plain!(
    seedling_e2e::world::WorldError,
    seedling_e2e::ledger::LedgerError,
    seedling_e2e::build::RustBuildError,
    std::io::Error
);

impl From<seedling_e2e::driver::DriverError> for Failure {
    fn from(error: seedling_e2e::driver::DriverError) -> Self {
        Self::new(error.to_string()).with_hint(error.hint())
    }
}

impl From<seedling_e2e::proof::LaunchError> for Failure {
    fn from(error: seedling_e2e::proof::LaunchError) -> Self {
        if error.is_interrupt() {
            Self::interrupted()
        } else {
            Self::new(error.to_string()).with_hint(error.hint())
        }
    }
}
