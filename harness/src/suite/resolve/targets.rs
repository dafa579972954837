//! Targets: live databases, each with guards that say which one it is.

use std::collections::BTreeMap;
use std::time::Duration;

use super::parts::SuiteParts;
use super::texts::{duration, made_name};
use crate::suite::names::relation;
use crate::suite::problems::Problems;
use crate::suite::raw;
use crate::suite::resolved::Name;
use crate::suite::resolved_target::{Guard, GuardAnswer, Target};

const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);
const LOCK_TIMEOUT: Duration = Duration::from_millis(500);

/// Every target by name.
pub(crate) fn targets(parts: &SuiteParts<'_>, problems: &mut Problems) -> BTreeMap<String, Target> {
    let file = parts.file;
    let mut targets = BTreeMap::new();
    for (name, written) in parts.suite.targets.iter() {
        made_name(problems, file, name, "target");
        let guards = guards(parts, written, problems);
        if !guards.iter().any(|guard| matches!(guard.answer, GuardAnswer::Is(_))) {
            let message = format!("target `{}` has no guard with `is`", name.value);
            problems.add(file, &name.span, message, "one guard must say what only this database answers");
        }
        let statement = written.statement_timeout.as_ref();
        let lock = written.lock_timeout.as_ref();
        let target = Target {
            at: file.location(&name.span),
            guards,
            statement_timeout: statement.map_or(STATEMENT_TIMEOUT, |text| duration(problems, file, text)),
            lock_timeout: lock.map_or(LOCK_TIMEOUT, |text| duration(problems, file, text)),
            may_call: functions(parts, written, problems),
        };
        targets.insert(name.value.clone(), target);
    }
    targets
}

fn functions(parts: &SuiteParts<'_>, written: &raw::Target, problems: &mut Problems) -> Vec<Name> {
    let mut named = Vec::new();
    for name in &written.may_call {
        match relation(&name.value) {
            Ok(name) => named.push(name),
            Err(message) => problems.add(parts.file, &name.span, message, "name the function, without its arguments"),
        }
    }
    named
}

fn guards(parts: &SuiteParts<'_>, written: &raw::Target, problems: &mut Problems) -> Vec<Guard> {
    let file = parts.file;
    let mut guards = Vec::new();
    for (name, guard) in written.guards.iter() {
        made_name(problems, file, name, "guard");
        let answer = match (&guard.is, &guard.is_not) {
            (Some(value), None) => GuardAnswer::Is(value.clone()),
            (None, Some(value)) => GuardAnswer::IsNot(value.clone()),
            _ => {
                let message = format!("guard `{}` needs one of `is` and `is_not`", name.value);
                problems.add(file, &name.span, message, "say what the answer must be, or must not be");
                continue;
            }
        };
        guards.push(Guard {
            name: name.value.clone(),
            sql: super::proofs::statement(problems, file, "sql", &guard.sql),
            answer,
        });
    }
    guards
}
