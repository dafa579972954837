//! What every check stands on: suite, catalogs, privileges, the rows of the seed and whose they are.

pub(crate) mod actors;
pub(crate) mod by_context;
mod entry;
mod moves;
mod names;
mod read;
mod read_moves;
mod row_sets;
mod seed;

use std::collections::{BTreeMap, BTreeSet};

use crate::actor::Identity;
use crate::catalog::{Catalog, PrivilegeSet, QName, Reach, Relation};
use crate::judge::effect::{Baseline, RowKey};
use crate::provision::RoleNames;
use crate::suite::Suite;
use crate::suite::resolved::{Actor, Command, RelationContract as Contract, Rows, VersionBounds};

pub(crate) use entry::ContractEntry;
pub(crate) use moves::{Assignment, Move};
pub(crate) use read::read;
pub(crate) use row_sets::RowSets;

use moves::AllMoves;

/// What every check stands on. Read once, from the state that every clone starts from.
#[derive(Debug)]
pub struct World {
    /// The suite.
    pub suite: Suite,
    /// The catalogs.
    pub catalog: Catalog,
    /// What roles hold, by role and relation.
    pub held: BTreeMap<String, BTreeMap<u32, PrivilegeSet>>,
    /// What roles may pass on or make.
    pub reach: BTreeMap<String, Reach>,
    /// The functions that roles may execute.
    pub executable: BTreeMap<String, BTreeSet<u32>>,
    /// Whether code of the schema may leave something on a session that cannot be taken away.
    pub leaves_traces: bool,
    /// The harness's own roles.
    pub roles: RoleNames,
    /// The server's major version.
    pub major: u32,
    /// Where in the suite's contract each relation is named.
    lines: BTreeMap<QName, usize>,
    /// The schemas in which the closed world holds.
    pub schemas: Vec<String>,
    /// The tables of the chain's own tool, which a suite may name and need not.
    pub bookkeeping: Vec<QName>,
    /// The actors of the suite, and one for every role that no actor stands for.
    pub actors: BTreeMap<String, Actor>,
    /// How each is become.
    pub identities: BTreeMap<String, Identity>,
    /// The rows of each relation of the contract, and of every other table that has a contract entry.
    pub seed: BTreeMap<u32, Baseline>,
    /// For a view whose rows depend on the context: the statements that set each.
    contexts: BTreeMap<u32, Vec<String>>,
    /// Where rows could be taken, over the line that the contract draws.
    pub(crate) moves: AllMoves,
    /// Where an actor's doing may leave a row of a relation: predicates on the new row.
    mine: BTreeMap<(u32, String), Mine>,
    /// Keys by relation, actor and set of rows.
    members: BTreeMap<u32, BTreeMap<String, BTreeMap<String, BTreeSet<RowKey>>>>,
}

impl World {
    /// What facts stand on: the catalogs, and nobody who acts.
    #[must_use]
    pub fn of_catalog(suite: Suite, catalog: Catalog, schemas: Vec<String>, major: u32) -> Self {
        let lines = {
            let sets = RowSets {
                suite: &suite,
                catalog: &catalog,
                default_schema: schemas.first().map_or("public", String::as_str),
            };
            // The first of two lines for one relation.
            suite.contract.iter().enumerate().rev().map(|(n, contract)| (sets.qualified(contract), n)).collect()
        };
        Self {
            suite,
            catalog,
            lines,
            held: BTreeMap::new(),
            reach: BTreeMap::new(),
            executable: BTreeMap::new(),
            leaves_traces: true,
            roles: RoleNames::default(),
            major,
            schemas,
            bookkeeping: Vec::new(),
            actors: BTreeMap::new(),
            identities: BTreeMap::new(),
            seed: BTreeMap::new(),
            contexts: BTreeMap::new(),
            moves: AllMoves::new(),
            mine: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }

    /// The schema of names that have none.
    #[must_use]
    pub fn default_schema(&self) -> &str {
        self.schemas.first().map_or("public", String::as_str)
    }

    /// Renders predicates for this suite.
    #[must_use]
    pub fn row_sets(&self) -> RowSets<'_> {
        RowSets { suite: &self.suite, catalog: &self.catalog, default_schema: self.default_schema() }
    }

    /// The contract's entry for a relation.
    #[must_use]
    pub fn contract(&self, name: &QName) -> Option<&Contract> {
        self.suite.contract.get(*self.lines.get(name)?)
    }

    /// The relation that a contract entry names.
    #[must_use]
    pub fn relation(&self, contract: &Contract) -> Option<&Relation> {
        self.catalog.relations.get(&self.row_sets().qualified(contract))
    }

