//! The name that was probably meant.

/// The name of `known` that `name` is nearest to, if no more than a third of it is different.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|one| (strsim::damerau_levenshtein(name, one), one))
        .filter(|(distance, one)| *distance <= most && *distance < one.chars().count())
        .min()
        .map(|(_, one)| one)
}

/// `, nearest is …` where there is one, to follow a message.
pub(crate) fn suffix<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!(", nearest is `{near}`"))
}

/// Message and help for an unknown name.
pub(crate) fn unknown<'a>(kind: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> (String, String) {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => (format!("unknown {kind} `{name}`, nearest is `{near}`"), String::new()),
        None if known.is_empty() => (format!("unknown {kind} `{name}`"), String::new()),
        None => (format!("unknown {kind} `{name}`"), format!("known here: {}", listed(&known))),
    }
}

const LISTED: usize = 12;

fn listed(names: &[&str]) -> String {
    let mut text = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > LISTED {
        text.push_str(", …");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{nearest, suffix};

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let keys = ["tenant_key", "tenant_via", "rows"];
        assert_eq!(nearest("tenat_key", keys), Some("tenant_key"));
        assert_eq!(nearest("row", keys), Some("rows"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("b", ["a"]), None);
    }

    #[test]
    fn a_message_names_what_is_near_alone() {
        let names = ["schemas", "layout", "owner"];
        assert_eq!(suffix("shcemas", names), ", nearest is `schemas`");
        assert_eq!(suffix("frobnicate", names), "");
    }
}
