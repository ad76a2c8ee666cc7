//! The Azure SDK for Python: `sdk.py` does what programs do, with the pollers and retries of the SDK.

use libtest_mimic::Failed;
use seedling_azure_sim::entra::GITHUB;
use seedling_azure_sim::faults::{Fault, Rule};
use seedling_azure_sim::operation::Ending;
use seedling_azure_sim::settings::Settings;
use seedling_azure_sim::store::FederatedCredential;

use crate::python::{Python, output};
use crate::world::Served;

const SCRIPT: &str = include_str!("sdk.py");
const SUBJECT: &str = "repo:acme/shop:environment:prod";
const AUDIENCE: &str = "api://AzureADTokenExchange";

pub fn credentials(python: &Python) -> Result<(), Failed> {
    let served = Served::new(Settings::fast())?;
    let trusted = FederatedCredential {
        issuer: GITHUB.to_owned(),
        subject: SUBJECT.to_owned(),
        audiences: vec![AUDIENCE.to_owned()],
        keys: None,
    };
    served
        .simulator
        .edit(|world, _| world.directory.applications[0].federated.push(trusted));
    for (file, subject) in [
        ("assertion", SUBJECT),
        ("stranger", "repo:mallory/shop:environment:prod"),
    ] {
        let token = served.simulator.assertion(GITHUB, subject, AUDIENCE);
        std::fs::write(served.home.path().join(file), token)?;
    }
    script(python, &served, "credentials")
}

pub fn pools(python: &Python) -> Result<(), Failed> {
    let served = Served::new(Settings::fast())?;
    let fails = Ending::Failed {
        code: "PodDrainFailure".to_owned(),
        message: "Drain of aks-broken-0 did not complete: too many requests due to the disruption budget shop/api.".to_owned(),
    };
    for (pool, ending) in [("broken", fails), ("ended", Ending::Canceled)] {
        served.simulator.fault(rule(
            "PUT",
            &format!("agentPools/{pool}\\?"),
            Fault::Operation(ending),
        ))?;
    }
    script(python, &served, "pools")
}

pub fn retries(python: &Python) -> Result<(), Failed> {
    let served = Served::new(Settings {
        throttle: true,
        ..Settings::fast()
    })?;
    let throttled = Fault::Answer {
        status: 429,
        code: "Throttled".to_owned(),
        message: "The request is throttled.".to_owned(),
        retry_after: Some(1),
        flat: false,
    };
    served
        .simulator
        .fault(rule("PUT", "agentPools/again", throttled))?;
    served
        .simulator
        .fault(rule("GET", "/operations/", Fault::Cut))?;
    served
        .simulator
        .fault(rule("GET", "agentPools/again", Fault::CutReply))?;
    script(python, &served, "retries")?;
    let seen = served.simulator.requests();
    let answers = |method: &str, part: &str| {
        let these = seen
            .iter()
            .filter(|seen| seen.method == method && seen.target.contains(part));
        these.map(|seen| seen.status).collect::<Vec<_>>()
    };
    assert_eq!(answers("PUT", "agentPools/again"), [429, 201]);
    assert_eq!(answers("GET", "/operations/").first(), Some(&0));
    let clusters = answers("GET", "managedClusters/aks-sim?");
    assert!(
        clusters.contains(&429) && clusters.iter().filter(|status| **status == 200).count() == 70,
        "{clusters:?}"
    );
    Ok(())
}

fn rule(method: &str, target: &str, fault: Fault) -> Rule {
    Rule {
        method: Some(method.to_owned()),
        target: target.to_owned(),
        from: 1,
        times: 1,
        fault,
    }
}

fn script(python: &Python, served: &Served, what: &str) -> Result<(), Failed> {
    let seed = &served.seed;
    let home = served.home.path();
    let mut command = python.command(home);
    command
        .args(["-c", SCRIPT, what])
        .current_dir(home)
        .env("REQUESTS_CA_BUNDLE", &served.authority);
    for (name, value) in [
        ("SIM", served.simulator.base()),
        ("TENANT", &seed.tenant),
        ("SUBSCRIPTION", &seed.subscription),
        ("CLIENT", &seed.client_id),
        ("SECRET", &seed.client_secret),
        ("GROUP", &seed.resource_group),
        ("CLUSTER", &seed.cluster),
        ("PRINCIPAL", &served.principal()),
    ] {
        command.env(name, value);
    }
    let output = output(&mut command)?;
    if output.status.success() {
        return Ok(());
    }
    let last: Vec<String> = served
        .simulator
        .requests()
        .iter()
        .rev()
        .take(8)
        .map(|seen| format!("{} {} {}", seen.status, seen.method, seen.target))
        .collect();
    Err(format!(
        "{}\nlast requests: {last:#?}",
        String::from_utf8_lossy(&output.stderr)
    )
    .into())
}
