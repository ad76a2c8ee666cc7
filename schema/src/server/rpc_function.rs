//! Functions.

use seedling_proto::tfplugin6 as pb;

use super::decode;
use super::service::Call;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::function::{FunctionError, FunctionSignature, Parameter};
use crate::resource::Provider;
use crate::value::Value;
use crate::wire;

/// The signatures.
pub(super) async fn list<P: Provider>(
    call: Call<P>,
    _: pb::get_functions::Request,
) -> Result<pb::get_functions::Response, Diagnostics> {
    let functions = call.service.registry().functions.iter();
    let functions = functions
        .map(|(name, it)| ((*name).to_owned(), wire::function(&it.signature())))
        .collect();
    Ok(pb::get_functions::Response {
        functions,
        diagnostics: Vec::new(),
    })
}

/// Calls one.
pub(super) async fn call<P: Provider>(
    call: Call<P>,
    request: pb::call_function::Request,
) -> Result<pb::call_function::Response, Diagnostics> {
    let function = call
        .service
        .registry()
        .functions
        .get(request.name.as_str())
        .ok_or_else(|| {
            Diagnostic::error(
                "Unknown function",
                format!("This provider has no function {:?}.", request.name),
            )
        })?;
    let signature = function.signature();
    let result = match arguments(&signature, &request.arguments)? {
        Ok(arguments) => function.call(arguments),
        Err(error) => Err(error),
    };
    match result {
        Ok(mut value) => {
            value.normalize(&signature.returns);
            let result = wire::write(&value, &signature.returns).map_err(Diagnostic::from)?;
            Ok(pb::call_function::Response {
                result,
                error: None,
            })
        }
        Err(FunctionError { text, argument }) => {
            let error = pb::FunctionError {
                text,
                function_argument: argument,
            };
            Ok(pb::call_function::Response {
                result: None,
                error: Some(error),
            })
        }
    }
}

/// Reads the arguments by their parameters; the last parameter may stand for any number of them.
fn arguments(
    signature: &FunctionSignature,
    arguments: &[pb::DynamicValue],
) -> Result<Result<Vec<Value>, FunctionError>, Diagnostic> {
    let wanted = signature.params.len();
    if arguments.len() < wanted || (arguments.len() > wanted && signature.variadic.is_none()) {
        let text = format!(
            "{wanted} arguments are needed, {} are given.",
            arguments.len()
        );
        return Ok(Err(FunctionError {
            text,
            argument: None,
        }));
    }
    let parameters = signature
        .params
        .iter()
        .chain(signature.variadic.iter().cycle());
    let mut values = Vec::new();
    for ((message, parameter), position) in arguments.iter().zip(parameters).zip(0..) {
        let value = decode::value(Some(message), &parameter.ty)?;
        if let Some(error) = refused(parameter, &value, position) {
            return Ok(Err(error));
        }
        values.push(value);
    }
    Ok(Ok(values))
}

/// OpenTofu passes null where Terraform does not.
fn refused(parameter: &Parameter, value: &Value, position: i64) -> Option<FunctionError> {
    let refused = value.is_null() && !parameter.allow_null;
    refused
        .then(|| FunctionError::argument(position, format!("{} must not be null.", parameter.name)))
}
