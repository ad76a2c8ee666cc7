//! What users do, done with each command line that is installed.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::cli::{COMMAND_LINES, Workspace, find, knows_identities, said};
use super::process::{Plugin, until};
use super::trial;

/// A scenario on a fresh workspace.
type Scenario = fn(&mut Workspace);

macro_rules! named {
    ($($name:ident)*) => { &[$((stringify!($name), $name)),*] };
}

const SCENARIOS: &[(&str, Scenario)] = named! {
    a_thing_is_made_changed_replaced_and_removed
    what_vanished_is_made_again
    a_thing_is_imported_by_id
    another_type_is_moved
    secrets_reach_the_provider_and_nothing_else
    functions_and_data_sources_answer
    errors_show_their_place
    a_crash_is_explained
    an_unknown_folder_is_known_at_apply
    an_odd_environment_is_no_obstacle
    ctrl_c_keeps_what_was_made
    debug_mode_keeps_aliases_apart
};

/// What Terraform can do only since 1.12, and every supported OpenTofu that has it.
const NEWER_SCENARIOS: &[(&str, Scenario)] = named! {
    a_thing_is_imported_by_identity
};

/// All scenarios for all command lines. One that is not installed is skipped with the reason, or
/// fails if `SEEDLING_REQUIRE` names it.
pub fn trials() -> Vec<Trial> {
    let required = std::env::var("SEEDLING_REQUIRE").unwrap_or_default();
    let mut trials = Vec::new();
    for (program, remedy) in COMMAND_LINES {
        match find(program) {
            Some(path) => trials.extend(scenarios_for(&path).map(|(name, scenario)| {
                let path = path.clone();
                trial(&format!("{program}::{name}"), move || {
                    scenario(&mut Workspace::new(&path));
                })
            })),
            None if required.split(',').any(|name| name.trim() == program) => {
                let reason = format!("{program} is required and not on PATH: {remedy}");
                trials.push(Trial::test(format!("{program}::scenarios"), || {
                    Err(Failed::from(reason))
                }));
            }
            None => {
                let name = format!("{program}::scenarios (skipped, not on PATH: {remedy})");
                trials.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
            }
        }
    }
    trials
}

/// The scenarios that this command line is new enough for.
fn scenarios_for(program: &Path) -> impl Iterator<Item = (&'static str, Scenario)> {
    let newer = if knows_identities(program) {
        NEWER_SCENARIOS
    } else {
        &[]
    };
    SCENARIOS.iter().chain(newer).copied()
}

const THING: &str = r#"
resource "demo_thing" "a" {
  name  = "a"
  ratio = 0.1
  tags  = ["y", "x"]
  ports = { http = { port = 80 }, dns = { port = 53, protocol = "UDP" } }
}
output "revision" { value = demo_thing.a.revision }
output "address" { value = demo_thing.a.ports["http"].address }
"#;

