//! Short forms: a text or a list of texts where a table may stand.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::At;
use super::words::{RowSetName, WhoName};

/// The short form or the long form `T`.
#[derive(Debug, Clone)]
pub(crate) enum Or<T> {
    Text(String),
    List(Vec<At<String>>),
    Table(T),
}

/// A long form, and which short forms stand for it.
pub(crate) trait Long {
    /// What a text of the short form names.
    type Word: JsonSchema;
    /// Whether a text does.
    const TEXT: bool;
    /// Whether a list of texts does.
    const LIST: bool;
    /// Whether there is a long form at all.
    const TABLE: bool = true;
    /// For messages: what is expected.
    const EXPECTING: &'static str;
}

/// The long form of what has none: a name, or a list of names, of the kind `W`.
#[derive(Debug, Clone)]
pub(crate) struct NoTable<W>(PhantomData<W>, Infallible);

impl<'de, W> Deserialize<'de> for NoTable<W> {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom(NoTable::<RowSetName>::EXPECTING))
    }
}

impl<W: JsonSchema> Long for NoTable<W> {
    type Word = W;
    const TEXT: bool = true;
    const LIST: bool = true;
    const TABLE: bool = false;
    const EXPECTING: &'static str = "a name or a list of names";
}

impl<W> JsonSchema for NoTable<W> {
    fn schema_name() -> Cow<'static, str> {
        "Names".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(false)
    }
}

/// An actor or a group, or a list of them.
pub(crate) type Who = At<Or<NoTable<WhoName>>>;

/// A row set, or a list of them.
pub(crate) type RowSets = At<Or<NoTable<RowSetName>>>;

impl<T> At<Or<T>> {
    /// The texts of the short form with their places; none of the long form.
    pub(crate) fn texts(&self) -> Vec<At<String>> {
        match &self.value {
            Or::Text(text) => vec![At { span: self.span.clone(), value: text.clone() }],
            Or::List(list) => list.clone(),
            Or::Table(_) => Vec::new(),
        }
    }
}

impl<'de, T: Long + Deserialize<'de>> Deserialize<'de> for Or<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forms(PhantomData))
    }
}

struct Forms<T>(PhantomData<T>);

impl<'de, T: Long + Deserialize<'de>> Visitor<'de> for Forms<T> {
    type Value = Or<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTING)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Or<T>, E> {
        if T::TEXT { Ok(Or::Text(text.to_owned())) } else { Err(E::invalid_type(Unexpected::Str(text), &self)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Or<T>, A::Error> {
        if T::LIST {
            Vec::deserialize(SeqAccessDeserializer::new(list)).map(Or::List)
        } else {
            Err(A::Error::invalid_type(Unexpected::Seq, &self))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Or<T>, A::Error> {
        if T::TABLE {
            T::deserialize(MapAccessDeserializer::new(map)).map(Or::Table)
        } else {
            Err(A::Error::invalid_type(Unexpected::Map, &self))
        }
    }
}

impl<T: Long + JsonSchema> JsonSchema for Or<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ShortOr{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let word = generator.subschema_for::<T::Word>();
        let list = T::LIST.then(|| json_schema!({ "type": "array", "items": word }));
        let text = T::TEXT.then_some(word);
        let table = T::TABLE.then(|| generator.subschema_for::<T>());
        let forms: Vec<Schema> = [text, list, table].into_iter().flatten().collect();
        json_schema!({ "oneOf": forms })
    }
}
