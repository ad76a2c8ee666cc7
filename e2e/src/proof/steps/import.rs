//! The provider's resources, imported into a state without them, give an empty plan.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::Value;

use super::empty_plan::must_be_empty;
use super::{Outcome, Step, count};
use crate::driver::Root;
use crate::driver::documents::StateResource;
use crate::driver::providers::OURS;
use crate::driver::root::PlanMode;
use crate::proof::{Proof, ProofError};

/// The file with the `import` blocks, in the copy.
const FILE: &str = "zz_seedling_test_import.tf";

/// Imports all of each root.
pub struct Import;

#[async_trait]
impl Step for Import {
    fn key(&self) -> &'static str {
        "import"
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(10)
    }

    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError> {
        let mut imported = 0;
        for root in &proof.roots {
            imported += import(proof, root, until).await?;
        }
        if imported == 0 {
            return Ok(Outcome::NotRun(
                "no resource of ours is in the state".to_owned(),
            ));
        }
        Ok(Outcome::held(format!(
            "{} imported by id, nothing to change",
            count(imported, "resource")
        )))
    }
}

async fn import(proof: &Proof<'_>, root: &Root, until: Instant) -> Result<usize, ProofError> {
    let state = root.state(until).await?;
    let ours = state.ours();
    if ours.is_empty() {
        return Ok(0);
    }
    let name = format!("{}-import", root.name);
    let copy = Root::new(
        &proof.session,
        root.configuration.clone(),
        &name,
        &name,
        root.values().clone(),
    )?;
    write_state_of_others(root, &copy)?;
    let blocks = import_blocks(&ours)?;
    let file = copy.folder().join(FILE);
    std::fs::write(&file, &blocks).map_err(|source| ProofError::File { path: file, source })?;
    proof.artefacts.write(&format!("plans/{name}.tf"), blocks)?;

    copy.init(until).await?;
    let plan = copy.plan("import", PlanMode::Normal, until).await?;
    proof
        .artefacts
        .write(&format!("plans/{name}.txt"), &plan.text)?;
    let wrong: Vec<String> = plan
        .document
        .resource_changes
        .iter()
        .filter(|change| {
            change.provider_name.ends_with(OURS) && ours.iter().any(|r| r.address == change.address)
        })
        .filter(|change| !change.is_no_op() || change.change.importing.is_none())
        .map(|change| {
            let actions = change.change.actions.join(" and ");
            format!(
                "{}: {actions} ({})",
                change.address,
                change.changed_attributes().join(", ")
            )
        })
        .collect();
    if !wrong.is_empty() {
        let found = format!("imported resources would be changed:\n{}", wrong.join("\n"));
        return Err(ProofError::broken_with(
            found,
            format!("the plan is in plans/{name}.txt of the artefacts"),
        ));
    }
    copy.apply(&plan, until).await?;
    let after = copy.plan("imported", PlanMode::Normal, until).await?;
    must_be_empty(&copy, &after, "after the import")?;
    Ok(ours.len())
}

/// The state of the copy: that of the root without our provider's resources.
fn write_state_of_others(root: &Root, copy: &Root) -> Result<(), ProofError> {
    let fails = |path: &std::path::Path| {
        let path = path.to_owned();
        move |source| ProofError::File { path, source }
    };
    let text = std::fs::read_to_string(root.state_file()).map_err(fails(root.state_file()))?;
    let mut state: Value = serde_json::from_str(&text)
        .map_err(|error| fails(root.state_file())(std::io::Error::other(error)))?;
    let ours = format!("{OURS}\"");
    if let Some(resources) = state["resources"].as_array_mut() {
        resources.retain(|r| {
            r["mode"] != "managed" || !r["provider"].as_str().unwrap_or_default().contains(&ours)
        });
    }
    std::fs::write(copy.state_file(), state.to_string()).map_err(fails(copy.state_file()))
}

fn import_blocks(resources: &[&StateResource]) -> Result<String, ProofError> {
    let mut text = String::new();
    for resource in resources {
        let Some(id) = import_id(resource) else {
            let found = format!(
                "nobody told the harness what the import id of {} is",
                resource.address
            );
            return Err(ProofError::broken(found));
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "import {{\n  to = {}\n  id = {id:?}\n}}\n",
            resource.address
        );
    }
    Ok(text)
}

/// The id by which users import a resource.
fn import_id(resource: &StateResource) -> Option<String> {
    match resource.r#type.as_str() {
        "seedling_environment" => Some(resource.text("name").to_owned()),
        "seedling_group_access" => {
            let environments = resource.values.get("environments")?.as_object()?;
            let names: Vec<&str> = environments.keys().map(String::as_str).collect();
            Some(format!("{}/{}", resource.text("group"), names.join(",")))
        }
        _ => Some(format!(
            "{}/{}",
            resource.values.get("environment")?.as_str()?,
            resource.text("name")
        )),
    }
}
