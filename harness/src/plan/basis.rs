//! What every check stands on: suite, catalogs, privileges, the rows of the seed and whose they are.

use std::collections::{BTreeMap, BTreeSet};

use super::by_context;
use super::contract::Entry;
use super::rows::RowSets;
use crate::Error;
use crate::actor::Identity;
use crate::catalog::{self, Catalog, PrivilegeSet, QName, Relation};
use crate::judge::effect::{Baseline, Key, SeedRow, key_of};
use crate::judge::error::ServerError;
use crate::run::session::{ResultSet, Session};
use crate::stage::RoleNames;
use crate::suite::Suite;
use crate::suite::resolved::{Actor, Command, Kind, Relation as Contract, Rows, Versions};

/// What every check stands on. Read once, from the state that every clone starts from.
#[derive(Debug)]
pub struct Basis {
    /// The suite.
    pub suite: Suite,
    /// The catalogs.
    pub catalog: Catalog,
    /// What roles hold, by role and relation.
    pub held: BTreeMap<(String, u32), PrivilegeSet>,
    /// The functions that roles may execute.
    pub executable: BTreeMap<String, BTreeSet<u32>>,
    /// The harness's own roles.
    pub roles: RoleNames,
    /// The server's major version.
    pub major: u32,
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
    /// The fidelity blocks, with what only a server could say of them.
    pub blocks: Vec<super::fidelity::Planned>,
    /// Where rows could be taken, over the line that the contract draws.
    pub(super) moves: super::moves::AllMoves,
    /// What is an actor's own in a relation, or granted to it there for any command: a predicate.
    mine: BTreeMap<(u32, String), String>,
    /// Keys by relation, actor and set of rows.
    members: BTreeMap<(u32, String, String), BTreeSet<Key>>,
}

