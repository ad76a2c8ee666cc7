//! Lays out folders from which the command lines install providers without a registry.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::providers::{Needed, OURS};
use super::{DriverError, Flavour};

/// The version under which the provider of this build is installed.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The folder of our provider's executable below a mirror, and the executable's name, for one registry host.
pub fn place(host: &str) -> (PathBuf, String) {
    let folder = Path::new(host).join(OURS).join(VERSION).join(platform());
    (
        folder,
        format!(
            "terraform-provider-seedling_v{VERSION}{}",
            std::env::consts::EXE_SUFFIX
        ),
    )
}

/// `linux_amd64`: this machine, by the names that Go and the command lines use.
pub fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{system}_{machine}")
}

/// The name of the CLI configuration that [`write`] makes.
pub const CLI_CONFIGURATION: &str = "cli-configuration";

/// Makes a mirror of our provider and a CLI configuration for people to use in a folder: everything else comes from
/// where it would come from anyway.
pub fn write(folder: &Path, provider: &Path) -> Result<(), DriverError> {
    let mirror = folder.join("mirror");
    fill(&mirror, provider, &Needed::default())?;
    let hosts = hosts(&Needed::default());
    let mut text = String::from("provider_installation {\n");
    push_mirror(&mut text, &mirror, &hosts);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  direct {{\n    exclude = {hosts:?}\n  }}\n}}");
    let file = folder.join(CLI_CONFIGURATION);
    std::fs::write(&file, text).map_err(DriverError::file(&file))
}

/// Makes a mirror with the provider's executable, under both registries' hosts and those asked for. It is a copy: a
/// build during the run must not change what the lock file has the checksum of.
pub(super) fn fill(mirror: &Path, provider: &Path, needed: &Needed) -> Result<(), DriverError> {
    let copy = mirror.join("executable");
    std::fs::create_dir_all(mirror).map_err(DriverError::file(mirror))?;
    std::fs::copy(provider, &copy).map_err(DriverError::file(provider))?;
    for address in hosts(needed) {
        let host = address.split('/').next().unwrap_or_default();
        let (folder, name) = place(host);
        let folder = mirror.join(folder);
        std::fs::create_dir_all(&folder).map_err(DriverError::file(&folder))?;
        let target = folder.join(name);
        std::fs::hard_link(&copy, &target).map_err(DriverError::file(&target))?;
    }
    std::fs::remove_file(&copy).map_err(DriverError::file(&copy))
}

/// Finds for each foreign provider the mirror that has it.
pub(crate) fn find<'a>(mirrors: &'a [PathBuf], address: &str) -> Result<&'a Path, DriverError> {
    let found = mirrors.iter().find(|mirror| mirror.join(address).is_dir());
    let short = address.split_once('/').map_or(address, |(_, short)| short);
    found
        .map(PathBuf::as_path)
        .ok_or_else(|| DriverError::NoMirror {
            address: short.to_owned(),
        })
}

/// The CLI configuration of a run: mirrors only, each for what it is meant for, and no way to a registry.
pub(super) fn cli_configuration(
    ours: &Path,
    needed: &Needed,
    mirrors: &[PathBuf],
) -> Result<String, DriverError> {
    let mut text = String::from("disable_checkpoint = true\nprovider_installation {\n");
    push_mirror(&mut text, ours, &hosts(needed));
    for address in &needed.others {
        push_mirror(
            &mut text,
            find(mirrors, address)?,
            std::slice::from_ref(address),
        );
    }
    text.push_str("}\n");
    Ok(text)
}

/// Our provider's addresses: those asked for, and those on both registries.
fn hosts(needed: &Needed) -> Vec<String> {
    let both = [Flavour::Terraform, Flavour::OpenTofu];
    let known = both.map(|flavour| format!("{}/{OURS}", flavour.registry()));
    let all: BTreeSet<String> = needed.ours.iter().cloned().chain(known).collect();
    all.into_iter().collect()
}

fn push_mirror(text: &mut String, path: &Path, include: &[String]) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "  filesystem_mirror {{\n    path    = {:?}\n    include = {include:?}\n  }}",
        path.display().to_string()
    );
}
