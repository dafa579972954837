//! `open-tables` fails where a commit opens a table without row security to another role, and no reason is given

use super::common::{each, error, passed};
use crate::chain_check::check::{ChainCheck, Judged, Judging, PlannedSubject, Verdict, Walk};
use crate::chain_check::subject::Subject;
use std::collections::BTreeSet;

use crate::catalog::QName;
use crate::chain::RevisionStep;
use crate::chain_check::subject::{down_line, mention};
use crate::check::Outcome;
use crate::report::record::Evidence;
use crate::sql::quote::ident;

pub(super) const CHECK: ChainCheck = ChainCheck { name: "open-tables", walks: &[Walk::Up, Walk::Down], plan, judge };

fn plan(subject: &Subject) -> Vec<PlannedSubject> {
    each(subject, |_| true, |revision| format!("revision {} leaves no table open", revision.id))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (revision, rung) = judging.rung()?;
    let accepted = &revision.settings.open_tables;
    let default = judging.subject.chain.schemas().next().unwrap_or("public");
    let reason = |table: &QName| {
        let found = accepted.iter().find(|(name, _)| is(name, table, default));
        found.map(|(_, reason)| reason.0.as_str())
    };
    let expected = "every table that others than its owner reach has row security, at each commit".to_owned();
    let mut evidence = Evidence { expected, ..Evidence::default() };
    let mut wrong = Vec::new();
    let on_the_way_back = rung.down.as_ref().map(|down| down.opened.as_slice()).unwrap_or_default();
    let all = || rung.opened.iter().chain(on_the_way_back);
    let mut meant = BTreeSet::new();
    for opened in all() {
        match (opened.bypasses, reason(&opened.table)) {
            (true, reason) => evidence.notes.push(format!(
                "{} is without row security, and within reach of roles that bypass it anywhere ({}){}",
                opened.table,
                opened.grants,
                reason.map(|reason| format!(": {reason}")).unwrap_or_default()
            )),
            (false, Some(reason)) => {
                meant.insert(&opened.table);
                evidence.notes.push(format!("{} is open: {reason} ({})", opened.table, opened.grants));
            }
            (false, None) => wrong.push(opened),
        }
    }
    let idle = accepted.keys().filter(|name| !all().any(|opened| is(name, &opened.table, default)));
    let idle: Vec<&str> = idle.map(String::as_str).collect();
    let Some(first) = wrong.first() else {
        if !rung.undeclared.is_empty() {
            let made: Vec<String> = rung.undeclared.iter().map(ToString::to_string).collect();
            return Err(error(format!(
                "it makes {}, in a schema that chain.toml does not name: no contract of a suite holds it; add the schema to \
                 `schemas`",
                made.join(", ")
            )));
        }
        if !idle.is_empty() {
            let verdict = format!(
                "chain.toml says that revision {} opens {}, and it does not: take that out of `open_tables`",
                revision.id,
                idle.join(", ")
            );
            return Ok(Outcome::failed(verdict, evidence).into());
        }
        let verdict = match meant.len() {
            0 => "it opens no table".to_owned(),
            n => format!("it opens {n} as chain.toml says, with the reason"),
        };
        if !matches!(revision.up, RevisionStep::Sql(_)) {
            evidence
                .notes
                .push("read after the revision: what a program commits in between cannot be traced".to_owned());
        }
        return Ok(passed(verdict, evidence));
    };
    let told = |opened: &&crate::chain_check::observations::Opened| match (&opened.after, opened.closed_again) {
        (Some(at), true) => format!("{} ({}), from {at} to a later commit", opened.table, opened.grants),
        (Some(at), false) => format!("{} ({}), from {at} on", opened.table, opened.grants),
        (None, _) => format!("{} ({})", opened.table, opened.grants),
    };
    let tables: Vec<String> = wrong.iter().map(told).collect();
    let back = !rung.opened.contains(first);
    let what = if back { ", downgraded, commits" } else { " commits" };
    let verdict = format!("revision {}{what} with an open table: {}", revision.id, tables.join("; "));
    evidence.got = tables.join("\n");
    let place = || if back { Some(down_line(revision)) } else { mention(revision, &first.table.name) };
    let at = first.after.clone().or_else(place);
    Ok(Judged { outcome: Outcome::failed(verdict, evidence), at })
}

/// Whether the manifest means this table: as SQL names it, or in the default schema by its name alone.
fn is(named: &str, table: &QName, default: &str) -> bool {
    named == table.sql()
        || named == table.to_string()
        || (table.schema == default && (named == table.name || named == ident(&table.name)))
}
