//! Variants of a case: parameters that its SQL refers to as `:name`.

use std::collections::{BTreeMap, BTreeSet};

use super::people::People;
use super::texts::{id_name, made_name};
use super::written::In;
use crate::sql::placeholders::references;
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::{At, Plain, Table};

/// The variants as written, and the parameters of any of them.
pub(crate) struct Variants<'a> {
    written: &'a Table<Table<At<Plain>>>,
    parameters: BTreeSet<&'a str>,
}

impl<'a> Variants<'a> {
    pub(crate) fn new(
        file: &File,
        written: &'a Table<Table<At<Plain>>>,
        people: &People,
        problems: &mut Problems,
    ) -> Self {
        let mut parameters = BTreeSet::new();
        for (variant, table) in written.iter() {
            made_name(problems, file, variant, "variant");
            for (name, _) in table.iter() {
                id_name(problems, file, name, "a parameter");
                if people.has(&name.value) {
                    let message = format!("parameter `{}` has the name of an id", name.value);
                    problems.add(
                        file,
                        &name.span,
                        message,
                        "in SQL both would be the same `:name`: rename the parameter",
                    );
                }
                parameters.insert(name.value.as_str());
            }
        }
        Self { written, parameters }
    }

    /// Checks the references of `sql`; the ids that the acting actor must have.
    pub(crate) fn refer(&self, people: &People, sql: In<'_, At<String>>, problems: &mut Problems) -> BTreeSet<String> {
        for (_, reference) in references(&sql.it.value) {
            let name = reference.name.as_str();
            if reference.actor.is_some() || !self.parameters.contains(name) {
                continue;
            }
            for (variant, table) in self.written.iter() {
                if !table.iter().any(|(parameter, _)| parameter.value == name) {
                    let message =
                        format!("variant `{}` has no parameter `{name}`, which the SQL refers to", variant.value);
                    problems.add(sql.file, &variant.span, message, "");
                }
            }
        }
        people.refer(problems, sql, &self.parameters)
    }

    pub(crate) fn resolved(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let parameters = |table: &Table<At<Plain>>| {
            table.iter().map(|(name, value)| (name.value.clone(), value.value.0.clone())).collect()
        };
        self.written.iter().map(|(variant, table)| (variant.value.clone(), parameters(table))).collect()
    }
}
