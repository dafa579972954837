//! A suite after every name in it was resolved: profiles merged, groups expanded, includes read. What planning reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::resolved_case::Case;
use super::resolved_fact::StatedFacts;
use super::resolved_fidelity::Fidelity;
use super::resolved_target::Target;
use crate::diagnostic::Diagnostic;

pub use super::location::Location;
pub use super::names::Name;
pub use super::versions::VersionBounds;
pub use crate::sql::placeholders::Reference;

/// One suite file with everything it includes.
#[derive(Debug, Clone)]
pub struct Suite {
    /// First part of every check id.
    pub name: String,
    /// For people; the name where none is given.
    pub title: String,
    /// The file itself.
    pub path: PathBuf,
    /// Folder of the chain.
    pub chain: PathBuf,
    /// The schema this file is about.
    pub state: State,
    /// SQL that is run when `state` is reached.
    pub seed: Option<PathBuf>,
    /// SQL that is run right after a revision.
    pub seed_at: BTreeMap<String, PathBuf>,
    /// The revisions that `state` and `seed_at` name, to be looked for in the chain.
    pub revisions: Vec<NamedRevision>,
    /// Acceptable major versions in order of preference; empty is any.
    pub postgres: Vec<u32>,
    /// Where the closed world holds; those of the chain where none are given.
    pub schemas: Option<Vec<String>>,
    /// Per statement.
    pub timeout: Duration,
    /// Control ids for every check of a kind.
    pub controls: BTreeMap<&'static str, Vec<String>>,
    /// Whether reports may hold row values; else keys only.
    pub report_values: bool,
    /// Who acts, by name.
    pub actors: BTreeMap<String, Actor>,
    /// Who may do what.
    pub contract: Vec<RelationContract>,
    /// Who may call what.
    pub execute: Vec<Execute>,
    /// What a table of cells cannot say.
    pub cases: Vec<Case>,
    /// What the schema must be.
    pub facts: StatedFacts,
    /// What data migrations must keep.
    pub fidelity: Vec<Fidelity>,
    /// Failures that are known.
    pub known: Vec<Known>,
    /// Live databases that may be verified, by name.
    pub targets: BTreeMap<String, Target>,
    /// Lowest mutation score that passes, in percent.
    pub mutation_minimum: Option<f64>,
}

/// A revision that a suite names.
#[derive(Debug, Clone)]
pub struct NamedRevision {
    /// Its id.
    pub id: String,
    /// The place of the name, for a message that is still to be said.
    pub place: Diagnostic,
}

/// The schema a suite is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// All revisions.
    Head,
    /// From empty up to this revision.
    At(String),
    /// Up to head, seeded, then down until this revision is the last applied.
    DownTo(String),
}

/// Who acts: a context with ids filled in.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub at: Location,
    /// Name of the context, if any.
    pub context: Option<String>,
    /// The role to log in as; the probe's own login where none is given.
    pub login: Option<String>,
    /// The role to become after login; `login` where none is given. One of the two is there.
    pub role: Option<String>,
    /// Who this is.
    pub ids: BTreeMap<String, String>,
    /// Its groups and its own name, since an actor is also a group of one.
    pub groups: BTreeSet<String>,
    /// Why nothing is granted to it anywhere.
    pub powerless: Option<String>,
    /// Why it may be above row security.
    pub bypass_rls: Option<String>,
    /// JWT claims of the context.
    pub claims: Option<Claim>,
    /// Settings of the context.
    pub settings: Vec<(String, Template)>,
    /// The application's own setters, in order.
    pub call: Vec<String>,
    /// What `call` must have set.
    pub sets: Vec<(String, Template)>,
}

/// A text, or a reference to an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// The text itself.
    Text(String),
    /// `:name` or `:actor.name`.
    Id(Reference),
}

/// A JWT claim: JSON whose texts may be references.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// A value without reference.
    Value(serde_json::Value),
    /// An id.
    Id(Reference),
    /// An object, in the order written.
    Object(Vec<(String, Self)>),
    /// An array.
    Array(Vec<Self>),
}

/// What a contract's columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are SQL's privileges")]
pub enum Command {
    Select,
    Insert,
    Update,
    Delete,
    Truncate,
    References,
    Trigger,
    Usage,
}

impl Command {
    /// Those of tables, views and the like, in the order of reports.
    pub const OF_RELATIONS: [Self; 7] =
        [Self::Select, Self::Insert, Self::Update, Self::Delete, Self::Truncate, Self::References, Self::Trigger];
    /// Those of sequences.
    pub const OF_SEQUENCES: [Self; 3] = [Self::Usage, Self::Select, Self::Update];

