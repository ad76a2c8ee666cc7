//! Role assignments and groups by the CLI.

use libtest_mimic::Failed;
use seedling_azure_sim::settings::Settings;
use serde_json::Value;

use crate::az::{Az, expect, says};
use crate::python::Python;
use crate::world::Served;

pub fn roles(python: &Python) -> Result<(), Failed> {
    let served = Served::new(Settings::fast())?;
    let az = Az::signed_in(python, &served)?;
    let seed = &served.seed;
    let scope = format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.ContainerService/managedClusters/{}",
        seed.subscription, seed.resource_group, seed.cluster
    );
    let by_name = ["--role", "Reader", "--assignee", &seed.client_id];
    let made = assignment(&az, "create", &scope, &by_name)?;
    expect(&made, "/principalType", "ServicePrincipal")?;
    of_group(&az, &scope)?;
    let definitions = az.json(&["role", "definition", "list", "--name", ROLE])?;
    expect(
        &definitions,
        "/0/name",
        "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
    )
}

const ROLE: &str = "Azure Kubernetes Service Cluster User Role";

fn assignment(az: &Az<'_>, verb: &str, scope: &str, more: &[&str]) -> Result<Value, Failed> {
    az.json(&[&["role", "assignment", verb, "--scope", scope], more].concat())
}

fn of_group(az: &Az<'_>, scope: &str) -> Result<(), Failed> {
    let group = az.json(&[
        "ad",
        "group",
        "create",
        "--display-name",
        "readers",
        "--mail-nickname",
        "readers",
    ])?;
    let id = group["id"].as_str().unwrap_or_default().to_owned();
    let named = [
        "--role",
        ROLE,
        "--assignee-principal-type",
        "Group",
        "--description",
        "may log in",
        "--assignee-object-id",
    ];
    let made = assignment(
        az,
        "create",
        scope,
        &[&named, [id.as_str()].as_slice()].concat(),
    )?;
    expect(&made, "/principalId", id.as_str())?;
    expect(&made, "/principalType", "Group")?;
    let listed = assignment(az, "list", scope, &["--assignee", &id])?;
    expect(&listed, "/0/roleDefinitionName", ROLE)?;
    expect(&listed, "/0/description", "may log in")?;
    let nobody = ["00000000-0000-4000-8000-000000000000", "--scope", scope];
    let unknown =
        az.refused(&[&["role", "assignment", "create"], named.as_slice(), &nobody].concat())?;
    says(
        &unknown,
        &["PrincipalNotFound", "does not exist in the directory"],
    )?;
    assignment(az, "delete", scope, &["--role", ROLE, "--assignee", &id])?;
    let left = assignment(az, "list", scope, &["--assignee", &id])?;
    expect(&left, "/0", Value::Null)
}

pub fn groups(python: &Python) -> Result<(), Failed> {
    let served = Served::new(Settings::fast())?;
    let az = Az::signed_in(python, &served)?;
    let name = "Adas team";
    let made = az.json(&[
        "ad",
        "group",
        "create",
        "--display-name",
        name,
        "--mail-nickname",
        "adas",
    ])?;
    expect(&made, "/displayName", name)?;
    let id = made["id"].as_str().unwrap_or_default().to_owned();
    expect(
        &az.json(&["ad", "group", "show", "-g", name])?,
        "/id",
        id.as_str(),
    )?;
    expect(
        &az.json(&["ad", "group", "show", "-g", &id])?,
        "/mailNickname",
        "adas",
    )?;
    expect(
        &az.json(&["ad", "group", "list", "--display-name", "Adas"])?,
        "/0/id",
        id.as_str(),
    )?;
    let member = served.principal();
    az.json(&[
        "ad",
        "group",
        "member",
        "add",
        "-g",
        &id,
        "--member-id",
        &member,
    ])?;
    expect(
        &az.json(&["ad", "group", "member", "list", "-g", &id])?,
        "/0/id",
        member.as_str(),
    )?;
    expect(
        &az.json(&[
            "ad",
            "group",
            "member",
            "check",
            "-g",
            &id,
            "--member-id",
            &member,
        ])?,
        "/value",
        true,
    )?;
    expect(
        &az.json(&["ad", "sp", "show", "--id", &served.seed.client_id])?,
        "/id",
        member.as_str(),
    )?;
    az.json(&[
        "ad",
        "group",
        "member",
        "remove",
        "-g",
        &id,
        "--member-id",
        &member,
    ])?;
    az.json(&["ad", "group", "delete", "-g", &id])?;
    let gone = az.refused(&["ad", "group", "show", "-g", &id])?;
    says(&gone, &["does not exist"])
}
