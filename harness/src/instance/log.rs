//! The end of a server's log.

use std::collections::VecDeque;

use crate::text::printable;

/// Lines of a log that a message shows.
const TAIL: usize = 20;

/// The last lines of a log, safe to show.
pub(super) fn tail(log: &str) -> String {
    let mut lines = VecDeque::new();
    for line in log.lines() {
        if lines.len() == TAIL {
            lines.pop_front();
        }
        lines.push_back(line);
    }
    let lines: Vec<&str> = lines.into_iter().collect();
    printable(&lines.join("\n")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::tail;

    #[test]
    fn a_tail_is_short_and_printable() {
        let log: String = (0..50).map(|n| format!("line {n}\u{1b}[2J\n")).collect();
        let shown = tail(&log);
        assert_eq!(shown.lines().count(), 20);
        assert!(shown.starts_with("line 30?[2J\n") && shown.ends_with("line 49?[2J"), "{shown}");
    }
}
