//! One relation of the contract, and what planning asks of it for one actor and command.

use std::collections::{BTreeMap, BTreeSet};

use super::super::basis::Basis;
use super::super::id::id;
use crate::Error;
use crate::catalog::{PrivilegeSet, Relation};
use crate::check::outcome::Outcome;
use crate::check::stated::Stated;
use crate::check::trial::Trial;
use crate::check::{Check, Task, Unit};
use crate::judge::effect::Key;
use crate::report::record::Evidence;
use crate::sql::{Sql, placeholders};
use crate::suite::resolved::{Actor, Cell, Command, Kind, Relation as Contract, Rows, TenantKey};

/// A relation with the contract that it is held against: its own, or its parent's.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Entry<'a> {
    pub(in crate::plan) relation: &'a Relation,
    pub(in crate::plan) contract: &'a Contract,
    /// Whether it only follows: then nothing more may be possible than there, and nothing must.
    pub(in crate::plan) follows: bool,
}

impl Entry<'_> {
    /// Whether the contract holds for this server's version.
    pub(super) fn in_versions(&self, basis: &Basis) -> bool {
        basis.out_of_version(self.contract.versions).is_none()
    }
}

/// What one cell is planned from.
#[derive(Debug)]
pub(in crate::plan) struct Place<'a> {
    pub(in crate::plan) basis: &'a Basis,
    pub(in crate::plan) entry: Entry<'a>,
    pub(in crate::plan) actor: &'a Actor,
    pub(in crate::plan) command: Command,
    pub(in crate::plan) cell: Option<Cell>,
    /// The rows that the cell grants.
    pub(in crate::plan) granted: BTreeSet<Key>,
    /// All others.
    pub(in crate::plan) others: BTreeSet<Key>,
}

impl<'a> Place<'a> {
    pub(in crate::plan) fn of(basis: &'a Basis, entry: Entry<'a>, actor: &'a Actor, command: Command) -> Self {
        let cell = entry.contract.cell(actor, command);
        let granted = cell.as_ref().map(|cell| basis.keys(entry.relation, &actor.name, &cell.rows)).unwrap_or_default();
        let all = basis.keys(entry.relation, &actor.name, &Rows::All);
        let others = all.difference(&granted).cloned().collect();
        Self { basis, entry, actor, command, cell, granted, others }
    }

