//! Names from a plan inside a comment: they may hold anything, and must not become mark-up, mentions or links.

use super::Flavour;

/// Text in a sentence.
pub fn prose(text: &str, flavour: Flavour) -> String {
    let mut escaped = String::with_capacity(text.len());
    let has_code = text.matches('`').count().is_multiple_of(2) && !text.contains("``");
    let mut in_code = false;
    for character in text.chars() {
        match character {
            '\n' | '\t' => escaped.push(' '),
            c if is_invisible(c) => {}
            c if flavour == Flavour::Text => escaped.push(c),
            // A backtick without its partner would turn the rest into code.
            '`' if !has_code => escaped.push('\''),
            '`' => {
                in_code = !in_code;
                escaped.push('`');
            }
            '|' if in_code => escaped.push('¦'),
            c if in_code => escaped.push(c),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '!' => escaped.push_str("&#33;"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// A name as code.
pub fn code(text: &str, flavour: Flavour) -> String {
    let clean: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            '`' => '\'',
            '\n' | '\t' => ' ',
            // In a table a bar would end the cell, code or not.
            '|' => '¦',
            c => c,
        })
        .collect();
    match flavour {
        Flavour::Text => clean,
        _ => format!("`{clean}`"),
    }
}

/// Control characters, and those that hide text or turn its direction.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_mark_up() {
        let github = Flavour::GitHub;
        assert_eq!(
            prose("<b>@all **x** #1 `", github),
            "&lt;b&gt;&#64;all \\*\\*x\\*\\* &#35;1 '"
        );
        assert_eq!(prose("a\u{202e}b\nc", github), "ab c");
        assert_eq!(code("a`b|c", github), "`a'b¦c`");
        assert_eq!(prose("a_b `c_d`", github), "a\\_b `c_d`");
        assert_eq!(prose("``a_b``", github), "''a\\_b''");
        assert_eq!(prose("a_b`", Flavour::Text), "a_b`");
    }
}
