//! `open-tables`: no revision commits with a table of the chain open: without row security, and within reach of somebody
//! other than its owner. Between two migrations, or two parts of one, the application runs on.

use super::{Judged, Judging, each, passed};
use crate::catalog::QName;
use crate::chain::Step;
use crate::chain_check::subject::mention;
use crate::chain_check::{ChainCheck, Planned, Subject, Verdict, Walk};
use crate::check::Outcome;
use crate::report::record::Evidence;
use crate::sql::quote::ident;

pub(in crate::chain_check) const CHECK: ChainCheck =
    ChainCheck { name: "open-tables", walks: &[Walk::Up], plan, judge };

fn plan(subject: &Subject) -> Vec<Planned> {
    each(subject, |_| true, |revision| format!("revision {} leaves no table open", revision.id))
}

fn judge(judging: &Judging<'_>) -> Verdict {
    let (revision, rung) = judging.rung()?;
    let accepted = &revision.settings.open_tables;
    let reason = |table: &QName| {
        let default = judging.subject.chain.schemas().next().unwrap_or("public");
        let found = accepted.iter().find(|(name, _)| is(name, table, default));
        found.map(|(_, reason)| reason.0.as_str())
    };
    let expected = "every table that others than its owner reach has row security, at each commit".to_owned();
    let mut evidence = Evidence { expected, ..Evidence::default() };
    let mut wrong = Vec::new();
    for opened in &rung.opened {
        match reason(&opened.table) {
            Some(reason) => evidence.notes.push(format!("{} is open: {reason} ({})", opened.table, opened.grants)),
            None => wrong.push(opened),
        }
    }
    let Some(first) = wrong.first() else {
        let verdict = match evidence.notes.len() {
            0 => "it opens no table".to_owned(),
            n => format!("it opens {n} as chain.toml says, with the reason"),
        };
        if !matches!(revision.up, Step::Sql(_)) {
            evidence.notes.push("looked at after it: what a program commits in between cannot be traced".to_owned());
        }
        return Ok(passed(verdict, evidence));
    };
    let told = |opened: &&crate::chain_check::seen::Opened| match (&opened.after, opened.closed_again) {
        (Some(at), true) => format!("{} ({}), from {at} to a later commit", opened.table, opened.grants),
        (Some(at), false) => format!("{} ({}), from {at} on", opened.table, opened.grants),
        (None, _) => format!("{} ({})", opened.table, opened.grants),
    };
    let tables: Vec<String> = wrong.iter().map(told).collect();
    let verdict = format!("revision {} commits with an open table: {}", revision.id, tables.join("; "));
    evidence.got = tables.join("\n");
    let at = first.after.clone().or_else(|| mention(revision, &first.table.name));
    Ok(Judged { outcome: Outcome::failed(verdict, evidence), at })
}

/// Whether the manifest means this table: as SQL names it, or in the default schema by its name alone.
fn is(named: &str, table: &QName, default: &str) -> bool {
    named == table.sql()
        || named == table.to_string()
        || (table.schema == default && (named == table.name || named == ident(&table.name)))
}
