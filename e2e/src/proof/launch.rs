//! From a request to a running proof: everything that can be refused is refused before anything is started.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::steps::{NAMES, count};
use super::{Proof, ProofError, SandboxFile, run};
use crate::backend::{Backend, Options};
use crate::build::{RustBuildError, rust_program};
use crate::driver::providers::{self, Needed};
use crate::driver::session::Settings;
use crate::driver::values::{self, Values};
use crate::driver::{Cli, Configuration, DriverError, Interrupt, Root, Session, mirror};
use crate::ledger::{LedgerError, Record};
use crate::report::artefacts::ArtefactError;
use crate::report::{Artefacts, Live, Report};
use crate::world::{World, WorldError};

/// The provider's program, and the variable that names another one.
pub const PROVIDER: (&str, &str) = ("terraform-provider-seedling", "SEEDLING_PROVIDER");

/// What the user asks for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Folders of root modules, in the order in which they are applied.
    pub roots: Vec<PathBuf>,
    /// Folders with the old configurations of the same roots, or none.
    pub old: Vec<PathBuf>,
    /// Values of variables.
    pub variables: BTreeMap<String, String>,
    /// Values that are different in the old configuration, where there is no folder of it.
    pub old_variables: BTreeMap<String, String>,
    /// The command line; else one from PATH.
    pub cli: Option<PathBuf>,
    /// Sources of providers that are allowed besides ours and the harmless ones.
    pub providers: Vec<String>,
    /// Folders that hold providers which are not ours.
    pub mirrors: Vec<PathBuf>,
    /// The artefact folder.
    pub artefacts: Option<PathBuf>,
    /// The steps to run, with those they stand on; none for all.
    pub only: Vec<String>,
    /// Whether the world stays.
    pub keep: bool,
}

/// A finished run.
pub struct Launched {
    /// What the steps found.
    pub report: Report,
    /// Where the artefacts are.
    pub artefacts: Artefacts,
    /// The world, if it was kept.
    pub kept: Option<Record>,
}

/// The proof could not be run at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// No folder was named.
    #[error("no folder to test was named")]
    NoRoots,
    /// There is no such step.
    #[error("there is no step {0:?}")]
    UnknownStep(String),
    /// Old and new folders do not pair up.
    #[error("{} to test, but {} old ones", count(*roots, "folder"), old)]
    OldCount {
        /// Folders to test.
        roots: usize,
        /// Old folders.
        old: usize,
    },
    /// The configuration or the command line was refused.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// There is no provider to test.
    #[error(transparent)]
    Provider(#[from] RustBuildError),
    /// The artefact folder cannot be written.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    /// The cluster could not be started.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The cluster could not be ended.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The proof could not be recorded.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl LaunchError {
    /// The next step for the user, where there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoRoots => {
                Some("name one, for example: seedling test examples/stacks/startup".into())
            }
            Self::UnknownStep(_) => Some(format!("the steps are {}", NAMES.join(", "))),
            Self::OldCount { .. } => {
                Some("give one --old DIR for each folder, in the same order".into())
            }
            Self::Driver(error) => error.hint(),
            Self::Artefact(error) => error.hint().map(str::to_owned),
            Self::Proof(error) => error.hint(),
            _ => None,
        }
    }

    /// Whether the user ended it.
    pub fn is_interrupt(&self) -> bool {
        matches!(self, Self::Driver(DriverError::Interrupted))
    }
}

/// A checked request: configurations with values, and the programs to run them.
struct Checked {
    cli: Cli,
    roots: Vec<(Configuration, Values)>,
    old: Option<Vec<(Configuration, Values)>>,
    needed: Needed,
    mirrors: Vec<PathBuf>,
}

/// Checks the request, starts a world, runs the proof in it and ends the world.
pub async fn launch(
    request: &Request,
    backend: &dyn Backend,
    live: &Live,
    interrupt: &Interrupt,
) -> Result<Launched, LaunchError> {
    let prepare = async {
        let checked = check(request, live).await?;
        let provider = rust_program(PROVIDER.0, PROVIDER.1, live).await?;
        Ok::<_, LaunchError>((checked, provider))
    };
    let (checked, provider) = tokio::select! {
        prepared = prepare => prepared?,
        () = interrupt.pressed(1) => return Err(DriverError::Interrupted.into()),
    };
    let artefacts = Artefacts::create(request.artefacts.as_deref())?;
    live.line(&format!(
        "with {}, artefacts in {}",
        checked.cli,
        artefacts.folder().display()
    ));

    live.begin("cluster");
    let options = Options {
        audit: true,
        ..Options::default()
    };
    let world = tokio::select! {
        world = World::start(backend, &options, live) => world?,
        () = interrupt.pressed(1) => return Err(DriverError::Interrupted.into()),
    };
    let result = prove(
        request, checked, &world, provider, &artefacts, backend, live, interrupt,
    )
    .await;
    live.finish();
    if request.keep && result.is_ok() {
        return Ok(Launched {
            report: result?,
            artefacts,
            kept: Some(world.keep()?),
        });
    }
    let stopped = world.stop().await;
    let report = result?;
    stopped?;
    Ok(Launched {
        report,
        artefacts,
        kept: None,
    })
}

