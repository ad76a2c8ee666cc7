//! The invariants of ARCHITECTURE.md, checked over the source tree: which words may stand where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test ends by panic

use std::fs;
use std::path::{Path, PathBuf};

/// Words that may stand only in some places.
struct Rule {
    /// The invariant, as ARCHITECTURE.md states it.
    says: &'static str,
    /// Files and folders that are searched, from the repository's root.
    within: &'static [&'static str],
    /// Files and folders in which the words are at home.
    except: &'static [&'static str],
    /// What must not be found.
    words: &'static [&'static str],
}

const RULES: [Rule; 8] = [
    Rule {
        says: "wire types never leave `schema/src/wire` and `schema/src/server`",
        within: &[
            "schema/src",
            "model/src",
            "provider/src",
            "e2e/src",
            "cli/src",
        ],
        except: &["schema/src/wire", "schema/src/server"],
        words: &[
            "seedling_proto",
            "crate::wire",
            "super::wire",
            "tonic::",
            "prost::",
        ],
    },
    Rule {
        says: "the plan engine and the model do no input or output and do not wait",
        within: &["schema/src/engine", "model/src"],
        except: &[],
        words: &[
            "async ",
            ".await",
            "tokio",
            "std::fs",
            "TcpStream",
            "UdpSocket",
            "ToSocketAddrs",
            "std::process",
            "std::thread",
            "kube::",
        ],
    },
    Rule {
        says: "the plan engine and the model know no clock and no chance",
        within: &["schema/src/engine", "model/src"],
        except: &[],
        words: &[
            "SystemTime",
            "Instant::now",
            "now_utc",
            "rand::",
            "RandomState",
            // Their order differs from run to run.
            "HashMap",
            "HashSet",
        ],
    },
    Rule {
        says: "environment variables are read in one file of the provider and one of the framework",
        within: &["schema/src", "model/src", "provider/src"],
        except: &["provider/src/env.rs", "schema/src/server/environment.rs"],
        words: &["env::var", "env::vars", "env::set_var", "env::remove_var"],
    },
    Rule {
        says: "the provider's `main.rs` alone reads arguments",
        within: &["schema/src", "model/src", "provider/src"],
        except: &["provider/src/main.rs"],
        words: &["env::args"],
    },
    Rule {
        says: "only `kubernetes/connection.rs` makes a client",
        within: &["provider/src"],
        except: &["provider/src/kubernetes/connection.rs"],
        words: &[
            "Client::try_from",
            "Client::try_default",
            "Client::new(",
            "ClientBuilder",
            "kube::Config",
            "Kubeconfig::",
        ],
    },
    Rule {
        says: "nothing in the provider prints; what it has to say is a diagnostic or a log line",
        within: &["schema/src", "model/src", "provider/src"],
        except: &["schema/src/server"],
        words: &["print!", "println!", "stdout()", "stderr()"],
    },
    Rule {
        says: "the harness meets the provider as a process",
        within: &["e2e/src", "e2e/faults/src"],
        except: &[],
        words: &["seedling_provider", "seedling_model", "seedling_schema"],
    },
];

/// A crate and what its manifest must not name.
const FOREIGN: [(&str, &[&str]); 4] = [
    ("proto", &["seedling-", "kube"]),
    (
        "schema",
        &["seedling-model", "seedling-provider", "kube", "k8s-openapi"],
    ),
    (
        "model",
        &["seedling-schema", "seedling-provider", "kube", "tokio"],
    ),
    (
        "e2e",
        &["seedling-provider", "seedling-model", "seedling-schema"],
    ),
];

/// The longest a source file may be.
const LONGEST: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the provider's folder lies in the repository's root")
        .to_owned()
}

fn rust_files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.to_owned());
        }
        return;
    }
    for entry in fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())) {
        rust_files(&entry.expect("a readable folder").path(), found);
    }
}

/// Lines with their numbers, without comments and without the unit tests at the end of a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let tests = text.lines().position(|line| line == "#[cfg(test)]");
    text.lines()
        .enumerate()
        .take(tests.unwrap_or(usize::MAX))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}

/// Where the words stand: `12: the line`.
fn offences(text: &str, words: &[&str]) -> Vec<String> {
    code(text)
        .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
        .map(|(number, line)| format!("{number}: {}", line.trim()))
        .collect()
}

fn check(rule: &Rule) -> Vec<String> {
    let root = root();
    let mut files = Vec::new();
    for place in rule.within {
        rust_files(&root.join(place), &mut files);
    }
    files.retain(|file| {
        !rule
            .except
            .iter()
            .any(|place| file.starts_with(root.join(place)))
    });
    assert!(!files.is_empty(), "nothing to search for: {}", rule.says);
    files
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).expect("a source file is text");
            let name = file
                .strip_prefix(&root)
                .unwrap_or(file)
                .display()
                .to_string();
            offences(&text, rule.words)
                .into_iter()
                .map(move |line| format!("{name}:{line}"))
        })
        .collect()
}

#[test]
fn words_stand_only_where_they_are_at_home() {
    let broken: Vec<String> = RULES
        .iter()
        .filter_map(|rule| {
            let found = check(rule);
            (!found.is_empty()).then(|| format!("{}:\n  {}", rule.says, found.join("\n  ")))
        })
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn exceptions_are_still_needed() {
    for rule in &RULES {
        for place in rule.except {
            let mut files = Vec::new();
            rust_files(&root().join(place), &mut files);
            let used = files.iter().any(|file| {
                let text = fs::read_to_string(file).expect("a source file is text");
                !offences(&text, rule.words).is_empty()
            });
            assert!(
                used,
                "{place} is an exception from `{}` without need",
                rule.says
            );
        }
    }
}

#[test]
fn crates_do_not_know_what_is_above_them() {
    for (name, foreign) in FOREIGN {
        let manifest = root().join(name).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("every crate has a manifest");
        let after = text
            .split_once("\n[dependencies]")
            .map_or("", |(_, rest)| rest);
        let section = after.split("\n[").next().unwrap_or_default();
        for dependency in section.lines().filter(|line| !line.starts_with('#')) {
            let known = foreign.iter().any(|word| dependency.starts_with(word));
            // The derive macro of a crate belongs to it.
            assert!(
                !known || dependency.starts_with("seedling-model-derive"),
                "{name}/Cargo.toml depends on `{dependency}`"
            );
        }
    }
}

#[test]
fn files_are_short() {
    let root = root();
    let mut files = Vec::new();
    for place in [
        "proto", "schema", "model", "provider", "review", "e2e", "cli",
    ] {
        rust_files(&root.join(place), &mut files);
    }
    let long: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let lines = fs::read_to_string(file)
                .expect("a source file is text")
                .lines()
                .count();
            (lines > LONGEST).then(|| format!("{}: {lines} lines", file.display()))
        })
        .collect();
    assert!(
        long.is_empty(),
        "at most {LONGEST} lines:\n{}",
        long.join("\n")
    );
}

#[test]
fn the_page_states_every_invariant() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page exists");
    let page = page
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    for rule in &RULES {
        assert!(
            page.contains(&rule.says.to_lowercase()),
            "ARCHITECTURE.md does not say: {}",
            rule.says
        );
    }
}

#[test]
fn a_word_in_code_is_found_and_one_in_a_comment_or_test_is_not() {
    let text = "// env::var in a comment\nlet x = std::env::var(\"X\");\n#[cfg(test)]\nmod tests { env::var }\n";
    assert_eq!(
        offences(text, &["env::var"]),
        ["2: let x = std::env::var(\"X\");"]
    );
}
