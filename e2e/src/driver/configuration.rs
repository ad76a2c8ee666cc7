//! What the harness must know of a root module before it runs it: its variables, its providers, its modules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use super::{DriverError, Flavour, hcl};

/// A variable that a root module declares.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its type constraint, if it has one.
    pub constraint: Option<Expression>,
    /// Whether it may be left out.
    pub has_default: bool,
    /// Whether its value is kept out of plan and state.
    pub ephemeral: bool,
    /// Whether its value is hidden in output.
    pub sensitive: bool,
}

/// A provider that the configuration uses.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// As written in `required_providers`; `None` where only a resource's name implies it.
    pub source: Option<String>,
    /// The name it goes by in its module.
    pub local_name: String,
    /// File and block, for messages.
    pub place: String,
}

/// A root module and the modules it calls.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The root module's folder, absolute.
    pub folder: PathBuf,
    /// Variables of the root module.
    pub variables: Vec<Variable>,
    /// Providers of all modules.
    pub requirements: Vec<Requirement>,
    /// All folders the configuration is read from: the root first.
    pub modules: BTreeSet<PathBuf>,
}

impl Configuration {
    /// Reads a root module and every module it reaches by a relative source.
    pub fn read(folder: &Path, flavour: Flavour) -> Result<Self, DriverError> {
        let root = folder
            .canonicalize()
            .map_err(|_| DriverError::NoFolder(folder.into()))?;
        let mut configuration = Self {
            folder: root.clone(),
            variables: Vec::new(),
            requirements: Vec::new(),
            modules: BTreeSet::new(),
        };
        let mut waiting = vec![root];
        while let Some(module) = waiting.pop() {
            if !configuration.modules.insert(module.clone()) {
                continue;
            }
            let files = hcl::read_folder(&module, flavour)?;
            configuration.requirements.extend(requirements(&files));
            for file in &files {
                if module == configuration.folder {
                    configuration
                        .variables
                        .extend(file.body.get_blocks("variable").map(variable));
                }
                for call in file.body.get_blocks("module") {
                    waiting.push(module_folder(&module, &file.path, call)?);
                }
            }
        }
        Ok(configuration)
    }

    /// The short name of the root, for messages and files.
    pub fn name(&self) -> String {
        self.folder
            .file_name()
            .map_or_else(|| "root".to_owned(), |n| n.to_string_lossy().into_owned())
    }
}

fn variable(block: &Block) -> Variable {
    Variable {
        name: hcl::label(block, 0).to_owned(),
        constraint: block.body.get_attribute("type").map(|a| a.value.clone()),
        has_default: block.body.has_attribute("default"),
        ephemeral: hcl::is_true(&block.body, "ephemeral"),
        sensitive: hcl::is_true(&block.body, "sensitive"),
    }
}

fn module_folder(module: &Path, file: &Path, call: &Block) -> Result<PathBuf, DriverError> {
    let source = hcl::string(&call.body, "source").unwrap_or_default();
    let local =
        source.starts_with("./") || source.starts_with("../") || Path::new(source).is_absolute();
    if !local {
        return Err(DriverError::RemoteModule {
            name: hcl::label(call, 0).to_owned(),
            file: file.into(),
            origin: source.to_owned(),
        });
    }
    let folder = module.join(source);
    folder
        .canonicalize()
        .map_err(|_| DriverError::NoFolder(folder))
}

/// Declared providers of one module, and those that only a resource's or a provider block's name implies.
fn requirements(files: &[hcl::File]) -> Vec<Requirement> {
    let mut declared = BTreeMap::new();
    for file in files {
        for terraform in file.body.get_blocks("terraform") {
            for block in terraform.body.get_blocks("required_providers") {
                declared.extend(declarations(&block.body, &file.path));
            }
        }
    }
    for file in files {
        for block in file.body.blocks() {
            let Some(local_name) = provider_of(block) else {
                continue;
            };
            declared
                .entry(local_name.clone())
                .or_insert_with(|| Requirement {
                    source: None,
                    local_name,
                    place: format!(
                        "{}: {} {:?}",
                        file.path.display(),
                        block.ident.as_str(),
                        hcl::label(block, 0)
                    ),
                });
        }
    }
    declared.into_values().collect()
}

