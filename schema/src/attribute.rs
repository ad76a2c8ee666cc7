//! Attributes: their shape, who sets them, and what planning does with them.

use crate::types::Type;
use crate::value::Value;

/// One attribute of a schema or of a nested object.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are the protocol's own, and independent"
)]
pub struct Attribute {
    /// What values it has.
    pub shape: Shape,
    /// The configuration must give it.
    pub required: bool,
    /// The configuration may give it.
    pub optional: bool,
    /// The provider gives it, where the configuration does not.
    pub computed: bool,
    /// Masked wherever the core shows values.
    pub sensitive: bool,
    /// Given to the provider and never stored, in no plan and no state.
    pub write_only: bool,
    /// What it means, in Markdown.
    pub description: String,
    /// What to use instead, if it should no longer be used.
    pub deprecated: Option<String>,
    /// How it is planned where the configuration does not give it.
    pub planning: Planning,
    /// Whether a change of it replaces the resource.
    pub replaces: bool,
}

/// What values an attribute has.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Values of a type.
    Plain(Type),
    /// Objects with attributes of their own.
    Nested(Nesting, Vec<(String, Attribute)>),
}

/// How many nested objects an attribute holds, and how they are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// Objects in order.
    List,
    /// Objects under keys.
    Map,
}

/// How an attribute is planned where the configuration does not give it.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Planning {
    /// A computed attribute is unknown whenever something else changes.
    #[default]
    UnknownOnChange,
    /// It is this value.
    Default(Value),
    /// It keeps the value it has; unknown where it has none.
    KeepsPrior,
    /// It is always this value; where the state holds another one, that is a change.
    Always(Value),
}

impl Attribute {
    fn new(shape: Shape) -> Self {
        Self {
            shape,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            description: String::new(),
            deprecated: None,
            planning: Planning::default(),
            replaces: false,
        }
    }

    /// A text.
    pub fn string() -> Self {
        Self::of(Type::String)
    }

    /// A number.
    pub fn number() -> Self {
        Self::of(Type::Number)
    }

    /// A truth value.
    pub fn bool() -> Self {
        Self::of(Type::Bool)
    }

    /// A value of any given type.
    pub fn of(ty: Type) -> Self {
        Self::new(Shape::Plain(ty))
    }

    /// Values of one type in order.
    pub fn list_of(element: Type) -> Self {
        Self::of(Type::list(element))
    }

    /// Different values of one type, without order.
    pub fn set_of(element: Type) -> Self {
        Self::of(Type::set(element))
    }

    /// Values of one type, each under a key.
    pub fn map_of(element: Type) -> Self {
        Self::of(Type::map(element))
    }

    /// One object with attributes of its own.
    pub fn object(attributes: Vec<(&str, Attribute)>) -> Self {
        Self::nested(Nesting::Single, attributes)
    }

    /// Objects in order.
    pub fn list_of_objects(attributes: Vec<(&str, Attribute)>) -> Self {
        Self::nested(Nesting::List, attributes)
    }

    /// Objects under keys.
    pub fn map_of_objects(attributes: Vec<(&str, Attribute)>) -> Self {
        Self::nested(Nesting::Map, attributes)
    }

    fn nested(nesting: Nesting, attributes: Vec<(&str, Attribute)>) -> Self {
        let attributes = attributes
            .into_iter()
            .map(|(name, attribute)| (name.to_owned(), attribute));
        Self::new(Shape::Nested(nesting, attributes.collect()))
    }

    /// The configuration must give it.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The configuration may give it.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The provider gives it (together with `optional`: where the configuration does not).
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// It is masked wherever the core shows values.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// It is given to the provider and never stored, in no plan and no state.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// Says what it means, in Markdown.
    #[must_use]
    pub fn describe(mut self, markdown: &str) -> Self {
        markdown.clone_into(&mut self.description);
        self
    }

    /// It should no longer be used; the message says what to use instead.
    #[must_use]
    pub fn deprecated(mut self, message: &str) -> Self {
        self.deprecated = Some(message.to_owned());
        self
    }

    /// Where the configuration does not give it, it is this value. Makes it optional and computed.
    #[must_use]
    pub fn default_to(mut self, value: impl Into<Value>) -> Self {
        self.planning = Planning::Default(value.into());
        self.optional().computed()
    }

    /// An update plans it as the value it has instead of unknown. Makes it computed.
    #[must_use]
    pub fn keeps_prior(mut self) -> Self {
        self.planning = Planning::KeepsPrior;
        self.computed()
    }

    /// It is always planned as this value, so another value in the state is a change to be made.
    /// Makes it computed.
    #[must_use]
    pub fn planned_as(mut self, value: impl Into<Value>) -> Self {
        self.planning = Planning::Always(value.into());
        self.computed()
    }

    /// A change of it replaces the resource.
    #[must_use]
    pub fn replaces(mut self) -> Self {
        self.replaces = true;
        self
    }

    /// The type of its values.
    pub fn ty(&self) -> Type {
        match &self.shape {
            Shape::Plain(ty) => ty.clone(),
            Shape::Nested(nesting, attributes) => {
                let object = Type::Object(
                    attributes
                        .iter()
                        .map(|(name, attribute)| (name.clone(), attribute.ty()))
                        .collect(),
                );
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Type::list(object),
                    Nesting::Map => Type::map(object),
                }
            }
        }
    }
}
