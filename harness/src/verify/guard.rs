//! Guards: "stop if this is not the target". Until the server is known by what it says of itself nothing else is asked of
//! it, not even its catalogs: a statement that reads a relation runs what its owner put behind it, on whatever database that
//! is.
//!
//! So guards are asked in two stages. First those of words, functions and types of the server's own, of which none can be
//! another thing while names are looked for in `pg_catalog` alone; at least one of them says which database it is. When all
//! of these hold the rest follow, looked at like any other query.

use super::reader::{Reader, StatementOutcome as Told};
use super::statement::{self, LiveStatement, Refused};
use crate::Error;
use crate::judge::expect::{equals, show_scalar};
use crate::pg::error::ServerError;
use crate::pg::session::{ConnectionLost, ResultSet};
use crate::suite::resolved::Location;
use crate::suite::resolved_case::Scalar;
use crate::suite::resolved_target::{Guard, GuardAnswer, Target};

/// What the server says of itself, without reading a relation.
const TELLS: &[&str] = &[
    "current_catalog",
    "current_database",
    "current_setting",
    "inet_server_addr",
    "inet_server_port",
    "pg_is_in_recovery",
    "pg_postmaster_start_time",
    "version",
];

/// Words, functions and types of the server's own with which that is compared.
const WORDS: &[&str] = &[
    "all",
    "and",
    "any",
    "array",
    "as",
    "between",
    "bigint",
    "bool",
    "boolean",
    "case",
    "cast",
    "coalesce",
    "concat",
    "else",
    "end",
    "false",
    "host",
    "in",
    "inet",
    "int",
    "int4",
    "int8",
    "integer",
    "is",
    "length",
    "like",
    "lower",
    "md5",
    "name",
    "not",
    "null",
    "nullif",
    "or",
    "pg_catalog",
    "position",
    "replace",
    "select",
    "split_part",
    "substring",
    "text",
    "then",
    "timestamptz",
    "trim",
    "true",
    "upper",
    "values",
    "when",
];

/// How a guard is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GuardStage {
    /// Before anything is known of the server.
    First,
    /// Once it is known.
    Then,
}

/// The guard's statement, and when it may be sent.
fn read(guard: &Guard) -> Result<(LiveStatement, GuardStage), Refused> {
    let statement = statement::read(&guard.sql)?;
    let tells = statement.names.iter().any(|name| TELLS.contains(&name.as_str()));
    let is_word = |name: &String| TELLS.contains(&name.as_str()) || WORDS.contains(&name.as_str());
    let calls = statement.calls.iter().any(|(_, name)| !is_word(name));
    let reads = ["from", "table"].iter().any(|word| statement.names.contains(*word));
    if !tells && !calls && !reads {
        return Err(Refused {
            why: "it asks the server nothing: every database gives this answer".to_owned(),
            help: "ask what only the target answers: current_database(), current_setting(), or a row of a table",
        });
    }
    let stage = if tells && statement.names.iter().all(is_word) { GuardStage::First } else { GuardStage::Then };
    Ok((statement, stage))
}

/// What is wrong with the guards of `target`, told by their words.
pub(super) fn wrong(name: &str, target: &Target) -> Vec<Error> {
    let mut wrong = Vec::new();
    let mut known = false;
    for guard in &target.guards {
        match read(guard) {
            Ok((_, stage)) => known |= stage == GuardStage::First && matches!(guard.answer, GuardAnswer::Is(_)),
            Err(refused) => wrong.push(at(&target.at, guard, &refused)),
        }
    }
    if wrong.is_empty() && !known {
        wrong.push(target.at.error(
            format!("target `{name}` has no guard with `is` that built-in functions alone answer"),
            "add one, such as { sql = \"select current_database()\", is = \"…\" }: before it holds, no relation is read",
        ));
    }
    wrong
}

/// Asks every guard of `target`, stage by stage, in order of their names. `values` says whether an answer may be shown.
///
/// # Errors
/// [`Error::Input`] at the target, for the first guard that does not hold.
pub(super) async fn hold(reader: &mut Reader, name: &str, target: &Target, values: bool) -> Result<(), Error> {
    for stage in [GuardStage::First, GuardStage::Then] {
        for guard in &target.guards {
            let (statement, its) = read(guard).map_err(|refused| at(&target.at, guard, &refused))?;
            if its != stage {
                continue;
            }
            let told = match stage {
                GuardStage::First => reader.guard(&statement).await,
                GuardStage::Then => reader.asked(&statement).await,
            };
            match told.map_err(lost)? {
                Told::Tried(tried) => answered(&reader.place, name, target, guard, tried, values)?,
                Told::Barred(runs) => return Err(super::barred(&target.at, &format!("guard `{}`", guard.name), &runs)),
                Told::Clear => return Err(Error::defect(format!("guard `{}` was not executed", guard.name))),
            }
        }
    }
    Ok(())
}

fn lost(ConnectionLost(why): ConnectionLost) -> Error {
    if why == super::reader::SUPERUSER {
        let help = "connect as a role that may read what the suite asks about and nothing else, or add --as-superuser";
        return Error::usage(why, help);
    }
    Error::environment(why, "check the URL and that server")
}

/// Whether `tried` is what `guard` wants.
fn answered(
    place: &str,
    name: &str,
    target: &Target,
    guard: &Guard,
    tried: Result<ResultSet, ServerError>,
    values: bool,
) -> Result<(), Error> {
    let got = match &tried {
        Ok(result) => match judge(&guard.answer, result) {
            None => return Ok(()),
            Some(got) => got,
        },
        Err(error) => error.line(),
    };
    let text = tried.is_ok_and(|result| result.types.first().is_some_and(|kind| is_text(kind)));
    let got = if text && !values { "another text (withheld, since report.values is off)" } else { &got };
    let wanted = match &guard.answer {
        GuardAnswer::Is(value) => show_scalar(value),
        GuardAnswer::IsNot(value) => format!("anything but {}", show_scalar(value)),
    };
    Err(target.at.error(
        format!("this is not target `{name}`: guard `{}` expects {wanted}, and {place} answers {got}", guard.name),
        "nothing but guards was asked; check --url, or the guard",
    ))
}

/// A refused guard, at its target.
fn at(target: &Location, guard: &Guard, refused: &Refused) -> Error {
    target.error(format!("guard `{}` is not sent: {refused}", guard.name), refused.help)
}

fn is_text(kind: &str) -> bool {
    matches!(kind, "TEXT" | "VARCHAR" | "BPCHAR" | "CHAR" | "JSON" | "JSONB" | "\"CHAR\"")
}

/// What came instead of the answer that the guard wants; `None` where it holds.
fn judge(wanted: &GuardAnswer, result: &ResultSet) -> Option<String> {
    let (Some([value]), 1) = (result.rows.first().map(Vec::as_slice), result.count()) else {
        return Some(format!("{} rows of {} columns instead of one value", result.count(), result.columns.len()));
    };
    let kind = result.types.first().map(String::as_str).unwrap_or_default();
    let is = |wanted: &Scalar| equals(wanted, value.as_deref(), kind);
    let holds = match wanted {
        GuardAnswer::Is(wanted) => is(wanted),
        // An answer that is not there says nothing of what it is not.
        GuardAnswer::IsNot(wanted) => value.is_some() && !is(wanted),
    };
    (!holds).then(|| value.clone().unwrap_or_else(|| "NULL".to_owned()))
}
