//! A pull request and its merge, over `examples/stacks/startup-roots`: planned by an identity that may only read, reviewed, and
//! applied by another one, with the shell steps of `examples/pipelines`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::Failed;
use seedling_e2e::backend::{Access, Options, ProcessBackend};
use seedling_e2e::build::rust_program;
use seedling_e2e::driver::mirror;
use seedling_e2e::progress::Lines;
use seedling_e2e::proof::PROVIDER;
use seedling_e2e::require::Need;
use seedling_e2e::world::World;
use tempfile::TempDir;

/// Members of this group plan pull requests.
const GROUP: &str = "0f6f1c0e-0000-4000-8000-00000000000b";
const SECRETS: [&str; 3] = ["registry_password", "database_url", "session_key"];
const ROOTS: [&str; 2] = ["dev", "prod"];

/// What the stack's roots lack for pull requests: the group of the identity that plans them.
fn pull_requests(root: &str) -> String {
    format!(
        "resource \"seedling_group_access\" \"pull_requests\" {{\n  group        = \"{GROUP}\"\n  environments = {{ {root} = \"plan\" }}\n  depends_on   = [module.platform]\n}}\n"
    )
}

/// Where the roots are, and what the steps need.
struct Desk {
    folder: TempDir,
    cli: PathBuf,
    cli_configuration: PathBuf,
}

