//! No secret value is in any byte of state, plans, logs or artefacts.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;

use super::{Outcome, Step, count};
use crate::driver::values::Canary;
use crate::proof::{Proof, ProofError};

/// Searches every file that the run has made.
pub struct Secrets;

#[async_trait]
impl Step for Secrets {
    fn key(&self) -> &'static str {
        "secrets"
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(2)
    }

    fn is_foundation(&self) -> bool {
        true
    }

    fn runs_always(&self) -> bool {
        true
    }

    async fn run(&self, proof: &mut Proof<'_>, _until: Instant) -> Result<Outcome, ProofError> {
        let roots = proof.roots.iter().chain(proof.old.iter().flatten());
        let canaries: Vec<Canary> = roots
            .flat_map(|root| root.canaries().iter().cloned())
            .collect();
        if canaries.is_empty() {
            return Ok(Outcome::NotRun(
                "no variable is ephemeral or sensitive".to_owned(),
            ));
        }
        let folders = [
            (proof.session.state_folder(), true),
            (proof.session.plan_folder(), false),
            (proof.artefacts.folder().to_owned(), true),
        ];
        let mut search = Search::new(&canaries);
        for (folder, sensitive_too) in folders {
            search.folder(&folder, sensitive_too)?;
        }
        search.outcome(&canaries)
    }
}

struct Search<'a> {
    /// The canary, and the forms in which it could stand somewhere.
    wanted: Vec<(&'a Canary, Vec<Vec<u8>>)>,
    files: usize,
    bytes: usize,
    found: BTreeSet<String>,
}

impl<'a> Search<'a> {
    fn new(canaries: &'a [Canary]) -> Self {
        let wanted = canaries
            .iter()
            .map(|canary| (canary, forms(&canary.text)))
            .collect();
        Self {
            wanted,
            files: 0,
            bytes: 0,
            found: BTreeSet::new(),
        }
    }

    /// Searches a folder. The command lines themselves write values that are sensitive but not ephemeral into plans.
    fn folder(&mut self, folder: &Path, sensitive_too: bool) -> Result<(), ProofError> {
        for file in files(folder)? {
            let bytes = std::fs::read(&file).map_err(|source| ProofError::File {
                path: file.clone(),
                source,
            })?;
            self.files += 1;
            self.bytes += bytes.len();
            // A saved plan is a compressed archive.
            let parts = if bytes.starts_with(b"PK\x03\x04") {
                unpack(&bytes, &file)?
            } else {
                vec![bytes]
            };
            for (canary, forms) in self
                .wanted
                .iter()
                .filter(|(canary, _)| canary.ephemeral || sensitive_too)
            {
                if parts
                    .iter()
                    .any(|part| forms.iter().any(|form| contains(part, form)))
                {
                    self.found.insert(format!(
                        "the value of variable {:?} is in {}",
                        canary.variable,
                        file.display()
                    ));
                }
            }
        }
        Ok(())
    }

    fn outcome(self, canaries: &[Canary]) -> Result<Outcome, ProofError> {
        if !self.found.is_empty() {
            let lines: Vec<String> = self.found.into_iter().collect();
            return Err(ProofError::broken(lines.join("\n")));
        }
        let megabytes = self.bytes / 1_000_000;
        let compared = format!(
            "{} in none of {} (state, plans, TRACE logs, artefacts; {megabytes} MB)",
            count(canaries.len(), "value"),
            count(self.files, "file")
        );
        let named: BTreeSet<&str> = canaries
            .iter()
            .filter(|c| !c.ephemeral)
            .map(|c| c.variable.as_str())
            .collect();
        let notes = named
            .into_iter()
            .map(|name| format!("variable {name:?} is sensitive but not ephemeral: the command line writes it into saved plans"))
            .collect();
        Ok(Outcome::Held { compared, notes })
    }
}

/// As it is, and as base64 wherever it begins: for each of three positions, what stays the same whatever surrounds it.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![text.as_bytes().to_vec()];
    for offset in 0..3 {
        let padded = [vec![0; offset], text.as_bytes().to_vec()].concat();
        let encoded = BASE64_STANDARD_NO_PAD.encode(&padded);
        let (start, end) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
        forms.extend(encoded.get(start..end).map(|part| part.as_bytes().to_vec()));
    }
    forms
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    let Some(first) = wanted.first() else {
        return false;
    };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        if rest[at..].starts_with(wanted) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

fn unpack(bytes: &[u8], file: &Path) -> Result<Vec<Vec<u8>>, ProofError> {
    let fails = |source| ProofError::File {
        path: file.to_owned(),
        source,
    };
    let mut archive =
        zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(|e| fails(e.into()))?;
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = Vec::new();
        archive
            .by_index(index)
            .map_err(|e| fails(e.into()))?
            .read_to_end(&mut part)
            .map_err(fails)?;
        parts.push(part);
    }
    Ok(parts)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, ProofError> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|source| ProofError::File {
            path: folder.clone(),
            source,
        })?;
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn canary(ephemeral: bool) -> Canary {
        Canary {
            variable: "token".into(),
            text: "canary-0123456789abcdef".into(),
            ephemeral,
        }
    }

    fn leaks(name: &str, content: &[u8], canary: &Canary, sensitive_too: bool) -> bool {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), content).unwrap();
        let canaries = [canary.clone()];
        let mut search = Search::new(&canaries);
        search.folder(folder.path(), sensitive_too).unwrap();
        search.outcome(&canaries).is_err()
    }

    #[test]
    fn a_value_is_found_plain_encoded_and_packed() {
        let wanted = canary(true);
        let plain = format!("xx{}yy", wanted.text);
        assert!(leaks("a", plain.as_bytes(), &wanted, true));
        for prefix in ["", "a", "ab", "abc"] {
            let encoded = BASE64_STANDARD_NO_PAD.encode(format!("{prefix}{}tail", wanted.text));
            assert!(leaks("a", encoded.as_bytes(), &wanted, true), "{prefix:?}");
        }
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive
            .start_file("tfplan", zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(plain.as_bytes()).unwrap();
        let packed = archive.finish().unwrap().into_inner();
        assert!(!contains(&packed, wanted.text.as_bytes()) && leaks("a", &packed, &wanted, true));
        assert!(!leaks("a", b"canary-0123456789abcdeX", &wanted, true));
    }

    #[test]
    fn sensitive_values_may_be_in_plans_only() {
        let wanted = canary(false);
        assert!(leaks("a", wanted.text.as_bytes(), &wanted, true));
        assert!(!leaks("a", wanted.text.as_bytes(), &wanted, false));
    }
}
