//! What every report says about one check, part by part.

use super::record::{CheckRecord, Status};

/// How wide the labels are; further lines of a part stand below its text, so that no text can pose as a part.
const INDENT: usize = 12;

/// One labelled part.
pub(super) struct ReportPart {
    pub(super) label: &'static str,
    pub(super) text: String,
}

impl ReportPart {
    /// The part as lines, each with its line break.
    pub(super) fn lines(&self) -> String {
        let mut out = String::new();
        let mut label = format!("{}:", self.label);
        for line in self.text.split('\n') {
            if line.is_empty() {
                out.push_str(&label);
            } else {
                out.push_str(&format!("{label:<INDENT$}{line}"));
            }
            out.push('\n');
            label.clear();
        }
        out
    }
}

/// Who did what, and what came of it.
pub(super) fn seen(check: &CheckRecord) -> Vec<ReportPart> {
    let evidence = &check.evidence;
    let mut parts = vec![
        ReportPart { label: "actor", text: check.actor.clone() },
        ReportPart { label: "context", text: evidence.context.join("\n") },
        ReportPart { label: "sql", text: evidence.sql.join("\n") },
        ReportPart { label: "expected", text: evidence.expected.clone() },
        ReportPart { label: "got", text: evidence.got.clone() },
        ReportPart { label: "witness", text: evidence.witness.clone() },
    ];
    parts.extend(evidence.notes.iter().map(|note| ReportPart { label: "note", text: note.clone() }));
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// Where the check comes from, how to see it again, and what to do about it. In this order: a remedy is as long as somebody made
/// it, and a report that cuts must not lose what is before.
pub(super) fn origin(check: &CheckRecord) -> Vec<ReportPart> {
    let mut parts = vec![
        ReportPart { label: "declared", text: declared(check) },
        ReportPart { label: "reproduce", text: check.reproduce.clone() },
        ReportPart { label: "remedy", text: check.remedy.clone().unwrap_or_default() },
    ];
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// File and line of the declaration, as editors and forges link them; empty where no file declares it.
pub(super) fn declared(check: &CheckRecord) -> String {
    if check.file.is_empty() { String::new() } else { format!("{}:{}", check.file, check.line) }
}

/// What the check states, where that is written down, what it proves, and what else is told of one that passed.
pub(super) fn stated(check: &CheckRecord) -> Vec<ReportPart> {
    let mut parts = vec![
        ReportPart { label: "title", text: check.title.clone() },
        ReportPart { label: "source", text: check.source.clone().unwrap_or_default() },
        ReportPart { label: "step", text: check.step.clone().unwrap_or_default() },
        ReportPart { label: "controls", text: check.controls.join(", ") },
    ];
    // Of what did not pass, the body says this and more.
    if check.status == Status::Passed {
        parts.push(ReportPart { label: "verdict", text: check.verdict.clone() });
        parts.extend(check.evidence.notes.iter().map(|note| ReportPart { label: "note", text: note.clone() }));
    }
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// `text` up to `limit` bytes, and how many bytes that leaves out.
pub(super) fn cut(text: &str, limit: usize) -> (&str, usize) {
    let (kept, left_out) = text.split_at(text.floor_char_boundary(limit));
    (kept, left_out.len())
}

#[cfg(test)]
mod tests {
    use super::{ReportPart, cut};

    #[test]
    fn text_cannot_pose_as_a_part() {
        let part = ReportPart { label: "got", text: "1 row\ndeclared:   elsewhere.toml:1\n".into() };
        assert_eq!(part.lines(), "got:        1 row\n            declared:   elsewhere.toml:1\n\n");
    }

    #[test]
    fn a_cut_falls_between_characters() {
        assert_eq!(cut("aé", 2), ("a", 2));
        assert_eq!(cut("aé", 3), ("aé", 0));
    }
}
