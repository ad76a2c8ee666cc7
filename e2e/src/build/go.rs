//! Go programs.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::cache::Place;
use super::manifest::{BuildError, Module};
use crate::progress::{Progress, elapsed};
use crate::require::find_program;

/// Ten times what two cores need for Kubernetes: longer means that it hangs.
const LONGEST_BUILD: Duration = Duration::from_hours(1);

/// The program of a Go module of ours (its folder below the repository's root, such as `e2e/control-plane`), built if it is not in the
/// cache. A first build can take minutes; `progress` is told every second.
pub async fn go_program(module: &str, progress: &dyn Progress) -> Result<PathBuf, BuildError> {
    let module = Module::open(module)?;
    let place = Place::of(&module)?;
    if place.program.exists() {
        return Ok(place.program);
    }
    match tokio::time::timeout(LONGEST_BUILD, build(&module, &place, progress)).await {
        Ok(result) => result.map(|()| place.program),
        Err(_) => Err(BuildError::Failed {
            module: module.name,
            log: format!("not ready within {}", elapsed(LONGEST_BUILD)),
        }),
    }
}

async fn build(module: &Module, place: &Place, progress: &dyn Progress) -> Result<(), BuildError> {
    let _lock = place.lock(progress).await?;
    if place.program.exists() {
        return Ok(()); // the process that held the lock has built it
    }
    let draft = place.draft();
    Build {
        module,
        progress,
        started: Instant::now(),
    }
    .run(&draft)
    .await?;
    place.publish(&draft)
}

/// Whether [`go_program`] has the program, or could build it: asked without building.
pub fn can_have(module: &str) -> Result<(), BuildError> {
    let module = Module::open(module)?;
    if Place::of(&module)?.program.exists() || find_program("go").is_some() {
        return Ok(());
    }
    Err(BuildError::NoGo {
        module: module.name,
    })
}

struct Build<'a> {
    module: &'a Module,
    progress: &'a dyn Progress,
    started: Instant,
}

impl Build<'_> {
    async fn run(&self, draft: &std::path::Path) -> Result<(), BuildError> {
        if find_program("go").is_none() {
            return Err(BuildError::NoGo {
                module: self.module.name.clone(),
            });
        }
        let (packages, _) = self
            .go(
                &[
                    "list",
                    "-deps",
                    "-f",
                    "{{.ImportPath}}",
                    &self.module.manifest.package,
                ],
                "fetching modules",
                None,
            )
            .await?;
        let output = draft.to_string_lossy();
        let flags = self.module.manifest.ldflags.join(" ");
        let build = [
            "build",
            "-v",
            "-o",
            &output,
            "-ldflags",
            &flags,
            &self.module.manifest.package,
        ];
        self.go(&build, "compiling", Some(packages))
            .await
            .map(|_| ())
    }

    /// Runs the go command; returns the number of lines of its standard output and of its standard error stream.
    async fn go(
        &self,
        arguments: &[&str],
        doing: &str,
        of: Option<usize>,
    ) -> Result<(usize, usize), BuildError> {
        let mut child = Command::new("go")
            .args(arguments)
            .current_dir(&self.module.folder)
            .envs(&self.module.manifest.env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(BuildError::io(&self.module.folder))?;
        let mut output = child
            .stdout
            .take()
            .map(|stream| BufReader::new(stream).lines());
        let mut errors = child
            .stderr
            .take()
            .map(|stream| BufReader::new(stream).lines());
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        let (mut printed, mut said) = (0, Vec::new());
        while output.is_some() || errors.is_some() {
            tokio::select! {
                line = next(&mut output), if output.is_some() => printed += usize::from(line.is_some()),
                line = next(&mut errors), if errors.is_some() => said.extend(line),
                _ = tick.tick() => self.tell(doing, said.len(), of),
            }
        }
        let status = child
            .wait()
            .await
            .map_err(BuildError::io(&self.module.folder))?;
        if status.success() {
            return Ok((printed, said.len()));
        }
        Err(BuildError::Failed {
            module: self.module.name.clone(),
            log: said[said.len().saturating_sub(20)..].join("\n"),
        })
    }

    fn tell(&self, doing: &str, done: usize, of: Option<usize>) {
        let count = of.map_or_else(String::new, |all| {
            format!("{done} of at most {all} packages, ")
        });
        let program = &self.module.manifest.output;
        self.progress.update(&format!(
            "building {program}, once: {doing}: {count}{}",
            elapsed(self.started.elapsed())
        ));
    }
}

/// The next line; at the end of the stream (or when it is no text) the stream is put away.
async fn next<R: tokio::io::AsyncBufRead + Unpin>(
    lines: &mut Option<tokio::io::Lines<R>>,
) -> Option<String> {
    let line = match lines {
        Some(lines) => lines.next_line().await.ok().flatten(),
        None => None,
    };
    if line.is_none() {
        *lines = None;
    }
    line
}
