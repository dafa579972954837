//! What a suite expects of a statement, held against what came.

use std::collections::BTreeMap;

use crate::judge::classify::ErrorClass;
use crate::pg::error::ServerError;
use crate::pg::session::ResultSet;
use crate::sql::lex::lex;
use crate::suite::resolved_case::{Expect, Scalar};

/// What came, as far as the expectation alone can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Match {
    /// As expected.
    Yes,
    /// As expected, if the same statement can do something: a refusal or an empty result.
    IfWitnessed,
    /// Not as expected.
    No(String),
    /// Not as expected, if there was a row to refuse: a policy is asked about rows alone.
    NoIfWitnessed(String),
    /// No verdict.
    Undecided(String),
}

/// Holds what the statement `sql` gave against `expect`; `class` is what its error means.
#[must_use]
pub(crate) fn hold(
    expect: &Expect,
    tried: &Result<ResultSet, ServerError>,
    class: Option<&ErrorClass>,
    sql: &str,
) -> Match {
    match (expect, tried, class) {
        (Expect::Constraint(name), Err(error), _) => match &error.constraint {
            // Code of the schema may claim any name: only the server's own report is the constraint's.
            Some(got) if got == name && error.code.starts_with("23") && error.routine != "exec_stmt_raise" => {
                Match::Yes
            }
            _ => Match::No(format!("stopped by {} instead of constraint `{name}`", error.line())),
        },
        // 42501 that the server itself reports is a refusal, which `refused` and its sorts tell apart and have proved.
        (Expect::Sqlstate(code), Err(error), Some(class)) if error.code == "42501" && *class != ErrorClass::Raised => {
            Match::No(format!("{}: not raised by code of the schema, which SQLSTATE {code} would be", error.line()))
        }
        (Expect::Sqlstate(code), Err(error), _) if error.code == *code => Match::Yes,
        (Expect::Sqlstate(code), Err(error), _) => Match::No(format!("{} instead of SQLSTATE {code}", error.line())),
        (expect, Err(error), Some(class)) => refused(expect, error, class),
        (expect, Err(error), None) => refused(expect, error, &ErrorClass::Other),
        (expect, Ok(result), _) => returned(expect, result, sql),
    }
}

fn refused(expect: &Expect, error: &ServerError, class: &ErrorClass) -> Match {
    let by_policy = matches!(class, ErrorClass::RefusedByPolicy | ErrorClass::RefusedByCheckOption);
    let by_privilege = *class == ErrorClass::RefusedByPrivilege;
    let hit = match expect {
        Expect::Denied | Expect::Refused => by_policy || by_privilege,
        Expect::RefusedByPolicy => by_policy,
        Expect::RefusedByPrivilege => by_privilege,
        _ => false,
    };
    if hit {
        return if by_policy { Match::IfWitnessed } else { Match::Yes };
    }
    match class {
        ErrorClass::Other | ErrorClass::PrivilegeElsewhere | ErrorClass::Undecided => Match::Undecided(error.line()),
        _ => Match::No(error.line()),
    }
}

fn returned(expect: &Expect, result: &ResultSet, sql: &str) -> Match {
    let nothing = result.affected == 0 && result.rows.is_empty() && counts_rows(sql);
    match expect {
        Expect::Allowed => Match::Yes,
        Expect::Denied | Expect::Filtered if nothing => Match::IfWitnessed,
        Expect::Denied | Expect::Filtered if counts_rows(sql) => {
            Match::No(format!("{} rows returned or changed", result.affected))
        }
        Expect::Denied | Expect::Filtered => Match::No("allowed".to_owned()),
        Expect::Refused | Expect::RefusedByPolicy if nothing => {
            Match::NoIfWitnessed("no row, but no refusal either".to_owned())
        }
        Expect::RefusedByPrivilege if nothing => Match::No("no row, but no refusal either".to_owned()),
        Expect::Refused | Expect::RefusedByPolicy | Expect::RefusedByPrivilege => Match::No("allowed".to_owned()),
        Expect::Rows(n) | Expect::Affected(n) if result.affected == *n => Match::Yes,
        Expect::Rows(n) => Match::No(format!("{} rows returned instead of {n}", result.affected)),
        Expect::Affected(n) => Match::No(format!("{} rows changed instead of {n}", result.affected)),
        Expect::Value(wanted) => one_value(wanted, result),
        Expect::Returns(wanted) => all_rows(wanted, result, is_ordered(sql)),
        Expect::Constraint(name) => Match::No(format!("not stopped, where constraint `{name}` should")),
        Expect::Sqlstate(code) => Match::No(format!("no error, where SQLSTATE {code} was expected")),
    }
}

fn one_value(wanted: &Scalar, result: &ResultSet) -> Match {
    let [row] = result.rows.as_slice() else {
        return Match::No(format!("{} rows returned, where the value of one was expected", result.rows.len()));
    };
    let got = row.first().and_then(Option::as_deref);
    let r#type = result.types.first().map(String::as_str).unwrap_or_default();
    // What came is row data, which only the suite's own words may repeat.
    if equals(wanted, got, r#type) {
        Match::Yes
    } else {
        Match::No(format!("another value than {}", show_scalar(wanted)))
    }
}

