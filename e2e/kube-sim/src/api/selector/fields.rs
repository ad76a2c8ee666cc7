//! Field selectors: after `k8s.io/apimachinery/pkg/fields/selector.go` 0.36, in its words.

/// A field, whether it must be equal, and to what.
pub type Term = (String, bool, String);

/// Reads a selector, or says why it is none.
pub fn parse(text: &str) -> Result<Vec<Term>, String> {
    let terms = split(text).into_iter().filter(|term| !term.is_empty());
    terms
        .map(|term| {
            let (field, equal, value) = operator(term)
                .ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{term}'"))?;
            Ok((field.to_owned(), equal, unescaped(value)?))
        })
        .collect()
}

/// Splits at commas that no backslash precedes.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (index, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn operator(term: &str) -> Option<(&str, bool, &str)> {
    let at = term.char_indices().find(|(index, _)| {
        ["!=", "="]
            .iter()
            .any(|operator| term[*index..].starts_with(operator))
    })?;
    let (field, rest) = term.split_at(at.0);
    let found = [("!=", false), ("==", true), ("=", true)];
    found
        .into_iter()
        .find_map(|(operator, equal)| Some((field, equal, rest.strip_prefix(operator)?)))
}

fn unescaped(value: &str) -> Result<String, String> {
    let mut found = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some(next @ ('\\' | ',' | '=')) => found.push(next),
                next => {
                    let next = next.map(String::from).unwrap_or_default();
                    return Err(format!(
                        "invalid field selector: invalid escape sequence: \\{next}"
                    ));
                }
            },
            ',' | '=' => {
                return Err(format!(
                    "invalid field selector: unescaped character in value: {}",
                    u32::from(letter)
                ));
            }
            letter => found.push(letter),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_or_refused() {
        let read = |text: &str| {
            parse(text).map(|terms| {
                terms
                    .into_iter()
                    .map(|(field, equal, value)| format!("{field} {equal} {value}"))
                    .collect::<Vec<_>>()
                    .join(";")
            })
        };
        let table = [
            ("", Ok("")),
            (",", Ok("")),
            ("a=b", Ok("a true b")),
            ("a==b,c!=d", Ok("a true b;c false d")),
            (r"a=x\,y\=z\\", Ok(r"a true x,y=z\")),
            (
                "metadata.name",
                Err("invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
            ),
            (
                "a=b=c",
                Err("invalid field selector: unescaped character in value: 61"),
            ),
            (
                r"a=\",
                Err(r"invalid field selector: invalid escape sequence: \"),
            ),
            (
                r"a=\x",
                Err(r"invalid field selector: invalid escape sequence: \x"),
            ),
            ("é=ü", Ok("é true ü")),
        ];
        for (text, expected) in table {
            assert_eq!(
                read(text),
                expected.map(str::to_owned).map_err(str::to_owned),
                "{text}"
            );
        }
    }
}