impl Desk {
    fn new(cli: PathBuf, cli_configuration: PathBuf) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let stacks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/stacks");
        copy(
            &stacks.join("startup/module"),
            &folder.path().join("startup/module"),
        )?;
        for root in ROOTS {
            let own = folder.path().join("live").join(root);
            copy(&stacks.join("startup-roots").join(root), &own)?;
            std::fs::write(own.join("pull_requests.tf"), pull_requests(root))?;
        }
        Ok(Self {
            folder,
            cli,
            cli_configuration,
        })
    }

    /// Where a pipeline has its checkout.
    fn checkout(&self) -> PathBuf {
        self.folder.path().join("live")
    }

    /// Somebody changes the configuration of a root.
    fn edit(&self, root: &str, file: &str, from: &str, to: &str) -> Result<(), Failed> {
        let file = self.checkout().join(root).join(file);
        let text = std::fs::read_to_string(&file)?;
        assert!(text.contains(from), "{} holds no {from}", file.display());
        std::fs::write(&file, text.replace(from, to))?;
        Ok(())
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let own = Path::new(env!("CARGO_BIN_EXE_seedling")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command
            .current_dir(self.checkout())
            .env("PATH", format!("{}:{path}", own.display()))
            .env("SEEDLING_CLI", &self.cli)
            .env("TF_CLI_CONFIG_FILE", &self.cli_configuration)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1");
        command
    }

    /// Runs a step of the pipelines as somebody who has this sandbox file.
    fn step(
        &self,
        sandbox: &Path,
        name: &str,
        arguments: &[&str],
        secret: &str,
    ) -> Result<Output, Failed> {
        let steps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/pipelines/steps");
        let mut command = self.command(steps.join(name));
        command.args(arguments).env("SEEDLING_SANDBOX", sandbox);
        for variable in SECRETS {
            command.env(format!("TF_VAR_{variable}"), secret);
        }
        Ok(command.output()?)
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

pub async fn reviewed_and_applied(with: Need) -> Result<(), Failed> {
    let cli = super::command_line(with).await?;
    let provider = rust_program(PROVIDER.0, PROVIDER.1, &Lines).await?;
    let world = World::start(&ProcessBackend, &Options::default(), &Lines).await?;
    let cluster = world.cluster();
    mirror::write(cluster.folder(), &provider)?;
    let desk = Desk::new(cli, cluster.folder().join(mirror::CLI_CONFIGURATION))?;
    let sandboxes = tempfile::tempdir()?;
    let sandbox = |name: &str, access: &Access| -> Result<PathBuf, Failed> {
        let file = sandboxes.path().join(name);
        std::fs::write(&file, serde_json::to_string(&access.sandbox())?)?;
        Ok(file)
    };
    let applier = sandbox("admin.json", cluster.admin())?;
    let planner = sandbox("member.json", &cluster.as_user("pull-request", GROUP)?)?;
    // The lock file is part of a root; these have none yet.
    for root in ROOTS {
        let chdir = format!("-chdir={root}");
        let init = desk.command(&desk.cli).args([&chdir, "init"]).output()?;
        ends(&init, 0, "")?;
    }
    first_release(&desk, &applier)?;
    pull_request(&desk, &planner)?;
    merge(&desk, &applier)?;
    silent(&desk.checkout())?;
    world.stop().await?;
    Ok(())
}

/// The first review is made by the one who applies: nobody has the role yet.
fn first_release(desk: &Desk, applier: &Path) -> Result<(), Failed> {
    let plan = desk.step(applier, "plan.sh", &ROOTS, "canary-first")?;
    ends(&plan, 0, "planning prod")?;
    let review = desk.step(applier, "review.sh", &["github", "dev", "prod"], "")?;
    ends(&review, 2, "")?;
    for root in ROOTS {
        let apply = desk.step(
            applier,
            "apply.sh",
            &[root, "reviewed.json"],
            "canary-first",
        )?;
        ends(&apply, 0, "Nothing happens that was not reviewed")?;
    }
    Ok(())
}

/// Another release, planned without the secrets by an identity that cannot read them.
fn pull_request(desk: &Desk, planner: &Path) -> Result<(), Failed> {
    for root in ROOTS {
        desk.edit(root, "variables.tf", "1.4.2", "1.4.3")?;
    }
    let plan = desk.step(planner, "plan.sh", &ROOTS, "placeholder")?;
    ends(&plan, 0, "planning prod")?;
    says_what_it_skips(desk, planner)?;
    let review = desk.step(planner, "review.sh", &["github", "dev", "prod"], "")?;
    ends(&review, 0, "")?;
    let comment = std::fs::read_to_string(desk.checkout().join("comment.md"))?;
    for expected in [
        "prod · **prod/web**: 4 pods restart, at most 1 missing at a time",
        "acme/api:1.4.2` → `registry.acme.example/acme/api:1.4.3",
        "<summary>dev and prod differ in",
        "`replicas`: `1` in dev, `4` in prod",
    ] {
        assert!(comment.contains(expected), "no {expected}: {comment}");
    }
    Ok(())
}

/// What such an identity cannot see is no secret to the reader of its plan.
fn says_what_it_skips(desk: &Desk, planner: &Path) -> Result<(), Failed> {
    let mut plan = desk.command(&desk.cli);
    plan.args(["-chdir=dev", "plan", "-no-color", "-input=false"])
        .env("SEEDLING_SANDBOX", planner);
    for variable in SECRETS {
        plan.env(format!("TF_VAR_{variable}"), "placeholder");
    }
    let output = plan.output()?;
    ends(&output, 0, "The secrets of dev/api could not be compared")?;
    ends(&output, 0, "dev/api could not be checked by the API server")
}

fn merge(desk: &Desk, applier: &Path) -> Result<(), Failed> {
    let apply =
        |root: &str, secret: &str| desk.step(applier, "apply.sh", &[root, "reviewed.json"], secret);
    // Something slips in after the review.
    let web = "web              = { replicas = 1";
    let more = "web              = { replicas = 3";
    desk.edit("dev", "main.tf", web, more)?;
    ends(
        &apply("dev", "canary-second")?,
        2,
        "3 pods instead of 1 pod",
    )?;
    // What was reviewed, with other secrets on top.
    desk.edit("dev", "main.tf", more, web)?;
    for root in ROOTS {
        let output = apply(root, "canary-second")?;
        ends(&output, 0, "Nothing happens that was not reviewed")?;
    }
    // Secrets alone need no review, and are named.
    ends(&apply("dev", "canary-third")?, 0, "DATABASE_URL")
}

fn ends(output: &Output, code: i32, text: &str) -> Result<(), Failed> {
    let said = [&output.stdout, &output.stderr]
        .map(|it| String::from_utf8_lossy(it).into_owned())
        .concat();
    if output.status.code() == Some(code) && said.contains(text) && !said.contains("canary-") {
        return Ok(());
    }
    Err(format!(
        "{:?} instead of {code} and {text:?}:\n{said}",
        output.status.code()
    )
    .into())
}

/// What the pipeline keeps holds no secret.
fn silent(folder: &Path) -> Result<(), Failed> {
    for name in ["comment.md", "reviewed.json"] {
        let text = std::fs::read_to_string(folder.join(name))?;
        assert!(
            !text.contains("canary-") && !text.contains("placeholder"),
            "{name}: {text}"
        );
    }
    Ok(())
}
