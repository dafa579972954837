//! INSERT: copies of rows of the seed, verbatim, with fresh keys, with the tenant key changed or left out.

use std::collections::BTreeSet;

use crate::Error;
use crate::catalog::RelationKind;
use crate::check::Unit;
use crate::checks::attempt::cell::{Cell, NO_GRANTED};
use crate::checks::attempt::insert::{Candidate, Insert};
use crate::checks::attempt::statement::{self, Copy};
use crate::checks::contract::columns::columns;
use crate::judge::classify::lacks;
use crate::judge::effect::RowKey;
use crate::sql::Sql;
use crate::sql::lex::lex;
use crate::sql::quote::{fold, ident};
use crate::suite::resolved::{Actor, Command, Rows};
use crate::world::{Assignment, ContractEntry, World};

/// Rows of others that are copied, and own rows.
const COPIES: usize = 4;
/// Values tried in a column that a policy names.
const WAYS: usize = 4;
const NOTHING: &str = "no row on the seed to copy: it proves nothing";

pub(crate) fn plan(world: &World, entry: &ContractEntry<'_>, actor: &Actor) -> Result<Vec<Unit>, Error> {
    let cell = Cell::of(world, *entry, actor, Command::Insert);
    let within =
        cell.predicate(&cell.grant.as_ref().map_or_else(|| Rows::Sets(BTreeSet::new()), |grant| grant.rows.clone()))?;
    let make = |granted: bool, candidates: Vec<Candidate>| Insert {
        access: cell.access(),
        granted,
        candidates,
        within: within.clone(),
        whole: None,
        empty: NOTHING,
    };
    let mut units = Vec::new();
    if cell.grants() {
        let copies = cell
            .granted
            .iter()
            .take(COPIES)
            .filter_map(|key| Some(candidate("a copy of a granted row", cell.fresh(key, &Copy::default())?)));
        units.push(cell.unit("granted", make(true, copies.collect())));
    }
    if cell.withholds() && cell.is_empty_follower() {
        units.push(cell.unit("withheld", cell.by_itself()));
    } else if cell.withholds() {
        let mut candidates = cell.foreign_rows();
        candidates.extend(cell.changed_rows());
        candidates.extend(cell.other_ways());
        units.push(cell.unit("withheld", make(false, candidates)));
    }
    if cell.grants() && cell.withholds() {
        let upserts = cell.upserts();
        if !upserts.is_empty() {
            units.push(cell.unit("upsert", make(false, upserts)));
        }
        units.extend(cell.oracle());
        let omitted = cell.omitted();
        if cell.granted.is_empty() && cell.defaulted().next().is_some() {
            units.push(cell.unit("omitted", cell.proves_nothing(NO_GRANTED)));
        } else if !omitted.is_empty() {
            units.push(cell.unit("omitted", make(false, omitted)));
        }
    }
    units.extend(crate::checks::contract::references::plan(&cell));
    units.extend(columns(&cell, "insert", |column| {
        format!("INSERT INTO {} ({}) VALUES (DEFAULT)", entry.relation.name.sql(), ident(column))
    }));
    Ok(units)
}

pub(crate) fn candidate(what: &str, sql: Sql) -> Candidate {
    Candidate { what: what.to_owned(), sql, witness: None, control: None, verbatim: false, aside: false, meets: false }
}

