//! References to ids in SQL that a suite holds: `:name` and `:actor.name`.
//!
//! A name is letters, digits and `_`, with single hyphens between words (`:ws-admin.tenant`); subtraction is written with
//! blanks. A colon directly after a value is SQL's own: the slice `a[x:y]`, the member `json_object(k:v)`. Quotes,
//! dollar quotes, comments, casts and `:=` are never looked into.

use std::ops::Range;

use super::lex::{Token, TokenKind, lex};
use super::quote::literal;

/// What a reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Whose id; the acting actor's where none is named.
    pub actor: Option<String>,
    /// The id.
    pub name: String,
}

/// A reference that nothing answers to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown reference `:{name}`")]
pub(crate) struct UnknownReference {
    /// Byte range in the SQL, with the colon.
    pub range: Range<usize>,
    /// As written, without the colon.
    pub name: String,
}

/// The references of `sql`, in order, each with its byte range (colon included).
#[must_use]
pub(crate) fn references(sql: &str) -> Vec<(Range<usize>, Reference)> {
    let tokens: Vec<Token<'_>> = lex(sql).collect();
    let mut found = Vec::new();
    let mut before: Option<&Token<'_>> = None;
    for (n, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Colon
            && !before.is_some_and(is_value)
            && let Some((length, reference)) = reference(sql.get(token.end()..).unwrap_or_default())
            && tokens.get(n + 1).is_some_and(|next| next.kind == TokenKind::Word)
        {
            found.push((token.start..token.end() + length, reference));
        }
        before = Some(token);
    }
    found
}

/// `sql` with each reference replaced by what `resolve` says, as a quoted literal of unknown type.
///
/// # Errors
/// The first reference that `resolve` does not know.
pub(crate) fn bind(sql: &str, resolve: impl Fn(&Reference) -> Option<String>) -> Result<String, UnknownReference> {
    let mut out = String::with_capacity(sql.len());
    let mut done = 0;
    for (range, reference) in references(sql) {
        let Some(value) = resolve(&reference) else {
            let name = sql.get(range.start + 1..range.end).unwrap_or_default().to_owned();
            return Err(UnknownReference { range, name });
        };
        out.push_str(sql.get(done..range.start).unwrap_or_default());
        // Blanks keep the literal from growing together with what stands beside it.
        out.push(' ');
        out.push_str(&literal(&value));
        out.push(' ');
        done = range.end;
    }
    out.push_str(sql.get(done..).unwrap_or_default());
    Ok(out)
}

fn is_value(token: &Token<'_>) -> bool {
    matches!(
        token.kind,
        TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::Number
            | TokenKind::Parameter
            | TokenKind::Text
            | TokenKind::Dollar
    ) || matches!(token.text, ")" | "]")
}

/// The reference that `text` begins with, and its byte length.
fn reference(text: &str) -> Option<(usize, Reference)> {
    let first = name(text)?;
    let after = text.get(first.len()..).unwrap_or_default();
    let second = after.strip_prefix('.').and_then(name);
    Some(match second {
        Some(second) => {
            let reference = Reference { actor: Some(first.to_owned()), name: second.to_owned() };
            (first.len() + 1 + second.len(), reference)
        }
        None => (first.len(), Reference { actor: None, name: first.to_owned() }),
    })
}

fn name(text: &str) -> Option<&str> {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = c == '-' && chars.peek().is_some_and(|(_, next)| next.is_ascii_alphabetic());
        if !(c.is_ascii_alphanumeric() || c == '_' || joins) {
            break;
        }
        end = at + c.len_utf8();
    }
    text.get(..end)
}

#[cfg(test)]
mod tests {
    use super::{bind, references};
    use proptest::prelude::*;

    fn names(sql: &str) -> Vec<&str> {
        references(sql).into_iter().map(|(range, _)| &sql[range]).collect()
    }

    #[test]
    fn references_are_found() {
        assert_eq!(names("select * from t where a = :tenant and b=:user"), [":tenant", ":user"]);
        assert_eq!(names("values (:a, :ann.user,:ws-admin.tenant)"), [":a", ":ann.user", ":ws-admin.tenant"]);
        assert_eq!(names("select array[:a, :b]"), [":a", ":b"]);
        assert_eq!(names("select :a::uuid, :n-1, :n--x"), [":a", ":n", ":n"]);
        assert_eq!(names("select :a."), [":a"]);
    }

    #[test]
    fn what_is_sql_of_its_own_is_left_alone() {
        for sql in [
            "select ':a', $$ :a $$, $x$:a$x$, E'\\':a', \":a\"",
            "select 1 -- :a\n/* :a /* :b */ :c */",
            "select b::uuid, b :: uuid",
            "select a[1:2], a[x:y], a[f(x):y], a[b[1]:y], a[\"x\":y], a[:2]",
            "select json_object('k':v, k:v)",
            "call f(a := b, c :=d)",
            "select : a, :1, :\"a\", :'a', :ü",
        ] {
            assert_eq!(names(sql), [""; 0], "{sql}");
        }
    }

    #[test]
    fn values_are_bound_as_quoted_literals() {
        let bound = bind("select :a::int, :bob.b", |reference| match reference.actor.as_deref() {
            None => Some("1'; drop table t; --".to_owned()),
            Some("bob") => Some("\\".to_owned()),
            Some(_) => None,
        });
        assert_eq!(bound.unwrap(), "select  '1''; drop table t; --' ::int,  E'\\\\' ");
        let unknown = bind("select 1, :eve.b", |_| None).unwrap_err();
        assert_eq!((unknown.range, unknown.name.as_str()), (10..16, "eve.b"));
    }

    proptest! {
        #[test]
        fn any_text_keeps_ranges_in_order_and_on_boundaries(sql in "[:a.'\"$\\-\\[\\]ü/* \n]*|.*") {
            let mut last = 0;
            for (range, _) in references(&sql) {
                prop_assert!(range.start >= last && sql.get(range.clone()).is_some_and(|text| text.starts_with(':')));
                last = range.end;
            }
        }

        #[test]
        fn a_bound_value_is_one_token(value in r"['\\:;$\-a]*") {
            let bound = bind("select :a", |_| Some(value.clone())).unwrap();
            let tokens = crate::sql::lex::lex(&bound).filter(|token| !token.is_trivia()).count();
            prop_assert_eq!(tokens, 2, "{}", bound);
            prop_assert_eq!(references(&bound), vec![]);
        }
    }
}
