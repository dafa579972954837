//! A relation laid over its profile: what the relation says replaces, `rows` and `allow` name by name.

use std::collections::BTreeMap;

use super::parts::SuiteParts;
use super::written::{Defined, In, WrittenEntry};
use crate::suite::problems::Problems;
use crate::suite::raw::{self, At, Or, Table};

/// What holds for a relation, each part with the file it stands in.
pub(crate) struct Merged<'a> {
    pub(crate) profile: Option<&'a str>,
    /// Whether the profile is not there, so that what it would say is unknown.
    pub(crate) lacks_profile: bool,
    pub(crate) tenant_key: Option<In<'a, At<Or<raw::TenantColumns>>>>,
    pub(crate) tenant_via: Option<In<'a, At<String>>>,
    pub(crate) rows: BTreeMap<&'a str, WrittenEntry<'a, At<String>>>,
    pub(crate) allow: BTreeMap<&'a str, WrittenEntry<'a, At<Or<raw::Grants>>>>,
    pub(crate) pass_through: Option<In<'a, Table<raw::PassThrough>>>,
    pub(crate) insert_with: Option<In<'a, Table<At<String>>>>,
    pub(crate) skip: Option<In<'a, At<String>>>,
    pub(crate) min_postgres: Option<In<'a, At<u32>>>,
    pub(crate) max_postgres: Option<In<'a, At<u32>>>,
    pub(crate) controls: Vec<In<'a, Vec<At<String>>>>,
}

impl<'a> Merged<'a> {
    /// Lays `relation`, of the suite file itself, over the profile that it names.
    pub(crate) fn new(parts: &'a SuiteParts<'a>, relation: &'a raw::Relation, problems: &mut Problems) -> Self {
        let own = Layer { file: parts.file, it: relation };
        let base = relation.profile.as_ref().and_then(|named| {
            let found = parts.profiles.get(named.value.as_str());
            if found.is_none() {
                problems.unknown(parts.file, &named.span, "profile", &named.value, parts.profiles.keys().copied());
            }
            found.map(|Defined { file, it, .. }| Layer { file, it })
        });
        if let Some((file, nested)) = base.and_then(|base| Some((base.file, base.it.profile.as_ref()?))) {
            problems.add(file, &nested.span, "a profile cannot start from a profile", "write its keys out here");
        }
        for layer in [Some(own), base].into_iter().flatten() {
            if let (Some(_), Some(via)) = (&layer.it.tenant_key, &layer.it.tenant_via) {
                let message = "`tenant_key` and `tenant_via` both say whose row it is";
                problems.add(layer.file, &via.span, message, "keep the one that the row itself answers");
            }
        }
        let says_whose = relation.tenant_key.is_some() || relation.tenant_via.is_some();
        let tenant = if says_whose { Some(own) } else { base };
        let layers = || [base, Some(own)].into_iter().flatten();
        Self {
            profile: relation.profile.as_ref().map(|named| named.value.as_str()),
            lacks_profile: relation.profile.is_some() && base.is_none(),
            tenant_key: tenant.and_then(|layer| layer.get(|it| it.tenant_key.as_ref())),
            tenant_via: tenant.and_then(|layer| layer.get(|it| it.tenant_via.as_ref())),
            rows: layers().flat_map(|layer| layer.by_name(&layer.it.rows)).collect(),
            allow: layers().flat_map(|layer| layer.by_name(&layer.it.allow)).collect(),
            pass_through: first(own, base, |it| it.pass_through.as_ref()),
            insert_with: first(own, base, |it| it.insert_with.as_ref()),
            skip: first(own, base, |it| it.skip.as_ref()),
            min_postgres: first(own, base, |it| it.min_postgres.as_ref()),
            max_postgres: first(own, base, |it| it.max_postgres.as_ref()),
            controls: layers().map(|layer| In { file: layer.file, it: &layer.it.controls }).collect(),
        }
    }
}

type Layer<'a> = In<'a, raw::Relation>;

impl<'a> Layer<'a> {
    fn get<T>(self, key: impl Fn(&'a raw::Relation) -> Option<&'a T>) -> Option<In<'a, T>> {
        Some(In { file: self.file, it: key(self.it)? })
    }

    fn by_name<T, K>(self, table: &'a Table<T, K>) -> impl Iterator<Item = (&'a str, WrittenEntry<'a, T>)> {
        table.iter().map(move |entry| (entry.0.value.as_str(), In { file: self.file, it: entry }))
    }
}

fn first<'a, T>(
    own: Layer<'a>,
    base: Option<Layer<'a>>,
    key: impl Fn(&'a raw::Relation) -> Option<&'a T>,
) -> Option<In<'a, T>> {
    own.get(&key).or_else(|| base?.get(&key))
}
