//! Label selectors: the lexer and parser of `k8s.io/apimachinery/pkg/labels/selector.go` 0.36, in its words.

use std::iter::Peekable;
use std::str::Chars;

/// What a label must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// There, and one of these.
    In(String, Vec<String>),
    /// Not there, or none of these.
    NotIn(String, Vec<String>),
    /// There.
    Has(String),
    /// Not there.
    HasNot(String),
    /// A greater number.
    Above(String, i64),
    /// A smaller number.
    Below(String, i64),
}

impl Requirement {
    /// Whether labels are as required.
    pub fn holds<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        let number = |key: &str| label(key)?.parse::<i64>().ok();
        match self {
            Requirement::In(key, values) => {
                label(key).is_some_and(|value| values.iter().any(|one| one == value))
            }
            Requirement::NotIn(key, values) => {
                label(key).is_none_or(|value| values.iter().all(|one| one != value))
            }
            Requirement::Has(key) => label(key).is_some(),
            Requirement::HasNot(key) => label(key).is_none(),
            Requirement::Above(key, bound) => number(key).is_some_and(|number| number > *bound),
            Requirement::Below(key, bound) => number(key).is_some_and(|number| number < *bound),
        }
    }
}

/// Reads a selector, or says why it is none.
pub fn parse(text: &str) -> Result<Vec<Requirement>, String> {
    let mut tokens = Tokens {
        letters: text.chars().peekable(),
    }
    .collect::<Vec<_>>()
    .into_iter()
    .peekable();
    let mut found = Vec::new();
    loop {
        match tokens.peek() {
            None => return Ok(found),
            Some(Token::Word(_) | Token::Symbol("!")) => {}
            Some(token) => {
                return Err(format!(
                    "found '{}', expected: !, identifier, or 'end of string'",
                    token.text()
                ));
            }
        }
        let one = requirement(&mut tokens);
        found.push(one.map_err(|why| format!("unable to parse requirement: {why}"))?);
        match tokens.next() {
            None => return Ok(found),
            Some(Token::Symbol(",")) => {}
            Some(token) => {
                return Err(format!(
                    "found '{}', expected: ',' or 'end of string'",
                    token.text()
                ));
            }
        }
        if !matches!(tokens.peek(), Some(Token::Word(_) | Token::Symbol("!"))) {
            return Err(format!(
                "found '{}', expected: identifier after ','",
                text_of(tokens.peek())
            ));
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Symbol(&'static str),
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Token::Word(text) => text,
            Token::Symbol(text) => text,
        }
    }
}

fn text_of(token: Option<&Token>) -> &str {
    token.map_or("", Token::text)
}

struct Tokens<'a> {
    letters: Peekable<Chars<'a>>,
}

const SYMBOLS: [char; 7] = ['=', '!', '(', ')', ',', '>', '<'];

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let is_space = |letter: &char| matches!(letter, ' ' | '\t' | '\r' | '\n');
        while self.letters.next_if(is_space).is_some() {}
        let first = self.letters.next()?;
        let mut double = |single: &'static str, both: &'static str| {
            Token::Symbol(self.letters.next_if_eq(&'=').map_or(single, |_| both))
        };
        Some(match first {
            '=' => double("=", "=="),
            '!' => double("!", "!="),
            '(' => Token::Symbol("("),
            ')' => Token::Symbol(")"),
            ',' => Token::Symbol(","),
            '>' => Token::Symbol(">"),
            '<' => Token::Symbol("<"),
            _ => {
                let mut word = String::from(first);
                let goes_on = |letter: &char| !SYMBOLS.contains(letter) && !is_space(letter);
                while let Some(letter) = self.letters.next_if(goes_on) {
                    word.push(letter);
                }
                Token::Word(word)
            }
        })
    }
}

type Rest = Peekable<std::vec::IntoIter<Token>>;

fn requirement(tokens: &mut Rest) -> Result<Requirement, String> {
    let negated = tokens.next_if_eq(&Token::Symbol("!")).is_some();
    let key = match tokens.next() {
        Some(Token::Word(key)) => key,
        token => {
            return Err(format!(
                "found '{}', expected: identifier",
                text_of(token.as_ref())
            ));
        }
    };
    check_key(&key)?;
    if matches!(tokens.peek(), None | Some(Token::Symbol(","))) {
        return Ok(if negated {
            Requirement::HasNot(key)
        } else {
            Requirement::Has(key)
        });
    }
    if negated {
        return Ok(Requirement::HasNot(key)); // what follows is refused by the caller
    }
    let operator = tokens.next();
    let operator = text_of(operator.as_ref());
    Ok(match operator {
        "in" => Requirement::In(key.clone(), checked(&key, values(tokens)?)?),
        "notin" => Requirement::NotIn(key.clone(), checked(&key, values(tokens)?)?),
        "=" | "==" => Requirement::In(key.clone(), checked(&key, vec![value(tokens)?])?),
        "!=" => Requirement::NotIn(key.clone(), checked(&key, vec![value(tokens)?])?),
        ">" => Requirement::Above(key, number(&value(tokens)?)?),
        "<" => Requirement::Below(key, number(&value(tokens)?)?),
        other => {
            return Err(format!(
                "found '{other}', expected: in, notin, =, ==, !=, gt, lt"
            ));
        }
    })
}

