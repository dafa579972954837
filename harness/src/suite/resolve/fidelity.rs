//! What a data migration must keep: names checked, files found; whether revisions and columns exist, the chain knows.

use std::collections::BTreeSet;

use super::parts::SuiteParts;
use super::paths::sql_file;
use super::people::{People, lacks, sql_of_nobody};
use super::texts::{controls, made_name, relation, said, title};
use super::written::In;
use crate::sql::split::split;
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::{self, At, Or, When};
use crate::suite::resolved_fidelity::{Behaviour, Fidelity, Rollback, Side, Tolerate, Visibility, Writers};

/// Every fidelity block.
pub(crate) fn fidelity(parts: &SuiteParts<'_>, people: &People, problems: &mut Problems) -> Vec<Fidelity> {
    let file = parts.file;
    let mut blocks = Vec::new();
    for (name, written) in parts.suite.fidelity.iter() {
        made_name(problems, file, name, "fidelity block");
        if written.key.value.is_empty() {
            problems.add(file, &written.key.span, "`key` names no column", "rows are compared by their key");
        }
        blocks.push(Fidelity {
            name: name.value.clone(),
            title: title(written.title.as_ref(), &name.value),
            at: file.location(&name.span),
            across: said(problems, file, "across", &written.across),
            source: side(file, &written.source, people, problems),
            target: after_some_side(file, written, people, problems),
            key: written.key.value.clone(),
            values: written.values.clone(),
            map: written.map.iter().map(|(column, map)| (column.value.clone(), pairs(map))).collect(),
            tenant: written.tenant.clone(),
            group_by: written.group_by.clone().unwrap_or_else(|| written.tenant.iter().cloned().collect()),
            untouched: written.untouched.iter().filter_map(|name| relation(problems, file, name)).collect(),
            output: written.output.iter().map(|text| said(problems, file, "output", text)).collect(),
            tolerate: written.tolerate.as_ref().map(|tolerate| Tolerate {
                modified: tolerate.modified,
                missing: tolerate.missing,
                extra: tolerate.extra,
                reason: said(problems, file, "reason", &tolerate.reason),
            }),
            visibility: written.visibility.as_ref().map(|one| visibility(file, one, people, problems)),
            behaviour: written.behaviour.as_ref().map(|one| behaviour(file, one, problems)).unwrap_or_default(),
            step: written.step.clone(),
            controls: controls(problems, file, &written.controls),
        });
    }
    blocks
}

fn pairs(map: &raw::Table<raw::Plain>) -> std::collections::BTreeMap<String, String> {
    map.iter().map(|(old, new)| (old.value.clone(), new.0.clone())).collect()
}

/// The target, where not both sides are read before the revision: what was there then says nothing of it.
fn after_some_side(file: &File, written: &raw::Fidelity, people: &People, problems: &mut Problems) -> Side {
    let before = |side: &At<Or<raw::Side>>| matches!(&side.value, Or::Table(long) if matches!(long.at, When::Before));
    if before(&written.source) && before(&written.target) {
        let message = "both sides are read before the revision, so that nothing of it is compared";
        problems.add(file, &written.target.span, message, "read the target after it: leave out `at`");
    }
    side(file, &written.target, people, problems)
}

fn side(file: &File, written: &At<Or<raw::Side>>, people: &People, problems: &mut Problems) -> Side {
    let before = matches!(&written.value, Or::Table(long) if matches!(long.at, When::Before));
    let texts = match &written.value {
        Or::Table(long) => vec![long.sql.clone()],
        Or::Text(_) | Or::List(_) => written.texts(),
    };
    let query = |sql: &At<String>| {
        sql_of_nobody(problems, people, In { file, it: sql });
        one_query(file, sql, problems)
    };
    Side { before, sql: texts.iter().map(query).collect() }
}

/// The query without a semicolon and comments around it: it becomes a part of others.
fn one_query(file: &File, sql: &At<String>, problems: &mut Problems) -> String {
    let statements = match split(&sql.value) {
        Ok(statements) => statements,
        Err(error) => {
            problems.add(file, &sql.span, error.message, error.help);
            return sql.value.clone();
        }
    };
    match statements.as_slice() {
        [one] => sql.value.get(one.text.clone()).unwrap_or_default().to_owned(),
        // Said already.
        [] if sql.value.trim().is_empty() => String::new(),
        several => {
            let message = format!("{} statements where one query is read", several.len());
            problems.add(file, &sql.span, message, "write one SELECT; several are not sent");
            sql.value.clone()
        }
    }
}

fn visibility(file: &File, written: &raw::Visibility, people: &People, problems: &mut Problems) -> Visibility {
    let mut actors = BTreeSet::new();
    let mut needed = BTreeSet::new();
    for sql in written.before.iter().chain(&written.after) {
        super::proofs::statement(problems, file, "sql", sql);
        needed.extend(people.refer(problems, In { file, it: sql }, &BTreeSet::new()));
    }
    for group in written.actors.texts() {
        for actor in people.members(problems, file, &group) {
            lacks(file, &group.span, &actor.name, &needed, people, problems);
            actors.insert(actor.name.clone());
        }
    }
    let mut sql = |sql: &Option<At<String>>| sql.as_ref().map(|sql| one_query(file, sql, problems));
    Visibility { actors, before: sql(&written.before), after: sql(&written.after) }
}

fn behaviour(file: &File, written: &raw::Behaviour, problems: &mut Problems) -> Behaviour {
    for copies in written.copies.iter().filter(|copies| copies.value < 2) {
        problems.add(file, &copies.span, format!("{} is not several at once", copies.value), "from 2 up");
    }
    Behaviour {
        rerun: written.rerun,
        copies: written.copies.iter().map(|copies| copies.value).collect(),
        kill_after_rows: written.kill.as_ref().map(|kill| kill.after_rows.clone()).unwrap_or_default(),
        kill_random: written.kill.as_ref().map_or(0, |kill| kill.random),
        writers: written.writers.as_ref().map(|writers| {
            if writers.sessions.value == 0 {
                problems.add(file, &writers.sessions.span, "no session writes", "from 1 up");
            }
            let lost = said(problems, file, "lost", &writers.lost);
            Writers {
                sql: sql_file(file, &writers.sql, problems),
                sessions: writers.sessions.value,
                lost: (lost != "none").then_some(lost),
            }
        }),
        rollback: written.rollback.as_ref().map(|rollback| Rollback {
            keeps: rollback.keeps.iter().filter_map(|name| relation(problems, file, name)).collect(),
            removes_only_own_rows: rollback.removes_only_own_rows,
        }),
    }
}
