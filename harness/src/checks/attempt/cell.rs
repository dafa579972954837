//! One relation of the contract, and what planning asks of it for one actor and command.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::catalog::{PrivilegeSet, Relation};
use crate::check::outcome::Outcome;
use crate::check::{Check, Task, Unit};
use crate::checks::attempt::access::Access;
use crate::checks::attempt::precomputed::Precomputed;
use crate::judge::effect::RowKey;
use crate::report::record::Evidence;
use crate::sql::{Sql, placeholders};
use crate::suite::resolved::{Actor, Command, Grant, Location, Rows, TenantKey};
use crate::world::{ContractEntry, World};

/// The kind of what the contract says.
pub(crate) const CONTRACT: &str = "contract";

/// The probe of what a cell grants.
pub(crate) const GRANTED: &str = "granted";

/// Why a cell that grants rows proves nothing.
pub(crate) const NO_GRANTED: &str = "no granted row on the seed: it proves nothing";

/// What one cell is planned from.
#[derive(Debug)]
pub(crate) struct Cell<'a> {
    pub(crate) world: &'a World,
    pub(crate) entry: ContractEntry<'a>,
    pub(crate) actor: &'a Actor,
    pub(crate) command: Command,
    pub(crate) grant: Option<Grant>,
    /// The rows that the cell grants.
    pub(crate) granted: BTreeSet<RowKey>,
    /// All others.
    pub(crate) others: BTreeSet<RowKey>,
}

impl<'a> Cell<'a> {
    pub(crate) fn of(world: &'a World, entry: ContractEntry<'a>, actor: &'a Actor, command: Command) -> Self {
        let grant = entry.contract.grant(actor, command);
        let granted =
            grant.as_ref().map(|grant| world.keys(entry.relation, &actor.name, &grant.rows)).unwrap_or_default();
        let all = world.keys(entry.relation, &actor.name, &Rows::All);
        let others = all.difference(&granted).cloned().collect();
        Self { world, entry, actor, command, grant, granted, others }
    }

