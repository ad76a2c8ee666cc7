//! Functions that a provider adds to the configuration language.

use crate::types::Type;
use crate::value::Value;

/// A pure function, called as `provider::name::function(…)`.
pub trait Function: Send + Sync {
    /// The function's name.
    fn name(&self) -> &'static str;

    /// Its parameters and result.
    fn signature(&self) -> FunctionSignature;

    /// Computes the result. The number of arguments and their types are right; unknown and null
    /// arguments come only where the parameter allows them.
    ///
    /// # Errors
    /// An argument makes no sense; say which.
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

/// A function's parameters and result.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionSignature {
    /// The parameters in order.
    pub params: Vec<Parameter>,
    /// The parameter that takes any number of further arguments.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub returns: Type,
    /// One sentence on what it computes.
    pub summary: String,
    /// More, in Markdown.
    pub description: String,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The parameter's name.
    pub name: String,
    /// The type of its arguments.
    pub ty: Type,
    /// What it means, in Markdown.
    pub description: String,
    /// Null may be passed; else core refuses it.
    pub allow_null: bool,
    /// Unknown values may be passed; else the result is unknown without a call.
    pub allow_unknown: bool,
}

impl Parameter {
    /// A parameter that takes neither null nor unknown values.
    pub fn new(name: &str, ty: Type, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            ty,
            description: description.to_owned(),
            allow_null: false,
            allow_unknown: false,
        }
    }
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// What is wrong, as a sentence.
    pub text: String,
    /// The argument that is to blame, counted from 0.
    pub argument: Option<i64>,
}

impl FunctionError {
    /// An error that one argument is to blame for, counted from 0.
    pub fn argument(argument: i64, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: Some(argument),
        }
    }
}
