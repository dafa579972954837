//! Who may call what.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::SuiteParts;
use super::people::{People, lacks};
use super::texts::{controls, said};
use super::written::In;
use crate::suite::names;
use crate::suite::problems::Problems;
use crate::suite::raw::{ActsOn as RawActsOn, At, Dml, Or};
use crate::suite::resolved::{ActsOn, Command, Execute, Name, RelationContract};

/// Every function that somebody may call.
pub(crate) fn execute(
    parts: &SuiteParts<'_>,
    people: &People,
    contract: &[RelationContract],
    problems: &mut Problems,
) -> Vec<Execute> {
    let file = parts.file;
    let mut functions = Vec::new();
    for (key, written) in parts.suite.execute.iter() {
        let (name, arguments) = match names::function(&key.value) {
            Ok(function) => function,
            Err(message) => {
                problems.add(file, &key.span, message, "");
                continue;
            }
        };
        if let Some(first) = functions.iter().find(|one: &&Execute| one.name == name && one.arguments == arguments) {
            let message = format!("`{}` is the function of line {}, under another spelling", key.value, first.at.line);
            problems.add(file, &key.span, message, "write one entry");
        }
        let long = if let Or::Table(long) = &written.value { Some(long) } else { None };
        let groups = long.map_or_else(|| written.texts(), |long| long.allow.clone());
        let mut needed = BTreeSet::new();
        for (_, sql) in long.iter().flat_map(|long| long.arguments.iter()) {
            said(problems, file, "arguments", sql);
            needed.extend(people.refer(problems, In { file, it: sql }, &BTreeSet::new()));
        }
        for group in &groups {
            let members = people.members(problems, file, group);
            for actor in &members {
                lacks(file, &group.span, &actor.name, &needed, people, problems);
            }
            if let Some(actor) = members.iter().find(|one| one.powerless.is_some()) {
                let message = format!("actor `{}` is `powerless`, and may call `{}`", actor.name, key.value);
                problems.add(file, &group.span, message, "take one of the two back");
            }
        }
        functions.push(Execute {
            name,
            arguments,
            at: file.location(&key.span),
            allow: groups.into_iter().map(|group| group.value).collect(),
            acts_on: long.and_then(|long| acts_on(parts, long.acts_on.as_ref()?, contract, problems)),
            values: long.map_or_else(BTreeMap::new, |long| {
                long.arguments.iter().map(|(name, sql)| (name.value.clone(), sql.value.clone())).collect()
            }),
            controls: long.map_or_else(Vec::new, |long| controls(problems, file, &long.controls)),
        });
    }
    functions
}

fn acts_on(
    parts: &SuiteParts<'_>,
    written: &RawActsOn,
    contract: &[RelationContract],
    problems: &mut Problems,
) -> Option<ActsOn> {
    let relation = in_contract(parts, &written.relation, contract, problems)?;
    let command = match written.command {
        Dml::Select => Command::Select,
        Dml::Insert => Command::Insert,
        Dml::Update => Command::Update,
        Dml::Delete => Command::Delete,
    };
    Some(ActsOn { argument: said(problems, parts.file, "argument", &written.argument), relation, command })
}

/// A relation that must be in the contract, since its cells decide.
fn in_contract(
    parts: &SuiteParts<'_>,
    written: &At<String>,
    contract: &[RelationContract],
    problems: &mut Problems,
) -> Option<Name> {
    let name = match names::relation(&written.value) {
        Ok(name) => name,
        Err(message) => {
            problems.add(parts.file, &written.span, message, "");
            return None;
        }
    };
    // Without a schema on either side only the database can tell them apart.
    let is_same = |one: &Name| {
        one.name == name.name && (one.schema == name.schema || one.schema.is_none() || name.schema.is_none())
    };
    if !contract.iter().any(|relation| is_same(&relation.name)) {
        let known: Vec<&str> = parts.suite.contract.iter().map(|(key, _)| key.value.as_str()).collect();
        problems.unknown(parts.file, &written.span, "relation of the contract:", &written.value, known);
    }
    Some(name)
}