fn value(tokens: &mut Rest) -> Result<String, String> {
    match tokens.next_if(|token| *token != Token::Symbol(",")) {
        None => Ok(String::new()),
        Some(Token::Word(value)) => Ok(value),
        Some(token) => Err(format!("found '{}', expected: identifier", token.text())),
    }
}

/// `(a, b)`; nothing before, between or after commas is the empty text.
fn values(tokens: &mut Rest) -> Result<Vec<String>, String> {
    match tokens.next() {
        Some(Token::Symbol("(")) => {}
        token => return Err(format!("found '{}' expected: '('", text_of(token.as_ref()))),
    }
    let mut found = Vec::new();
    let mut value = None;
    loop {
        match tokens.next() {
            Some(Token::Symbol(",")) => found.push(value.take().unwrap_or_default()),
            Some(Token::Symbol(")")) => {
                found.push(value.unwrap_or_default());
                return Ok(found);
            }
            Some(Token::Word(text)) if value.is_none() => value = Some(text),
            token if value.is_none() => {
                return Err(format!(
                    "found '{}', expected: ',', ')' or identifier",
                    text_of(token.as_ref())
                ));
            }
            token => {
                return Err(format!(
                    "found '{}', expected: ',' or ')'",
                    text_of(token.as_ref())
                ));
            }
        }
    }
}

fn number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| {
        format!("values[0]: Invalid value: {text:?}: for 'Gt', 'Lt' operators, the value must be an integer")
    })
}

fn checked(key: &str, values: Vec<String>) -> Result<Vec<String>, String> {
    let wrong = values
        .iter()
        .position(|value| !value.is_empty() && !is_name(value));
    match wrong {
        Some(index) => Err(format!(
            "values[{index}][{key}]: Invalid value: {:?}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
            values[index]
        )),
        None => Ok(values),
    }
}

/// A name, or a DNS name, a slash and a name.
fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) = key.split_once('/').unwrap_or(("", key));
    let is_domain = |prefix: &str| {
        prefix.len() <= 253
            && prefix.split('.').all(|part| {
                is_name(part)
                    && part.bytes().all(|byte| {
                        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
                    })
            })
    };
    if is_name(name) && (!key.contains('/') || is_domain(prefix)) {
        return Ok(());
    }
    Err(format!(
        "<nil>: Invalid value: {key:?}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    ))
}

fn is_name(text: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 63
        && ends(text.bytes().next())
        && ends(text.bytes().last())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a server of version 1.36.3 answered.
    #[test]
    fn selectors_are_refused_in_the_real_servers_words() {
        let table = [
            (
                "=",
                "found '=', expected: !, identifier, or 'end of string'",
            ),
            (
                "a in (",
                "unable to parse requirement: found '', expected: ',', ')' or identifier",
            ),
            (
                "a in b",
                "unable to parse requirement: found 'b' expected: '('",
            ),
            (
                "((((",
                "found '(', expected: !, identifier, or 'end of string'",
            ),
            (
                ")",
                "found ')', expected: !, identifier, or 'end of string'",
            ),
            ("a=b=c", "found '=', expected: ',' or 'end of string'"),
            (
                ",,",
                "found ',', expected: !, identifier, or 'end of string'",
            ),
            ("a,", "found '', expected: identifier after ','"),
            (
                "!",
                "unable to parse requirement: found '', expected: identifier",
            ),
            (
                "!!a",
                "unable to parse requirement: found '!', expected: identifier",
            ),
            (
                "a b",
                "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
            ),
            (
                "a!b",
                "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt",
            ),
            (
                "a===b",
                "unable to parse requirement: found '=', expected: identifier",
            ),
        ];
        for (text, why) in table {
            assert_eq!(parse(text), Err(why.to_owned()), "{text}");
        }
        for text in ["-a", "a/b/c", "a=-b", "\u{fffd}", "a>x"] {
            let why = parse(text).unwrap_err();
            assert!(
                why.starts_with("unable to parse requirement: "),
                "{text}: {why}"
            );
        }
    }

    #[test]
    fn selectors_choose() {
        let label = |key: &str| {
            [("a", "b"), ("n", "5"), ("e", "")]
                .iter()
                .find(|(name, _)| *name == key)
                .map(|(_, value)| *value)
        };
        let table = [
            ("", true),
            ("a", true),
            ("!a", false),
            ("!x,a", true),
            ("a=b", true),
            ("a==b,n=5", true),
            ("a!=b", false),
            ("x!=b", true),
            ("a in (b,c)", true),
            (" a  notin ( b ) ", false),
            ("e in ()", true),
            ("e=", true),
            ("e in (,x)", true),
            ("n>4", true),
            ("n<5", false),
            ("a>1", false),
            ("example.com/in=in", false),
            ("in in (in)", false),
        ];
        for (text, chosen) in table {
            let requirements = parse(text).unwrap();
            let all = requirements
                .iter()
                .all(|requirement| requirement.holds(label));
            assert_eq!(all, chosen, "{text}");
        }
    }
}
