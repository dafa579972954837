//! Rows that meet a row of others in a unique key: by ON CONFLICT, which may change that row, and without, where the
//! error tells that it is there.

use super::super::statement::{self, Copy};
use super::entry::{NO_GRANTED, Place};
use super::insert::attempt;
use crate::catalog::{Column, Constraint, Relation, UniqueKey};
use crate::check::Unit;
use crate::check::insert::Attempt;
use crate::check::oracle::{Met, Oracle};
use crate::judge::effect::Key;
use crate::sql::quote::ident;
use crate::suite::resolved::Command;

/// Rows of others that are met in a key over a part of the rows: one may be outside of it.
const MET: usize = 2;

impl<'a> Place<'a> {
    /// ON CONFLICT with the own tenant key and the unique key of a row of others.
    pub(super) fn upserts(&self) -> Vec<Attempt> {
        let relation = self.entry.relation;
        let (Some(own), Some(baseline)) = (self.granted.first(), self.basis.baseline(relation)) else {
            return Vec::new();
        };
        let update = Place::of(self.basis, self.entry, self.actor, Command::Update);
        // ON CONFLICT is refused where a rule rewrites INSERT or UPDATE (PostgreSQL docs, INSERT, "Notes").
        if relation.ruled || !self.held().is_some_and(|held| held.holds("insert") && held.holds("update")) {
            return Vec::new();
        }
        let only = update.cell.as_ref().and_then(|cell| cell.columns.as_ref());
        let Some((column, to)) = statement::assignment(relation, baseline, self.held(), only, Some(own)) else {
            return Vec::new();
        };
        let attempt = |key: &UniqueKey| {
            let foreign = self.met(key).find(|foreign| update.others.contains(*foreign))?;
            let target = key.columns.iter().map(|column| ident(column)).collect::<Vec<_>>().join(", ");
            let sql = self
                .unnumbered(own, &self.with_key_of(key, foreign)?)?
                .then(format!(" ON CONFLICT ({target}) DO UPDATE SET {} = ", ident(&column)))
                .then(self.value(&column, to.as_deref()));
            Some(Attempt {
                witness: Some(sql.clone()),
                control: Some(self.unnumbered(own, &Copy::default())?),
                meets: true,
                ..attempt("an upsert onto a row of others", sql)
            })
        };
        let immediate = relation.unique.iter().filter(|key| key.immediate && self.can_set(key));
        immediate.filter_map(attempt).collect()
    }

    /// An own row with the key of a row of others that the actor does not see, for each key that a client chooses.
    pub(super) fn oracle(&self) -> Option<Unit> {
        let relation = self.entry.relation;
        let seen = Place::of(self.basis, self.entry, self.actor, Command::Select);
        let keys = relation.unique.iter().chain(&relation.partial_unique);
        let keys =
            keys.filter(|key| self.can_set(key) && key.columns.iter().all(|name| self.is_chosen(relation, name)));
        let keys: Vec<&UniqueKey> = keys.filter(|_| relation.kind.is_table()).collect();
        let Some(own) = self.granted.first() else {
            return (!keys.is_empty()).then(|| self.unit("oracle", self.proves_nothing(NO_GRANTED)));
        };
        let mut met = Vec::new();
        for key in keys {
            for foreign in self.met(key).filter(|foreign| seen.others.contains(*foreign)).take(MET) {
                let sql = self.with_key_of(key, foreign).and_then(|copy| self.unnumbered(own, &copy));
                met.extend(sql.map(|sql| Met { key: key.name.clone(), columns: key.columns.join(", "), sql }));
            }
        }
        let control = self.unnumbered(own, &Copy::default())?;
        (!met.is_empty()).then(|| self.unit("oracle", Oracle { trial: self.trial(), met, control }))
    }

    /// Whether clients choose what stands in the column. One with a default is made by the server, and so is what a
    /// foreign key takes from there: nobody asks for what nobody can guess.
    fn is_chosen(&self, relation: &Relation, name: &str) -> bool {
        let made = |column: &Column| column.default.is_some() || !column.identity.is_empty();
        let above = |key: &Constraint| {
            let parent = self.basis.catalog.by_oid(key.references?)?;
            let n = key.columns.iter().position(|column| column == name)?;
            parent.column(key.referenced_columns.get(n)?)
        };
        let mut columns = relation.column(name).into_iter().chain(relation.constraints.iter().filter_map(above));
        !columns.any(made)
    }

    /// Whether the actor may give a row this key and leave the tenant key its own.
    fn can_set(&self, key: &UniqueKey) -> bool {
        let tenant = self.tenant_columns();
        let relation = self.entry.relation;
        let free = |column: &Column| !column.generated && !tenant.contains(&column.name.as_str());
        key.columns.iter().all(|name| self.may_set(name) && relation.column(name).is_some_and(free))
    }

    /// The rows of others whose key is whole: NULL is in nobody's way.
    fn met(&self, key: &UniqueKey) -> impl Iterator<Item = &Key> {
        let baseline = self.basis.baseline(self.entry.relation);
        let whole = move |other: &&Key, key: &UniqueKey| {
            let value = |name: &String| baseline.and_then(|baseline| baseline.value(other, name)?.clone());
            key.columns.iter().all(|name| value(name).is_some())
        };
        let partial = self.entry.relation.partial_unique.iter().any(|other| other.name == key.name);
        let key = key.clone();
        self.others.iter().filter(move |other| partial || whole(other, &key))
    }

    /// A copy that has the key of `foreign`.
    fn with_key_of<'k>(&self, key: &'k UniqueKey, foreign: &Key) -> Option<Copy<'k>> {
        let baseline = self.basis.baseline(self.entry.relation)?;
        let mut copy = Copy::default();
        for column in &key.columns {
            let stored = baseline.value(foreign, column)?;
            copy.with.insert(column, self.value(column, stored.as_deref()));
        }
        Some(copy)
    }
}
