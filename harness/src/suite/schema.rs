//! JSON Schema of suite files, for editors: the raw model's own, and that of one suite with its names.

use std::collections::{BTreeMap, BTreeSet};

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::raw;
use super::resolved::Suite;
use super::resolved_case::HARNESS;

/// JSON Schema (draft 2020-12) of suite files: a description and an example per key, `oneOf` for short and long forms.
/// `kinds` are the kinds of check that `[controls]` may name, each with what it tries.
#[must_use]
pub(crate) fn json_schema(kinds: &BTreeMap<&str, String>) -> Value {
    let mut schema = toml_generator().into_root_schema_for::<raw::Suite>();
    schema.insert("title".to_owned(), "rlsgate suite".into());
    let mut schema = schema.to_value();
    if let Some(Value::Object(kind)) = schema.get_mut("$defs").and_then(|definitions| definitions.get_mut("KindName")) {
        let one = |(name, tries): (&&str, &String)| json!({ "const": name, "description": tries });
        kind.insert("oneOf".to_owned(), kinds.iter().map(one).collect());
    }
    schema
}

/// Lists the names of one kind; none leaves it open.
fn enumerate(schema: &mut Value, kind: &str, names: &BTreeSet<&str>) {
    let definition = schema.get_mut("$defs").and_then(|definitions| definitions.get_mut(kind));
    if let (Some(Value::Object(definition)), false) = (definition, names.is_empty()) {
        definition.insert("enum".to_owned(), json!(names));
    }
}

/// Makes schemas of what is written in TOML.
pub(crate) fn toml_generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().with_transform(RecursiveTransform(without_null)).into_generator()
}

/// The same for one suite: its actors, groups and row sets as enumerations, and the relations, functions and revisions
/// that the caller knows, spelt as the suite may write them. An empty list leaves its names open.
#[must_use]
pub(crate) fn json_schema_for(
    suite: &Suite,
    kinds: &BTreeMap<&str, String>,
    relations: &[String],
    functions: &[String],
    revisions: &[String],
) -> Value {
    let actors: BTreeSet<&str> = suite.actors.keys().map(String::as_str).collect();
    let groups: BTreeSet<&str> =
        suite.actors.values().flat_map(|actor| actor.groups.iter().map(String::as_str)).collect();
    let sets = suite.contract.iter().flat_map(|relation| relation.rows.keys().map(String::as_str));
    let harness = std::iter::once(HARNESS);
    let names: [(&str, BTreeSet<&str>); 7] = [
        ("ActorName", actors.iter().copied().chain(harness.clone()).collect()),
        ("WhoName", groups.iter().copied().chain(harness).collect()),
        ("GroupName", groups),
        ("RowSetName", sets.chain(["own", "all", "none"]).collect()),
        ("RelationName", relations.iter().map(String::as_str).collect()),
        ("FunctionName", functions.iter().map(String::as_str).collect()),
        ("RevisionName", revisions.iter().map(String::as_str).collect()),
    ];
    let mut schema = json_schema(kinds);
    for (kind, names) in names {
        enumerate(&mut schema, kind, &names);
    }
    schema
}

/// A key that may be left out is optional, never null: TOML has none.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    let null = json!({ "type": "null" });
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        forms.retain(|form| *form != null);
        if let [Value::Object(only)] = forms.as_slice() {
            let only = only.clone();
            schema.remove("anyOf");
            only.into_iter().for_each(|(key, value)| drop(schema.insert(key, value)));
        }
    }
}