    pub(crate) fn held(&self) -> Option<&'a PrivilegeSet> {
        self.held_on(self.entry.relation)
    }

    pub(crate) fn held_on(&self, relation: &Relation) -> Option<&'a PrivilegeSet> {
        let role = self.world.identities.get(&self.actor.name)?.effective_role();
        self.world.held(role, relation)
    }

    /// Whether the command is granted to any actor that acts as the same role.
    pub(crate) fn role_is_granted(&self) -> bool {
        let role = |actor: &Actor| self.world.identities.get(&actor.name).map(|identity| identity.effective_role());
        let mut actors = self.world.actors.values().filter(|other| role(other) == role(self.actor));
        actors.any(|other| self.entry.contract.grant(other, self.command).is_some())
    }

    /// Whether the cell leaves rows out, so that they are tried.
    pub(crate) fn withholds(&self) -> bool {
        self.grant.as_ref().is_none_or(|grant| grant.rows != Rows::All)
    }

    /// Whether what is granted is tried: a relation that follows its parent need not be reachable by itself.
    pub(crate) fn grants(&self) -> bool {
        self.grant.is_some() && !self.entry.follows
    }

    pub(crate) fn access(&self) -> Access {
        let identity = self.world.identities.get(&self.actor.name).cloned();
        let granted = match &self.grant {
            None => format!("nothing (contract.{})", self.entry.contract.name.name),
            Some(grant) => {
                format!("`{}` rows (contract.{}, allow.{})", grant.rows, self.entry.contract.name.name, grant.group)
            }
        };
        Access {
            identity: identity.unwrap_or_else(|| crate::actor::Identity::bare(&self.actor.name, "")),
            relation: self.entry.relation.name.clone(),
            command: self.command,
            broken: false,
            granted,
            column: None,
        }
    }

    /// Where the cell is declared: at its grant, or at the relation's line.
    pub(crate) fn declared(&self) -> Location {
        self.grant.as_ref().map_or_else(|| self.entry.contract.at.clone(), |grant| grant.at.clone())
    }

    pub(crate) fn check(&self, probe: &str) -> Check {
        let relation = self.entry.relation.name.to_string();
        let (command, actor) = (self.command.as_str(), self.actor.name.as_str());
        Check::new(
            CONTRACT,
            [self.world.suite.name.as_str(), CONTRACT, &relation, command, actor, probe],
            self.declared(),
        )
        .title(format!("{} on {relation} by {actor}: {probe}", command.to_uppercase()))
        .about(&*relation, command)
        .by(actor)
        .controls(self.world.controls(CONTRACT, &self.entry.contract.controls))
        .of_grant(probe == GRANTED)
    }

    pub(crate) fn unit(&self, probe: &str, task: impl Task + 'static) -> Unit {
        Unit::one(self.check(probe), task)
    }

    /// The predicate of rows, ids filled in.
    pub(crate) fn predicate(&self, rows: &Rows) -> Result<String, Error> {
        self.world.row_sets().predicate(self.entry.contract, rows, &self.actor.ids)
    }

    /// What `insert_with` says, ids filled in.
    pub(crate) fn insert_with(&self) -> BTreeMap<&'a str, Sql> {
        let ids = &self.actor.ids;
        let actors = &self.world.suite.actors;
        self.entry
            .contract
            .insert_with
            .iter()
            .map(|(column, sql)| {
                let bound = placeholders::bind(sql, |reference| crate::actor::resolve(reference, ids, actors));
                (column.as_str(), Sql::text(bound.unwrap_or_else(|_| sql.clone())))
            })
            .collect()
    }

    /// A value of a column: reports hold those of keys and tenant keys, and others where the suite allows them.
    pub(crate) fn value(&self, column: &str, value: Option<&str>) -> Sql {
        Sql::value(value, self.shown().contains(column))
    }

    /// The columns whose values reports may hold.
    pub(crate) fn shown(&self) -> BTreeSet<&'a str> {
        let relation = self.entry.relation;
        if self.world.suite.report_values {
            return relation.columns.iter().map(|column| column.name.as_str()).collect();
        }
        let key = relation.key().unwrap_or_default().iter().map(String::as_str);
        key.chain(self.tenant_columns()).collect()
    }

    /// The columns that say whose row it is.
    pub(crate) fn tenant_columns(&self) -> Vec<&'a str> {
        match &self.entry.contract.tenant_key {
            Some(TenantKey::Columns(columns)) => columns.values().map(String::as_str).collect(),
            Some(TenantKey::Via(column)) => vec![column.as_str()],
            None => Vec::new(),
        }
    }

    /// The outcome of a probe that needs rows of which the seed has none.
    pub(crate) fn proves_nothing(&self, why: &str) -> Precomputed {
        let evidence = Evidence { expected: self.access().granted, ..Evidence::default() };
        Precomputed(Outcome::error(why, evidence))
    }

    /// A partition without rows of others: privileges and row security of its own are all that can be told.
    pub(crate) fn by_itself(&self) -> Precomputed {
        let relation = self.entry.relation;
        let command = self.command.as_str();
        let held = self.held().is_some_and(|held| held.holds(command));
        let applies = relation.policies.iter().any(|policy| policy.command == "all" || policy.command == command);
        let got = if held { format!("{command} is held on {} itself", relation.name) } else { "not held".to_owned() };
        let evidence = Evidence { expected: self.access().granted, got, ..Evidence::default() };
        Precomputed(match (held, relation.rls, applies) {
            (false, ..) => Outcome::passed("not held on the partition itself", evidence),
            (true, false, _) => {
                Outcome::failed("can be reached by itself, and row security is not enabled on it", evidence)
            }
            (true, true, false) => {
                Outcome::passed("row security is enabled on it, and no policy lets a row through", evidence)
            }
            (true, true, true) => Outcome::error("no row of others in it on the seed: it proves nothing", evidence),
        })
    }

    /// Whether it is a partition that nothing but its privileges can be told of.
    pub(crate) fn is_empty_follower(&self) -> bool {
        self.entry.follows && self.others.is_empty()
    }

    /// Whether the actor can name rows in a WHERE clause.
    pub(crate) fn reads_keys(&self) -> bool {
        let relation = self.entry.relation;
        let names = crate::judge::effect::key_of(relation).0;
        self.held().is_some_and(|held| {
            held.table.contains("select") || names.iter().all(|name| held.holds_column("select", name))
        })
    }
}