impl Cell<'_> {
    /// A copy with fresh keys, as the suite's `insert_with` says.
    pub(crate) fn fresh(&self, key: &RowKey, copy: &Copy<'_>) -> Option<Sql> {
        let mut copy = copy.clone();
        copy.shown = self.shown();
        for (column, sql) in self.insert_with() {
            copy.with.entry(column).or_insert(sql);
        }
        statement::insert(self.entry.relation, self.world.baseline(self.entry.relation)?, key, self.held(), &copy)
    }

    /// The same without the defaults that take a number from a sequence which the actor may not use: the refusal of
    /// the sequence would say nothing of the policy.
    pub(crate) fn unnumbered(&self, key: &RowKey, copy: &Copy<'_>) -> Option<Sql> {
        let mut copy = copy.clone();
        for (n, column) in self.entry.relation.columns.iter().enumerate() {
            if column.default.as_deref().is_some_and(|default| self.is_out_of_reach(default)) {
                copy.with.entry(&column.name).or_insert_with(|| self.unused(n));
            }
        }
        self.fresh(key, &copy)
    }

    /// Whether a default is the next number of a sequence that the actor may not use. Those of identity columns are
    /// none: they ask for no privilege.
    fn is_out_of_reach(&self, default: &str) -> bool {
        if !default.starts_with("nextval('") {
            return false;
        }
        let plain = default.replace('"', "");
        let named = |name: &str| plain.starts_with(&format!("nextval('{name}'"));
        let relations = self.world.catalog.relations.values();
        let mut sequences = relations.filter(|relation| relation.kind == RelationKind::Sequence);
        sequences.any(|sequence| {
            (named(&sequence.name.name) || named(&sequence.name.to_string()))
                && ["usage", "update"].iter().all(|command| lacks(self.held_on(sequence), command))
        })
    }

    /// A number that no row has in the column of this place.
    fn unused(&self, n: usize) -> Sql {
        let rows = self.world.baseline(self.entry.relation).into_iter().flat_map(|baseline| baseline.rows.values());
        let highest = rows.filter_map(|row| row.values.get(n)?.as_deref()?.parse::<i64>().ok()).max();
        Sql::text((highest.unwrap_or_default() + 1).to_string())
    }

    /// Rows of others, verbatim and with fresh keys.
    fn foreign_rows(&self) -> Vec<Candidate> {
        let relation = self.entry.relation;
        let Some(baseline) = self.world.baseline(relation) else { return Vec::new() };
        let mut candidates = Vec::new();
        if baseline.rows.is_empty() {
            // Privileges can be tried without a row; a policy cannot.
            let sql = Sql::text(format!("INSERT INTO {} DEFAULT VALUES", relation.name.sql()));
            candidates.push(Candidate { witness: Some(sql.clone()), ..candidate("an empty row", sql) });
        }
        for key in self.others.iter().take(COPIES) {
            let verbatim = Copy { verbatim: true, shown: self.shown(), ..Copy::default() };
            let fresh = self.unnumbered(key, &Copy::default());
            if let Some(sql) = statement::insert(relation, baseline, key, self.held(), &verbatim)
                && fresh.as_ref() != Some(&sql)
            {
                candidates.push(Candidate { verbatim: true, ..candidate("a row of others, verbatim", sql) });
            }
            if let Some(sql) = fresh {
                candidates.push(Candidate {
                    witness: Some(sql.clone()),
                    ..candidate("a row of others with fresh keys", sql)
                });
            }
        }
        candidates
    }

    /// The actor's own accepted row, changed so that it is no longer among what is granted.
    fn changed_rows(&self) -> Vec<Candidate> {
        let key = (self.entry.relation.oid, self.actor.name.clone(), Command::Insert);
        let moves = self.world.moves.get(&key).map(|moves| moves.out.as_slice()).unwrap_or_default();
        let candidate = |one: &crate::world::Move| {
            let Assignment { column, to } = &one.assigned;
            let mut copy = Copy::default();
            copy.with.insert(column, self.value(column, to.as_deref()));
            let sql = self.unnumbered(&one.key, &copy)?;
            Some(Candidate {
                witness: Some(sql.clone()),
                control: Some(self.unnumbered(&one.key, &Copy::default())?),
                ..candidate(&format!("an own row with another `{column}`"), sql)
            })
        };
        moves.iter().filter(|one| self.may_set(&one.assigned.column)).filter_map(candidate).collect()
    }

    /// Whether the actor may write the column, by privilege and by its cell.
    pub(crate) fn may_set(&self, column: &str) -> bool {
        let command = self.command.as_str();
        let held = self.held().is_none_or(|held| !held.holds(command) || held.holds_column(command, column));
        let only = self.grant.as_ref().and_then(|grant| grant.columns.as_ref());
        held && only.is_none_or(|only| only.contains(column))
    }

    /// A row of others that a branch of a policy may let in: with defaults left to the schema, and with other values in
    /// the columns that the policies name, of the seed and of the policies themselves.
    fn other_ways(&self) -> Vec<Candidate> {
        let relation = self.entry.relation;
        let (Some(key), Some(baseline)) = (self.others.first(), self.world.baseline(relation)) else {
            return Vec::new();
        };
        let tenant = self.tenant_columns();
        let free = |column: &&crate::catalog::Column| !column.generated && !tenant.contains(&column.name.as_str());
        let columns: Vec<&crate::catalog::Column> = relation.columns.iter().filter(free).collect();
        let defaulted = columns.iter().filter(|column| column.default.is_some()).map(|column| column.name.as_str());
        let mut copies = vec![Copy { without: defaulted.collect(), ..Copy::default() }];
        let policies = relation.policies.iter().filter(|policy| matches!(policy.command.as_str(), "insert" | "all"));
        let texts: Vec<&String> =
            policies.filter(|policy| policy.permissive).filter_map(|p| p.check.as_ref().or(p.using.as_ref())).collect();
        let tokens = || texts.iter().flat_map(|text| lex(text));
        let named: BTreeSet<String> = tokens().map(|token| fold(token.text)).collect();
        let literals: BTreeSet<String> = tokens()
            .filter_map(|t| t.text.strip_prefix('\'')?.strip_suffix('\''))
            .map(|t| t.replace("''", "'"))
            .collect();
        for column in columns.iter().filter(|column| named.contains(&column.name)) {
            let stored = |key: &RowKey| baseline.value(key, &column.name).cloned().flatten();
            let mut values: BTreeSet<String> = baseline.rows.keys().filter_map(stored).take(WAYS).collect();
            match column.category.as_str() {
                "B" => values.extend(["t", "f"].map(ToOwned::to_owned)),
                "S" => values.extend(literals.iter().cloned()),
                _ => {}
            }
            for value in values.iter().filter(|value| stored(key).as_ref() != Some(value)).take(WAYS) {
                let mut copy = Copy::default();
                copy.with.insert(&column.name, self.value(&column.name, Some(value)));
                copies.push(copy);
            }
        }
        let aside = |sql| Candidate { aside: true, ..candidate("a row of others, otherwise filled", sql) };
        copies.iter().take(2 * WAYS).filter_map(|copy| self.unnumbered(key, copy)).map(aside).collect()
    }

    /// Columns of the tenant key that have a default.
    fn defaulted(&self) -> impl Iterator<Item = &str> {
        let defaulted = |name: &&str| self.entry.relation.column(name).is_some_and(|column| column.default.is_some());
        self.tenant_columns().into_iter().filter(defaulted)
    }

    /// The tenant key left to its default.
    fn omitted(&self) -> Vec<Candidate> {
        let Some(own) = self.granted.first() else { return Vec::new() };
        self.defaulted()
            .filter_map(|column| {
                let copy = Copy { without: BTreeSet::from([column]), ..Copy::default() };
                let sql = self.unnumbered(own, &copy)?;
                Some(Candidate { witness: Some(sql.clone()), ..candidate("an own row without its tenant key", sql) })
            })
            .collect()
    }
}
