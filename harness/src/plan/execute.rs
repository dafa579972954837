//! Functions as checks: whoever is not named must be refused, and who is acts on rows of its own only.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::Basis;
use super::contract::{Entry, Place};
use super::id::id;
use crate::Error;
use crate::catalog::{Function, QName, Relation};
use crate::check::acts_on::ActsOn;
use crate::check::execute::Execute;
use crate::check::{Check, Unit};
use crate::judge::effect::{Baseline, Key};
use crate::sql::placeholders;
use crate::sql::quote::literal;
use crate::suite::resolved::{Actor, Command, Execute as Contract, Kind, Location};

pub(super) fn plan(basis: &Basis) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    let mut named: BTreeMap<u32, &Contract> = BTreeMap::new();
    for contract in &basis.suite.execute {
        named.insert(find(basis, contract)?.oid, contract);
    }
    let here = |function: &&Function| {
        let name = &function.id.name;
        (basis.schemas.contains(&name.schema) || named.contains_key(&function.oid))
            && !function.is_trigger
            && !function.of_extension
    };
    for function in basis.catalog.functions.iter().filter(here) {
        let contract = named.get(&function.oid).copied();
        for actor in basis.actors.values() {
            let granted = contract.is_some_and(|contract| !contract.allow.is_disjoint(&actor.groups));
            units.push(call(basis, function, contract, actor, granted));
            if let Some(contract) = contract.filter(|contract| granted && contract.acts_on.is_some()) {
                units.extend(acts_on(basis, function, contract, actor)?);
            }
        }
    }
    Ok(units)
}

/// The function that a contract line names: types are compared as the server writes them, or as their end.
fn find<'a>(basis: &'a Basis, contract: &Contract) -> Result<&'a Function, Error> {
    let schema = contract.name.schema.as_deref().unwrap_or_else(|| basis.default_schema());
    let name = QName::new(schema, contract.name.name.as_str());
    let written: Vec<String> = types(&contract.arguments);
    let same = |function: &&Function| function.id.name == name && function.id.types == written;
    basis.catalog.functions.iter().find(same).ok_or_else(|| {
        let wanted = format!("{name}({})", written.join(","));
        let all = || basis.catalog.functions.iter().filter(|function| !function.of_extension);
        let same: Vec<String> = all().filter(|f| f.id.name.name == name.name).map(|f| f.id.to_string()).collect();
        if same.is_empty() {
            let known: Vec<String> = all().map(|function| function.id.to_string()).collect();
            return contract.at.unknown("function", &wanted, known.iter().map(String::as_str));
        }
        contract.at.error(format!("unknown function `{wanted}`"), format!("there is {}", same.join(", ")))
    })
}

/// Argument types as written, in the server's spelling where it has a shorter one.
pub(super) fn types(arguments: &str) -> Vec<String> {
    let canonical = |word: &str| {
        let word = word.trim().to_lowercase();
        match word.as_str() {
            "int" | "int4" => "integer".to_owned(),
            "int8" => "bigint".to_owned(),
            "int2" => "smallint".to_owned(),
            "bool" => "boolean".to_owned(),
            "varchar" => "character varying".to_owned(),
            "timestamptz" => "timestamp with time zone".to_owned(),
            "timestamp" => "timestamp without time zone".to_owned(),
            "float8" => "double precision".to_owned(),
            "float4" => "real".to_owned(),
            _ => word,
        }
    };
    if arguments.trim().is_empty() { Vec::new() } else { arguments.split(',').map(canonical).collect() }
}

fn at(basis: &Basis, contract: Option<&Contract>) -> Location {
    contract.map_or_else(|| Location::of_file(&basis.suite.path), |contract| contract.at.clone())
}

fn check(basis: &Basis, function: &Function, contract: Option<&Contract>, actor: &Actor, probe: Option<&str>) -> Check {
    let name = function.id.to_string();
    let parts =
        [Some(basis.suite.name.as_str()), Some("execute"), Some(name.as_str()), Some(actor.name.as_str()), probe];
    Check {
        id: id(parts.into_iter().flatten()),
        kind: Kind::Execute,
        title: format!("{} executes {name}{}", actor.name, probe.map(|p| format!(" ({p})")).unwrap_or_default()),
        object: name,
        command: "execute".to_owned(),
        actor: actor.name.clone(),
        at: at(basis, contract),
        controls: basis.controls(Kind::Execute, contract.map(|c| c.controls.as_slice()).unwrap_or_default()),
        source: None,
        step: None,
        remedy: None,
        skip: None,
    }
}

fn call(basis: &Basis, function: &Function, contract: Option<&Contract>, actor: &Actor, granted: bool) -> Unit {
    let identity = basis.identities.get(&actor.name).cloned();
    let task = Execute {
        identity: identity.unwrap_or_else(|| crate::actor::Identity::bare(&actor.name, "")),
        function: function.id.clone(),
        oid: function.oid,
        sql: sql(basis, function, contract, actor, None),
        granted,
    };
    Unit::one(check(basis, function, contract, actor, None), task)
}

