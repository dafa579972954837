//! Both ends of a long text: a message begins with what happened, and a program's output ends with it.

/// `text`, or what `limit` bytes hold of its two ends, with how many are left out between.
#[must_use]
pub(crate) fn ends(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let (head, rest) = text.split_at(text.floor_char_boundary(limit / 2));
    let (between, tail) = rest.split_at(rest.ceil_char_boundary(rest.len().saturating_sub(limit / 2)));
    format!("{head} … ({} bytes are left out here) … {tail}", between.len())
}

#[cfg(test)]
mod tests {
    use super::ends;

    #[test]
    fn both_ends_are_kept_and_no_character_is_cut() {
        assert_eq!(ends("aé", 3), "aé");
        assert_eq!(ends("abcdefgh", 4), "ab … (4 bytes are left out here) … gh");
        assert_eq!(ends("aébcdéa", 4), "a … (7 bytes are left out here) … a");
    }
}
