//! The generated parts of `docs/` follow from the schemas and the examples.
//!
//! `SEEDLING_BLESS=1 cargo test -p seedling-provider --test docs` writes them anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test ends by panic

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use seedling_provider::Seedling;
use seedling_schema::{Function, Parameter, Provider as _, Type, reference};

/// Set, and not empty: pages are rewritten where they differ.
const BLESS: &str = "SEEDLING_BLESS";

/// A page and the text that belongs between its `schema` marks.
struct Page {
    file: String,
    schema: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the provider's folder lies in the repository's root")
        .to_owned()
}

fn pages() -> Vec<Page> {
    let page = |folder: &str, name: &str, schema: String| Page {
        file: format!("docs/{folder}{}.md", name.trim_start_matches("seedling_")),
        schema,
    };
    let mut pages = vec![page("", "index", reference(&Seedling.schema()))];
    for resource in Seedling.resources() {
        pages.push(page(
            "resources/",
            resource.type_name(),
            reference(&resource.schema()),
        ));
    }
    for source in Seedling.data_sources() {
        pages.push(page(
            "data-sources/",
            source.type_name(),
            reference(&source.schema()),
        ));
    }
    for function in Seedling.functions() {
        pages.push(page("functions/", function.name(), signature(&*function)));
    }
    pages
}

/// The reference of a function, in the registries' form.
fn signature(function: &dyn Function) -> String {
    let signature = function.signature();
    let parameter = |it: &Parameter| format!("{} {}", it.name, type_name(&it.ty));
    let parameters: Vec<String> = signature.params.iter().map(parameter).collect();
    let mut text = format!(
        "## Signature\n\n```text\n{}({}) {}\n```\n\n## Arguments\n\n",
        function.name(),
        parameters.join(", "),
        type_name(&signature.returns),
    );
    for (index, it) in signature.params.iter().enumerate() {
        let number = index + 1;
        let name = &it.name;
        writeln!(
            text,
            "{number}. `{name}` ({}) {}",
            type_name(&it.ty),
            it.description
        )
        .expect("a text can be written to");
    }
    text + "\n## Result\n\n" + &signature.description + "\n"
}

fn type_name(ty: &Type) -> String {
    match ty {
        Type::String => "string".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::List(of) => format!("list of {}", type_name(of)),
        Type::Set(of) => format!("set of {}", type_name(of)),
        Type::Map(of) => format!("map of {}", type_name(of)),
        Type::Object(_) => "object".to_owned(),
        Type::Tuple(_) => "tuple".to_owned(),
        Type::Dynamic => "any".to_owned(),
    }
}

/// The page with its generated sections as they should be.
fn generated(text: &str, schema: &str) -> Result<String, String> {
    let text = fill(text, "<!-- schema -->", "<!-- /schema -->", schema)?;
    let Some((_, after)) = text.split_once("<!-- example: ") else {
        return Ok(text);
    };
    let (file, _) = after
        .split_once(" -->")
        .ok_or("the `example` mark does not end")?;
    let example = fs::read_to_string(root().join(file)).map_err(|it| format!("{file}: {it}"))?;
    fill(
        &text,
        &format!("<!-- example: {file} -->"),
        "<!-- /example -->",
        &format!("```terraform\n{example}```\n"),
    )
}

/// Puts `content` between two marks.
fn fill(text: &str, begin: &str, end: &str, content: &str) -> Result<String, String> {
    let missing = |mark: &str| format!("`{mark}` is missing");
    let (before, rest) = text.split_once(begin).ok_or_else(|| missing(begin))?;
    let (_, after) = rest.split_once(end).ok_or_else(|| missing(end))?;
    Ok(format!("{before}{begin}\n\n{content}\n{end}{after}"))
}

#[test]
fn generated_parts_are_up_to_date() {
    let bless = std::env::var(BLESS).is_ok_and(|value| !value.is_empty());
    let mut stale = Vec::new();
    for page in pages() {
        let path = root().join(&page.file);
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}: write the page", page.file));
        let wanted =
            generated(&text, &page.schema).unwrap_or_else(|error| panic!("{}: {error}", page.file));
        if wanted == text {
            continue;
        }
        if bless {
            fs::write(&path, wanted).expect("the page can be written");
        } else {
            stale.push(page.file);
        }
    }
    assert!(
        stale.is_empty(),
        "{} differ from schemas and examples; run: {BLESS}=1 cargo test -p seedling-provider --test docs",
        stale.join(", ")
    );
}

#[test]
fn every_page_is_about_something_the_provider_has() {
    let known: BTreeSet<String> = pages().into_iter().map(|page| page.file).collect();
    for folder in ["docs/resources", "docs/data-sources", "docs/functions"] {
        for entry in fs::read_dir(root().join(folder)).expect("the folder exists") {
            let name = entry.expect("a readable folder").file_name();
            let file = format!("{folder}/{}", name.to_string_lossy());
            assert!(known.contains(&file), "the provider has nothing for {file}");
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut folders = vec![root().join("docs")];
    let mut files: Vec<PathBuf> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
        .map(|file| root().join(file))
        .to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    for file in files {
        let text = fs::read_to_string(&file).expect("pages are text");
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next());
        for target in targets.filter(|target| !target.is_empty() && !target.contains("://")) {
            let path = file.with_file_name("").join(target);
            assert!(
                path.exists(),
                "{}: the link to {target} leads nowhere",
                file.display()
            );
        }
    }
}

#[test]
fn content_is_put_between_its_marks() {
    let page = "# A\n<!-- schema -->\nold\n<!-- /schema -->\nend\n";
    let wanted = "# A\n<!-- schema -->\n\nnew\n\n<!-- /schema -->\nend\n";
    assert_eq!(generated(page, "new\n").as_deref(), Ok(wanted));
    assert_eq!(generated(wanted, "new\n").as_deref(), Ok(wanted));
    assert!(generated("# A\n", "new\n").is_err());
}