fn a_thing_is_made_changed_replaced_and_removed(workspace: &mut Workspace) {
    workspace.set("TF_LOG", "trace");
    workspace.set("TF_LOG_PATH", workspace.thing("log").to_str().unwrap());
    workspace.configure(THING);
    workspace.apply();
    assert_eq!(workspace.output("address"), r#""10.0.0.1:80""#);
    workspace.assert_no_changes();

    workspace.configure(&THING.replace("ratio = 0.1", "ratio = 12345678901234567890.123"));
    let said = workspace.apply();
    assert!(
        said.contains("1 changed") && said.contains("(known after apply)"),
        "{said}"
    );
    assert_eq!(workspace.output("revision"), "2");
    workspace.assert_no_changes();

    workspace.configure(&THING.replace(r#"name  = "a""#, r#"name  = "b""#));
    let said = workspace.apply();
    assert!(said.contains("forces replacement"), "{said}");
    assert!(workspace.thing("b.json").exists() && !workspace.thing("a.json").exists());

    workspace.succeed(&["destroy", "-auto-approve"]);
    assert!(!workspace.thing("b.json").exists());

    let log = std::fs::read_to_string(workspace.thing("log")).unwrap();
    assert!(
        log.contains("tf_rpc=plan_resource_change") && log.contains("tf_resource_type=demo_thing"),
        "the provider's own lines are in the log"
    );
    for complaint in [
        "failed to exit gracefully",
        "unexpected data",
        "legacy plugin SDK",
    ] {
        assert!(!log.contains(complaint), "{complaint}");
    }
}

fn what_vanished_is_made_again(workspace: &mut Workspace) {
    workspace.configure(THING);
    workspace.apply();
    std::fs::remove_file(workspace.thing("a.json")).unwrap();
    let said = workspace.apply();
    assert!(said.contains("1 added, 0 changed, 0 destroyed"), "{said}");

    let changed = std::fs::read_to_string(workspace.thing("a.json"))
        .unwrap()
        .replace("ready", "broken");
    std::fs::write(workspace.thing("a.json"), changed).unwrap();
    let said = workspace.apply();
    assert!(said.contains("0 added, 1 changed, 0 destroyed"), "{said}");
    workspace.assert_no_changes();
}

fn a_thing_is_imported_by_id(workspace: &mut Workspace) {
    workspace.configure(THING);
    workspace.apply();
    workspace.succeed(&["state", "rm", "demo_thing.a"]);
    let (code, said) = workspace.run(&["plan", "-no-color"]);
    assert!(code == Some(1) && said.contains("Thing exists"), "{said}");

    workspace.configure(&(THING.to_owned() + "import {\n  to = demo_thing.a\n  id = \"a\"\n}\n"));
    let said = workspace.apply();
    assert!(
        said.contains("1 imported, 0 added, 0 changed, 0 destroyed"),
        "{said}"
    );
    workspace.assert_no_changes();
}

fn another_type_is_moved(workspace: &mut Workspace) {
    workspace.configure("resource \"demo_old\" \"a\" {\n  label = \"a\"\n}\n");
    workspace.apply();
    workspace.configure(
        "resource \"demo_thing\" \"a\" {\n  name = \"a\"\n}\nmoved {\n  from = demo_old.a\n  to = demo_thing.a\n}\n",
    );
    let said = workspace.apply();
    assert!(said.contains("0 added, 0 changed, 0 destroyed"), "{said}");
    workspace.assert_no_changes();
}

fn secrets_reach_the_provider_and_nothing_else(workspace: &mut Workspace) {
    workspace.configure(
        r#"
ephemeral "demo_token" "t" {
  length = 37
}
resource "demo_thing" "a" {
  name   = "a"
  secret = ephemeral.demo_token.t.token
}
"#,
    );
    workspace.succeed(&["plan", "-out", "plan"]);
    workspace.succeed(&["apply", "plan"]);
    let secret = "t".repeat(37);
    assert_eq!(
        std::fs::read_to_string(workspace.thing("a.secret")).unwrap(),
        secret
    );
    assert!(workspace.state().contains("secret_length") && !workspace.state().contains(&secret));
    assert!(
        !workspace
            .succeed(&["show", "-json", "plan"])
            .contains(&secret)
    );
    workspace.assert_no_changes();
}

fn functions_and_data_sources_answer(workspace: &mut Workspace) {
    let body = THING.to_owned()
        + r#"
data "demo_thing" "a" {
  name       = demo_thing.a.name
  depends_on = [demo_thing.a]
}
output "seen" { value = data.demo_thing.a.revision }
output "joined" { value = provider::demo::join("-", "a", "b") }
"#;
    workspace.configure(&body);
    workspace.apply();
    assert_eq!(workspace.output("seen"), "1");
    assert_eq!(workspace.output("joined"), r#""a-b""#);

    workspace.configure(r#"output "joined" { value = provider::demo::join("-----", "a") }"#);
    let (code, said) = workspace.run(&["plan", "-no-color"]);
    assert!(
        code == Some(1) && said.contains("The separator is too long"),
        "{said}"
    );
}

fn errors_show_their_place(workspace: &mut Workspace) {
    workspace.configure("resource \"demo_thing\" \"a\" {\n  name = \"a\"\n  size = -1\n}\n");
    let (code, said) = workspace.run(&["validate", "-no-color"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("Size is negative") && said.contains("size = -1"),
        "{said}"
    );
}

fn a_crash_is_explained(workspace: &mut Workspace) {
    workspace
        .configure("resource \"demo_thing\" \"a\" {\n  name = \"a\"\n  behaviour = \"panic\"\n}\n");
    let (code, said) = workspace.run(&["apply", "-auto-approve", "-no-color"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("The provider crashed") && said.contains("the thing fell over"),
        "{said}"
    );
    assert!(!workspace.state().contains("demo_thing"));
}

fn an_unknown_folder_is_known_at_apply(workspace: &mut Workspace) {
    workspace.configure_all(&format!(
        "resource \"terraform_data\" \"folder\" {{\n  input = {:?}\n}}\nprovider \"demo\" {{\n  \
         folder = terraform_data.folder.output\n}}\n{THING}",
        workspace.things().display().to_string()
    ));
    workspace.apply();
    assert!(workspace.thing("a.json").exists());
    workspace.assert_no_changes();
}

/// Without TLS, and with a temporary folder whose path is too long for a socket.
fn an_odd_environment_is_no_obstacle(workspace: &mut Workspace) {
    let deep = workspace.thing(&"x".repeat(120));
    std::fs::create_dir(&deep).unwrap();
    workspace.set("TMPDIR", deep.to_str().unwrap());
    workspace.set("TF_DISABLE_PLUGIN_TLS", "1");
    workspace.configure(THING);
    workspace.apply();
    workspace.assert_no_changes();
}

fn a_thing_is_imported_by_identity(workspace: &mut Workspace) {
    workspace.configure(THING);
    workspace.apply();
    assert!(
        workspace.state().contains("identity"),
        "{}",
        workspace.state()
    );
    workspace.succeed(&["state", "rm", "demo_thing.a"]);
    let import = "import {\n  to = demo_thing.a\n  identity = { name = \"a\" }\n}\n";
    workspace.configure(&(THING.to_owned() + import));
    let said = workspace.apply();
    assert!(
        said.contains("1 imported, 0 added, 0 changed, 0 destroyed"),
        "{said}"
    );
    workspace.assert_no_changes();
}

fn ctrl_c_keeps_what_was_made(workspace: &mut Workspace) {
    workspace
        .configure("resource \"demo_thing\" \"a\" {\n  name = \"a\"\n  behaviour = \"wait\"\n}\n");
    let apply = workspace.start(&["apply", "-auto-approve", "-no-color"]);
    until("the create", || {
        workspace.thing("a.waiting").exists().then_some(())
    });
    kill(
        Pid::from_raw(apply.id().try_into().unwrap()),
        Signal::SIGINT,
    )
    .unwrap();
    let (code, said) = said(&apply.wait_with_output().unwrap());
    assert_eq!(code, Some(1));
    assert!(said.contains("The thing is half made"), "{said}");
    assert!(
        workspace.state().contains("thing-a"),
        "{}",
        workspace.state()
    );
}

fn debug_mode_keeps_aliases_apart(workspace: &mut Workspace) {
    let mut plugin = Plugin::start(&[], &["-debug"]);
    assert!(plugin.line.contains("waits"), "{}", plugin.line);
    let attach = reattach(&mut plugin);
    workspace.set("TF_REATTACH_PROVIDERS", &attach);
    let other = workspace.thing("other");
    let body = format!(
        "provider \"demo\" {{\n  alias  = \"other\"\n  folder = {:?}\n}}\nresource \"demo_thing\" \"b\" {{\n  \
         provider = demo.other\n  name     = \"b\"\n}}\n",
        other.display().to_string()
    );
    workspace.configure(&(THING.to_owned() + &body));
    workspace.apply();
    assert!(workspace.thing("a.json").exists() && other.join("b.json").exists());
    workspace.assert_no_changes();
    assert_eq!(plugin.child.try_wait().unwrap(), None, "it goes on waiting");
}

/// What debug mode tells to set.
fn reattach(plugin: &mut Plugin) -> String {
    let lines = plugin.lines_until(|line| line.starts_with("TF_REATTACH_PROVIDERS="));
    let line = lines
        .last()
        .unwrap()
        .trim_start_matches("TF_REATTACH_PROVIDERS=");
    line.trim_matches('\'').to_owned()
}