    /// As suite files and check ids spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
            Self::References => "references",
            Self::Trigger => "trigger",
            Self::Usage => "usage",
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One relation of the contract, its profile merged in.
#[derive(Debug, Clone)]
pub struct RelationContract {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub at: Location,
    /// The profile it starts from, for messages.
    pub profile: Option<String>,
    /// Whose row it is.
    pub tenant_key: Option<TenantKey>,
    /// Row sets by name; `own` is there only where the suite writes it.
    pub rows: BTreeMap<String, RowSet>,
    /// What each group may do.
    pub allow: BTreeMap<String, BTreeMap<Command, Grant>>,
    /// What any session may still do when the id is absent.
    pub pass_through: BTreeMap<String, PassThrough>,
    /// Column = SQL expression, for inserted copies.
    pub insert_with: BTreeMap<String, String>,
    /// Why it is not tried.
    pub skip: Option<String>,
    /// Lowest and highest major version it holds for.
    pub versions: VersionBounds,
    /// Control ids of its checks, beside those of the kind.
    pub controls: Vec<String>,
}

impl RelationContract {
    /// What `actor` may do: the union over its name and its groups, as GRANTs and permissive policies add up.
    /// Nothing granted is `None`.
    #[must_use]
    pub fn grant(&self, actor: &Actor, command: Command) -> Option<Grant> {
        self.allow
            .iter()
            .filter(|(group, _)| actor.groups.contains(*group))
            .filter_map(|(_, cells)| cells.get(&command))
            .filter(|cell| cell.rows != Rows::Sets(BTreeSet::new()))
            .cloned()
            .reduce(Grant::union)
    }
}

/// Whose row it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenantKey {
    /// Id name = column; all must match.
    Columns(BTreeMap<String, String>),
    /// The tenant key of the row that this foreign key column points at.
    Via(String),
}

/// A named row set.
#[derive(Debug, Clone)]
pub struct RowSet {
    /// A predicate over the relation's columns and `:ids`.
    pub sql: String,
    /// Where it is declared.
    pub at: Location,
}

/// What a group may do with one command.
#[derive(Debug, Clone)]
pub struct Grant {
    /// On which rows.
    pub rows: Rows,
    /// Where an UPDATE may take the row; `rows` where none is given.
    pub to: Option<Rows>,
    /// The only columns; all where none are given.
    pub columns: Option<BTreeSet<String>>,
    /// Where it is declared.
    pub at: Location,
    /// The group that it is granted to, for messages.
    pub group: String,
}

impl Grant {
    fn union(self, other: Self) -> Self {
        let to = match (&self.to, &other.to) {
            (None, None) => None,
            _ => {
                let mine = self.to.clone().unwrap_or_else(|| self.rows.clone());
                let theirs = other.to.clone().unwrap_or_else(|| other.rows.clone());
                Some(mine.union(theirs))
            }
        };
        let columns = match (self.columns, other.columns) {
            (Some(mine), Some(theirs)) => Some(mine.union(&theirs).cloned().collect()),
            _ => None,
        };
        Self {
            rows: self.rows.union(other.rows),
            to,
            columns,
            at: self.at,
            group: format!("{}, {}", self.group, other.group),
        }
    }
}

/// A set of rows by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// Every row; for commands that have no rows, the command itself.
    All,
    /// The union of these row sets; none of them is no row.
    Sets(BTreeSet<String>),
}

impl Rows {
    fn union(self, other: Self) -> Self {
        match (self, other) {
            (Self::Sets(mine), Self::Sets(theirs)) => Self::Sets(mine.union(&theirs).cloned().collect()),
            _ => Self::All,
        }
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Sets(names) if names.is_empty() => f.write_str("none"),
            Self::Sets(names) => f.write_str(&names.iter().map(String::as_str).collect::<Vec<_>>().join(" or ")),
        }
    }
}

/// What any session may still do when an id is absent, and why.
#[derive(Debug, Clone)]
pub struct PassThrough {
    /// Row sets by command.
    pub commands: BTreeMap<Command, Rows>,
    /// Why.
    pub reason: String,
}

/// A function that somebody may call.
#[derive(Debug, Clone)]
pub struct Execute {
    /// Its name.
    pub name: Name,
    /// Its argument types as written.
    pub arguments: String,
    /// Where it is declared.
    pub at: Location,
    /// The groups that may call it.
    pub allow: BTreeSet<String>,
    /// Called with each key of a relation.
    pub acts_on: Option<ActsOn>,
    /// Argument name = SQL expression; NULL for the others.
    pub values: BTreeMap<String, String>,
    /// Control ids.
    pub controls: Vec<String>,
}

/// A function that takes the key of a relation's row.
#[derive(Debug, Clone)]
pub struct ActsOn {
    /// The argument that takes the key.
    pub argument: String,
    /// The relation.
    pub relation: Name,
    /// It may change or return only rows of the caller's cell for this command.
    pub command: Command,
}

/// A failure that is known: covers failed checks only, never errors.
#[derive(Debug, Clone)]
pub struct Known {
    /// Check id; `*` matches within and across parts.
    pub check: String,
    /// Why.
    pub reason: String,
    /// Last day it holds, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// Where it is declared.
    pub at: Location,
}
