//! What a comparison means for the checks of a fidelity block.

use super::compared::{Compared, ComparedKey, Doubled, Sample};
use super::digest::Digest;
use super::mapping::Mapping;
use crate::check::Outcome;
use crate::fidelity::format;
use crate::report::record::Evidence;
use crate::suite::resolved_fidelity::Tolerate;

/// The checks that one comparison decides, by the last part of their ids, before anything is compared: what it has a verdict
/// on does not depend on the rows. `values` are the compared columns.
#[must_use]
pub fn names(mapping: &Mapping, values: &[String]) -> Vec<String> {
    let mut names: Vec<String> = ["count-parity", "orphans", "one-to-one", "digest"].map(str::to_owned).into();
    names.extend(values.iter().map(|column| format!("values.{column}")));
    names.extend(mapping.map.keys().map(|column| format!("unmapped.{column}")));
    if !mapping.group_by.is_empty() {
        names.push("distribution".to_owned());
    }
    if mapping.tenant.is_some() {
        names.push("tenant-preserved".to_owned());
    }
    names
}

/// A comparison, and what is tolerated of it.
#[derive(Debug)]
pub struct Verdicts<'a> {
    /// What was compared.
    pub mapping: &'a Mapping,
    /// What came of it.
    pub compared: &'a Compared,
    /// Of the source as mapped, and of the target.
    pub digests: &'a [Digest; 2],
    /// Differences that are meant, as exact numbers.
    pub tolerate: Option<&'a Tolerate>,
    /// Whether values may be shown; else keys and tenants only.
    pub values: bool,
}

