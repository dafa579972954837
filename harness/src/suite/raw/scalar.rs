//! Values that a suite names: plain texts of ids and settings, and typed values to compare with.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::suite::resolved_case::Scalar;

/// A text, an integer or a boolean, as its text.
#[derive(Debug, Clone)]
pub(crate) struct Plain(pub(crate) String);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            toml::Value::Integer(number) => Ok(Self(number.to_string())),
            toml::Value::Boolean(flag) => Ok(Self(flag.to_string())),
            other => Err(D::Error::custom(format!("expected a text or an integer, not {}", article(&other)))),
        }
    }
}

impl JsonSchema for Plain {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Plain".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer", "boolean"] })
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self::Text(text)),
            toml::Value::Integer(number) => Ok(Self::Integer(number)),
            toml::Value::Float(number) => Ok(Self::Float(number)),
            toml::Value::Boolean(flag) => Ok(Self::Boolean(flag)),
            toml::Value::Datetime(date) => Ok(Self::Date(date.to_string())),
            toml::Value::Table(table) if table.len() == 1 && table.get("null") == Some(&toml::Value::Boolean(true)) => {
                Ok(Self::Null)
            }
            other => {
                Err(D::Error::custom(format!("expected one value, or `{{ null = true }}`, not {}", article(&other))))
            }
        }
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let absent = json_schema!({
            "type": "object",
            "properties": { "null": { "const": true } },
            "required": ["null"],
            "additionalProperties": false,
        });
        json_schema!({
            "description": "A value, compared with its type; `{ null = true }` is NULL, since TOML has none.",
            "oneOf": [{ "type": ["string", "number", "boolean"] }, absent],
        })
    }
}

fn article(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "a text",
        toml::Value::Integer(_) => "an integer",
        toml::Value::Float(_) => "a float",
        toml::Value::Boolean(_) => "a boolean",
        toml::Value::Datetime(_) => "a date",
        toml::Value::Array(_) => "a list",
        toml::Value::Table(_) => "a table",
    }
}