/// Whether the command tag says how many rows there were: a TRUNCATE or a DO that did something says none
/// (PostgreSQL docs, "Message Formats", CommandComplete).
fn counts_rows(sql: &str) -> bool {
    let first = lex(sql).find(|token| !token.is_trivia() && token.text != "(").map(|token| token.text.to_lowercase());
    first.is_some_and(|word| {
        ["select", "insert", "update", "delete", "merge", "with", "values", "table", "fetch"].contains(&word.as_str())
    })
}

/// Whether a statement orders its rows at its top level.
#[must_use]
pub(crate) fn is_ordered(sql: &str) -> bool {
    let mut depth = 0_i32;
    let mut before = "";
    for token in lex(sql).filter(|token| !token.is_trivia()) {
        match token.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 && before.eq_ignore_ascii_case("order") && token.text.eq_ignore_ascii_case("by") {
            return true;
        }
        before = token.text;
    }
    false
}

/// Exactly these rows: all columns named, in any order unless `ordered`.
#[must_use]
pub(crate) fn all_rows(wanted: &[BTreeMap<String, Scalar>], result: &ResultSet, ordered: bool) -> Match {
    if let Some(row) = wanted.first() {
        let mut named: Vec<&String> = row.keys().collect();
        let mut columns: Vec<&String> = result.columns.iter().collect();
        named.sort();
        columns.sort();
        if !result.rows.is_empty() && named != columns {
            return Match::No(format!("columns {columns:?} instead of {named:?}"));
        }
    }
    if result.count() != wanted.len() as u64 {
        return Match::No(format!("{} rows returned instead of {}", result.count(), wanted.len()));
    }
    if result.beyond > 0 {
        return Match::Undecided(format!("{} of the rows were not kept", result.beyond));
    }
    let fits = |wanted: &BTreeMap<String, Scalar>, row: &[Option<String>]| {
        result.columns.iter().zip(&result.types).zip(row).all(|((column, r#type), got)| {
            wanted.get(column).is_some_and(|wanted| equals(wanted, got.as_deref(), r#type))
        })
    };
    let mut left: Vec<&Vec<Option<String>>> = result.rows.iter().collect();
    for (n, row) in wanted.iter().enumerate() {
        let place = if ordered {
            left.first().filter(|got| fits(row, got)).map(|_| 0)
        } else {
            left.iter().position(|got| fits(row, got))
        };
        match place {
            Some(place) => drop(left.remove(place)),
            None => return Match::No(format!("expected row {} is not there", n + 1)),
        }
    }
    Match::Yes
}

/// Compares with the type: a number is not the text that looks like it.
#[must_use]
pub(crate) fn equals(wanted: &Scalar, got: Option<&str>, r#type: &str) -> bool {
    let Some(got) = got else { return *wanted == Scalar::Null };
    let numeric = matches!(r#type, "INT2" | "INT4" | "INT8" | "OID" | "NUMERIC");
    let float = matches!(r#type, "FLOAT4" | "FLOAT8" | "NUMERIC");
    let date = matches!(r#type, "DATE" | "TIME" | "TIMESTAMP" | "TIMESTAMPTZ");
    match wanted {
        Scalar::Null => false,
        Scalar::Integer(n) => numeric && got.parse::<i64>().is_ok_and(|got| got == *n),
        Scalar::Boolean(b) => r#type == "BOOL" && got == if *b { "t" } else { "f" },
        Scalar::Float(x) => float && got.parse::<f64>().is_ok_and(|got| got.total_cmp(x).is_eq()),
        Scalar::Date(text) => date && got.replace(' ', "T") == text.replace(' ', "T"),
        Scalar::Text(text) => !(numeric || float || date || r#type == "BOOL") && got == text,
    }
}

/// The value in words.
#[must_use]
pub(crate) fn show_scalar(wanted: &Scalar) -> String {
    match wanted {
        Scalar::Null => "NULL".to_owned(),
        Scalar::Integer(n) => n.to_string(),
        Scalar::Boolean(b) => b.to_string(),
        Scalar::Float(x) => x.to_string(),
        Scalar::Date(text) | Scalar::Text(text) => format!("`{text}`"),
    }
}

/// The expectation in words.
#[must_use]
pub(crate) fn words(expect: &Expect) -> String {
    match expect {
        Expect::Allowed => "allowed".to_owned(),
        Expect::Denied => "refused or filtered".to_owned(),
        Expect::Refused => "refused".to_owned(),
        Expect::RefusedByPolicy => "refused by policy".to_owned(),
        Expect::RefusedByPrivilege => "refused by privilege".to_owned(),
        Expect::Filtered => "filtered".to_owned(),
        Expect::Rows(n) => format!("{n} rows returned"),
        Expect::Affected(n) => format!("{n} rows changed"),
        Expect::Value(value) => format!("the value {}", show_scalar(value)),
        Expect::Returns(rows) => format!("exactly {} rows", rows.len()),
        Expect::Constraint(name) => format!("stopped by constraint `{name}`"),
        Expect::Sqlstate(code) => format!("SQLSTATE {code}"),
    }
}
