//! Reference documentation, generated from schemas in the form that the registries show.

use std::fmt::Write;

use crate::attribute::{Attribute, Nesting, Planning, Shape};
use crate::schema::Schema;
use crate::types::Type;
use crate::value::Value;

/// The reference of a schema in Markdown: required, optional and read-only attributes, then each
/// nested object. Starts with the heading `## Schema` and ends with one line break.
pub fn reference(schema: &Schema) -> String {
    let mut page = Page::default();
    page.line("## Schema");
    page.attributes(&schema.attributes, &[], "### ", "");
    page.text.trim_end().to_owned() + "\n"
}

/// Tells whether an attribute belongs to a group.
type Group = fn(&Attribute) -> bool;

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str("\n\n");
    }

    /// The attributes of one object in three groups, then the objects within it.
    fn attributes(
        &mut self,
        attributes: &[(String, Attribute)],
        path: &[&str],
        before: &str,
        after: &str,
    ) {
        let groups: [(&str, Group); 3] = [
            ("Required", |it| it.required),
            ("Optional", |it| it.optional && !it.required),
            ("Read-Only", |it| !it.required && !it.optional),
        ];
        for (title, belongs) in groups {
            let mut members = attributes
                .iter()
                .filter(|(_, attribute)| belongs(attribute))
                .peekable();
            if members.peek().is_none() {
                continue;
            }
            self.line(&format!("{before}{title}{after}"));
            for (name, attribute) in members {
                self.text.push_str(&item(name, attribute, path));
            }
            self.text.push('\n');
        }
        for (name, attribute) in attributes {
            if let Shape::Nested(_, children) = &attribute.shape {
                let path = [path, &[name.as_str()]].concat();
                self.line(&format!(
                    "<a id=\"{}\"></a>\n### Nested Schema for `{}`",
                    anchor(&path),
                    path.join(".")
                ));
                self.attributes(children, &path, "", ":");
            }
        }
    }
}

fn anchor(path: &[&str]) -> String {
    format!("nestedatt--{}", path.join("--"))
}

/// One attribute as an item of a list.
fn item(name: &str, attribute: &Attribute, path: &[&str]) -> String {
    let mut notes = vec![shape_name(&attribute.shape)];
    notes.extend(attribute.sensitive.then(|| "Sensitive".to_owned()));
    notes.extend(attribute.write_only.then(|| "Write-only".to_owned()));
    notes.extend(
        attribute
            .deprecated
            .is_some()
            .then(|| "Deprecated".to_owned()),
    );

    let mut text = format!("- `{name}` ({})", notes.join(", "));
    for sentence in sentences(attribute) {
        // Nothing can go wrong when writing into a text.
        write!(text, " {sentence}").ok();
    }
    if let Shape::Nested(..) = attribute.shape {
        let path = [path, &[name]].concat();
        write!(text, " (see [below for nested schema](#{}))", anchor(&path)).ok();
    }
    text + "\n"
}

fn sentences(attribute: &Attribute) -> Vec<String> {
    let description = Some(attribute.description.trim().to_owned()).filter(|text| !text.is_empty());
    let default = match &attribute.planning {
        Planning::Default(value) => Some(default_sentence(value)),
        _ => None,
    };
    let replaces = attribute
        .replaces
        .then(|| "Changing it replaces the resource.".to_owned());
    let deprecated = attribute
        .deprecated
        .as_ref()
        .map(|message| format!("**Deprecated:** {message}"));
    [description, default, replaces, deprecated]
        .into_iter()
        .flatten()
        .collect()
}

fn default_sentence(value: &Value) -> String {
    match value {
        Value::Map(members) if members.is_empty() => {
            "By default an object of its parts' defaults.".to_owned()
        }
        Value::List(elements) if elements.is_empty() => "By default empty.".to_owned(),
        value => format!("Defaults to `{}`.", value.to_json()),
    }
}

fn shape_name(shape: &Shape) -> String {
    match shape {
        Shape::Plain(ty) => type_name(ty),
        Shape::Nested(Nesting::Single, _) => "Attributes".to_owned(),
        Shape::Nested(Nesting::List, _) => "Attributes List".to_owned(),
        Shape::Nested(Nesting::Map, _) => "Attributes Map".to_owned(),
    }
}

fn type_name(ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Object(_) => "Object".to_owned(),
        Type::Tuple(_) => "Tuple".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_every_attribute_in_its_group() {
        let ports = Attribute::map_of_objects(vec![
            (
                "port",
                Attribute::number().required().describe("The number."),
            ),
            (
                "limits",
                Attribute::object(vec![("rate", Attribute::number().default_to(10))]).optional(),
            ),
        ]);
        let schema = Schema::new(0)
            .attribute(
                "name",
                Attribute::string()
                    .required()
                    .replaces()
                    .describe("The name."),
            )
            .attribute("ports", ports.optional().describe("Open ports."))
            .attribute(
                "key",
                Attribute::string().optional().sensitive().write_only(),
            )
            .attribute("old", Attribute::bool().optional().deprecated("Use `key`."))
            .attribute("tags", Attribute::set_of(Type::string()).computed());
        let wanted = r#"## Schema

### Required

- `name` (String) The name. Changing it replaces the resource.

### Optional

- `ports` (Attributes Map) Open ports. (see [below for nested schema](#nestedatt--ports))
- `key` (String, Sensitive, Write-only)
- `old` (Boolean, Deprecated) **Deprecated:** Use `key`.

### Read-Only

- `tags` (Set of String)

<a id="nestedatt--ports"></a>
### Nested Schema for `ports`

Required:

- `port` (Number) The number.

Optional:

- `limits` (Attributes) (see [below for nested schema](#nestedatt--ports--limits))

<a id="nestedatt--ports--limits"></a>
### Nested Schema for `ports.limits`

Optional:

- `rate` (Number) Defaults to `10`.
"#;
        assert_eq!(reference(&schema), wanted);
    }
}
