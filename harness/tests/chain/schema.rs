//! The JSON Schema of `chain.toml`, judged by a validator that is not ours.

use std::path::{Path, PathBuf};

use boon::{Compiler, Schemas};
use rlsgate::chain::manifest::json_schema;
use serde_json::{Value, json};

fn accepts(instance: &Value) -> Result<(), String> {
    let mut compiler = Compiler::new();
    compiler.add_resource("chain.json", json_schema()).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile("chain.json", &mut schemas).unwrap();
    schemas.validate(instance, index).map_err(|error| format!("{error:#}"))
}

fn manifests(folder: PathBuf) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(folder).unwrap().flatten();
    folders.map(|entry| entry.path().join("chain.toml")).filter(|path| path.is_file()).collect()
}

#[test]
fn the_chains_here_are_accepted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = manifests(root.join("../schemas"));
    assert!(!all.is_empty());
    all.extend(manifests(root.join("tests/data/suites")));
    for path in all {
        let text = std::fs::read_to_string(&path).unwrap();
        let manifest = serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
        assert_eq!(accepts(&manifest), Ok(()), "{}", path.display());
    }
}

#[test]
fn what_is_misspelt_or_of_a_wrong_form_is_refused() {
    assert_eq!(accepts(&json!({})), Ok(()));
    let revision = |table: Value| json!({ "revisions": { "001": table } });
    let good = revision(json!({ "run": ["x"], "env": { "A": ":url", "B": "::x", "C": "" }, "transaction": "none" }));
    assert_eq!(accepts(&good), Ok(()));
    for wrong in [
        json!({ "shcemas": ["public"] }),
        json!({ "layout": "sqk" }),
        json!({ "timeout": "5h" }),
        json!({ "prelude": 1 }),
        json!({ "skip": { "locks": " " } }),
        json!({ "alembic": { "programm": ["x"] } }),
        revision(json!({ "irreversible": "" })),
        revision(json!({ "run": "x" })),
        revision(json!({ "env": { "A": ":ulr" } })),
        revision(json!({ "transaction": "some" })),
        revision(json!({ "lockbudget": 1 })),
    ] {
        assert!(accepts(&wrong).is_err(), "{wrong}");
    }
}
