//! The JSON Schema of suite files, judged by a validator that is not ours.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

use boon::{Compiler, Schemas};
use rlsgate::run::{load_suite as load, suite_schema as json_schema, suite_schema_for as json_schema_for};
use rlsgate::suite::discover;
use rstest::rstest;
use serde_json::{Value, json};

fn suites() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/suites")
}

fn as_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap()
}

/// What the validator says against `instance`; nothing where it accepts it.
fn refusal(schema: &Value, instance: &Value) -> Option<String> {
    let mut compiler = Compiler::new();
    compiler.add_resource("suite.json", schema.clone()).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile("suite.json", &mut schemas).unwrap();
    schemas.validate(instance, index).err().map(|error| format!("{error:#}"))
}

#[test]
fn the_suites_of_the_description_are_accepted() {
    let schema = json_schema();
    for path in discover(&[suites()]).unwrap() {
        assert_eq!(refusal(&schema, &as_json(&path)), None, "{}", path.display());
    }
}

#[rstest]
#[case::key(json!({ "titel": "x" }))]
#[case::relation_key(json!({ "contract": { "notes": { "tenat_key": "x" } } }))]
#[case::command(json!({ "contract": { "notes": { "allow": { "ann": { "selct": "own" } } } } }))]
#[case::cell_key(json!({ "contract": { "notes": { "allow": { "ann": { "select": { "row": "own" } } } } } }))]
#[case::expect(json!({ "cases": { "x": { "as": "ann", "sql": "select 1", "expect": "refussed" } } }))]
#[case::expect_key(json!({ "cases": { "x": { "as": "ann", "sql": "select 1", "expect": { "row": 1 } } } }))]
#[case::state(json!({ "state": { "upto": "x" } }))]
#[case::no_reason(json!({ "known": [{ "check": "x/y" }] }))]
#[case::type_of_ids(json!({ "actors": { "ann": { "ids": { "user": 1.5 } } } }))]
fn what_is_misspelt_is_refused(#[case] part: Value) {
    let mut suite = json!({ "name": "x", "chain": "y" });
    assert_eq!(refusal(&json_schema(), &suite), None);
    suite.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    assert!(refusal(&json_schema(), &suite).is_some(), "{suite}");
}

#[test]
fn one_suites_names_are_enumerated() {
    let path = suites().join("connectors/suite.toml");
    let suite = load(&path).unwrap();
    let relations: Vec<String> = suite.contract.iter().map(|relation| relation.name.name.clone()).collect();
    let functions = ["increment_connector_stats(uuid, boolean)", "update_updated_at_column()"].map(str::to_owned);
    let schema = json_schema_for(&suite, &relations, &functions, &[]);
    let good = as_json(&path);
    assert_eq!(refusal(&schema, &good), None);
    for (place, name) in [
        ("/contract/connector_executions/allow", "membr"),
        ("/contract", "conectors"),
        ("/execute", "increment_connector_stats(uuid)"),
        ("/facts/relations", "conectors"),
    ] {
        let mut wrong = good.clone();
        let table = wrong.pointer_mut(place).and_then(Value::as_object_mut).unwrap();
        let value = table.values().next().cloned().unwrap_or(json!("own"));
        table.insert(name.to_owned(), value);
        assert_eq!(refusal(&json_schema(), &wrong), None, "{place}");
        assert!(refusal(&schema, &wrong).is_some(), "{place}");
    }
    for (place, name) in [
        ("/cases/self-grant/control", "ownr"),
        ("/cases/self-grant/as/0", "anne"),
        ("/contract/connector_templates/allow/user/insert", "own_comunity"),
        ("/cases/deleting-a-workspace-takes-its-rows-along/steps/0/as", "@harnes"),
    ] {
        let mut wrong = good.clone();
        *wrong.pointer_mut(place).unwrap() = json!(name);
        assert_eq!(refusal(&json_schema(), &wrong), None, "{place}");
        assert!(refusal(&schema, &wrong).is_some(), "{place}");
    }
}

/// Every key says what it is and, but for tables of our own keys, what may stand there.
#[test]
fn every_key_is_described() {
    let schema = json_schema();
    let definitions = schema["$defs"].as_object().unwrap().iter().map(|(name, definition)| (name.as_str(), definition));
    let text = schema.to_string();
    assert!(!text.contains("\"type\":\"null\"") && !text.contains(",\"null\"]"), "TOML has no null");
    let mut keys = 0;
    for (name, definition) in definitions.chain([("Suite", &schema)]) {
        for (key, value) in definition["properties"].as_object().into_iter().flatten() {
            keys += 1;
            assert!(value["description"].as_str().is_some_and(|text| text.ends_with('.')), "{name}.{key}: {value}");
            let table = value.to_string().contains("$ref");
            assert!(table || value["examples"].is_array(), "{name}.{key} has no example: {value}");
        }
    }
    assert!(keys > 100, "{keys}");
}
