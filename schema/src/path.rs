//! Paths to a place in a value.

use std::fmt;

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A member of an object.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list, counted from 0. Elements of sets have no path of their own.
    Index(i64),
}

/// Where in a value something is; printed like the configuration language writes it: `a["k"].b[0]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Path(Vec<Step>);

impl Path {
    /// The whole value.
    pub fn root() -> Self {
        Self::default()
    }

    /// An attribute of the root.
    pub fn of(attribute: &str) -> Self {
        Self::root().attribute(attribute)
    }

    /// A member of the object at this path.
    #[must_use]
    pub fn attribute(self, name: &str) -> Self {
        self.step(Step::Attribute(name.to_owned()))
    }

    /// An element of the map at this path.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.step(Step::Key(key.to_owned()))
    }

    /// An element of the list at this path, counted from 0.
    #[must_use]
    pub fn index(self, index: i64) -> Self {
        self.step(Step::Index(index))
    }

    /// The path one step further.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the whole value.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of the first attribute, which tells what part of the object is meant.
    pub fn first(&self) -> Option<&str> {
        match self.0.first()? {
            Step::Attribute(name) | Step::Key(name) => Some(name),
            Step::Index(_) => None,
        }
    }

    /// The same path, seen from one level further out.
    #[must_use]
    pub(crate) fn within(mut self, outer: Step) -> Self {
        self.0.insert(0, outer);
        self
    }
}

impl From<Vec<Step>> for Path {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

impl From<&str> for Path {
    fn from(attribute: &str) -> Self {
        Self::of(attribute)
    }
}

impl From<&Path> for Path {
    fn from(path: &Path) -> Self {
        path.clone()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_like_the_configuration_language() {
        let path = Path::of("a").key("k").attribute("b").index(0);
        assert_eq!(path.to_string(), r#"a["k"].b[0]"#);
        assert_eq!(Path::root().to_string(), "");
    }
}
