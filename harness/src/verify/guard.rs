//! Guards: "stop if this is not the target". Until all of them hold nothing else is asked of the server, not even its
//! catalogs; so what a guard calls is told by name alone.

use super::reader::Reader;
use super::statement::{self, Refused, Statement};
use crate::Error;
use crate::judge::expect::{equals, show_scalar};
use crate::run::session::{Lost, ResultSet};
use crate::suite::resolved::Location;
use crate::suite::resolved_case::Scalar;
use crate::suite::resolved_target::{Answer, Guard, Target};

/// What a guard may call: functions of the server that say where one is, count and compare; and words that stand before
/// a parenthesis without being called.
const CALLS: [&str; 52] = [
    "all",
    "and",
    "any",
    "array",
    "array_agg",
    "as",
    "bool_and",
    "bool_or",
    "by",
    "case",
    "cast",
    "coalesce",
    "concat",
    "count",
    "current_catalog",
    "current_database",
    "current_schema",
    "current_setting",
    "else",
    "exists",
    "from",
    "in",
    "inet_server_addr",
    "inet_server_port",
    "length",
    "lower",
    "max",
    "md5",
    "min",
    "not",
    "nullif",
    "on",
    "or",
    "over",
    "pg_get_userbyid",
    "pg_is_in_recovery",
    "pg_postmaster_start_time",
    "replace",
    "select",
    "some",
    "split_part",
    "string_agg",
    "substring",
    "sum",
    "then",
    "to_regclass",
    "to_regnamespace",
    "trim",
    "upper",
    "values",
    "version",
    "when",
];

/// The guard's statement, if it may be sent to a server of which nothing is known yet.
pub(super) fn read(guard: &Guard) -> Result<Statement, Refused> {
    let statement = statement::read(&guard.sql)?;
    let own = |schema: &Option<String>| schema.as_deref().is_none_or(|schema| schema == "pg_catalog");
    let other = statement.calls.iter().find(|(schema, name)| !own(schema) || !is_known(name));
    if let Some((_, name)) = other {
        return Err(Refused {
            why: format!("a guard cannot call {name}: nobody knows yet what that is on the server that answers"),
            help: "ask with current_database(), current_setting(), to_regclass() and the like, or read a table",
        });
    }
    Ok(statement)
}

fn is_known(name: &str) -> bool {
    CALLS.contains(&name) || ["where", "having", "with"].contains(&name)
}

/// Asks every guard of `target` in order of their names. `values` says whether an answer may be shown.
///
/// # Errors
/// [`Error::Input`] at the target, for the first guard that does not hold.
pub(super) async fn hold(reader: &mut Reader, name: &str, target: &Target, values: bool) -> Result<(), Error> {
    for guard in &target.guards {
        let statement = read(guard).map_err(|refused| at(&target.at, guard, &refused))?;
        let tried = match reader.guard(&statement).await {
            Ok(tried) => tried,
            Err(Lost(why)) if why == super::reader::SUPERUSER => {
                let help =
                    "connect as a role that may read what the suite asks about and nothing else, or add --as-superuser";
                return Err(Error::usage(why, help));
            }
            Err(Lost(why)) => return Err(Error::untested(why, "check the URL and that server")),
        };
        let got = match &tried {
            Ok(result) => match judge(&guard.answer, result) {
                None => continue,
                Some(got) => got,
            },
            Err(error) => error.line(),
        };
        let text = tried.is_ok_and(|result| result.types.first().is_some_and(|kind| is_text(kind)));
        let got = if text && !values { "another text (withheld, since report.values is off)" } else { &got };
        let wanted = match &guard.answer {
            Answer::Is(value) => show_scalar(value),
            Answer::IsNot(value) => format!("anything but {}", show_scalar(value)),
        };
        return Err(target.at.error(
            format!(
                "this is not target `{name}`: guard `{}` expects {wanted}, and {} answers {got}",
                guard.name, reader.place
            ),
            "nothing else was asked; check --url, or the guard",
        ));
    }
    Ok(())
}

/// A refused guard, at its target.
pub(super) fn at(target: &Location, guard: &Guard, refused: &Refused) -> Error {
    target.error(format!("guard `{}` is not sent: {refused}", guard.name), refused.help)
}

fn is_text(kind: &str) -> bool {
    matches!(kind, "TEXT" | "VARCHAR" | "BPCHAR" | "CHAR" | "JSON" | "JSONB" | "\"CHAR\"")
}

/// What came instead of the answer that the guard wants; `None` where it holds.
fn judge(wanted: &Answer, result: &ResultSet) -> Option<String> {
    let (Some([value]), 1) = (result.rows.first().map(Vec::as_slice), result.rows.len()) else {
        return Some(format!("{} rows of {} columns instead of one value", result.rows.len(), result.columns.len()));
    };
    let kind = result.types.first().map(String::as_str).unwrap_or_default();
    let is = |wanted: &Scalar| equals(wanted, value.as_deref(), kind);
    let holds = match wanted {
        Answer::Is(wanted) => is(wanted),
        // An answer that is not there says nothing of what it is not.
        Answer::IsNot(wanted) => value.is_some() && !is(wanted),
    };
    (!holds).then(|| value.clone().unwrap_or_else(|| "NULL".to_owned()))
}
