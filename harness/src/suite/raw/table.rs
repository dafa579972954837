//! A TOML table whose keys are names of people, each with its place.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::At;
use super::words::AnyName;

/// Names, of the kind `K`, and what stands behind them, in the order written; TOML refuses a name that stands twice.
#[derive(Debug, Clone)]
pub(crate) struct Table<V, K = AnyName>(Vec<(At<String>, V)>, PhantomData<K>);

impl<V, K> Default for Table<V, K> {
    fn default() -> Self {
        Self(Vec::new(), PhantomData)
    }
}

impl<V, K> Table<V, K> {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (At<String>, V)> {
        self.0.iter()
    }
}

impl<'de, V: Deserialize<'de>, K> Deserialize<'de> for Table<V, K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<V, K>(PhantomData<(V, K)>);

impl<'de, V: Deserialize<'de>, K> Visitor<'de> for Entries<V, K> {
    type Value = Table<V, K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Table(entries, PhantomData))
    }
}

impl<V: JsonSchema, K: JsonSchema> JsonSchema for Table<V, K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("TableOf{}By{}", V::schema_name(), K::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": generator.subschema_for::<K>(),
            "additionalProperties": generator.subschema_for::<V>(),
        })
    }
}
