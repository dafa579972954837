//! Text from elsewhere, made safe to show.

pub(crate) mod duration;
mod ends;
#[cfg(test)]
pub(crate) mod generated;
pub(crate) mod hex;
pub(crate) mod nearest;
pub(crate) mod percent;

pub(crate) use ends::ends;

use std::borrow::Cow;

/// `text` with every control character but newline and tab replaced by `?` of the same byte length, so that
/// byte offsets into it stay true. Bidirectional overrides count as control characters (CWE-150, CVE-2021-42574).
#[must_use]
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
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

/// `text` for a document: what [`printable`] replaces stays recognisable, and what XML 1.0 forbids (section 2.2,
/// production 2) is gone. An ASCII control character becomes its picture (ESC is `␛`), so that a terminal
/// sequence shows as text; every other one, U+FFFE and U+FFFF become U+FFFD. Newline and tab stay.
#[must_use]
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) || !text.contains(|c| visible_char(c) != c)
    {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(visible_char).collect())
}

/// `text` on one line: line breaks and tabs become spaces.
#[must_use]
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\t']) { Cow::Owned(text.replace(['\n', '\t'], " ")) } else { Cow::Borrowed(text) }
}

fn visible_char(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7F}' => '\u{2421}',
        '\u{FFFE}' | '\u{FFFF}' => char::REPLACEMENT_CHARACTER,
        c if is_unprintable(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

fn is_unprintable(c: char) -> bool {
    // Unicode's property Bidi_Control, beside the control characters proper.
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{one_line, printable, visible};

    #[test]
    fn control_characters_are_replaced_and_offsets_kept() {
        let text = "a\u{1b}[31mb\u{202e}c\r\n";
        let shown = printable(text);
        assert_eq!(shown, "a?[31mb???c?\n");
        assert_eq!(shown.len(), text.len());
    }

    #[test]
    fn a_document_shows_what_was_there() {
        assert_eq!(visible("\0\u{1b}[31m\r\n\t\u{7f}"), "␀␛[31m␍\n\t␡");
        assert_eq!(visible("\u{9b}\u{85}\u{ffff}\u{fffe}\u{61c}\u{2066}"), "\u{fffd}".repeat(6));
        assert_eq!(visible("ünï 𝄞 ]]>"), "ünï 𝄞 ]]>");
    }

    #[test]
    fn a_line_has_no_breaks() {
        assert_eq!(one_line("a\nb\tc"), "a b c");
    }
}