    /// The relations that are tried: those named, and those that follow one: partitions, inheritance children and the
    /// sequences of columns.
    #[must_use]
    pub(crate) fn entries(&self) -> Vec<ContractEntry<'_>> {
        let mut entries = Vec::new();
        for relation in self.catalog.relations.values() {
            if let Some(contract) = self.contract(&relation.name) {
                entries.push(ContractEntry { relation, contract, follows: false });
                continue;
            }
            if !self.schemas.contains(&relation.name.schema) {
                continue;
            }
            let mut above = relation.parent.or(relation.owned_by);
            while let Some(parent) = above.and_then(|oid| self.catalog.by_oid(oid)) {
                if let Some(contract) = self.contract(&parent.name) {
                    entries.push(ContractEntry { relation, contract, follows: true });
                    break;
                }
                above = parent.parent;
            }
        }
        entries
    }

    /// Whether it is a table that the chain's own tool keeps its account in, or a sequence of one.
    #[must_use]
    pub fn is_bookkeeping(&self, relation: &Relation) -> bool {
        let owner = relation.owned_by.and_then(|oid| self.catalog.by_oid(oid));
        self.bookkeeping.contains(&owner.unwrap_or(relation).name)
    }

    /// Why something that is bound to versions does not hold on this server; `None` where it does.
    #[must_use]
    pub fn out_of_version(&self, versions: VersionBounds) -> Option<String> {
        let low = versions.min.filter(|min| self.major < *min).map(|min| format!("needs PostgreSQL {min} or later"));
        low.or_else(|| versions.max.filter(|max| self.major > *max).map(|max| format!("holds up to PostgreSQL {max}")))
    }

    /// The controls of a kind of check, and `own` beside them.
    #[must_use]
    pub fn controls(&self, kind: &str, own: &[String]) -> Vec<String> {
        let general = self.suite.controls.get(kind).map(Vec::as_slice).unwrap_or_default();
        let all: BTreeSet<&String> = general.iter().chain(own).collect();
        all.into_iter().cloned().collect()
    }

    /// The rows of the seed.
    #[must_use]
    pub fn baseline(&self, relation: &Relation) -> Option<&Baseline> {
        self.seed.get(&relation.oid)
    }

    /// The statements that set each context which the rows of a view depend on, in a transaction; none for others.
    #[must_use]
    pub fn contexts(&self, relation: u32) -> &[String] {
        self.contexts.get(&relation).map(Vec::as_slice).unwrap_or_default()
    }

    /// The one of `actor`, where the rows of the relation depend on it.
    pub(crate) fn context_of(&self, relation: &Relation, actor: &str) -> Option<String> {
        let identity = self.identities.get(actor).filter(|_| !self.contexts(relation.oid).is_empty())?;
        Some(by_context::setting(&self.identities, identity))
    }

    /// What `role` holds on `relation`.
    #[must_use]
    pub fn held(&self, role: &str, relation: &Relation) -> Option<&PrivilegeSet> {
        self.held.get(role)?.get(&relation.oid)
    }

    /// Whether `actor`'s role lacks `command` on the relation and every column.
    #[must_use]
    pub fn lacks(&self, actor: &str, relation: &Relation, command: Command) -> bool {
        let role = self.identities.get(actor).map(Identity::effective_role).unwrap_or_default();
        crate::judge::classify::lacks(self.held(role, relation), command.as_str())
    }

    /// The keys of `rows` for `actor`; every key for [`Rows::All`].
    #[must_use]
    pub fn keys(&self, relation: &Relation, actor: &str, rows: &Rows) -> BTreeSet<RowKey> {
        match rows {
            Rows::All => self.baseline(relation).map(|b| b.rows.keys().cloned().collect()).unwrap_or_default(),
            Rows::Sets(names) => {
                names.iter().filter_map(|name| self.members_of(relation, actor, name)).flatten().cloned().collect()
            }
        }
    }

    /// What a row that the actor made or changed in these relations is held against: whether a new one, and whether a
    /// changed one, is where it may be.
    #[must_use]
    pub fn mine(&self, relations: &[u32], actor: &str) -> BTreeMap<u32, Vec<String>> {
        let list = |oid: &u32| {
            let mine = self.mine.get(&(*oid, actor.to_owned())).cloned().unwrap_or_default();
            // Of a relation in which nothing is anybody's, a new row is nobody's as well.
            vec![mine.new.unwrap_or_else(|| "true".to_owned()), mine.changed.unwrap_or_else(|| "false".to_owned())]
        };
        relations.iter().map(|oid| (*oid, list(oid))).collect()
    }

    /// The rows of the seed that the actor's doing may change or delete, by `command`, wherever it comes about: its own,
    /// and those that the command is granted on. None where nothing there is anybody's.
    #[must_use]
    pub fn may(&self, relation: &Relation, actor: &str, command: Command) -> Option<&BTreeSet<RowKey>> {
        self.members_of(relation, actor, own_or(command))
    }

    fn members_of(&self, relation: &Relation, actor: &str, set: &str) -> Option<&BTreeSet<RowKey>> {
        self.members.get(&relation.oid)?.get(actor)?.get(set)
    }
}

/// What the rows that an actor made, or changed, in passing are held against.
#[derive(Debug, Clone, Default)]
struct Mine {
    /// A new row: its own, or among what is granted to it for any command.
    new: Option<String>,
    /// A changed one: its own, or where an UPDATE may take it.
    changed: Option<String>,
}

/// The member set of the own rows and those that `command` is granted on; not a name that a suite can give.
const fn own_or(command: Command) -> &'static str {
    match command {
        Command::Delete => "@own or delete",
        _ => "@own or update",
    }
}
