//! A session of kubectl on both worlds: what it prints and how it ends must be the same.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use libtest_mimic::{Failed, Trial};
use regex::Regex;
use seedling_e2e::require::Need;
use seedling_e2e::trial::trial;

use crate::compare::masked_text;
use crate::worlds;

/// One command of a session and what it gave.
pub struct Ran {
    arguments: String,
    /// Exit code, standard output, standard error stream.
    gave: (Option<i32>, String, String),
}

pub fn trials() -> Vec<Trial> {
    const NEEDS: &[Need] = &[Need::Process, Need::Kubectl];
    vec![trial("kubectl_as_installed_says_the_same", NEEDS, || {
        says_the_same("kubectl".as_ref())
    })]
}

/// Compares a session of this kubectl on both worlds.
pub fn says_the_same(program: &Path) -> Result<(), Failed> {
    worlds::with(|both| async {
        let [real, simulated] = both
            .each()
            .map(|(_, world)| session(program, world.cluster().kubeconfig()));
        compare(&real?, &simulated?)
    })
}

fn compare(real: &[Ran], simulated: &[Ran]) -> Result<(), Failed> {
    let mut differences = Vec::new();
    for (real, simulated) in real.iter().zip(simulated) {
        if comparable(real) != comparable(simulated) {
            differences.push(format!(
                "kubectl {}\n{}",
                real.arguments,
                side_by_side(real, simulated)
            ));
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    let count = differences.len();
    Err(format!("{count} commands differ:\n{}", differences.join("\n\n")).into())
}

fn side_by_side(real: &Ran, simulated: &Ran) -> String {
    let (left, right) = (comparable(real), comparable(simulated));
    let lines = |lines: &BTreeSet<String>, others: &BTreeSet<String>, mark: &str| {
        let lines = lines.difference(others);
        lines.fold(String::new(), |text, line| {
            text + &format!("  {mark} {line}\n")
        })
    };
    lines(&left, &right, "real     ") + &lines(&right, &left, "simulated")
}

/// The lines without ages, addresses and the widths that depend on them. Their order is that of names that are chosen by chance.
fn comparable(ran: &Ran) -> BTreeSet<String> {
    static MASKS: LazyLock<[(Regex, &str); 11]> = LazyLock::new(|| {
        [
            (r"\b(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?s\b|\b\d+m\b \(x\d+ over [^)]*\)|<unknown>|<invalid>", "AGE"),
            (r" \(x\d+ over [^)]*\)", ""),
            (r"\b\d+\.\d+\.\d+\.\d+(?::\d+)?\b", "ADDRESS"),
            (r#"(resourceVersion|nodePort|uid): "?[^"\n]+"?"#, "$1: *"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "TIME"),
            (r"(?m)^(---|\+\+\+) .*|(?m)^diff .*", "$1 FILE"),
            (r"-{5,}", "-----"),
            (r"\bweb-[b-df-hj-np-tv-xz2456789]{5}\b", "web-NAME"),
            // Who plays the kubelet, and how far a rollout was when kubectl looked.
            (r"\bkwok-[0-9.]+|\bkube-sim$|\bkube-sim\b", "KUBELET"),
            (r"(?m)^Waiting for deployment .*", ""),
            (r"\b(\d+)/TCP\b", "$1/TCP"),
        ]
        .map(|(pattern, mask)| (Regex::new(pattern).unwrap(), mask))
    });
    let (code, output, errors) = &ran.gave;
    let text = MASKS.iter().fold(
        masked_text(&format!("exit {code:?}\n{output}\n{errors}")),
        |text, (pattern, mask)| pattern.replace_all(&text, *mask).into_owned(),
    );
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

/// Runs all commands one after the other.
pub fn session(program: &Path, kubeconfig: &Path) -> Result<Vec<Ran>, Failed> {
    let script = include_str!("kubectl/session.txt");
    let commands = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/kubectl");
    // Discovery is cached by the server's address, which another world may have had.
    let cache = tempfile::tempdir()?;
    let run = |line: &str| -> Result<Ran, Failed> {
        let arguments: Vec<&str> = line.split(' ').collect();
        let output = Command::new(program)
            .args(&arguments)
            .arg(format!("--cache-dir={}", cache.path().display()))
            .env("KUBECONFIG", kubeconfig)
            .env("TZ", "UTC")
            .current_dir(&folder)
            .stdin(Stdio::null())
            .output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Ran {
            arguments: line.to_owned(),
            gave: (
                output.status.code(),
                text(&output.stdout),
                text(&output.stderr),
            ),
        })
    };
    commands.map(run).collect()
}
