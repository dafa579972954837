//! What serde and the TOML reader say about a wrong shape, taken apart and said in the words of the format.
//!
//! Names of unknown keys and of those that are known reach us in no other form than serde's message.

use crate::text::nearest::{nearest, unknown};

/// A wrong shape.
pub(crate) enum Shape<'a> {
    /// A key, or a word where one of several stands, that is not known; and those that are.
    Unknown { kind: &'static str, name: &'a str, known: Vec<&'a str> },
    /// A key that is required.
    Missing(&'a str),
    /// Something else was expected here.
    Type { found: &'a str, expected: &'a str },
    /// Anything else.
    Other(&'a str),
}

/// Words of serde and of the TOML reader, and those of the format.
const WORDS: [(&str, &str); 12] = [
    ("a sequence", "a list"),
    ("sequence", "a list"),
    ("map", "a table"),
    ("a map", "a table"),
    ("a string", "a text"),
    ("u32", "a whole number from 0 up"),
    ("u64", "a whole number from 0 up"),
    ("f64", "a number"),
    ("newtype variant", "a table `{ word = value }`, since this word needs a value"),
    ("unit variant", "the word alone"),
    ("wanted string or table", "expected a word, or a table with one key"),
    ("wanted exactly 1 element, more than 1 element", "exactly one key is required"),
];

fn word(word: &str) -> &str {
    WORDS.iter().find(|(theirs, _)| *theirs == word).map_or(word, |(_, ours)| ours)
}

impl<'a> Shape<'a> {
    /// Reads serde's message.
    pub(crate) fn of(message: &'a str) -> Self {
        let mut quoted = message.split('`').skip(1).step_by(2);
        let kind = match message.split(' ').take(2).collect::<Vec<_>>().as_slice() {
            ["unknown", "field"] => Some("key"),
            ["unknown", "variant"] => Some("value"),
            _ => None,
        };
        if let Some(kind) = kind {
            return Self::Unknown { kind, name: quoted.next().unwrap_or_default(), known: quoted.collect() };
        }
        if message.starts_with("missing field") {
            return Self::Missing(quoted.next().unwrap_or_default());
        }
        let of_type = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
        match of_type.and_then(|rest| rest.split_once(", expected ")) {
            Some((found, expected)) => Self::Type { found, expected },
            None => Self::Other(message),
        }
    }

    /// The key that is required.
    pub(crate) fn missing(&self) -> Option<&'a str> {
        if let Self::Missing(name) = self { Some(name) } else { None }
    }

    /// The key that was probably meant.
    pub(crate) fn meant(&self) -> Option<String> {
        let Self::Unknown { name, known, .. } = self else { return None };
        nearest(name, known.iter().copied()).map(str::to_owned)
    }

    /// Message and help; `key` is the one that it is about.
    pub(crate) fn message(&self, key: Option<&str>) -> (String, String) {
        let about = key.map(|key| format!("`{key}`: ")).unwrap_or_default();
        match self {
            Self::Unknown { kind, name, known } => unknown(kind, name, known.iter().copied()),
            Self::Missing(name) => (format!("key `{name}` is missing"), String::new()),
            Self::Type { found, expected } => {
                (format!("{about}expected {}, not {}", word(expected), word(found)), String::new())
            }
            Self::Other(message) => (format!("{about}{}", word(message)), String::new()),
        }
    }
}
