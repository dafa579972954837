//! Text in which other characters than some stand as `%XX`, byte by byte (RFC 3986, section 2.1).

/// `text` with ASCII letters, digits and `kept` as they are.
#[must_use]
pub(crate) fn encoded(text: &str, kept: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
