//! A cluster's life by the CLI.

use libtest_mimic::Failed;
use seedling_azure_sim::settings::Settings;

use crate::az::{Az, expect, says};
use crate::python::Python;
use crate::world::Served;

pub fn run(python: &Python) -> Result<(), Failed> {
    let served = Served::new(Settings::fast())?;
    let az = Az::signed_in(python, &served)?;
    let group = served.seed.resource_group.as_str();
    let target = ["-g", group, "-n", "made"];
    let with = |verb: &[&'static str], more: &[&'static str]| {
        let mut all: Vec<&str> = verb.to_vec();
        all.extend(target);
        all.extend(more);
        az.json(&all)
    };
    let made = with(
        &["aks", "create"],
        &[
            "--node-count",
            "1",
            "--node-vm-size",
            "Standard_D4ds_v5",
            "--kubernetes-version",
            "1.34.1",
            "--no-ssh-key",
            "--enable-aad",
            "--enable-oidc-issuer",
            "--enable-workload-identity",
            "--network-plugin",
            "azure",
            "--network-plugin-mode",
            "overlay",
        ],
    )?;
    expect(&made, "/provisioningState", "Succeeded")?;
    expect(&made, "/aadProfile/managed", true)?;
    expect(&made, "/agentPoolProfiles/0/mode", "System")?;
    expect(&made, "/currentKubernetesVersion", "1.34.1")?;
    expect(&with(&["aks", "show"], &[])?, "/powerState/code", "Running")?;
    let all = az.json(&["aks", "list"])?;
    expect(&all, "/1/name", "made")?;
    with(&["aks", "get-credentials"], &[])?;
    let kubeconfig = std::fs::read_to_string(served.home.path().join("kubeconfig"))?;
    says(
        &kubeconfig,
        &[
            "kubelogin",
            "6dae42f8-4368-4678-94ff-3960e28e3630",
            "azmk8s.io:443",
        ],
    )?;
    let upgrades = with(&["aks", "get-upgrades"], &[])?;
    expect(
        &upgrades,
        "/controlPlaneProfile/upgrades/0/kubernetesVersion",
        "1.34.2",
    )?;
    let skipped = az.refused(&[
        "aks",
        "upgrade",
        "-g",
        group,
        "-n",
        "made",
        "--kubernetes-version",
        "1.36.0",
        "--yes",
    ])?;
    says(&skipped, &["1.34.1", "1.36.0"])?;
    let upgraded = with(
        &["aks", "upgrade"],
        &["--kubernetes-version", "1.35.1", "--yes"],
    )?;
    expect(&upgraded, "/currentKubernetesVersion", "1.35.1")?;
    expect(
        &upgraded,
        "/agentPoolProfiles/0/currentOrchestratorVersion",
        "1.35.1",
    )?;
    with(&["aks", "stop"], &[])?;
    expect(&with(&["aks", "show"], &[])?, "/powerState/code", "Stopped")?;
    with(&["aks", "start"], &[])?;
    with(&["aks", "delete"], &["--yes"])?;
    says(
        &az.refused(&["aks", "show", "-g", group, "-n", "made"])?,
        &["ResourceNotFound"],
    )
}
