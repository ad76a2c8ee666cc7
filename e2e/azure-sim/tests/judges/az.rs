//! The Azure CLI, with the simulator as its cloud.

use libtest_mimic::Failed;
use serde_json::Value;

use crate::python::{Python, output};
use crate::world::Served;

/// A CLI that is signed in.
pub struct Az<'a> {
    python: &'a Python,
    served: &'a Served,
}

impl<'a> Az<'a> {
    /// Registers the cloud from the simulator's own description, and signs in with the first application's secret.
    pub fn signed_in(python: &'a Python, served: &'a Served) -> Result<Az<'a>, Failed> {
        let az = Az::with_cloud(python, served)?;
        let seed = &served.seed;
        az.json(&[
            "login",
            "--service-principal",
            "-u",
            &seed.client_id,
            "-p",
            &seed.client_secret,
            "-t",
            &seed.tenant,
        ])?;
        Ok(az)
    }

    /// Registers the cloud.
    pub fn with_cloud(python: &'a Python, served: &'a Served) -> Result<Az<'a>, Failed> {
        let az = Az { python, served };
        az.json(&[
            "cloud",
            "register",
            "-n",
            "Sim",
            "--endpoint-resource-manager",
            served.simulator.base(),
        ])?;
        az.json(&["cloud", "set", "-n", "Sim"])?;
        Ok(az)
    }

    /// What a command prints, as JSON; null when it prints nothing.
    pub fn json(&self, arguments: &[&str]) -> Result<Value, Failed> {
        let (ok, out, err) = self.run(arguments)?;
        if !ok {
            return Err(format!(
                "az {} failed: {err}\nlast requests:\n{}",
                arguments.join(" "),
                self.last()
            )
            .into());
        }
        if out.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&out)
            .map_err(|error| format!("az {}: {error}: {out}", arguments.join(" ")).into())
    }

    /// What a command says that has to fail.
    pub fn refused(&self, arguments: &[&str]) -> Result<String, Failed> {
        let (ok, out, err) = self.run(arguments)?;
        if ok {
            Err(format!("az {} should have failed: {out}", arguments.join(" ")).into())
        } else {
            Ok(err)
        }
    }

    fn run(&self, arguments: &[&str]) -> Result<(bool, String, String), Failed> {
        let home = self.served.home.path();
        let mut command = self.python.command(home);
        command
            .args(["-m", "azure.cli"])
            .args(arguments)
            .args(["-o", "json", "--only-show-errors"])
            .env("AZURE_CONFIG_DIR", home.join("azure"))
            .env("KUBECONFIG", home.join("kubeconfig"))
            .env("REQUESTS_CA_BUNDLE", &self.served.authority)
            // MSAL asks login.microsoftonline.com about clouds that it does not know.
            .env("AZURE_CORE_INSTANCE_DISCOVERY", "false")
            .env("AZURE_CORE_COLLECT_TELEMETRY", "false")
            .env("AZURE_CORE_CHECK_FOR_UPGRADE", "false");
        let output = output(&mut command)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        ))
    }

    fn last(&self) -> String {
        let requests = self.served.simulator.requests();
        let last = requests.iter().rev().take(8).rev();
        last.map(|seen| format!("  {} {} {}", seen.status, seen.method, seen.target))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Fails when a value is not the expected one.
pub fn expect(found: &Value, path: &str, expected: impl Into<Value>) -> Result<(), Failed> {
    let expected = expected.into();
    let value = found.pointer(path).unwrap_or(&Value::Null);
    if *value == expected {
        Ok(())
    } else {
        Err(format!("{path} is {value}, expected {expected}, in {found}").into())
    }
}

/// Fails when a text does not hold all of these.
pub fn says(text: &str, parts: &[&str]) -> Result<(), Failed> {
    match parts.iter().find(|part| !text.contains(**part)) {
        None => Ok(()),
        Some(part) => Err(format!("{part:?} is not in: {text}").into()),
    }
}
