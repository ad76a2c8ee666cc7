//! Faults between a client and the real API server.
#![allow(clippy::unwrap_used, clippy::panic)] // a test ends by panic

mod cluster;

use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use k8s_openapi::api::core::v1::Namespace;
use kube::Client;
use kube::api::{Api, Patch, PatchParams};
use libtest_mimic::{Arguments, Failed, Trial};
use seedling_e2e::ledger::{ProcessId, with_environment};
use seedling_e2e::require::Need;
use seedling_e2e::trial::trial;
use seedling_e2e::world::run_if_asked;
use seedling_faults::{Action, Answer, Moment, Noted, Rule};
use serde_json::json;

use cluster::Shared;

static SHARED: OnceLock<Shared> = OnceLock::new();

fn main() {
    run_if_asked();
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials());
    if let Some(shared) = SHARED.get() {
        shared.stop();
    }
    conclusion.exit();
}

fn trials() -> Vec<Trial> {
    const NEEDS: &[Need] = &[Need::Process];
    vec![
        trial("a_cut_reply_leaves_what_the_server_did", NEEDS, || {
            shared(cut)
        }),
        trial("a_refusal_looks_like_the_servers_own", NEEDS, || {
            shared(refused)
        }),
        trial("a_program_dies_at_its_first_write", NEEDS, || {
            shared(killed)
        }),
    ]
}

fn shared<F: Future<Output = Result<(), Failed>>>(
    test: fn(&'static Shared) -> F,
) -> Result<(), Failed> {
    SHARED.get_or_init(Shared::new).run(test)
}

async fn apply(client: &Client, name: &str) -> kube::Result<Namespace> {
    let object = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
    Api::<Namespace>::all(client.clone())
        .patch(name, &PatchParams::apply("test"), &Patch::Apply(&object))
        .await
}

async fn cut(shared: &Shared) -> Result<(), Failed> {
    let direct = Api::<Namespace>::all(shared.world()?.client());
    for (moment, name, made) in [
        (Moment::Before, "cut-before", false),
        (Moment::After, "cut-after", true),
    ] {
        let (proxy, access) = shared.world()?.cluster().admin().through_proxy().await?;
        let client = access.client().await?;
        proxy.inject(Rule::first(Noted::is_write, Action::Cut(moment)));
        assert!(apply(&client, name).await.is_err(), "{moment:?}: answered");
        assert_eq!(direct.get_opt(name).await?.is_some(), made, "{moment:?}");
        apply(&client, name).await?;
        assert_eq!(proxy.requests().len(), 2);
    }
    Ok(())
}

async fn refused(shared: &Shared) -> Result<(), Failed> {
    let (proxy, access) = shared.world()?.cluster().admin().through_proxy().await?;
    let client = access.client().await?;
    proxy.inject(Rule::first(
        Noted::is_write,
        Action::Answer(Answer::status(409)),
    ));
    match apply(&client, "refused").await {
        Err(kube::Error::Api(status)) if status.is_conflict() => {}
        other => return Err(format!("{other:?}").into()),
    }
    apply(&client, "refused").await?;
    Ok(())
}

/// The program is found by its environment, as a provider is found by the sandbox file that its command line was given.
async fn killed(shared: &Shared) -> Result<(), Failed> {
    let (proxy, access) = shared.world()?.cluster().admin().through_proxy().await?;
    let mark = format!("{}-{}", std::process::id(), proxy.url());
    let mut program = Command::new("sleep")
        .arg("300")
        .env("SEEDLING_SANDBOX", &mark)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let kill = move |_: &Noted| {
        with_environment("SEEDLING_SANDBOX", &mark)
            .into_iter()
            .for_each(ProcessId::kill);
    };
    proxy.inject(Rule::first(
        Noted::is_write,
        Action::Kill(Moment::After, Arc::new(kill)),
    ));
    let client = access.client().await?;
    assert!(apply(&client, "killed").await.is_err());
    assert!(!program.wait()?.success());
    assert!(
        Api::<Namespace>::all(shared.world()?.client())
            .get_opt("killed")
            .await?
            .is_some()
    );
    Ok(())
}
