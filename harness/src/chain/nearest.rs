//! The name that was probably meant.

/// The one of `names` that differs least from `wrong`; none if all differ too much to be a slip.
pub(super) fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 4)
        .min()
        .map(|(_, name)| name)
}

/// `, nearest is …` where there is one, to follow a message.
pub(crate) fn suffix<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    nearest(wrong, names).map_or_else(String::new, |name| format!(", nearest is `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::{nearest, suffix};

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let names = ["schemas", "layout", "owner"];
        assert_eq!(nearest("shcemas", names), Some("schemas"));
        assert_eq!(suffix("ownr", names), ", nearest is `owner`");
        assert_eq!(suffix("frobnicate", names), "");
    }
}