impl Verdicts<'_> {
    /// What came of the check called `name`, one of [`names`].
    #[must_use]
    pub fn of(&self, name: &str) -> Outcome {
        let compared = self.compared;
        if compared.source == 0 {
            let evidence = self.evidence("rows on the source", "the source is empty".to_owned(), Vec::new());
            return Outcome::error("the source is empty: it proves nothing", evidence);
        }
        match name.split_once('.') {
            Some(("values", column)) => self.values(column),
            Some(("unmapped", column)) => self.unmapped(column),
            _ => match name {
                "count-parity" => self.count_parity(),
                "orphans" => self.orphans(),
                "one-to-one" => self.one_to_one(),
                "digest" => self.digest(),
                "distribution" => self.distribution(),
                "tenant-preserved" => self.tenant_preserved(),
                _ => Outcome::error("no verdict", Evidence::default()),
            },
        }
    }

    fn count_parity(&self) -> Outcome {
        let Compared { source, target, .. } = self.compared;
        let (missing, extra) = self.tolerate.map_or((0, 0), |tolerate| (tolerate.missing, tolerate.extra));
        let evidence = self.evidence(
            &match (missing, extra) {
                (0, 0) => format!("{source} rows on the target, as on the source"),
                _ => format!("{source} rows of the source, {missing} fewer and {extra} more on the target"),
            },
            format!("{source} rows on the source, {target} on the target"),
            Vec::new(),
        );
        if source + extra == target + missing {
            Outcome::passed("the counts agree", evidence)
        } else {
            Outcome::failed(format!("{target} rows on the target, and {source} on the source"), evidence)
        }
    }

    fn orphans(&self) -> Outcome {
        let Compared { missing, extra, samples, .. } = self.compared;
        let wanted = self.tolerate.map_or((0, 0), |tolerate| (tolerate.missing, tolerate.extra));
        let evidence = self.evidence(
            &format!("{} missing, {} extra", wanted.0, wanted.1),
            format!("{missing} missing, {extra} extra"),
            self.keys(&[("missing", &samples.missing), ("extra", &samples.extra)]),
        );
        match (*missing, *extra) {
            found if found == wanted => Outcome::passed("every row has its counterpart", evidence),
            (missing, extra) => {
                Outcome::failed(format!("{missing} of the source's rows are missing, {extra} are extra"), evidence)
            }
        }
    }

    fn one_to_one(&self) -> Outcome {
        let [source, target] = &self.compared.doubled;
        let words = |side: &str, doubled: &Doubled| {
            format!(
                "{side}: {} keys more than once ({} rows too many), {} with NULL",
                doubled.keys, doubled.rows, doubled.nulls
            )
        };
        let evidence = self.evidence(
            "every key once on each side",
            format!("{}; {}", words("source", source), words("target", target)),
            self.keys(&[
                ("more than once on the source", &source.told),
                ("more than once on the target", &target.told),
                ("NULL in the key on the source", &source.null_keys),
                ("NULL in the key on the target", &target.null_keys),
            ]),
        );
        if [source, target].iter().all(|side| side.keys == 0 && side.nulls == 0) {
            return Outcome::passed("every key stands once on each side", evidence);
        }
        let rows = source.rows + target.rows + source.nulls + target.nulls;
        Outcome::failed(format!("{rows} rows have a key that is not theirs alone, or none"), evidence)
    }

    fn values(&self, column: &str) -> Outcome {
        if let Some(why) = self.compared.columns.why(column) {
            let evidence = self.evidence("one type on both sides, with an equality", why.to_string(), Vec::new());
            return Outcome::error(format!("{column} is {why}: {}", why.help()), evidence);
        }
        let Compared { identical, modified, by_column, samples, .. } = self.compared;
        let (both, differ) = (identical + modified, by_column.get(column).copied().unwrap_or_default());
        let told = samples.modified.get(column).map(|found| self.rows("modified", &found.told));
        let tolerated = self.tolerate.map_or(0, |tolerate| tolerate.modified);
        let evidence = self.evidence(
            &match tolerated {
                0 => "no row differs".to_owned(),
                n => format!("{n} rows differ in some column"),
            },
            format!("{differ} of {both} rows on both sides differ in {column}; {modified} in some column"),
            told.into_iter().collect(),
        );
        if both == 0 {
            return Outcome::error("no row is on both sides: nothing was compared", evidence);
        }
        // What is tolerated is counted over all columns, and is a number and no limit.
        let right = if tolerated == 0 { differ == 0 } else { *modified == tolerated };
        if right {
            return Outcome::passed(format!("{both} rows compared"), evidence);
        }
        if tolerated > 0 {
            return Outcome::failed(format!("{modified} rows differ, and exactly {tolerated} are tolerated"), evidence);
        }
        Outcome::failed(format!("{column} differs in {differ} of {both} rows"), evidence)
    }

    fn unmapped(&self, column: &str) -> Outcome {
        let rows = self.compared.unmapped.get(column).copied().unwrap_or_default();
        let known = self.mapping.map.get(column).map(|map| map.keys().cloned().collect::<Vec<_>>().join(", "));
        let known = known.unwrap_or_default();
        let got = format!("{rows} rows with another value");
        let told = self.compared.samples.unmapped.get(column).map(|told| self.rows("unmapped", told));
        let evidence =
            self.evidence(&format!("only values that the map names: {known}"), got, told.into_iter().collect());
        match rows {
            0 => Outcome::passed("the map names every value of the source", evidence),
            n => Outcome::failed(
                format!("{n} rows of the source have a value of {column} that the map does not name"),
                evidence,
            ),
        }
    }

    fn digest(&self) -> Outcome {
        let [source, target] = self.digests;
        let rewritten = target.rewritten.iter();
        let told = rewritten.clone().map(|(column, found)| {
            self.rows(&format!("{column} is equal and written otherwise in {} rows", found.rows), &found.told)
        });
        let evidence = self.evidence(&source.to_string(), target.to_string(), told.collect());
        let columns = &self.compared.columns;
        if let Some(column) = columns.values.iter().find(|column| columns.why(column).is_some()) {
            return Outcome::error(format!("{column} cannot be compared, and is left out of it"), evidence);
        }
        if source == target {
            return if self.tolerated() == 0 {
                Outcome::passed("both sides have one digest", evidence)
            } else {
                Outcome::failed(
                    format!("nothing differs, and {} rows that do are tolerated", self.tolerated()),
                    evidence,
                )
            };
        }
        if self.differs_as_tolerated() {
            return Outcome::passed("the digests differ by what is tolerated", evidence);
        }
        let columns = rewritten.map(|(column, _)| column.as_str()).collect::<Vec<_>>().join(", ");
        match columns.is_empty() {
            true => Outcome::failed("the digests of both sides differ", evidence),
            false => Outcome::failed(format!("the digests differ; equal and written otherwise: {columns}"), evidence),
        }
    }

    fn distribution(&self) -> Outcome {
        let Compared { groups, uneven, told, .. } = self.compared;
        let mut evidence = self.evidence(
            "each group as large on both sides",
            format!("{uneven} of {groups} groups differ"),
            Vec::new(),
        );
        for group in told {
            let open = |column: &String| {
                self.values || self.mapping.key.contains(column) || self.mapping.tenant.as_ref() == Some(column)
            };
            let names = self.mapping.group_by.iter().zip(&group.names);
            let names =
                names.map(|(column, name)| if open(column) { name.clone() } else { Some("…".to_owned()) }).collect();
            let named = format::named(&self.mapping.group_by, &names);
            evidence.notes.push(format!("{named}: {} on the source, {} on the target", group.source, group.target));
        }
        match uneven {
            0 => Outcome::passed(format!("{groups} groups are as large as they were"), evidence),
            _ if self.differs_as_tolerated() => Outcome::passed("the groups differ by what is tolerated", evidence),
            n => Outcome::failed(format!("{n} of {groups} groups are not as large as they were"), evidence),
        }
    }

    fn tenant_preserved(&self) -> Outcome {
        if let Some((tenant, why)) =
            self.mapping.tenant.as_deref().and_then(|t| Some((t, self.compared.columns.why(t)?)))
        {
            let evidence = self.evidence("one type on both sides, with an equality", why.to_string(), Vec::new());
            return Outcome::error(format!("the tenant {tenant} is {why}: {}", why.help()), evidence);
        }
        let crossed = self.compared.crossed.unwrap_or_default();
        let (both, samples) = (self.compared.identical + self.compared.modified, &self.compared.samples);
        let evidence = self.evidence(
            "every row with the tenant that it had",
            format!("{crossed} rows with another"),
            self.keys(&[("with another tenant", &samples.crossed)]),
        );
        match crossed {
            0 if both == 0 => Outcome::error("no row is on both sides: nothing was compared", evidence),
            0 => Outcome::passed("every row kept its tenant", evidence),
            n => Outcome::failed(format!("{n} rows are another tenant's than before"), evidence),
        }
    }

    /// Whether the differences are exactly those that are meant, and there are some.
    fn differs_as_tolerated(&self) -> bool {
        let compared = self.compared;
        self.tolerate.is_some_and(|tolerate| {
            let Tolerate { modified, missing, extra, .. } = *tolerate;
            self.tolerated() > 0
                && (compared.modified, compared.missing, compared.extra) == (modified, missing, extra)
                && compared.doubled.iter().all(|side| side.keys == 0 && side.nulls == 0)
        })
    }

    /// Rows that are meant to differ, of all classes.
    fn tolerated(&self) -> u64 {
        self.tolerate.map_or(0, |tolerate| tolerate.modified + tolerate.missing + tolerate.extra)
    }

    fn keys(&self, samples: &[(&str, &Vec<ComparedKey>)]) -> Vec<String> {
        let told = samples.iter().filter(|(_, keys)| !keys.is_empty());
        told.map(|(what, keys)| format::keys(what, &self.mapping.key, keys)).collect()
    }

    fn rows(&self, what: &str, rows: &[Sample]) -> String {
        format::rows(what, &self.mapping.key, rows, self.values)
    }

    fn evidence(&self, expected: &str, got: String, told: Vec<String>) -> Evidence {
        let Compared { source, identical, modified, missing, extra, .. } = self.compared;
        let mut notes =
            vec![format!("rows: {identical} identical, {modified} modified, {missing} missing, {extra} extra")];
        notes.extend(told);
        notes.extend(self.tolerate.map(|tolerate| format!("tolerated: {}", tolerate.reason)));
        Evidence {
            sql: vec![self.mapping.source.clone(), self.mapping.target.clone()],
            expected: expected.to_owned(),
            got,
            witness: format!("{source} rows on the source"),
            notes,
            ..Evidence::default()
        }
    }
}
