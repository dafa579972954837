//! What must come of a statement.

use std::collections::BTreeMap;

use super::written::In;
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::{self, At};
use crate::suite::resolved_case::{Expect, Scalar};
use crate::suite::words::is_sqlstate;

/// The expectation, its parts checked.
pub(crate) fn expect(problems: &mut Problems, written: In<'_, At<raw::Expect>>) -> Expect {
    let (file, span) = (written.file, &written.it.span);
    match &written.it.value {
        raw::Expect::Allowed => Expect::Allowed,
        raw::Expect::Denied => Expect::Denied,
        raw::Expect::Refused => Expect::Refused,
        raw::Expect::RefusedByPolicy => Expect::RefusedByPolicy,
        raw::Expect::RefusedByPrivilege => Expect::RefusedByPrivilege,
        raw::Expect::Filtered => Expect::Filtered,
        raw::Expect::Rows(number) => Expect::Rows(*number),
        raw::Expect::Affected(number) => Expect::Affected(*number),
        raw::Expect::Value(value) => Expect::Value(value.clone()),
        raw::Expect::Returns(rows) => {
            same_columns(problems, file, span, rows);
            Expect::Returns(rows.clone())
        }
        raw::Expect::Constraint(name) => {
            if name.is_empty() {
                problems.add(file, span, "`constraint` is empty", "name the constraint that stops it");
            }
            Expect::Constraint(name.clone())
        }
        raw::Expect::Sqlstate(code) => {
            if !is_sqlstate(code) {
                let message = format!("`{code}` is not an SQLSTATE");
                problems.add(file, span, message, "five digits and upper-case letters, as `23505`");
            }
            Expect::Sqlstate(code.clone())
        }
    }
}

/// That every row names the same columns: one that is not named would not be compared.
pub(crate) fn same_columns(
    problems: &mut Problems,
    file: &File,
    span: &std::ops::Range<usize>,
    rows: &[BTreeMap<String, Scalar>],
) {
    let Some(first) = rows.first() else { return };
    if first.is_empty() || rows.iter().any(|row| !row.keys().eq(first.keys())) {
        problems.add(file, span, "`returns` must name all columns in every row", "NULL is `{ null = true }`");
    }
}

/// Whether it passes on an absence, which alone proves nothing.
pub(crate) fn is_denial(expect: &Expect) -> bool {
    match expect {
        Expect::Denied
        | Expect::Refused
        | Expect::RefusedByPolicy
        | Expect::RefusedByPrivilege
        | Expect::Filtered
        | Expect::Rows(0)
        | Expect::Affected(0) => true,
        Expect::Returns(rows) => rows.is_empty(),
        _ => false,
    }
}

/// As the suite spells it.
pub(crate) fn spelt(expect: &Expect) -> &'static str {
    match expect {
        Expect::Allowed => "allowed",
        Expect::Denied => "denied",
        Expect::Refused => "refused",
        Expect::RefusedByPolicy => "refused-by-policy",
        Expect::RefusedByPrivilege => "refused-by-privilege",
        Expect::Filtered => "filtered",
        Expect::Rows(_) => "rows",
        Expect::Affected(_) => "affected",
        Expect::Value(_) => "value",
        Expect::Returns(_) => "returns",
        Expect::Constraint(_) => "constraint",
        Expect::Sqlstate(_) => "sqlstate",
    }
}
