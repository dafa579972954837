//! Texts of SQL that would prove nothing: no statement in them, or a witness that no row decides.

use std::collections::BTreeMap;

use super::texts::said;
use crate::sql::lex::{Token, TokenKind, lex};
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::At;
use crate::suite::resolved_case::{Expect, Scalar};

/// SQL that is run: there must be a statement in it.
pub(crate) fn statement(problems: &mut Problems, file: &File, key: &str, sql: &At<String>) -> String {
    let text = said(problems, file, key, sql);
    if !text.trim().is_empty() && lex(&text).all(|token| token.is_trivia() || token.text == ";") {
        problems.add(
            file,
            &sql.span,
            format!("`{key}` holds no statement"),
            "nothing would be tried: write one, or take it out",
        );
    }
    text
}

/// SQL that shows that a row is there.
pub(crate) fn witness(problems: &mut Problems, file: &File, sql: &At<String>) {
    statement(problems, file, "witness", sql);
    asks_relation(problems, file, sql);
}

/// That a witness asks a relation: else it returns a row whatever is there.
pub(crate) fn asks_relation(problems: &mut Problems, file: &File, sql: &At<String>) {
    if !names_relation(&sql.value) {
        let help = "ask the relation that the case is about: `select 1 from …`";
        problems.add(file, &sql.span, "`witness` asks no relation, so it returns the same whatever is there", help);
    }
}

/// Whether a relation is named after FROM, JOIN or TABLE; a function there is none. A text with nothing in it has been
/// told already.
fn names_relation(sql: &str) -> bool {
    let tokens: Vec<Token<'_>> = lex(sql).filter(|token| !token.is_trivia() && token.text != ";").collect();
    let named = |n: usize| {
        let mut after = tokens.iter().skip(n + 1).skip_while(|token| token.is("only") || token.is("lateral"));
        let is_name = |token: &Token<'_>| matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
        let mut last = after.next().filter(|token| is_name(token));
        let mut next = after.next();
        while last.is_some() && next.is_some_and(|token| token.text == ".") {
            last = after.next().filter(|token| is_name(token));
            next = after.next();
        }
        last.is_some() && next.is_none_or(|token| token.text != "(")
    };
    let asks = |(n, token): (usize, &Token<'_>)| {
        let distinct = n.checked_sub(1).and_then(|n| tokens.get(n)).is_some_and(|token| token.is("distinct"));
        (token.is("from") || token.is("join") || token.is("table")) && !distinct && named(n)
    };
    tokens.is_empty() || tokens.iter().enumerate().any(asks)
}

/// Whether it is what an empty relation gives as well.
const fn is_nothing(value: &Scalar) -> bool {
    matches!(value, Scalar::Integer(0) | Scalar::Boolean(false) | Scalar::Null)
}

/// Whether the rows are what an empty relation gives as well: none, or one of zeros.
pub(crate) fn are_nothing(rows: &[BTreeMap<String, Scalar>]) -> bool {
    match rows {
        [] => true,
        [only] => only.values().all(is_nothing),
        _ => false,
    }
}

/// Whether a value or rows are expected that an empty relation gives as well. Who is allowed the same gets them too, so
/// that a control does not prove them: a witness must.
pub(crate) fn is_zero(expect: &Expect) -> bool {
    match expect {
        Expect::Value(value) => is_nothing(value),
        Expect::Returns(rows) => are_nothing(rows),
        _ => false,
    }
}
