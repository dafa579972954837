//! The contract: each relation with its profile merged in, and every name in it known.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::AllowLine;
use super::merged::Merged;
use super::parts::SuiteParts;
use super::people::People;
use super::row_sets::RowSetNames;
use super::texts::{controls, made_name, maybe_said, said, versions};
use super::written::{In, WrittenEntry};
use crate::suite::names;
use crate::suite::problems::Problems;
use crate::suite::raw::{At, Or};
use crate::suite::resolved::{Name, PassThrough, RelationContract, RowSet, TenantKey};

/// Every relation of the contract.
pub(crate) fn contract(parts: &SuiteParts<'_>, people: &People, problems: &mut Problems) -> Vec<RelationContract> {
    let mut relations: Vec<RelationContract> = Vec::new();
    for (key, raw) in parts.suite.contract.iter() {
        let name = match names::relation(&key.value) {
            Ok(name) => name,
            Err(message) => {
                problems.add(parts.file, &key.span, message, "");
                continue;
            }
        };
        if let Some(first) = relations.iter().find(|one| one.name == name) {
            let message = format!("`{}` is the relation of line {}, under another spelling", key.value, first.at.line);
            problems.add(parts.file, &key.span, message, "write one entry");
        }
        let merged = Merged::new(parts, raw, problems);
        relations.push(relation(parts, people, key, name, &merged, problems));
    }
    relations
}

fn relation(
    parts: &SuiteParts<'_>,
    people: &People,
    key: &At<String>,
    name: Name,
    merged: &Merged<'_>,
    problems: &mut Problems,
) -> RelationContract {
    let tenant_key = tenant_key(merged, people, problems);
    for (set, written) in &merged.rows {
        made_name(problems, written.file, &written.it.0, "row set");
        if matches!(*set, "all" | "none") {
            let message = format!("`{set}` is a word of the format, not a name for a row set");
            problems.add(written.file, &written.it.0.span, message, "rename the row set");
        }
        said(problems, written.file, "rows", &written.it.1);
    }
    let sets = RowSetNames::new(merged, tenant_key.as_ref(), people, problems);
    let allow = merged
        .allow
        .iter()
        .map(|(group, written)| {
            ((*group).to_owned(), AllowLine::new(&key.value, *written, &sets, people).cells(problems))
        })
        .collect();
    RelationContract {
        name,
        at: parts.file.location(&key.span),
        profile: merged.profile.map(str::to_owned),
        tenant_key,
        rows: merged.rows.iter().map(|(set, written)| ((*set).to_owned(), row_set(*written))).collect(),
        allow,
        pass_through: pass_through(&key.value, merged, &sets, people, problems),
        insert_with: insert_with(merged, people, problems),
        skip: merged.skip.and_then(|skip| maybe_said(problems, skip.file, "skip", Some(skip.it))),
        versions: versions(problems, merged.min_postgres, merged.max_postgres),
        controls: merged.controls.iter().flat_map(|ids| controls(problems, ids.file, ids.it)).collect(),
    }
}

fn row_set(written: WrittenEntry<'_, At<String>>) -> RowSet {
    RowSet { sql: written.it.1.value.clone(), at: written.file.location(&written.it.0.span) }
}

/// `"c"` is `{ tenant = "c" }`.
fn tenant_key(merged: &Merged<'_>, people: &People, problems: &mut Problems) -> Option<TenantKey> {
    if let Some(via) = merged.tenant_via {
        return Some(TenantKey::Via(said(problems, via.file, "tenant_via", via.it)));
    }
    let In { file, it } = merged.tenant_key?;
    let columns: BTreeMap<String, String> = match &it.value {
        Or::Table(columns) => {
            for (id, column) in columns.iter() {
                people.anybody_has(problems, file, &id.span, &id.value);
                said(problems, file, "tenant_key", column);
            }
            columns.iter().map(|(id, column)| (id.value.clone(), column.value.clone())).collect()
        }
        Or::Text(column) => {
            people.anybody_has(problems, file, &it.span, "tenant");
            BTreeMap::from([("tenant".to_owned(), column.clone())])
        }
        Or::List(_) => BTreeMap::new(),
    };
    if columns.is_empty() {
        problems.add(file, &it.span, "`tenant_key` names no column", "name one, or leave `tenant_key` out");
    }
    Some(TenantKey::Columns(columns))
}

fn pass_through(
    relation: &str,
    merged: &Merged<'_>,
    sets: &RowSetNames<'_>,
    people: &People,
    problems: &mut Problems,
) -> BTreeMap<String, PassThrough> {
    let Some(In { file, it }) = merged.pass_through else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for (id, written) in it.iter() {
        people.anybody_has(problems, file, &id.span, &id.value);
        let commands = written
            .commands()
            .into_iter()
            .map(|(command, names)| (command, sets.rows(problems, file, relation, &names.span, &names.texts())))
            .collect();
        let reason = said(problems, file, "reason", &written.reason);
        found.insert(id.value.clone(), PassThrough { commands, reason });
    }
    found
}

fn insert_with(merged: &Merged<'_>, people: &People, problems: &mut Problems) -> BTreeMap<String, String> {
    let Some(In { file, it }) = merged.insert_with else { return BTreeMap::new() };
    for (_, sql) in it.iter() {
        said(problems, file, "insert_with", sql);
        people.refer(problems, In { file, it: sql }, &BTreeSet::new());
    }
    it.iter().map(|(column, sql)| (column.value.clone(), sql.value.clone())).collect()
}