    pub(in crate::plan) fn held(&self) -> Option<&'a PrivilegeSet> {
        self.held_on(self.entry.relation)
    }

    pub(in crate::plan) fn held_on(&self, relation: &Relation) -> Option<&'a PrivilegeSet> {
        let role = self.basis.identities.get(&self.actor.name)?.effective_role();
        self.basis.held(role, relation)
    }

    /// Whether the command is granted to any actor that acts as the same role.
    pub(super) fn role_is_granted(&self) -> bool {
        let role = |actor: &Actor| self.basis.identities.get(&actor.name).map(|identity| identity.effective_role());
        let mut actors = self.basis.actors.values().filter(|other| role(other) == role(self.actor));
        actors.any(|other| self.entry.contract.cell(other, self.command).is_some())
    }

    /// Whether the cell leaves rows out, so that they are tried.
    pub(in crate::plan) fn withholds(&self) -> bool {
        self.cell.as_ref().is_none_or(|cell| cell.rows != Rows::All)
    }

    /// Whether what is granted is tried: a relation that follows its parent need not be reachable by itself.
    pub(in crate::plan) fn grants(&self) -> bool {
        self.cell.is_some() && !self.entry.follows
    }

    pub(in crate::plan) fn trial(&self) -> Trial {
        let identity = self.basis.identities.get(&self.actor.name).cloned();
        let granted = match &self.cell {
            None => format!("nothing (contract.{})", self.entry.contract.name.name),
            Some(cell) => {
                format!("`{}` rows (contract.{}, allow.{})", cell.rows, self.entry.contract.name.name, cell.group)
            }
        };
        Trial {
            identity: identity.unwrap_or_else(|| crate::actor::Identity::bare(&self.actor.name, "")),
            relation: self.entry.relation.name.clone(),
            command: self.command,
            broken: false,
            granted,
            column: None,
        }
    }

    pub(in crate::plan) fn check(&self, probe: &str) -> Check {
        let relation = self.entry.relation.name.to_string();
        Check {
            id: id([
                self.basis.suite.name.as_str(),
                "contract",
                &relation,
                self.command.as_str(),
                &self.actor.name,
                probe,
            ]),
            kind: Kind::Contract,
            title: format!("{} on {relation} by {}: {probe}", self.command.as_str().to_uppercase(), self.actor.name),
            object: relation,
            command: self.command.as_str().to_owned(),
            actor: self.actor.name.clone(),
            at: self.cell.as_ref().map_or_else(|| self.entry.contract.at.clone(), |cell| cell.at.clone()),
            controls: self.basis.controls(Kind::Contract, &self.entry.contract.controls),
            source: None,
            step: None,
            remedy: None,
            skip: None,
        }
    }

    pub(in crate::plan) fn unit(&self, probe: &str, task: impl Task + 'static) -> Unit {
        Unit::one(self.check(probe), task)
    }

    /// The predicate of rows, ids filled in.
    pub(in crate::plan) fn predicate(&self, rows: &Rows) -> Result<String, Error> {
        self.basis.row_sets().predicate(self.entry.contract, rows, &self.actor.ids)
    }

    /// What `insert_with` says, ids filled in.
    pub(in crate::plan) fn insert_with(&self) -> BTreeMap<&'a str, Sql> {
        let ids = &self.actor.ids;
        let actors = &self.basis.suite.actors;
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
    pub(in crate::plan) fn value(&self, column: &str, value: Option<&str>) -> Sql {
        Sql::value(value, self.shown().contains(column))
    }

    /// The columns whose values reports may hold.
    pub(in crate::plan) fn shown(&self) -> BTreeSet<&'a str> {
        let relation = self.entry.relation;
        if self.basis.suite.report_values {
            return relation.columns.iter().map(|column| column.name.as_str()).collect();
        }
        let key = relation.key().unwrap_or_default().iter().map(String::as_str);
        key.chain(self.tenant_columns()).collect()
    }

    /// The columns that say whose row it is.
    pub(in crate::plan) fn tenant_columns(&self) -> Vec<&'a str> {
        match &self.entry.contract.tenant_key {
            Some(TenantKey::Columns(columns)) => columns.values().map(String::as_str).collect(),
            Some(TenantKey::Via(column)) => vec![column.as_str()],
            None => Vec::new(),
        }
    }

    /// The outcome of a cell that grants rows of which the seed has none.
    pub(in crate::plan) fn proves_nothing(&self) -> Stated {
        let evidence = Evidence { expected: self.trial().granted, ..Evidence::default() };
        Stated(Outcome::error("no granted row on the seed: it proves nothing", evidence))
    }

    /// A partition without rows of others: privileges and row security of its own are all that can be told.
    pub(in crate::plan) fn by_itself(&self) -> Stated {
        let relation = self.entry.relation;
        let command = self.command.as_str();
        let held = self.held().is_some_and(|held| held.holds(command));
        let applies = relation.policies.iter().any(|policy| policy.command == "all" || policy.command == command);
        let got = if held { format!("{command} is held on {} itself", relation.name) } else { "not held".to_owned() };
        let evidence = Evidence { expected: self.trial().granted, got, ..Evidence::default() };
        Stated(match (held, relation.rls, applies) {
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
    pub(in crate::plan) fn is_empty_follower(&self) -> bool {
        self.entry.follows && self.others.is_empty()
    }

    /// Whether the actor can name rows in a WHERE clause.
    pub(in crate::plan) fn reads_keys(&self) -> bool {
        let relation = self.entry.relation;
        let names = crate::judge::effect::key_of(relation).0;
        self.held().is_some_and(|held| {
            held.table.contains("select") || names.iter().all(|name| held.holds_column("select", name))
        })
    }
}
