//! The order in which a suite's checks are told.

use std::cmp::Ordering;

use super::record::{CheckRecord, SuiteRecord};

/// The checks of `suite` as people look for them: those of a numbered document by its numbering, then the rest by id.
pub(super) fn checks(suite: &SuiteRecord) -> Vec<&CheckRecord> {
    let mut checks: Vec<&CheckRecord> = suite.checks.iter().collect();
    checks.sort_by(|a, b| by_step(a, b).then_with(|| a.id.cmp(&b.id)));
    checks
}

fn by_step(a: &CheckRecord, b: &CheckRecord) -> Ordering {
    match (&a.step, &b.step) {
        (Some(a), Some(b)) => natural(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// Runs of digits compare as numbers of any length, the rest as text: `2.9` comes before `2.10`.
fn natural(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() && !b.is_empty() {
        let (a_run, a_rest) = first_run(a);
        let (b_run, b_rest) = first_run(b);
        let order = if a_run.starts_with(is_digit) && b_run.starts_with(is_digit) {
            let (a_run, b_run) = (a_run.trim_start_matches('0'), b_run.trim_start_matches('0'));
            a_run.len().cmp(&b_run.len()).then_with(|| a_run.cmp(b_run))
        } else {
            a_run.cmp(b_run)
        };
        if order.is_ne() {
            return order;
        }
        (a, b) = (a_rest, b_rest);
    }
    a.len().cmp(&b.len())
}

fn first_run(text: &str) -> (&str, &str) {
    let digits = text.starts_with(is_digit);
    let end = text.find(|c| is_digit(c) != digits).unwrap_or(text.len());
    text.split_at(end)
}

const fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::natural;

    #[test]
    fn numbers_count_and_text_spells() {
        let mut steps = ["10", "2.10", "A.1", "2.9", "02.1", "2", "2.9.1", "9", "99999999999999999999999", "2b"];
        steps.sort_by(|a, b| natural(a, b));
        assert_eq!(steps, ["2", "02.1", "2.9", "2.9.1", "2.10", "2b", "9", "10", "99999999999999999999999", "A.1"]);
    }
}
