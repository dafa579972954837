//! JSON Schema of `chain.toml`, for editors: that of its types, with texts of a form as patterns.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema as schema};

use super::{ChainManifest, LayoutName, Preludes, Reason, Timeout, Value};
use crate::chain::layout::LAYOUTS;

/// JSON Schema (draft 2020-12) of `chain.toml`: a description per key.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    let mut schema = crate::suite::toml_generator().into_root_schema_for::<ChainManifest>();
    schema.insert("title".to_owned(), "rlsgate chain".into());
    schema.to_value()
}

impl JsonSchema for LayoutName {
    fn schema_name() -> Cow<'static, str> {
        "LayoutName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = LAYOUTS.iter().map(|layout| layout.name).collect();
        schema!({ "type": "string", "enum": names })
    }
}

impl JsonSchema for Preludes {
    fn schema_name() -> Cow<'static, str> {
        "Preludes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema!({ "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}

impl JsonSchema for Value {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema!({ "type": "string", "pattern": "^([^:]|::|:url$|:schema$|$)" })
    }
}

impl JsonSchema for Timeout {
    fn schema_name() -> Cow<'static, str> {
        "Timeout".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema!({ "type": "string", "pattern": "^[0-9]+(ms|s|m)$", "examples": ["60s"] })
    }
}

impl JsonSchema for Reason {
    fn schema_name() -> Cow<'static, str> {
        "Reason".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema!({ "type": "string", "pattern": "\\S" })
    }
}
