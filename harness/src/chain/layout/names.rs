//! Versions in names, and versions that two files claim.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Error;

/// The name without its last suffix.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The digits that the name begins with, and what follows them; nothing if it begins with none.
pub(super) fn digits(name: &str) -> Option<(&str, &str)> {
    let end = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
    name.split_at_checked(end).filter(|(digits, _)| !digits.is_empty())
}

/// The version of `1_name.sql`, and `name`: digits, an underscore, and the suffix in lower case.
pub(super) fn numbered(name: &str) -> Option<(&str, &str)> {
    let (digits, rest) = digits(name.strip_suffix(".sql")?)?;
    Some((digits, rest.strip_prefix('_')?))
}

/// Refuses two files of one version.
pub(super) fn unique<'a, V: Ord>(
    tool: &str,
    versions: impl IntoIterator<Item = (V, impl std::fmt::Display, &'a Path)>,
) -> Result<(), Error> {
    let mut first = BTreeMap::new();
    let mut twice = Vec::new();
    for (version, shown, path) in versions {
        if let Some(before) = first.get(&version) {
            let (before, path): (&&Path, _) = (before, path.display());
            twice.push(format!("version {shown} is claimed by two files: {} and {path}", before.display()));
        } else {
            first.insert(version, path);
        }
    }
    if twice.is_empty() {
        return Ok(());
    }
    Err(Error::usage(twice.join("\n"), format!("{tool} keeps its account by version: give one of them another")))
}
