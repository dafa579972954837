//! TOML text to the raw model, with every wrong key and type named, not only the first.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, Error as TomlError};

use super::file::File;
use super::shape::Shape;
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
        // What the file as a whole lacks is said at its beginning, not under all of its lines.
        let at = error.span().filter(|at| *at != span).unwrap_or(0..0);
        let shape = Shape::of(error.message());
        let removed = remove(&mut table, &at);
        if !shape.missing().is_some_and(|key| explained.iter().any(|one| one == key)) {
            let (message, help) = shape.message(removed.first().map(String::as_str));
            found.push(file.diagnostic(&at, message, help));
        }
        if removed.is_empty() {
            return Err(found);
        }
        explained.extend(shape.meant());
        explained.extend(removed);
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

/// Takes out the innermost entry that `span` is the key or the value of, or an element of its list, and every table that
/// becomes empty by it, since that would be wrong in another way. The keys, innermost first; none where none is it.
fn remove(table: &mut DeTable<'_>, span: &Range<usize>) -> Vec<String> {
    let is_it = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| match value.get_ref() {
        _ if key.span() == *span || value.span() == *span => true,
        DeValue::Array(list) => list.iter().any(|one| one.span() == *span),
        _ => false,
    };
    let mut removed = Vec::new();
    let mut gone = None;
    for (key, value) in table.iter_mut() {
        if is_it((key, value)) {
            gone = Some(key.get_ref().to_string());
            break;
        }
        removed = remove_within(value.get_mut(), span);
        if !removed.is_empty() {
            gone =
                matches!(value.get_ref(), DeValue::Table(inner) if inner.is_empty()).then(|| key.get_ref().to_string());
            break;
        }
    }
    if let Some(key) = gone {
        table.remove(key.as_str());
        removed.push(key);
    }
    removed
}

fn remove_within(value: &mut DeValue<'_>, span: &Range<usize>) -> Vec<String> {
    match value {
        DeValue::Table(table) => remove(table, span),
        DeValue::Array(list) => list
            .iter_mut()
            .map(|one| remove_within(one.get_mut(), span))
            .find(|keys| !keys.is_empty())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}
