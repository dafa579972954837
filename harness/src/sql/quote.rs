//! Names and values as SQL text that means them and nothing else.
//!
//! A zero byte cannot be in any name or value of PostgreSQL; it is left out.

/// `name` as a quoted identifier, whatever it holds: `"My ""Table"""`.
#[must_use]
pub(crate) fn ident(name: &str) -> String {
    enclose(name, '"', "")
}

/// An identifier as the server folds it: unquoted in lower case, quoted as it stands (PostgreSQL docs, "Identifiers and
/// Key Words").
#[must_use]
pub(crate) fn fold(text: &str) -> String {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => text.to_lowercase(),
    }
}

/// `value` as a string constant of unknown type. One with backslashes takes the `E` form, so that it means the same
/// whatever `standard_conforming_strings` is.
#[must_use]
pub(crate) fn literal(value: &str) -> String {
    if value.contains('\\') { enclose(&value.replace('\\', r"\\"), '\'', "E") } else { enclose(value, '\'', "") }
}

fn enclose(text: &str, quote: char, prefix: &str) -> String {
    let mut out = String::with_capacity(prefix.len() + text.len() + 2);
    out.push_str(prefix);
    out.push(quote);
    for c in text.chars().filter(|c| *c != '\0') {
        if c == quote {
            out.push(quote);
        }
        out.push(c);
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::{ident, literal};
    use crate::sql::lex::{TokenKind, lex};
    use proptest::prelude::*;

    #[test]
    fn quotes_are_doubled_and_zero_bytes_left_out() {
        assert_eq!(ident("My \"Table\""), "\"My \"\"Table\"\"\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("a\\'b"), r"E'a\\''b'");
        assert_eq!(literal("a\0b"), "'ab'");
    }

    fn undouble(token: &str, quote: &str) -> String {
        let escapes = token.starts_with('E');
        let inner = token.trim_start_matches('E');
        let inner = &inner[1..inner.len() - 1];
        let text = inner.replace(&quote.repeat(2), quote);
        if escapes { text.replace(r"\\", r"\") } else { text }
    }

    proptest! {
        #[test]
        fn any_text_is_one_token_that_reads_back(text in r#"[^\x00]*|['"\\$;:/*\-\n a]*"#) {
            for (sql, kind, quote) in [(ident(&text), TokenKind::Quoted, "\""), (literal(&text), TokenKind::Text, "'")] {
                let tokens: Vec<_> = lex(&sql).collect();
                prop_assert_eq!(tokens.len(), 1, "{}", sql);
                prop_assert_eq!(tokens[0].kind, kind);
                prop_assert_eq!(undouble(tokens[0].text, quote), text.clone());
            }
        }
    }
}