/// The call: arguments as the contract gives them, NULL for the others. `given` is one argument's value.
fn sql(
    basis: &Basis,
    function: &Function,
    contract: Option<&Contract>,
    actor: &Actor,
    given: Option<(&str, &str)>,
) -> String {
    let resolve =
        |reference: &placeholders::Reference| crate::actor::resolve(reference, &actor.ids, &basis.suite.actors);
    let argument = |n: usize, r#type: &String| {
        let name = function.arguments.get(n).map(String::as_str).unwrap_or_default();
        let written = contract.and_then(|contract| contract.values.get(name));
        let text = match (given.filter(|(argument, _)| *argument == name), written) {
            (Some((_, given)), _) => literal(given),
            // Who lacks the id is granted nothing here, and the refusal of EXECUTE asks for no value.
            (None, Some(sql)) => placeholders::bind(sql, resolve).map_or("NULL".to_owned(), |sql| format!("({sql})")),
            (None, None) => "NULL".to_owned(),
        };
        format!("{text}::{}", concrete(r#type))
    };
    let arguments: Vec<String> = function.id.types.iter().enumerate().map(|(n, t)| argument(n, t)).collect();
    let call = format!("{}({})", function.id.name.sql(), arguments.join(", "));
    match function.kind.as_str() {
        "p" => format!("CALL {call}"),
        "w" => format!("SELECT {call} OVER ()"),
        "f" if function.returns_rows => format!("SELECT * FROM {call}"),
        _ => format!("SELECT {call}"),
    }
}

/// A type that an argument can have: NULL of a polymorphic one says nothing of what it stands for (PostgreSQL docs,
/// "Polymorphic Types"). All are of one family, since arguments of one call have to agree.
fn concrete(r#type: &str) -> &str {
    match r#type {
        "anyelement" | "anynonarray" | "anycompatible" | "anycompatiblenonarray" | "\"any\"" => "integer",
        "anyarray" | "anycompatiblearray" => "integer[]",
        "anyrange" | "anycompatiblerange" => "int4range",
        "anymultirange" | "anycompatiblemultirange" => "int4multirange",
        other => other,
    }
}

fn acts_on(basis: &Basis, function: &Function, contract: &Contract, actor: &Actor) -> Result<Option<Unit>, Error> {
    let Some(acts) = &contract.acts_on else { return Ok(None) };
    let schema = acts.relation.schema.as_deref().unwrap_or_else(|| basis.default_schema());
    let name = QName::new(schema, acts.relation.name.as_str());
    let Some((relation, held)) = basis.catalog.relations.get(&name).zip(basis.contract(&name)) else {
        let known: Vec<String> = basis.entries().iter().map(|entry| entry.relation.name.to_string()).collect();
        let kind = "relation of the contract in acts_on";
        return Err(contract.at.unknown(kind, &name.to_string(), known.iter().map(String::as_str)));
    };
    if !function.arguments.contains(&acts.argument) {
        let known = function.arguments.iter().map(String::as_str).filter(|name| !name.is_empty());
        return Err(contract.at.unknown(&format!("argument of {}", function.id), &acts.argument, known));
    }
    let place = Place::of(basis, Entry { relation, contract: held, follows: false }, actor, acts.command);
    let baseline = basis.baseline(relation).cloned().unwrap_or_default();
    let calls = baseline
        .rows
        .keys()
        .filter_map(|key| {
            let [only] = &**key else { return None };
            Some((key.clone(), sql(basis, function, Some(contract), actor, Some((&acts.argument, only)))))
        })
        .collect();
    // A cell that grants every row leaves nothing to be caught acting on.
    if !place.withholds() {
        return Ok(None);
    }
    let call = |key: String| {
        let sql = sql(basis, function, Some(contract), actor, Some((&acts.argument, &key)));
        (key, sql)
    };
    let task = ActsOn {
        trial: place.trial(),
        function: function.id.clone(),
        calls,
        nowhere: nowhere(relation, &baseline).into_iter().map(call).collect(),
        returns: returned(basis, function, actor, &place),
        may: place.granted,
    };
    Ok(Some(Unit::one(check(basis, function, Some(contract), actor, Some("acts-on")), task)))
}

/// The relation of the contract whose rows a function returns, and those that the actor may see: of the relation that it
/// acts on, those of its cell.
fn returned(basis: &Basis, function: &Function, actor: &Actor, acts: &Place<'_>) -> Option<(u32, BTreeSet<Key>)> {
    let relation = basis.catalog.by_oid(function.returns?)?;
    if relation.oid == acts.entry.relation.oid {
        return Some((relation.oid, acts.granted.clone()));
    }
    let entry = Entry { relation, contract: basis.contract(&relation.name)?, follows: false };
    Some((relation.oid, Place::of(basis, entry, actor, Command::Select).granted))
}

/// Two keys that no row has: of numbers, texts and UUIDs they can be made up.
fn nowhere(relation: &Relation, baseline: &Baseline) -> Vec<String> {
    let Some([name]) = relation.key() else { return Vec::new() };
    let Some(column) = relation.column(name) else { return Vec::new() };
    let there = || baseline.rows.keys().flat_map(|key| key.iter());
    match (column.r#type.as_str(), column.category.as_str()) {
        ("uuid", _) => (1..=2).map(|n| format!("0badc0de-0000-4000-8000-00000000000{n}")).collect(),
        (_, "N") => {
            let highest = there().filter_map(|key| key.parse::<i64>().ok()).max().unwrap_or_default();
            (1..=2).map(|n| highest.saturating_add(n).to_string()).collect()
        }
        (_, "S") => (1..=2).map(|n| format!("rlsgate-{n}")).filter(|key| !there().any(|other| other == key)).collect(),
        _ => Vec::new(),
    }
}

/// Calls that are granted to an actor, as tasks of their own.
pub(super) fn granted(basis: &Basis, actor: &Actor) -> Vec<Box<dyn crate::check::Task>> {
    let mine = |contract: &&Contract| !contract.allow.is_disjoint(&actor.groups);
    let task = |contract: &Contract| Some(call(basis, find(basis, contract).ok()?, Some(contract), actor, true).task);
    basis.suite.execute.iter().filter(mine).filter_map(task).collect()
}
