//! `chain.toml`, as people write it (docs/chain.md).
//!
//! Keys that only later stages read are parsed and kept, so that a misspelt one is an error today.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor, value::SeqAccessDeserializer};
use toml::Spanned;

mod problem;
mod schema;
pub(super) use problem::parse;
pub use schema::json_schema;

/// A whole `chain.toml`; every key has a default.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "rlsgate chain")]
pub struct ChainManifest {
    /// How revisions are laid out in files; found by looking where it is not said.
    #[schemars(with = "Option<LayoutName>", example = &"sql")]
    pub layout: Option<Spanned<String>>,
    /// The folder of the revisions, relative to the manifest.
    #[schemars(with = "Option<PathBuf>", example = &"migrations")]
    pub migrations: Option<Spanned<PathBuf>>,
    /// The folder of the files that undo revisions.
    #[schemars(with = "Option<PathBuf>", example = &"rollback")]
    pub rollback: Option<Spanned<PathBuf>>,
    /// What the chain stands on: names of built-in preludes, or SQL files.
    #[schemars(with = "Option<Preludes>", example = &"supabase")]
    pub prelude: Option<Spanned<Preludes>>,
    /// The role that runs the chain.
    #[schemars(with = "Option<String>", example = &"migrator")]
    pub owner: Option<Spanned<String>>,
    /// The chain's own schemas; the first is the default one.
    #[schemars(with = "Vec<String>", example = ["public"])]
    pub schemas: Spanned<Vec<Spanned<String>>>,
    /// Where checksums of released revisions are kept.
    #[schemars(with = "PathBuf")]
    pub lock: Spanned<PathBuf>,
    /// For every revision that does not say its own; see [`RevisionTable::lock_budget`].
    pub lock_budget: Option<u32>,
    /// For every revision that does not say its own.
    pub timeout: Timeout,
    /// Rows that later revisions meet: SQL that is run right after a revision, by its id.
    #[schemars(with = "BTreeMap<String, PathBuf>")]
    pub seed_at: BTreeMap<Spanned<String>, Spanned<PathBuf>>,
    /// Chain checks not to run, each with its reason.
    #[schemars(with = "BTreeMap<String, Reason>")]
    pub skip: BTreeMap<Spanned<String>, Reason>,
    /// How the project's own Alembic is called.
    pub alembic: Option<Alembic>,
    /// What differs for single revisions.
    #[schemars(with = "BTreeMap<String, RevisionTable>")]
    pub revisions: BTreeMap<Spanned<String>, RevisionTable>,
}

/// The name of a layout.
struct LayoutName;

impl Default for ChainManifest {
    fn default() -> Self {
        Self {
            layout: None,
            migrations: None,
            rollback: None,
            prelude: None,
            owner: None,
            schemas: Spanned::new(0..0, vec![Spanned::new(0..0, "public".to_owned())]),
            lock: Spanned::new(0..0, PathBuf::from("chain.lock")),
            lock_budget: None,
            timeout: Timeout(Duration::from_secs(60)),
            seed_at: BTreeMap::new(),
            skip: BTreeMap::new(),
            alembic: None,
            revisions: BTreeMap::new(),
        }
    }
}

/// `[alembic]`.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Alembic {
    /// Program and arguments.
    pub program: Vec<String>,
    /// Environment; `:url` stands for the database's address.
    pub env: BTreeMap<String, Value>,
    /// The table that it keeps its account in, where env.py calls it otherwise: `name` or `schema.name`, as they are.
    pub version_table: Option<String>,
}

impl Default for Alembic {
    fn default() -> Self {
        Self { program: vec!["alembic".to_owned()], env: BTreeMap::new(), version_table: None }
    }
}

/// `[revisions.REV]`.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RevisionTable {
    /// For people.
    pub title: Option<String>,
    /// Program and arguments of a revision that is no SQL file.
    #[schemars(with = "Option<Vec<String>>", example = ["python3", "641_move.py"])]
    pub run: Option<Spanned<Vec<String>>>,
    /// Its environment; `:url` and `:schema` are handed over.
    pub env: BTreeMap<String, Value>,
    /// The file that undoes the revision, relative to the manifest.
    #[schemars(with = "Option<PathBuf>", example = &"641.down.sql")]
    pub down: Option<Spanned<PathBuf>>,
    /// `"none"` runs the file statement by statement.
    pub transaction: Option<Transaction>,
    /// Running it again changes nothing.
    pub idempotent: Option<bool>,
    /// A command that is stopped half-way leaves nothing.
    pub transactional: Option<bool>,
    /// Why it cannot be undone.
    pub irreversible: Option<Reason>,
    /// Why undoing it leaves nothing to undo in the catalog.
    pub catalog_neutral: Option<Reason>,
    /// Tables that it opens on purpose.
    pub open_tables: BTreeMap<String, Reason>,
    /// Statements that an AccessExclusive lock on a relation with rows may be held for.
    pub lock_budget: Option<u32>,
    /// How long it may run.
    pub timeout: Option<Timeout>,
}

/// How a revision's file stands to transactions, where that is not left to its statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Transaction {
    /// Statement by statement.
    None,
}

/// `prelude`: one, or several in order.
#[derive(Debug)]
pub enum Preludes {
    /// A single name or path.
    One(String),
    /// In order.
    Many(Vec<Spanned<String>>),
}

impl<'de> Deserialize<'de> for Preludes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Preludes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a prelude, or a list of them")
            }

            fn visit_str<E>(self, one: &str) -> Result<Preludes, E> {
                Ok(Preludes::One(one.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, many: A) -> Result<Preludes, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(many)).map(Preludes::Many)
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// A variable of a program's environment: a text, or what the harness hands over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `:url`: the address of the chain's database, as its owner.
    Url,
    /// `:schema`: the first of the chain's schemas.
    Schema,
    /// The text; `"::x"` is the text `:x`.
    Text(String),
}

impl Value {
    /// The text; `None` where the harness hands something over.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Url | Self::Schema => None,
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.strip_prefix(':') {
            None => Ok(Self::Text(text)),
            Some(rest) if rest.starts_with(':') => Ok(Self::Text(rest.to_owned())),
            Some("url") => Ok(Self::Url),
            Some("schema") => Ok(Self::Schema),
            Some(name) => {
                let nearest = super::nearest::suffix(name, ["url", "schema"]);
                let message = format!(
                    "`{text}` is not handed over{nearest}; `:url` and `:schema` are, and `::x` is the text `:x`"
                );
                Err(D::Error::custom(message))
            }
        }
    }
}

/// A duration: `"500ms"`, `"5s"`, `"2m"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout(pub Duration);

impl<'de> Deserialize<'de> for Timeout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::text::duration::parse(&text).map(Self).map_err(D::Error::custom)
    }
}

/// Why something is weakened; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(pub String);

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.trim().is_empty() {
            return Err(D::Error::custom("the reason is empty; say why"));
        }
        Ok(Self(text))
    }
}

#[cfg(test)]
mod tests;
