//! Check ids: made of names only, so that moving a line, a group or a profile changes none.

use crate::text::percent::encoded;

/// Characters of an id beside letters and digits.
const KEPT: &[u8] = b"_.-(),@";

/// Joins parts with `/`; other characters than `A-Za-z0-9_.-(),@` become `%XX`.
#[must_use]
pub(crate) fn id<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().map(|part| encoded(part, KEPT)).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::id;

    #[test]
    fn other_characters_are_escaped_byte_by_byte() {
        assert_eq!(id(["s", "contract", "public.Naïve Table/x"]), "s/contract/public.Na%C3%AFve%20Table%2Fx");
    }

    #[test]
    fn what_is_allowed_stays() {
        assert_eq!(id(["a_b-c", "f(integer,text)", "@public"]), "a_b-c/f(integer,text)/@public");
    }
}
