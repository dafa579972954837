//! Row sets as predicates: what `own`, `all` and named sets mean in SQL, for one actor.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::actor::resolve;
use crate::catalog::{Catalog, QName, Relation};
use crate::sql::{placeholders, quote};
use crate::suite::Suite;
use crate::suite::resolved::{RelationContract as Contract, Rows, TenantKey};

/// Renders predicates for the actors of one suite.
#[derive(Debug, Clone, Copy)]
pub struct RowSets<'a> {
    /// The suite.
    pub suite: &'a Suite,
    /// The catalogs, for foreign keys to follow.
    pub catalog: &'a Catalog,
    /// The schema of names that have none.
    pub default_schema: &'a str,
}

/// Hops that `tenant_via` is followed; more is a cycle.
const MOST_HOPS: usize = 16;

impl RowSets<'_> {
    /// The predicate of `rows` with `ids` filled in, over the columns of the relation.
    pub fn predicate(&self, contract: &Contract, rows: &Rows, ids: &BTreeMap<String, String>) -> Result<String, Error> {
        match rows {
            Rows::All => Ok("true".into()),
            Rows::Sets(names) if names.is_empty() => Ok("false".into()),
            Rows::Sets(names) => {
                let parts: Result<Vec<String>, Error> = names
                    .iter()
                    .map(|name| self.set(contract, name, ids).map(|sql| format!("({sql}) IS TRUE")))
                    .collect();
                Ok(parts?.join(" OR "))
            }
        }
    }

    /// The predicate of one named set.
    pub fn set(&self, contract: &Contract, name: &str, ids: &BTreeMap<String, String>) -> Result<String, Error> {
        if let Some(set) = contract.rows.get(name) {
            return placeholders::bind(&set.sql, |reference| resolve(reference, ids, &self.suite.actors)).map_err(
                |e| {
                    set.at.error(
                        format!(
                            "row set `{name}` of `{}` refers to `:{}`, which the actor lacks",
                            contract.name.name, e.name
                        ),
                        "give the actor the id, or name another row set",
                    )
                },
            );
        }
        self.own(contract, ids, 0)?.ok_or_else(|| {
            contract.at.error(
                format!("an actor has no id for row set `{name}` of `{}`", contract.name.name),
                "give the actor the id, or name another row set",
            )
        })
    }

    /// The ids of the acting actor that a named set depends on.
    #[must_use]
    pub fn ids_of(&self, contract: &Contract, name: &str) -> BTreeSet<String> {
        match (contract.rows.get(name), &contract.tenant_key) {
            (Some(set), _) => placeholders::references(&set.sql)
                .into_iter()
                .filter(|(_, reference)| reference.actor.is_none())
                .map(|(_, reference)| reference.name)
                .collect(),
            (None, Some(TenantKey::Columns(columns))) => columns.keys().cloned().collect(),
            (None, Some(TenantKey::Via(column))) => {
                let above = self.above(contract, column);
                above.map(|(_, _, parent)| self.ids_of(parent, "own")).unwrap_or_default()
            }
            (None, None) => BTreeSet::new(),
        }
    }

    /// The rows whose tenant key is the actor's. `None` where the relation has no tenant key, or the actor lacks an id
    /// that it is compared with: then the rows are nobody's as far as this actor goes.
    pub fn own(
        &self,
        contract: &Contract,
        ids: &BTreeMap<String, String>,
        hops: usize,
    ) -> Result<Option<String>, Error> {
        match &contract.tenant_key {
            None => Ok(None),
            Some(TenantKey::Columns(columns)) => {
                let mut parts = Vec::new();
                for (id, column) in columns {
                    let Some(value) = ids.get(id) else { return Ok(None) };
                    parts.push(format!("{} = {}", quote::ident(column), quote::literal(value)));
                }
                Ok(Some(parts.join(" AND ")))
            }
            Some(TenantKey::Via(column)) => self.via(contract, column, ids, hops),
        }
    }

    fn via(
        &self,
        contract: &Contract,
        column: &str,
        ids: &BTreeMap<String, String>,
        hops: usize,
    ) -> Result<Option<String>, Error> {
        let found = self.above(contract, column);
        let Some((referenced, parent, parent_contract)) = found.filter(|_| hops < MOST_HOPS) else {
            let name = self.qualified(contract);
            return Err(contract.at.error(
                format!(
                    "tenant_via `{column}` of `{name}` is no single-column foreign key to a relation of the contract"
                ),
                "name a foreign key column, or write the row set in SQL",
            ));
        };
        let own = self.own(parent_contract, ids, hops + 1)?;
        Ok(own.map(|own| {
            format!(
                "{} IN (SELECT {} FROM {} WHERE {own})",
                quote::ident(column),
                quote::ident(referenced),
                parent.name.sql()
            )
        }))
    }

    /// What a foreign key column points at: the column, the relation, and its line in the contract.
    fn above(&self, contract: &Contract, column: &str) -> Option<(&str, &Relation, &Contract)> {
        let relation = self.catalog.relations.get(&self.qualified(contract))?;
        let key = relation.constraints.iter().find(|c| c.references.is_some() && c.columns == [column])?;
        let parent = self.catalog.by_oid(key.references?)?;
        let schema =
            |other: &Contract| other.name.schema.as_deref().unwrap_or(self.default_schema) == parent.name.schema;
        let names = |other: &&Contract| other.name.name == parent.name.name && schema(other);
        let contract = self.suite.contract.iter().find(names)?;
        Some((key.referenced_columns.first()?, parent, contract))
    }

    /// The relation's name with its schema.
    #[must_use]
    pub fn qualified(&self, contract: &Contract) -> QName {
        let schema = contract.name.schema.as_deref().unwrap_or(self.default_schema);
        QName::new(schema, contract.name.name.as_str())
    }
}
