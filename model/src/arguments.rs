//! What a struct of arguments says about itself. The provider's schema and its reference pages are made from this,
//! so an argument is written once: as a field with a doc comment.

use std::collections::BTreeMap;

pub use seedling_model_derive::Arguments;

use crate::{Arg, Secret};

/// A struct of arguments.
pub trait Arguments {
    /// The struct's doc comment.
    const DOC: &'static str;

    /// Its fields in the order of the source.
    fn fields() -> Vec<Field>;
}

/// One argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Name in the configuration.
    pub name: &'static str,
    /// Doc comment, as Markdown.
    pub doc: &'static str,
    /// What values it takes.
    pub shape: Shape,
    /// Whether the configuration must give it.
    pub required: bool,
    /// Whether a change of it replaces the resource.
    pub replaces: bool,
}

/// What values an argument takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A string.
    Text,
    /// A whole number.
    Number,
    /// True or false.
    Flag,
    /// A string that is write-only.
    Secret,
    /// A list.
    List(Box<Shape>),
    /// A map from names.
    Map(Box<Shape>),
    /// An object.
    Object(Vec<Field>),
}

/// A type whose values can stand in a configuration.
pub trait Shaped {
    /// What values it takes.
    fn shape() -> Shape;
}

impl Shaped for String {
    fn shape() -> Shape {
        Shape::Text
    }
}

impl Shaped for i64 {
    fn shape() -> Shape {
        Shape::Number
    }
}

impl Shaped for bool {
    fn shape() -> Shape {
        Shape::Flag
    }
}

impl Shaped for Secret {
    fn shape() -> Shape {
        Shape::Secret
    }
}

impl<T: Shaped> Shaped for Arg<T> {
    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Shaped> Shaped for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}

impl<T: Shaped> Shaped for BTreeMap<String, T> {
    fn shape() -> Shape {
        Shape::Map(Box::new(T::shape()))
    }
}