fn declarations<'a>(
    body: &'a Body,
    file: &'a Path,
) -> impl Iterator<Item = (String, Requirement)> + 'a {
    body.attributes().map(move |attribute| {
        let local_name = attribute.key.as_str().to_owned();
        let source = attribute.value.as_object().and_then(|object| {
            let (_, value) = object
                .iter()
                .find(|(key, _)| key.as_ident().is_some_and(|i| i.as_str() == "source"))?;
            value.expr().as_str().map(str::to_owned)
        });
        let place = format!("{}: required_providers", file.display());
        (
            local_name.clone(),
            Requirement {
                source,
                local_name,
                place,
            },
        )
    })
}

/// The local name of the provider that a block needs: an explicit `provider = x`, else the type's first word.
fn provider_of(block: &Block) -> Option<String> {
    match block.ident.as_str() {
        "provider" => Some(hcl::label(block, 0).to_owned()),
        "resource" | "data" | "ephemeral" => {
            let explicit = block
                .body
                .get_attribute("provider")
                .map(|a| first_word(&a.value));
            let implied = hcl::label(block, 0)
                .split('_')
                .next()
                .unwrap_or_default()
                .to_owned();
            Some(explicit.unwrap_or(implied))
        }
        _ => None,
    }
}

/// `aws` of `aws.west`.
fn first_word(expression: &Expression) -> String {
    let text = expression.to_string();
    text.trim()
        .split(['.', '['])
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn variables_providers_and_modules_are_read() {
        let tree = folder(&[
            (
                "root/main.tf",
                r#"
                terraform {
                  required_providers {
                    seedling = { source = "seedling-dev/seedling" }
                  }
                }
                variable "token" {
                  type      = string
                  ephemeral = true
                }
                variable "release" { default = "1" }
                module "stack" { source = "../stack" }
                resource "azurerm_thing" "x" {}
                "#,
            ),
            (
                "stack/main.tf",
                "resource \"random_id\" \"x\" {\n  provider = other.alias\n}\n",
            ),
        ]);
        let read = Configuration::read(&tree.path().join("root"), Flavour::Terraform).unwrap();
        let names: Vec<_> = read
            .variables
            .iter()
            .map(|v| (v.name.as_str(), v.has_default, v.ephemeral))
            .collect();
        assert_eq!(names, [("token", false, true), ("release", true, false)]);
        let mut providers: Vec<_> = read
            .requirements
            .iter()
            .map(|r| (r.local_name.as_str(), r.source.as_deref()))
            .collect();
        providers.sort_unstable();
        assert_eq!(
            providers,
            [
                ("azurerm", None),
                ("other", None),
                ("seedling", Some("seedling-dev/seedling"))
            ]
        );
        assert_eq!(read.modules.len(), 2);
    }

    #[test]
    fn remote_modules_are_refused_by_name() {
        let tree = folder(&[(
            "main.tf",
            "module \"net\" { source = \"Azure/network/azurerm\" }",
        )]);
        let error = Configuration::read(tree.path(), Flavour::Terraform)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("\"net\"") && error.contains("Azure/network/azurerm"),
            "{error}"
        );
    }

    #[test]
    fn tofu_files_replace_their_namesakes() {
        let tree = folder(&[
            ("main.tf", "variable \"a\" {}"),
            ("main.tofu", "variable \"b\" {}"),
        ]);
        let names = |flavour| {
            Configuration::read(tree.path(), flavour).unwrap().variables[0]
                .name
                .clone()
        };
        assert_eq!(
            (names(Flavour::Terraform), names(Flavour::OpenTofu)),
            ("a".into(), "b".into())
        );
    }

    #[test]
    fn syntax_errors_name_file_and_line() {
        let tree = folder(&[("main.tf", "variable \"a\" {\n  type = = string\n}\n")]);
        let error = Configuration::read(tree.path(), Flavour::Terraform)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("main.tf") && error.contains("line 2"),
            "{error}"
        );
    }
}
