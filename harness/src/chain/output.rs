//! What a program prints, kept in bounded memory: its beginning and its end, and how much is missing between.

use std::collections::VecDeque;

use crate::text::printable;

/// The two ends of a stream of bytes.
#[derive(Debug)]
pub(super) struct Output {
    keep: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    cut: usize,
}

impl Output {
    /// Keeps `keep` bytes of either end.
    pub(super) const fn new(keep: usize) -> Self {
        Self { keep, head: Vec::new(), tail: VecDeque::new(), cut: 0 }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = self.keep.saturating_sub(self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(self.keep);
        self.tail.drain(..over);
        self.cut += over;
    }

    /// Both ends as text that is safe to show, with what was cut stated.
    pub(super) fn text(&self) -> String {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        let bytes = if self.cut == 0 {
            [self.head.as_slice(), &tail].concat()
        } else {
            let cut = format!("\n[... {} bytes are left out here ...]\n", self.cut);
            [self.head.as_slice(), cut.as_bytes(), &tail].concat()
        };
        printable(&String::from_utf8_lossy(&bytes)).into_owned()
    }
}

/// Lines of an output that a message shows.
const SHOWN: usize = 20;

/// The end of what a program printed, for a message; before it the warnings of what is left out, since a program that breaks
/// says there what it broke on.
pub(super) fn last_lines(output: &str) -> String {
    let lines: Vec<&str> = output.trim_end().lines().collect();
    let (above, shown) = lines.split_at(lines.len().saturating_sub(SHOWN));
    let warned = above.iter().filter(|line| line.contains("Warning: ")).take(SHOWN);
    let shown: Vec<&str> = warned.chain(shown).copied().collect();
    if shown.is_empty() { "(it printed nothing)".to_owned() } else { shown.join("\n") }
}

/// The one line that says why a program broke: of a traceback of Python's the exception, which details may follow; else the
/// last line that is not empty.
pub(super) fn cause(output: &str) -> Option<&str> {
    let raised = output.rsplit_once("Traceback (most recent call last):").and_then(|(_, frames)| {
        frames.lines().find(|line| line.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    });
    raised.or_else(|| output.lines().rev().map(str::trim).find(|line| !line.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::{Output, cause, last_lines};

    #[test]
    fn a_message_shows_the_last_lines() {
        assert_eq!(last_lines("a\n\nb\n\n"), "a\n\nb");
        assert_eq!(last_lines("\n"), "(it printed nothing)");
        let many: String = (1..=50).map(|n| format!("{n}\n")).collect();
        assert!(last_lines(&many).starts_with("31\n") && last_lines(&many).ends_with("\n50"));
    }

    #[test]
    fn a_warning_above_the_last_lines_is_not_lost() {
        let many: String = (1..=50).map(|n| format!("{n}\n")).collect();
        let shown = last_lines(&format!("x.py:1: UserWarning: Revision z is not present\n{many}"));
        assert!(shown.starts_with("x.py:1: UserWarning: Revision z is not present\n31\n"), "{shown}");
    }

    #[test]
    fn the_cause_is_the_exception_and_not_what_follows_it() {
        let raised = "Traceback (most recent call last):\n  File \"x\", line 1\n    f()\nKeyError: 'a'\n\nThe above ...\n\n\
            Traceback (most recent call last):\n  File \"y\", line 2\n    ^^^\nsqlalchemy.exc.E: (x) no relation\nLINE 1: z\n\n(Background ...)\n";
        assert_eq!(cause(raised), Some("sqlalchemy.exc.E: (x) no relation"));
        assert_eq!(cause("one\ntwo \n\n"), Some("two"));
        assert_eq!(cause(" \n"), None);
    }

    #[test]
    fn both_ends_are_kept_and_what_is_cut_is_said() {
        let mut output = Output::new(4);
        output.push(b"abc");
        output.push(b"def");
        assert_eq!(output.text(), "abcdef");
        output.push(b"ghij\x1b[");
        assert_eq!(output.text(), "abcd\n[... 4 bytes are left out here ...]\nij?[");
        let mut output = Output::new(2);
        output.push("aéb".as_bytes());
        assert_eq!(output.text(), "aéb");
    }
}
