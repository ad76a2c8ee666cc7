//! `seedling install`: the provider where both command lines look by themselves.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use seedling_e2e::build::rust_program;
use seedling_e2e::driver::{Flavour, mirror};
use seedling_e2e::proof::PROVIDER;
use seedling_e2e::report::Live;

use crate::failure::Failure;
use crate::say;

/// Put the provider where terraform and tofu find it by themselves.
///
/// Both look into ~/.terraform.d/plugins before they ask a registry, unless your CLI configuration has a block
/// `provider_installation`.
#[derive(Debug, Args)]
pub struct Install {}

impl Install {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let Self {} = self;
        let live = Live::new();
        let provider = rust_program(PROVIDER.0, PROVIDER.1, &live).await?;
        live.finish();
        let plugins = plugins()?;
        for flavour in [Flavour::Terraform, Flavour::OpenTofu] {
            let (folder, name) = mirror::place(flavour.registry());
            let target = plugins.join(folder).join(name);
            replace(&provider, &target)
                .map_err(|error| Failure::new(format!("{}: {error}", target.display())))?;
            say::out(&format!("installed {}", target.display()));
        }
        say::out(NEXT);
        Ok(ExitCode::SUCCESS)
    }
}

const NEXT: &str = "\
next, in a folder with your configuration: terraform init (or tofu init)
where an earlier build was used: terraform init -upgrade, because a lock file remembers its checksum";

/// The folder that both command lines read: they share the older one's name.
fn plugins() -> Result<PathBuf, Failure> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    let home =
        home.ok_or_else(|| Failure::new("HOME is not set: nobody knows where plugins belong"))?;
    Ok(Path::new(&home).join(".terraform.d/plugins"))
}

/// Copies beside the target and renames: a program that is running cannot be written over.
fn replace(source: &Path, target: &Path) -> std::io::Result<()> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let draft = target.with_extension(format!("{}.new", std::process::id()));
    std::fs::copy(source, &draft)?;
    std::fs::rename(&draft, target).inspect_err(|_| {
        // What cannot be renamed is of no use.
        let _ = std::fs::remove_file(&draft);
    })
}
