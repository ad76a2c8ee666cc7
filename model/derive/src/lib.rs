//! `#[derive(Arguments)]`: what a struct of arguments says about itself, for the provider's schema.
//!
//! The struct is then the only place where an argument's name, type and documentation are written.
//! Two facts that a type cannot tell are attributes of the field:
//!
//! - `#[argument(required)]`: the configuration must give it;
//! - `#[argument(replaces)]`: a change of it replaces the resource.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, ExprLit, Field, Lit, Meta, parse_macro_input,
};

/// Implements `Arguments` and `Shaped` of `seedling_model` for a struct with named fields.
#[proc_macro_derive(Arguments, attributes(argument))]
pub fn arguments(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input)
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

fn expand(input: &DeriveInput) -> Result<Tokens, Error> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(
            input,
            "arguments are a struct with named fields",
        ));
    };
    let name = &input.ident;
    let doc = doc(&input.attrs);
    let fields = data
        .fields
        .iter()
        .map(describe)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(quote! {
        impl crate::arguments::Arguments for #name {
            const DOC: &'static str = #doc;
            fn fields() -> Vec<crate::arguments::Field> {
                vec![#(#fields),*]
            }
        }
        impl crate::arguments::Shaped for #name {
            fn shape() -> crate::arguments::Shape {
                crate::arguments::Shape::Object(<Self as crate::arguments::Arguments>::fields())
            }
        }
    })
}

fn describe(field: &Field) -> Result<Tokens, Error> {
    let Some(name) = field.ident.as_ref().map(ToString::to_string) else {
        return Err(Error::new_spanned(field, "arguments are named"));
    };
    let ty = &field.ty;
    let doc = doc(&field.attrs);
    let (required, replaces) = flags(&field.attrs)?;
    Ok(quote! {
        crate::arguments::Field {
            name: #name,
            doc: #doc,
            shape: <#ty as crate::arguments::Shaped>::shape(),
            required: #required,
            replaces: #replaces,
        }
    })
}

fn flags(attributes: &[Attribute]) -> Result<(bool, bool), Error> {
    let (mut required, mut replaces) = (false, false);
    for attribute in attributes
        .iter()
        .filter(|it| it.path().is_ident("argument"))
    {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("required") {
                required = true;
            } else if meta.path.is_ident("replaces") {
                replaces = true;
            } else {
                return Err(meta.error("`required` or `replaces`"));
            }
            Ok(())
        })?;
    }
    Ok((required, replaces))
}

/// The doc comment as one paragraph.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        });
    lines.collect::<Vec<_>>().join(" ")
}