async fn check(request: &Request, live: &Live) -> Result<Checked, LaunchError> {
    if request.roots.is_empty() {
        return Err(LaunchError::NoRoots);
    }
    let is_step = |name: &&String| NAMES.contains(&name.as_str());
    if let Some(unknown) = request.only.iter().find(|name| !is_step(name)) {
        return Err(LaunchError::UnknownStep(unknown.clone()));
    }
    if !request.old.is_empty() && request.old.len() != request.roots.len() {
        return Err(LaunchError::OldCount {
            roots: request.roots.len(),
            old: request.old.len(),
        });
    }
    let missing = request
        .roots
        .iter()
        .chain(&request.old)
        .find(|folder| !folder.is_dir());
    if let Some(folder) = missing {
        return Err(DriverError::NoFolder(folder.clone()).into());
    }
    let cli = Cli::find_or_build(request.cli.as_deref(), live).await?;
    let read = |folders: &[PathBuf]| -> Result<Vec<Configuration>, DriverError> {
        folders
            .iter()
            .map(|folder| Configuration::read(folder, cli.flavour))
            .collect()
    };
    let (roots, old) = (read(&request.roots)?, read(&request.old)?);
    values::check_names(&request.variables, &roots)?;
    values::check_names(&request.old_variables, &roots)?;
    let mut needed = Needed::default();
    for configuration in roots.iter().chain(&old) {
        let more = providers::check(configuration, &request.providers, cli.flavour)?;
        needed.ours.extend(more.ours);
        needed.others.extend(more.others);
    }
    let mirrors = mirrors(request);
    for address in &needed.others {
        mirror::find(&mirrors, address)?;
    }
    let roots = with_values(roots, |_| &request.variables)?;
    let old = old_configurations(request, &roots, old)?;
    Ok(Checked {
        cli,
        roots,
        old,
        needed,
        mirrors,
    })
}

fn with_values<'a>(
    configurations: Vec<Configuration>,
    given: impl Fn(usize) -> &'a BTreeMap<String, String>,
) -> Result<Vec<(Configuration, Values)>, DriverError> {
    let with = |(index, configuration): (usize, Configuration)| {
        let values = Values::choose(&configuration, given(index))?;
        Ok((configuration, values))
    };
    configurations.into_iter().enumerate().map(with).collect()
}

/// The old configurations, with the new ones' values (secrets too) where nothing else is said.
fn old_configurations(
    request: &Request,
    roots: &[(Configuration, Values)],
    folders: Vec<Configuration>,
) -> Result<Option<Vec<(Configuration, Values)>>, DriverError> {
    if folders.is_empty() && request.old_variables.is_empty() {
        return Ok(None);
    }
    let given: Vec<BTreeMap<String, String>> = roots
        .iter()
        .map(|(_, values)| values.environment.iter().chain(&request.old_variables))
        .map(|pairs| {
            pairs
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        })
        .collect();
    let folders = if folders.is_empty() {
        roots.iter().map(|(c, _)| c.clone()).collect()
    } else {
        folders
    };
    with_values(folders, |index| &given[index]).map(Some)
}

/// Folders that the user names, and those where the command lines keep what they have fetched.
fn mirrors(request: &Request) -> Vec<PathBuf> {
    let cache = std::env::var_os("TF_PLUGIN_CACHE_DIR").map(PathBuf::from);
    let home =
        std::env::var_os("HOME").map(|home| Path::new(&home).join(".terraform.d/plugin-cache"));
    let found = request.mirrors.iter().cloned().chain(cache).chain(home);
    // The command lines need whole paths.
    found
        .filter_map(|folder| folder.canonicalize().ok())
        .collect()
}

#[expect(
    clippy::too_many_arguments,
    reason = "called once; each is a part of the run with a life of its own"
)]
async fn prove(
    request: &Request,
    checked: Checked,
    world: &World,
    provider: PathBuf,
    artefacts: &Artefacts,
    backend: &dyn Backend,
    live: &Live,
    interrupt: &Interrupt,
) -> Result<Report, LaunchError> {
    let folder = world.cluster().folder().join("run");
    std::fs::create_dir_all(&folder).map_err(|source| DriverError::File {
        path: folder.clone(),
        source,
    })?;
    let sandbox = SandboxFile {
        path: folder.join("sandbox.json"),
        content: world.sandbox(),
    };
    sandbox.write()?;
    let session = Arc::new(Session::new(Settings {
        cli: checked.cli,
        provider,
        folder,
        logs: artefacts.commands(),
        sandbox: Some(sandbox.path.clone()),
        needed: checked.needed,
        mirrors: checked.mirrors,
        interrupt: interrupt.clone(),
    })?);
    let names = unique_names(&checked.roots);
    let roots = make_roots(&session, checked.roots, &names, "")?;
    let old = checked
        .old
        .map(|old| make_roots(&session, old, &names, "-old"))
        .transpose()?;
    let mut proof = Proof {
        roots,
        old,
        session,
        cluster: world.cluster(),
        client: world.client(),
        logs: world.logs(),
        sandbox,
        artefacts: artefacts.clone(),
        live,
        blocked: None,
        plans: BTreeMap::new(),
    };
    Ok(run(&mut proof, &request.only, backend.name()).await?)
}

fn make_roots(
    session: &Arc<Session>,
    configurations: Vec<(Configuration, Values)>,
    names: &[String],
    suffix: &str,
) -> Result<Vec<Root>, DriverError> {
    let make = |((configuration, values), name): ((Configuration, Values), &String)| {
        Root::new(
            session,
            configuration,
            &format!("{name}{suffix}"),
            name,
            values,
        )
    };
    configurations.into_iter().zip(names).map(make).collect()
}

/// Folder names, numbered where they are the same.
fn unique_names(roots: &[(Configuration, Values)]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (configuration, _) in roots {
        let name = configuration.name();
        let same = names.iter().filter(|other| **other == name).count();
        names.push(if same == 0 {
            name
        } else {
            format!("{name}-{}", same + 1)
        });
    }
    names
}
