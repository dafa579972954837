//! The row sets of one relation: which names there are, and which ids an actor needs for each.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::merged::Merged;
use super::people::People;
use super::written::In;
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::At;
use crate::suite::resolved::{Rows, TenantKey};

/// Name of the row set that the tenant key makes.
const OWN: &str = "own";

/// Row sets by name; under each the ids that it needs, and what it does with them, for messages.
pub(crate) struct RowSetNames<'a> {
    sets: BTreeMap<&'a str, BTreeMap<String, String>>,
    /// Whether there may be others, of a profile that is not there.
    open: bool,
}

impl<'a> RowSetNames<'a> {
    pub(crate) fn new(
        merged: &Merged<'a>,
        tenant_key: Option<&TenantKey>,
        people: &People,
        problems: &mut Problems,
    ) -> Self {
        let mut sets = BTreeMap::new();
        match tenant_key {
            Some(TenantKey::Columns(columns)) => {
                let compared = |(id, column): (&String, &String)| (id.clone(), format!("compares with `{column}`"));
                sets.insert(OWN, columns.iter().map(compared).collect());
            }
            // Whose key it is at the other end of the foreign key, only the database knows.
            Some(TenantKey::Via(_)) => {
                sets.insert(OWN, BTreeMap::new());
            }
            None => {}
        }
        for (name, written) in &merged.rows {
            let sql = In { file: written.file, it: &written.it.1 };
            let needed = people.refer(problems, sql, &BTreeSet::new());
            sets.insert(name, needed.into_iter().map(|id| (id, "refers to".to_owned())).collect());
        }
        Self { sets, open: merged.lacks_profile }
    }

    /// A row set, the union of several, `all` or `none`.
    pub(crate) fn rows(
        &self,
        problems: &mut Problems,
        file: &File,
        relation: &str,
        span: &Range<usize>,
        texts: &[At<String>],
    ) -> Rows {
        if texts.is_empty() {
            problems.add(file, span, "no row set is named", "write `none` for no row");
        }
        let mut names = BTreeSet::new();
        for text in texts {
            match text.value.as_str() {
                "all" if texts.len() == 1 => return Rows::All,
                "none" if texts.len() == 1 => return Rows::Sets(BTreeSet::new()),
                word @ ("all" | "none") => {
                    problems.add(file, &text.span, format!("`{word}` stands alone"), "name row sets, or this word");
                }
                name if self.open || self.sets.contains_key(name) => {
                    names.insert(name.to_owned());
                }
                OWN => {
                    let message = format!("`{relation}` has no row set `own`: nothing says whose row it is");
                    problems.add(file, &text.span, message, "give it a `tenant_key`, a `tenant_via` or `rows.own`");
                }
                name => {
                    let known = self.sets.keys().copied().chain(["all", "none"]);
                    problems.unknown(file, &text.span, &format!("row set of `{relation}`:"), name, known);
                }
            }
        }
        Rows::Sets(names)
    }

    /// The ids that `rows` needs: id, row set, what it does with the id.
    pub(crate) fn needed<'s>(&'s self, rows: &'s Rows) -> Vec<(&'s str, &'s str, &'s str)> {
        let Rows::Sets(names) = rows else { return Vec::new() };
        names
            .iter()
            .filter_map(|name| self.sets.get_key_value(name.as_str()))
            .flat_map(|(name, ids)| ids.iter().map(|(id, does)| (id.as_str(), *name, does.as_str())))
            .collect()
    }
}
