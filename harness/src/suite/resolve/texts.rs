//! Checks of single texts: reasons, names, control ids, versions.

use std::time::Duration;

use super::written::In;
use crate::suite::file::File;
use crate::suite::names;
use crate::suite::problems::Problems;
use crate::suite::raw::At;
use crate::suite::resolved::{Name, VersionBounds};
use crate::suite::words::{self, FRAMEWORKS};

/// A reason or a statement: it must say something.
pub(crate) fn said(problems: &mut Problems, file: &File, key: &str, text: &At<String>) -> String {
    if text.value.trim().is_empty() {
        problems.add(file, &text.span, format!("`{key}` is empty"), format!("say it, or leave `{key}` out"));
    }
    text.value.clone()
}

/// The same for a key that may be left out.
pub(crate) fn maybe_said(problems: &mut Problems, file: &File, key: &str, text: Option<&At<String>>) -> Option<String> {
    text.map(|text| said(problems, file, key, text))
}

/// A name that people make.
pub(crate) fn made_name(problems: &mut Problems, file: &File, name: &At<String>, kind: &str) {
    if !names::is_made(&name.value) {
        let message = format!("{kind} name `{}` is neither kebab-case nor snake_case", name.value);
        problems.add(file, &name.span, message, "lower-case letters, digits, `-` and `_`");
    }
}

/// The name of an id or a parameter, which SQL must be able to refer to.
pub(crate) fn id_name(problems: &mut Problems, file: &File, name: &At<String>, kind: &str) {
    if !names::is_id(&name.value) {
        let message = format!("`{}` is not a name for {kind}", name.value);
        problems.add(file, &name.span, message, "`:name` refers to it in SQL: letters, digits and `_`, in lower case");
    }
}

/// Control ids: `FRAMEWORK-ID`.
pub(crate) fn controls(problems: &mut Problems, file: &File, ids: &[At<String>]) -> Vec<String> {
    for id in ids {
        match words::control_framework(&id.value) {
            Ok(()) => {}
            Err(Some(framework)) => problems.unknown(file, &id.span, "control framework", framework, FRAMEWORKS),
            Err(None) => {
                let message = format!("`{}` is not a control id", id.value);
                problems.add(
                    file,
                    &id.span,
                    message,
                    "write `FRAMEWORK-ID`, as `ASVS-8.4.1`, `CWE-639` or `SOC2-CC6.1`",
                );
            }
        }
    }
    ids.iter().map(|id| id.value.clone()).collect()
}

/// A major version that can be meant.
pub(crate) fn version(problems: &mut Problems, file: &File, version: &At<u32>) -> u32 {
    if !(10..100).contains(&version.value) {
        let message = format!("{} is not a major version of PostgreSQL", version.value);
        problems.add(file, &version.span, message, "write the major version alone, as 17");
    }
    version.value
}

/// Lowest and highest major version.
pub(crate) fn versions(
    problems: &mut Problems,
    min: Option<In<'_, At<u32>>>,
    max: Option<In<'_, At<u32>>>,
) -> VersionBounds {
    if let (Some(min), Some(max)) = (min, max)
        && min.it.value > max.it.value
    {
        let (low, high) = (min.it.value, max.it.value);
        let message = format!("`min_postgres` {low} is above `max_postgres` {high}: it would never be tried");
        problems.add(min.file, &min.it.span, message, "");
    }
    let mut major = |one: In<'_, At<u32>>| version(problems, one.file, one.it);
    VersionBounds { min: min.map(&mut major), max: max.map(&mut major) }
}

/// A duration; a problem where it is none.
pub(crate) fn duration(problems: &mut Problems, file: &File, text: &At<String>) -> Duration {
    crate::text::duration::parse(&text.value).unwrap_or_else(|message| {
        problems.add(file, &text.span, message, "");
        Duration::ZERO
    })
}

/// A relation's name; a problem where it is none.
pub(crate) fn relation(problems: &mut Problems, file: &File, name: &At<String>) -> Option<Name> {
    names::relation(&name.value).map_err(|message| problems.add(file, &name.span, message, "")).ok()
}

/// A title for people, from a name.
pub(crate) fn title(title: Option<&String>, name: &str) -> String {
    title.cloned().unwrap_or_else(|| name.replace(['-', '_'], " "))
}