impl Basis {
    /// What facts stand on: the catalogs, and nobody who acts.
    #[must_use]
    pub fn of_catalog(suite: Suite, catalog: Catalog, schemas: Vec<String>, major: u32) -> Self {
        Self {
            suite,
            catalog,
            held: BTreeMap::new(),
            executable: BTreeMap::new(),
            roles: RoleNames::default(),
            major,
            schemas,
            bookkeeping: Vec::new(),
            actors: BTreeMap::new(),
            identities: BTreeMap::new(),
            seed: BTreeMap::new(),
            contexts: BTreeMap::new(),
            blocks: Vec::new(),
            moves: super::moves::AllMoves::new(),
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
        let sets = self.row_sets();
        self.suite.contract.iter().find(|contract| sets.qualified(contract) == *name)
    }

    /// The relation that a contract entry names.
    #[must_use]
    pub fn relation(&self, contract: &Contract) -> Option<&Relation> {
        self.catalog.relations.get(&self.row_sets().qualified(contract))
    }

    /// The relations that are tried: those named, and those that follow one: partitions, inheritance children and the
    /// sequences of columns.
    #[must_use]
    pub(super) fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries = Vec::new();
        for relation in self.catalog.relations.values() {
            if let Some(contract) = self.contract(&relation.name) {
                entries.push(Entry { relation, contract, follows: false });
                continue;
            }
            if !self.schemas.contains(&relation.name.schema) {
                continue;
            }
            let mut above = relation.parent.or(relation.owned_by);
            while let Some(parent) = above.and_then(|oid| self.catalog.by_oid(oid)) {
                if let Some(contract) = self.contract(&parent.name) {
                    entries.push(Entry { relation, contract, follows: true });
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
    pub fn out_of_version(&self, versions: Versions) -> Option<String> {
        let low = versions.min.filter(|min| self.major < *min).map(|min| format!("needs PostgreSQL {min} or later"));
        low.or_else(|| versions.max.filter(|max| self.major > *max).map(|max| format!("holds up to PostgreSQL {max}")))
    }

    /// The controls of a kind of check, and `own` beside them.
    #[must_use]
    pub fn controls(&self, kind: Kind, own: &[String]) -> Vec<String> {
        let general = self.suite.controls.get(&kind).map(Vec::as_slice).unwrap_or_default();
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
    pub(super) fn context_of(&self, relation: &Relation, actor: &str) -> Option<String> {
        let identity = self.identities.get(actor).filter(|_| !self.contexts(relation.oid).is_empty())?;
        Some(by_context::setting(&self.identities, identity))
    }

    /// What `role` holds on `relation`.
    #[must_use]
    pub fn held(&self, role: &str, relation: &Relation) -> Option<&PrivilegeSet> {
        self.held.get(&(role.to_owned(), relation.oid))
    }

    /// Whether `actor`'s role lacks `command` on the relation and every column.
    #[must_use]
    pub fn lacks(&self, actor: &str, relation: &Relation, command: Command) -> bool {
        let role = self.identities.get(actor).map(Identity::effective_role).unwrap_or_default();
        crate::judge::classify::lacks(self.held(role, relation), command.as_str())
    }

    /// The keys of `rows` for `actor`; every key for [`Rows::All`].
    #[must_use]
    pub fn keys(&self, relation: &Relation, actor: &str, rows: &Rows) -> BTreeSet<Key> {
        match rows {
            Rows::All => self.baseline(relation).map(|b| b.rows.keys().cloned().collect()).unwrap_or_default(),
            Rows::Sets(names) => names
                .iter()
                .filter_map(|name| self.members.get(&(relation.oid, actor.to_owned(), name.clone())))
                .flatten()
                .cloned()
                .collect(),
        }
    }

    /// The predicates of what is an actor's own, for snapshots of these relations.
    #[must_use]
    pub fn mine(&self, relations: &[u32], actor: &str) -> BTreeMap<u32, Vec<String>> {
        let list = |oid: &u32| self.mine.get(&(*oid, actor.to_owned())).cloned().into_iter().collect();
        relations.iter().map(|oid| (*oid, list(oid))).collect()
    }

    /// The keys of what is the actor's own, or granted to it for any command; `None` where nothing says so.
    #[must_use]
    pub fn own(&self, relation: &Relation, actor: &str) -> Option<&BTreeSet<Key>> {
        self.members.get(&(relation.oid, actor.to_owned(), OWN.to_owned()))
    }
}

/// The member set that effects on other relations are judged by; not a name that a suite can give.
const OWN: &str = "@own";

/// Reads what the suite stands on. `session` is the witness role's, on a database in the state of the suite.
pub async fn read(
    conn: &mut sqlx::postgres::PgConnection,
    session: &mut Session,
    suite: Suite,
    schemas: Vec<String>,
    chain_owner: &str,
    roles: RoleNames,
    major: u32,
) -> Result<Basis, Error> {
    let catalog = catalog::read(conn, &schemas).await?;
    let actors = super::actors::all(&suite, &catalog, &schemas, chain_owner, &roles.public)?;
    let identities: BTreeMap<String, Identity> =
        actors.values().map(|actor| (actor.name.clone(), Identity::of(actor, &suite.actors))).collect();
    let acting: BTreeSet<String> = identities.values().map(|i| i.effective_role().to_owned()).collect();
    let oids: Vec<u32> = catalog.relations.values().map(|relation| relation.oid).collect();
    let held = catalog::privileges(conn, &acting, &oids).await?;
    let executable = catalog::executables(conn, &acting).await?;
    let of_catalog = Basis::of_catalog(suite, catalog, schemas, major);
    let mut basis = Basis { held, executable, roles, actors, identities, ..of_catalog };
    super::contract::names::check(&basis)?;
    read_seed(session, &mut basis).await?;
    basis.moves = super::moves::read(session, &basis).await?;
    Ok(basis)
}

async fn read_seed(session: &mut Session, basis: &mut Basis) -> Result<(), Error> {
    let entries: Vec<(Relation, Contract)> =
        basis.entries().iter().map(|entry| (entry.relation.clone(), entry.contract.clone())).collect();
    let contexts = by_context::all(&basis.identities);
    for (relation, contract) in &entries {
        if relation.kind == catalog::RelationKind::Sequence {
            continue;
        }
        let sets = member_sets(basis, contract)?;
        let predicates: BTreeSet<&str> = sets.iter().map(|set| set.predicate.as_str()).collect();
        let predicates: Vec<&str> = predicates.into_iter().collect();
        let read = by_context::read(session, relation, &predicates, &contexts).await?;
        let view = read.map_err(|error| unread(contract, &error))?;
        let seen = view.rows;
        basis.contexts.insert(relation.oid, view.contexts);
        for set in &sets {
            let Ok(n) = predicates.binary_search(&set.predicate.as_str()) else { continue };
            let holding = seen.iter().filter(|(_, seen)| seen.holds.get(n) == Some(&true));
            let keys = holding.map(|(key, _)| key.clone()).collect();
            if set.name == OWN {
                basis.mine.insert((relation.oid, set.actor.clone()), set.predicate.clone());
            }
            basis.members.insert((relation.oid, set.actor.clone(), set.name.clone()), keys);
        }
        let rows =
            seen.into_iter().map(|(key, seen)| (key, SeedRow { version: seen.version, values: seen.values })).collect();
        let columns = relation.columns.iter().map(|column| column.name.clone()).collect();
        basis.seed.insert(
            relation.oid,
            Baseline { key: key_of(relation).0, unkeyed: relation.key().is_none(), columns, rows },
        );
    }
    Ok(())
}

/// A set of rows as one actor means it.
struct MemberSet {
    actor: String,
    name: String,
    predicate: String,
}

/// Every set that a cell of the contract uses, and the actor's own rows, for each actor.
fn member_sets(basis: &Basis, contract: &Contract) -> Result<Vec<MemberSet>, Error> {
    let sets = basis.row_sets();
    let mut all = Vec::new();
    for actor in basis.actors.values() {
        let set = |name: String, predicate| MemberSet { actor: actor.name.clone(), name, predicate };
        for name in used_sets(contract, actor) {
            let predicate = sets.set(contract, &name, &actor.ids)?;
            all.push(set(name, predicate));
        }
        if let Some(mine) = mine(&sets, contract, actor)? {
            all.push(set(OWN.to_owned(), mine));
        }
    }
    Ok(all)
}

/// What is the actor's own, or granted to it for any command.
fn mine(sets: &RowSets<'_>, contract: &Contract, actor: &Actor) -> Result<Option<String>, Error> {
    let mut parts: Vec<String> = sets.own(contract, &actor.ids, 0)?.into_iter().collect();
    for command in Command::OF_RELATIONS {
        if let Some(cell) = contract.cell(actor, command) {
            parts.push(sets.predicate(contract, &cell.rows, &actor.ids)?);
        }
    }
    Ok((!parts.is_empty())
        .then(|| parts.iter().map(|part| format!("({part}) IS TRUE")).collect::<Vec<_>>().join(" OR ")))
}

/// The named sets that any cell of the actor uses.
fn used_sets(contract: &Contract, actor: &Actor) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for command in Command::OF_RELATIONS {
        let Some(cell) = contract.cell(actor, command) else { continue };
        for rows in [Some(&cell.rows), cell.to.as_ref()].into_iter().flatten() {
            if let Rows::Sets(names) = rows {
                used.extend(names.iter().cloned());
            }
        }
    }
    let ids = |rows: &Rows| match rows {
        Rows::Sets(names) => names.clone(),
        Rows::All => BTreeSet::new(),
    };
    if !actor.ids.is_empty() {
        used.extend(contract.pass_through.values().flat_map(|pass| pass.commands.values()).flat_map(ids));
    }
    used
}

/// A query of the planning as the witness role, with `context` set where one is given.
pub(super) async fn query(
    session: &mut Session,
    context: Option<&str>,
    sql: &str,
    contract: &Contract,
) -> Result<ResultSet, Error> {
    by_context::tried(session, context, sql).await?.map_err(|error| unread(contract, &error))
}

fn unread(contract: &Contract, error: &ServerError) -> Error {
    let name = &contract.name.name;
    // query_canceled: on a server with less to do it might have come to its end.
    if error.code == "57014" {
        Error::untested(
            format!("{}: the row sets of `{name}` take too long: {}", contract.at, error.line()),
            "raise the suite's `timeout`, or simplify the row set",
        )
    } else {
        contract.at.error(
            format!("the row sets of `{name}` cannot be evaluated: {}", error.line()),
            "mend the row set or the ids",
        )
    }
}
