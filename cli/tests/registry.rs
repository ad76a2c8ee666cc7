//! `data.seedling_image` against a real registry with token authentication, as a user's plan asks it: a push shows up as a plan.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test ends by panic

#[path = "registry/desk.rs"]
mod desk;
#[path = "registry/server.rs"]
mod server;
#[path = "registry/tokens.rs"]
mod tokens;

use libtest_mimic::{Arguments, Failed, Trial};
use seedling_e2e::require::Need;
use seedling_e2e::trial::{block_on, trial};

use desk::Desk;
use server::Registry;
use tokens::{PASSWORD, USER};

fn main() {
    const NEEDS: &[Need] = &[Need::Registry, Need::Terraform];
    let trials: Vec<Trial> = vec![
        trial("a_push_shows_up_as_a_plan", NEEDS, || block_on(pushed())),
        trial(
            "what_cannot_be_had_is_told_with_the_next_step",
            NEEDS,
            || block_on(refused()),
        ),
        trial("a_sandbox_asks_its_own_registry_alone", NEEDS, || {
            block_on(sandboxed())
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

async fn pushed() -> Result<(), Failed> {
    let registry = Registry::start().await?;
    let image = format!("{}/acme/api:1.4", registry.address);
    let first = registry.push("acme/api", "1.4", "one").await?;
    let desk = Desk::new(&image).await?;
    desk.log_in(&registry.address, USER, PASSWORD)?;
    desk.expect(&["apply", "-auto-approve"], 0, &format!("{image}@{first}"))?;
    // Nobody has pushed: the tag has moved nowhere.
    desk.expect(&["plan", "-detailed-exitcode"], 0, "No changes")?;
    let second = registry.push("acme/api", "1.4", "two").await?;
    assert_ne!(first, second);
    desk.expect(&["plan", "-detailed-exitcode"], 2, &second)?;
    // No state, plan or log holds the login.
    desk.silent(PASSWORD)?;
    Ok(())
}

async fn refused() -> Result<(), Failed> {
    let mut registry = Registry::start().await?;
    registry.push("acme/api", "1.4", "one").await?;
    let address = registry.address.clone();
    let desk = Desk::new(&format!("{address}/acme/api:1.4")).await?;
    let plan = |text: &str| desk.expect(&["plan"], 1, text);
    plan(&format!("docker login {address}"))?;
    desk.log_in(&address, USER, "wrong")?;
    plan("may not pull")?;
    desk.log_in(&address, USER, PASSWORD)?;
    desk.expect(&["plan"], 0, "sha256:")?;
    desk.image(&format!("{address}/acme/api:9"))?;
    plan("There is no image")?;
    desk.image(&format!("{address}/acme/unheard:1"))?;
    plan("There is no image")?;
    desk.image("https://not-a-reference")?;
    plan("must not start with a scheme")?;
    registry.stop().await?;
    desk.image(&format!("{address}/acme/api:1.4"))?;
    plan("cannot be reached")?;
    plan("@sha256:…")?;
    // The way out that the error names.
    let digest = format!("sha256:{}", "ab".repeat(32));
    desk.image(&format!("{address}/acme/api:1.4@{digest}"))?;
    desk.expect(&["plan"], 0, &digest)?;
    Ok(())
}

async fn sandboxed() -> Result<(), Failed> {
    let registry = Registry::start().await?;
    let digest = registry.push("public/web", "2", "three").await?;
    let desk = Desk::new("registry.acme.example/public/web:2").await?;
    // A login of the engineer's own that must not be used.
    desk.log_in("registry.acme.example", USER, "canary-login")?;
    desk.sandbox(None)?;
    desk.expect(&["plan"], 1, "The sandbox has no registry")?;
    desk.sandbox(Some(&registry.address))?;
    desk.expect(
        &["plan"],
        0,
        &format!("registry.acme.example/public/web:2@{digest}"),
    )?;
    desk.sandbox(Some("10.0.0.1:5000"))?;
    desk.expect(&["plan"], 1, "10.0.0.1:5000 is not a loopback address")?;
    Ok(())
}
