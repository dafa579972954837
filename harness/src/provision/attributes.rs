//! Attributes of roles: what a server has, what a built-in prelude wants, and the difference in SQL's words.

use std::collections::BTreeMap;
use std::fmt;

use crate::chain::prelude::{BUILT_IN, Prelude};

/// In the order that they are read from `pg_roles` (PostgreSQL docs, CREATE ROLE).
const WORDS: [&str; 7] = ["SUPERUSER", "INHERIT", "CREATEROLE", "CREATEDB", "LOGIN", "REPLICATION", "BYPASSRLS"];

/// Each of [`WORDS`], held or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attributes([bool; WORDS.len()]);

impl Attributes {
    /// As `pg_roles` has them, in the order of [`WORDS`].
    pub(crate) fn of_flags(flags: &[bool]) -> Self {
        let mut flags = flags.iter().copied();
        Self([(); WORDS.len()].map(|()| flags.next().unwrap_or_default()))
    }

    /// As options of CREATE ROLE; without one, a role has INHERIT alone.
    pub(crate) fn of_words(words: &str) -> Self {
        let says = |word: &str| words.split_whitespace().any(|said| said.eq_ignore_ascii_case(word));
        Self(WORDS.map(|word| says(word) || (word == "INHERIT" && !says("NOINHERIT"))))
    }

    pub(crate) const fn superuser(self) -> bool {
        let [superuser, ..] = self.0;
        superuser
    }

    /// What is held here and ought not to be, or the other way round; `None` where they are equal.
    pub(crate) fn difference(self, wanted: Self) -> Option<String> {
        let differ = |words: Self, other: Self| -> Vec<String> {
            let all = WORDS.iter().zip(words.0).zip(other.0);
            all.filter(|((_, is), other)| is != other).map(|((word, is), _)| spelt(word, is)).collect()
        };
        (self != wanted).then(|| format!("{}, then {}", differ(self, wanted).join(" "), differ(wanted, self).join(" ")))
    }
}

impl fmt::Display for Attributes {
    /// As options of CREATE ROLE.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = WORDS.iter().zip(self.0).map(|(word, is)| spelt(word, is)).collect();
        f.write_str(&words.join(" "))
    }
}

fn spelt(word: &str, is: bool) -> String {
    if is { word.to_owned() } else { format!("NO{word}") }
}

/// The roles of a built-in prelude, from the list that its SQL creates them from; nothing for a prelude that is a file,
/// whose wishes nobody can read.
pub(crate) fn wanted(prelude: &Prelude, source: &str) -> BTreeMap<String, Attributes> {
    if !BUILT_IN.contains(&prelude.name.as_str()) {
        return BTreeMap::new();
    }
    let list = source.split_once("(values").and_then(|(_, rest)| rest.split_once(") v(name, attrs)"));
    let lines = list.map(|(list, _)| list).unwrap_or_default().lines();
    lines
        .filter_map(|line| {
            let (name, rest) = line.trim().strip_prefix("('")?.split_once('\'')?;
            let (_, rest) = rest.split_once('\'')?;
            let (attributes, _) = rest.split_once('\'')?;
            Some((name.to_owned(), Attributes::of_words(attributes)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Attributes, wanted};
    use crate::chain::prelude::Prelude;

    #[test]
    fn the_list_of_the_prelude_is_read_whole() {
        let prelude = Prelude::find("supabase", Path::new("")).unwrap();
        let source = prelude.script.as_ref().unwrap().source.clone();
        let wanted = wanted(&prelude, &source);
        let (_, list) = source.split_once("for r in select * from (values\n").unwrap();
        let (list, _) = list.split_once(") v(name, attrs)").unwrap();
        assert_eq!(wanted.len(), list.lines().filter(|line| line.trim_start().starts_with("('")).count());
        assert_eq!(wanted["anon"], Attributes::of_words("noinherit"));
        assert_eq!(wanted["postgres"], Attributes::of_words("login createdb createrole replication bypassrls"));
        assert!(wanted["supabase_admin"].superuser() && !wanted["postgres"].superuser());
    }

    #[test]
    fn a_difference_names_what_differs_alone() {
        let (is, wanted) = (Attributes::of_words("login"), Attributes::of_words("noinherit bypassrls login"));
        assert_eq!(is.difference(wanted).unwrap(), "INHERIT NOBYPASSRLS, then NOINHERIT BYPASSRLS");
        assert_eq!(is.difference(is), None);
        assert_eq!(wanted.to_string(), "NOSUPERUSER NOINHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION BYPASSRLS");
    }
}
