//! Rows of a comparison in words: keys, and values where the suite lets a report hold them.

use crate::fidelity::compared::{ComparedKey, Sample};

/// `what: a=1 b=2; a=1 b=3`.
pub(crate) fn keys(what: &str, columns: &[String], keys: &[ComparedKey]) -> String {
    let keys = keys.iter().map(|key| named(columns, key)).collect::<Vec<_>>().join("; ");
    format!("{what}: {keys}")
}

/// As [`keys`], each with its values.
pub(crate) fn rows(what: &str, columns: &[String], rows: &[Sample], values: bool) -> String {
    let row = |Sample { key, values: held }: &Sample| {
        let key = named(columns, key);
        let held = held.iter().map(|value| value.as_ref().map_or("NULL".to_owned(), |value| format!("'{value}'")));
        match held.collect::<Vec<_>>().join(" became ") {
            held if values => format!("{key} ({held})"),
            _ => key,
        }
    };
    format!("{what}: {}", rows.iter().map(row).collect::<Vec<_>>().join("; "))
}

/// `a=1 b=2`.
pub(crate) fn named(columns: &[String], values: &ComparedKey) -> String {
    let pair = |(column, value): (&String, &Option<String>)| match value {
        Some(value) => format!("{column}={value}"),
        None => format!("{column} is NULL"),
    };
    columns.iter().zip(values).map(pair).collect::<Vec<_>>().join(" ")
}
