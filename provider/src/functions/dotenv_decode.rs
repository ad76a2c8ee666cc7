//! `provider::seedling::dotenv_decode(text)`: the pairs of an `.env` file, as compose files use it.

use std::collections::BTreeMap;

use seedling_schema::{Function, FunctionError, FunctionSignature, Parameter, Type, Value};

/// The function.
pub struct DotenvDecode;

impl Function for DotenvDecode {
    fn name(&self) -> &'static str {
        "dotenv_decode"
    }

    fn signature(&self) -> FunctionSignature {
        FunctionSignature {
            params: vec![Parameter::new("text", Type::string(), "Content of the file.")],
            variadic: None,
            returns: Type::map(Type::string()),
            summary: "Reads the pairs of an .env file".to_owned(),
            description: "Lines are `NAME=value`, with `export ` before the name if you like; empty lines and lines that start with `#` are passed over. A value may stand in single quotes (taken as it is) or double quotes (`\\n`, `\\t`, `\\\"` and `\\\\` are understood); outside quotes, ` #` starts a comment. References such as `$OTHER` are not resolved. A name that is given twice is an error.".to_owned(),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let text = arguments
            .first()
            .and_then(Value::as_str)
            .unwrap_or_default();
        let pairs = decode(text).map_err(|problem| FunctionError::argument(0, problem))?;
        Ok(Value::from(pairs))
    }
}

/// Never quotes a value in an error: it may be secret.
fn decode(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut pairs = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = |problem: &str| format!("Line {}: {problem}.", index + 1);
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').ok_or_else(|| at("there is no `=`"))?;
        let name = name.trim();
        if !is_name(name) {
            return Err(at(
                "a name has letters, digits and underscores and starts with no digit",
            ));
        }
        let value = unquote(value.trim()).map_err(at)?;
        if pairs.insert(name.to_owned(), value).is_some() {
            return Err(at(&format!("`{name}` was given before")));
        }
    }
    Ok(pairs)
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn unquote(value: &str) -> Result<String, &'static str> {
    if let Some(rest) = value.strip_prefix('\'') {
        let (inside, after) = rest
            .split_once('\'')
            .ok_or("a single quote is not closed")?;
        return comment_or_nothing(after).map(|()| inside.to_owned());
    }
    if let Some(rest) = value.strip_prefix('"') {
        return double_quoted(rest);
    }
    let end = value.find(" #").unwrap_or(value.len());
    Ok(value[..end].trim_end().to_owned())
}

fn double_quoted(rest: &str) -> Result<String, &'static str> {
    let mut out = String::new();
    let mut characters = rest.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return comment_or_nothing(characters.as_str()).map(|()| out),
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other @ ('"' | '\\' | '$')) => out.push(other),
                Some(other) => out.extend(['\\', other]),
                None => break,
            },
            other => out.push(other),
        }
    }
    Err("a double quote is not closed")
}

fn comment_or_nothing(after: &str) -> Result<(), &'static str> {
    let after = after.trim();
    if after.is_empty() || after.starts_with('#') {
        Ok(())
    } else {
        Err("something follows the closing quote")
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn lines_become_pairs() {
        let text = "# comment\n\nexport A=1\nB = two words # note\nC='it #is'\nD=\"line\\nbreak\" # note\nE=\nURL=postgres://u:p@h/db?a=b#c\n";
        let pairs: Vec<_> = decode(text).unwrap().into_iter().collect();
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "it #is"),
            ("D", "line\nbreak"),
            ("E", ""),
            ("URL", "postgres://u:p@h/db?a=b#c"),
        ];
        assert_eq!(
            pairs,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn errors_name_the_line_and_no_value() {
        for (text, problem) in [
            ("A=1\nhunter2", "Line 2: there is no `=`."),
            (
                "1A=x",
                "Line 1: a name has letters, digits and underscores and starts with no digit.",
            ),
            ("A='x", "Line 1: a single quote is not closed."),
            ("A=\"x", "Line 1: a double quote is not closed."),
            ("A=\"x\" y", "Line 1: something follows the closing quote."),
            ("A=1\nA=2", "Line 2: `A` was given before."),
        ] {
            assert_eq!(decode(text).unwrap_err(), problem, "{text}");
        }
    }
}
