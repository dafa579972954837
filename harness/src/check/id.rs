//! Check ids: made of names only, so that moving a line, a group or a profile changes none.

/// Joins parts with `/`; other characters than `A-Za-z0-9_.-(),@` become `%XX`.
#[must_use]
pub(crate) fn id<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for (n, part) in parts.into_iter().enumerate() {
        if n > 0 {
            out.push('/');
        }
        for byte in part.bytes() {
            if byte.is_ascii_alphanumeric() || b"_.-(),@".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
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
