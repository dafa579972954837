//! What a program printed, held against the texts that it must print.
//!
//! What else it printed is nobody's business: it may be rows, or the password of its connection.

use crate::check::Outcome;
use crate::report::record::Evidence;

/// Of what a program printed, at most so many characters are told.
const TAIL: usize = 2000;

/// Whether `output` holds each of `wanted`. The end of it is told where one is lacking and `values` may be shown.
pub(crate) fn judge(wanted: &[String], output: &str, values: bool) -> Outcome {
    let (there, lacking): (Vec<&String>, Vec<&String>) = wanted.iter().partition(|text| holds(output, text));
    let list = |texts: &[&String]| texts.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n");
    let mut evidence = Evidence { expected: wanted.join("\n"), got: list(&there), ..Evidence::default() };
    evidence.witness = format!("{} characters were printed", output.chars().count());
    let Some(first) = lacking.first() else {
        return Outcome::passed("the program printed what was expected", evidence);
    };
    if values {
        let begin = output.char_indices().rev().nth(TAIL - 1).map_or(0, |(at, _)| at);
        evidence.notes.push(format!("it printed, at the end: {}", output.get(begin..).unwrap_or_default().trim_end()));
    } else {
        evidence.notes.push("what it printed is not shown, since report.values is off".to_owned());
    }
    Outcome::failed(format!("the program did not print `{first}`"), evidence)
}

/// Whether `text` stands in `output` without being a part of a longer word or number.
fn holds(output: &str, text: &str) -> bool {
    output.match_indices(text).any(|(at, found)| {
        let (before, after) = output.split_at_checked(at).unwrap_or_default();
        let after = after.get(found.len()..).unwrap_or_default();
        let begins = !found.starts_with(in_word) || !ends_within(before, found.starts_with(digit));
        let ends = !found.ends_with(in_word) || !begins_within(after, found.ends_with(digit));
        begins && ends
    })
}

/// Whether a word, or where `number` is said a number, that begins after `before` has begun in it.
fn ends_within(before: &str, number: bool) -> bool {
    let mut back = before.chars().rev();
    match (back.next(), back.next()) {
        (Some(last), _) if in_word(last) => true,
        (Some('.' | ','), Some(other)) => number && digit(other),
        (Some('-'), other) => number && !other.is_some_and(in_word),
        _ => false,
    }
}

/// The same for what goes on in `after`.
fn begins_within(after: &str, number: bool) -> bool {
    let mut on = after.chars();
    match (on.next(), on.next()) {
        (Some(first), _) if in_word(first) => true,
        (Some('.' | ','), Some(other)) => number && digit(other),
        _ => false,
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

const fn digit(c: char) -> bool {
    c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_text_is_no_part_of_a_word_or_a_number() {
        for output in ["6 url", "done: 6 url.", "a\n6 url\n", "x=6 url, 7", "run 1: 6 url"] {
            assert!(holds(output, "6 url"), "{output}");
        }
        for output in ["16 url", "1,006 url", "1.6 url", "-6 url", "6 urls", "6 url_2", "x6 url"] {
            assert!(!holds(output, "6 url"), "{output}");
        }
        assert!(holds("16 urls, then 6 url", "6 url"), "a later one is the text");
        assert!(holds("rows: 6.", "rows: 6") && !holds("rows: 6.5", "rows: 6") && !holds("rows: 60", "rows: 6"));
        assert!(holds("x(6)", "(6)"), "what begins with no word may follow one");
    }
}
