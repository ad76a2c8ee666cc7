//! Paths inside the container, and what ConfigMap and Secret can hold.

use std::collections::BTreeMap;

use crate::{
    Arg, At, Report,
    service::{Args, config_data, secret_data},
};

/// What the API server accepts in one ConfigMap or Secret (`MaxSecretSize` in `k8s.io/kubernetes/pkg/apis/core`).
const LARGEST: usize = 1 << 20;

pub(super) fn check(args: &Args, report: &mut Report) {
    let paths = all_paths(args);
    for path in &paths {
        check_path(path, report);
    }
    check_collisions(&paths, report);
    check_size("files", &config_data(args), report);
    check_size(
        "secret_files",
        &secret_data(args).unwrap_or_default(),
        report,
    );
}

struct Mounted<'a> {
    argument: &'static str,
    path: &'a str,
}

impl Mounted<'_> {
    fn at(&self) -> At {
        At::of(self.argument).key(self.path)
    }

    fn is_file(&self) -> bool {
        matches!(self.argument, "files" | "secret_files")
    }
}

fn all_paths(args: &Args) -> Vec<Mounted<'_>> {
    fn keys<'a, T>(
        argument: &'static str,
        map: &'a Arg<BTreeMap<String, T>>,
    ) -> impl Iterator<Item = Mounted<'a>> {
        map.given()
            .into_iter()
            .flat_map(BTreeMap::keys)
            .map(move |path| Mounted { argument, path })
    }
    keys("files", &args.files)
        .chain(keys("secret_files", &args.secret_files))
        .chain(keys("scratch", &args.scratch))
        .chain(keys("storage", &args.storage))
        .collect()
}

fn check_path(mounted: &Mounted, report: &mut Report) {
    let path = mounted.path;
    let problem = if !path.starts_with('/') {
        "must start with `/`"
    } else if path == "/" {
        "would hide the whole image"
    } else if path.ends_with('/')
        || path.contains("//")
        || path.split('/').any(|part| matches!(part, "." | ".."))
    {
        "must be written plainly, without `//`, `.`, `..` or a final `/`"
    } else if path.contains(':') {
        "must not hold `:`, which Kubernetes refuses in mount paths"
    } else {
        return;
    };
    report.error(
        &mounted.at(),
        "Invalid path",
        format!("The path `{path}` {problem}."),
    );
}

/// One thing per path, and nothing below a file.
fn check_collisions(paths: &[Mounted], report: &mut Report) {
    for (index, mounted) in paths.iter().enumerate() {
        if let Some(other) = paths[..index]
            .iter()
            .find(|other| other.path == mounted.path)
        {
            let detail = format!(
                "`{}` is in `{}` too, and one path holds one thing. Remove one of them.",
                mounted.path, other.argument
            );
            report.error(&mounted.at(), "Path used twice", detail);
        }
        let file_above = paths.iter().find(|other| {
            other.is_file()
                && mounted
                    .path
                    .strip_prefix(other.path)
                    .is_some_and(|rest| rest.starts_with('/'))
        });
        if let Some(file) = file_above {
            let detail = format!(
                "`{}` is a file (in `{}`), so nothing can lie below it.",
                file.path, file.argument
            );
            report.error(&mounted.at(), "Path below a file", detail);
        }
    }
}

fn check_size(argument: &str, data: &BTreeMap<String, Vec<u8>>, report: &mut Report) {
    let size: usize = data.values().map(Vec::len).sum();
    if size > LARGEST {
        let (what, object) = if argument == "files" {
            ("`config` and `files`", "ConfigMap")
        } else {
            ("`secrets` and `secret_files`", "Secret")
        };
        let detail = format!(
            "{what} have {size} bytes together, and one {object} holds at most {LARGEST}. Put large files into the image or into `storage`."
        );
        report.error(&At::of(argument), "Too much content", detail);
    }
}
