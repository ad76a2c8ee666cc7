//! Rules of roles.

use serde_json::Value;

use super::Attributes;

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// What may be done.
    pub verbs: Vec<String>,
    /// In which groups.
    pub groups: Vec<String>,
    /// With which resources.
    pub resources: Vec<String>,
    /// With which objects; all if empty.
    pub names: Vec<String>,
    /// Paths that are no resources.
    pub urls: Vec<String>,
}

fn covers(list: &[String], wanted: &str) -> bool {
    list.iter().any(|one| one == "*" || one == wanted)
}

impl Rule {
    /// Reads `rules`.
    pub fn list(rules: &Value) -> Vec<Rule> {
        rules
            .as_array()
            .into_iter()
            .flatten()
            .map(Rule::read)
            .collect()
    }

    fn read(rule: &Value) -> Rule {
        let texts = |member: &str| {
            let list = rule[member].as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Rule {
            verbs: texts("verbs"),
            groups: texts("apiGroups"),
            resources: texts("resources"),
            names: texts("resourceNames"),
            urls: texts("nonResourceURLs"),
        }
    }

    /// Whether it allows something.
    pub fn allows(&self, what: &Attributes) -> bool {
        if !covers(&self.verbs, &what.verb) {
            return false;
        }
        if !what.path.is_empty() {
            return self.urls.iter().any(|url| match url.strip_suffix('*') {
                Some(prefix) => what.path.starts_with(prefix),
                None => *url == what.path,
            });
        }
        covers(&self.groups, &what.group)
            && self.has_resource(&what.resource)
            && (self.names.is_empty() || self.names.contains(&what.name))
    }

    fn has_resource(&self, wanted: &str) -> bool {
        let any_with_sub = wanted.split_once('/').map(|(_, sub)| format!("*/{sub}"));
        self.resources
            .iter()
            .any(|one| one == "*" || one == wanted || any_with_sub.as_deref() == Some(one))
    }

    /// The rule in parts that each say one thing.
    pub fn parts(&self) -> Vec<Rule> {
        let mut parts = Vec::new();
        let one = |text: &String| vec![text.clone()];
        for verb in &self.verbs {
            for url in &self.urls {
                parts.push(Rule {
                    verbs: one(verb),
                    urls: one(url),
                    ..Rule::default()
                });
            }
            for group in &self.groups {
                for resource in &self.resources {
                    let names: Vec<Vec<String>> = if self.names.is_empty() {
                        vec![Vec::new()]
                    } else {
                        self.names.iter().map(one).collect()
                    };
                    for names in names {
                        parts.push(Rule {
                            verbs: one(verb),
                            groups: one(group),
                            resources: one(resource),
                            names,
                            urls: Vec::new(),
                        });
                    }
                }
            }
        }
        parts
    }

    /// Whether it allows all that another part does.
    pub fn contains(&self, part: &Rule) -> bool {
        let all = |own: &[String], others: &[String]| others.iter().all(|other| covers(own, other));
        let urls = part.urls.iter().all(|url| {
            self.urls.iter().any(|own| {
                own == url
                    || own
                        .strip_suffix('*')
                        .is_some_and(|prefix| url.starts_with(prefix))
            })
        });
        all(&self.verbs, &part.verbs)
            && all(&self.groups, &part.groups)
            && part
                .resources
                .iter()
                .all(|resource| self.has_resource(resource))
            && urls
            && (self.names.is_empty()
                || !part.names.is_empty()
                    && part.names.iter().all(|name| self.names.contains(name)))
    }

    /// As refusals print it.
    pub fn compact(&self) -> String {
        let list = |list: &[String]| {
            let quoted: Vec<_> = list.iter().map(|one| format!("{one:?}")).collect();
            quoted.join(", ")
        };
        let mut fields = Vec::new();
        for (title, values) in [
            ("APIGroups", &self.groups),
            ("Resources", &self.resources),
            ("ResourceNames", &self.names),
            ("NonResourceURLs", &self.urls),
            ("Verbs", &self.verbs),
        ] {
            if !values.is_empty() {
                fields.push(format!("{title}:[{}]", list(values)));
            }
        }
        format!("{{{}}}", fields.join(", "))
    }

    /// As reviews list it.
    pub fn to_json(&self) -> Value {
        let mut rule = serde_json::json!({ "verbs": self.verbs });
        let lists = [
            ("apiGroups", &self.groups),
            ("resources", &self.resources),
            ("resourceNames", &self.names),
            ("nonResourceURLs", &self.urls),
        ];
        for (member, list) in lists {
            if !list.is_empty() {
                rule[member] = list.clone().into();
            }
        }
        rule
    }
}
