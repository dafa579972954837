//! TOML text to the raw model, with every wrong key and type named, not only the first.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, Error as TomlError};

use super::file::File;
use super::problems::unknown;
use crate::diagnostic::Diagnostic;

/// The newest format that this version reads.
const FORMAT: &str = "1";

/// Reads a file of the shape `T`.
///
/// serde stops at the first error. What it stopped at is taken out, and the rest is read again.
pub(crate) fn read<T: DeserializeOwned>(file: &File) -> Result<T, Vec<Diagnostic>> {
    let (root, errors) = DeTable::parse_recoverable(&file.source);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| of_syntax(file, error)).collect());
    }
    if let Some(newer) = newer_format(file, root.get_ref()) {
        return Err(vec![newer]);
    }
    let (span, mut table) = (root.span(), root.into_inner());
    let mut found = Vec::new();
    let mut explained = Vec::new();
    loop {
        let error = match T::deserialize(toml::de::Deserializer::from(toml::Spanned::new(span.clone(), table.clone())))
        {
            Ok(value) if found.is_empty() => return Ok(value),
            Ok(_) => return Err(found),
            Err(error) => error,
        };
        let at = error.span().unwrap_or(span.clone());
        let shape = Shape::of(error.message());
        let removed = remove(&mut table, &at, matches!(shape, Shape::Unknown { kind: "value", .. }));
        if !shape.missing().is_some_and(|key| explained.iter().any(|one| one == key)) {
            let (message, help) = shape.message(removed.as_deref());
            found.push(file.diagnostic(&at, message, help));
        }
        explained.extend(shape.meant());
        match removed {
            Some(key) => explained.push(key),
            None => return Err(found),
        }
    }
}

fn of_syntax(file: &File, error: &TomlError) -> Diagnostic {
    let end = file.source.len();
    file.diagnostic(&error.span().unwrap_or(end..end), error.message().trim().replace('\n', ", "), String::new())
}

/// A newer format is named before its keys are called unknown.
fn newer_format(file: &File, root: &DeTable<'_>) -> Option<Diagnostic> {
    let (_, value) = root.iter().find(|(key, _)| key.get_ref() == "format")?;
    let DeValue::Integer(number) = value.get_ref() else { return None };
    let number = number.as_str();
    (number != FORMAT).then(|| {
        let message = format!("format {number} is not known here, only format {FORMAT}");
        file.diagnostic(&value.span(), message, "use the version of rlsgate that the suite was written for".to_owned())
    })
}

/// What serde says, taken apart: the words are those of `serde::de::Error`, the only form in which it tells names.
enum Shape<'a> {
    Unknown { kind: &'static str, name: &'a str, known: Vec<&'a str> },
    Missing(&'a str),
    Other(&'a str),
}

impl<'a> Shape<'a> {
    fn of(message: &'a str) -> Self {
        let mut quoted = message.split('`').skip(1).step_by(2);
        if message.starts_with("unknown field") || message.starts_with("unknown variant") {
            let kind = if message.starts_with("unknown field") { "key" } else { "value" };
            return Self::Unknown { kind, name: quoted.next().unwrap_or_default(), known: quoted.collect() };
        }
        match quoted.next() {
            Some(name) if message.starts_with("missing field") => Self::Missing(name),
            _ => Self::Other(message),
        }
    }

    fn missing(&self) -> Option<&'a str> {
        if let Self::Missing(name) = self { Some(name) } else { None }
    }

    /// The key that was probably meant.
    fn meant(&self) -> Option<String> {
        let Self::Unknown { name, known, .. } = self else { return None };
        super::nearest::nearest(name, known.iter().copied()).map(str::to_owned)
    }

    fn message(&self, key: Option<&str>) -> (String, String) {
        match (self, key) {
            (Self::Unknown { kind, name, known }, _) => unknown(kind, name, known.iter().copied()),
            (Self::Missing(name), _) => (format!("key `{name}` is missing"), String::new()),
            (Self::Other(message), Some(key)) => (format!("`{key}`: {message}"), String::new()),
            (Self::Other(message), None) => ((*message).to_owned(), String::new()),
        }
    }
}

/// Takes out the innermost entry that `span` is the key or the value of, or an element of its list; its key.
/// A value that is `one_of` several goes with the entry that it is the value of, since none is no value either.
fn remove(table: &mut DeTable<'_>, span: &Range<usize>, one_of: bool) -> Option<String> {
    let here = table.iter().find(|(key, value)| match value.get_ref() {
        _ if key.span() == *span || value.span() == *span => true,
        DeValue::Array(list) => list.iter().any(|one| one.span() == *span),
        DeValue::Table(inner) => one_of && inner.keys().any(|key| key.span() == *span),
        _ => false,
    });
    if let Some(key) = here.map(|(key, _)| key.get_ref().to_string()) {
        table.remove(key.as_str());
        return Some(key);
    }
    table.iter_mut().find_map(|(_, value)| remove_within(value.get_mut(), span, one_of))
}

fn remove_within(value: &mut DeValue<'_>, span: &Range<usize>, one_of: bool) -> Option<String> {
    match value {
        DeValue::Table(table) => remove(table, span, one_of),
        DeValue::Array(list) => list.iter_mut().find_map(|one| remove_within(one.get_mut(), span, one_of)),
        _ => None,
    }
}
