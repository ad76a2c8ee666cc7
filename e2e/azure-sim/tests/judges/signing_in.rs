//! Signing in: which tenant and subscription the CLI finds, and what it says to wrong credentials.

use libtest_mimic::Failed;
use seedling_azure_sim::entra::GITHUB;
use seedling_azure_sim::settings::Settings;
use seedling_azure_sim::store::{FederatedCredential, Seed};
use serde_json::Value;

use crate::az::{Az, expect, says};
use crate::python::Python;
use crate::world::Served;

pub fn run(python: &Python) -> Result<(), Failed> {
    let served = Served::new(Settings::fast())?;
    let seed = &served.seed;
    let az = Az::with_cloud(python, &served)?;
    let login = |id: &str, secret: &str, tenant: &str| {
        [
            "login",
            "--service-principal",
            "-u",
            id,
            "-p",
            secret,
            "-t",
            tenant,
        ]
        .map(str::to_owned)
        .to_vec()
    };
    for (id, secret, tenant, message) in [
        (
            seed.client_id.as_str(),
            "wrong",
            seed.tenant.as_str(),
            "AADSTS7000215",
        ),
        (
            "00000000-0000-4000-8000-000000000000",
            "x",
            &seed.tenant,
            "AADSTS700016",
        ),
    ] {
        let arguments = login(id, secret, tenant);
        let said = az.refused(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
        says(&said, &[message])?;
    }
    let arguments = login(&seed.client_id, &seed.client_secret, &seed.tenant);
    let accounts = az.json(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
    expect(&accounts, "/0/id", seed.subscription.as_str())?;
    expect(&accounts, "/0/tenantId", seed.tenant.as_str())?;
    let federated = FederatedCredential {
        issuer: GITHUB.to_owned(),
        subject: "repo:acme/shop:environment:prod".to_owned(),
        audiences: vec!["api://AzureADTokenExchange".to_owned()],
        keys: None,
    };
    let assertion = served
        .simulator
        .assertion(GITHUB, &federated.subject, &federated.audiences[0]);
    served
        .simulator
        .edit(|world, _| world.directory.applications[0].federated.push(federated));
    let by_workflow = [
        "login",
        "--service-principal",
        "-u",
        &seed.client_id,
        "-t",
        &seed.tenant,
        "--federated-token",
        &assertion,
    ];
    expect(&az.json(&by_workflow)?, "/0/id", seed.subscription.as_str())?;
    az.json(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
    let token = az.json(&[
        "account",
        "get-access-token",
        "--scope",
        "6dae42f8-4368-4678-94ff-3960e28e3630/.default",
    ])?;
    expect(&token, "/tokenType", "Bearer")?;
    let stand_in = served.simulator.cli_token(
        &served.principal(),
        "6dae42f8-4368-4678-94ff-3960e28e3630/.default",
    );
    let names = |value: &Value| {
        value
            .as_object()
            .map(|members| members.keys().cloned().collect::<Vec<_>>())
    };
    if names(&token) != names(&stand_in) {
        return Err(format!(
            "the CLI prints {:?}, its stand-in {:?}",
            names(&token),
            names(&stand_in)
        )
        .into());
    }
    resources(&az, seed)
}

/// What surrounds clusters.
fn resources(az: &Az<'_>, seed: &Seed) -> Result<(), Failed> {
    let group = az.json(&["group", "show", "-n", &seed.resource_group])?;
    expect(&group, "/location", seed.location.as_str())?;
    let made = az.json(&["group", "create", "-n", "rg-more", "-l", "northeurope"])?;
    expect(&made, "/properties/provisioningState", "Succeeded")?;
    expect(&az.json(&["group", "exists", "-n", "rg-more"])?, "", true)?;
    let skus = az.json(&[
        "vm",
        "list-skus",
        "-l",
        &seed.location,
        "--size",
        "Standard_D4ds",
        "--resource-type",
        "virtualMachines",
    ])?;
    expect(&skus, "/0/name", "Standard_D4ds_v5")?;
    let usage = az.json(&["vm", "list-usage", "-l", &seed.location])?;
    expect(&usage, "/0/name/value", "cores")?;
    Ok(())
}
