//! Known exceptions: their shape; whether they match anything, the run knows.

use std::collections::BTreeSet;

use super::parts::SuiteParts;
use super::texts::said;
use crate::suite::problems::Problems;
use crate::suite::resolved::Known;
use crate::suite::resolved_case::Scalar;
use crate::suite::words::is_date;

/// Every known exception.
pub(crate) fn known(parts: &SuiteParts<'_>, problems: &mut Problems) -> Vec<Known> {
    let file = parts.file;
    let mut seen = BTreeSet::new();
    let mut known = Vec::new();
    for one in &parts.suite.known {
        let check = &one.check;
        let first = check.value.split('/').next().unwrap_or_default();
        let spelt = |c: char| c.is_ascii_alphanumeric() || "_.-(),@%*/".contains(c);
        if check.value.is_empty() || !check.value.chars().all(spelt) {
            let message = format!("`{}` is not a check id", check.value);
            problems.add(
                file,
                &check.span,
                message,
                "`rlsgate list` prints the ids; `*` matches within and across parts",
            );
        } else if !first.contains('*') && first != "chain" && first != parts.suite.name.value {
            let names = ["chain", parts.suite.name.value.as_str()];
            problems.unknown(file, &check.span, "first part of a check id:", first, names);
        } else if !seen.insert(check.value.as_str()) {
            problems.add(file, &check.span, format!("`{}` is known twice", check.value), "keep one entry");
        }
        let until = one.until.as_ref().and_then(|until| match &until.value {
            Scalar::Date(text) | Scalar::Text(text) if is_date(text) => Some(text.clone()),
            _ => {
                problems.add(file, &until.span, "`until` is not a day", "write `2026-12-31`, or leave it out");
                None
            }
        });
        known.push(Known {
            check: check.value.clone(),
            reason: said(problems, file, "reason", &one.reason),
            until,
            at: file.location(&check.span),
        });
    }
    known
}
