//! Text from elsewhere, made safe to show.

use std::borrow::Cow;

/// `text` with every control character but newline and tab replaced by `?` of the same byte length, so that
/// byte offsets into it stay true. Bidirectional overrides count as control characters (CWE-150, CVE-2021-42574).
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unprintable(c) {
            out.extend(std::iter::repeat_n('?', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_unprintable(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn control_characters_are_replaced_and_offsets_kept() {
        let text = "a\u{1b}[31mb\u{202e}c\r\n";
        let shown = printable(text);
        assert_eq!(shown, "a?[31mb???c?\n");
        assert_eq!(shown.len(), text.len());
    }
}
