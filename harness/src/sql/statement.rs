//! A statement that holds row values: as it is sent, and as reports may show it.

use super::quote::literal;

/// What stands in reports for a value that they may not hold.
const WITHHELD: &str = "'…'";

/// A statement under construction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sql {
    run: String,
    shown: String,
}

impl Sql {
    /// A statement without row values, or the part of one.
    #[must_use]
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let run = text.into();
        Self { shown: run.clone(), run }
    }

    /// A value of a row as a literal of unknown type; `shown` says whether reports may hold it.
    #[must_use]
    pub(crate) fn value(value: Option<&str>, shown: bool) -> Self {
        match value {
            None => Self::text("NULL"),
            Some(value) if shown => Self::text(literal(value)),
            Some(value) => Self { run: literal(value), shown: WITHHELD.to_owned() },
        }
    }

    /// Adds a part.
    #[must_use]
    pub(crate) fn then(mut self, part: impl Into<Self>) -> Self {
        let part = part.into();
        self.run.push_str(&part.run);
        self.shown.push_str(&part.shown);
        self
    }

    /// Parts with `separator` between them.
    #[must_use]
    pub(crate) fn join(parts: impl IntoIterator<Item = Self>, separator: &str) -> Self {
        let mut all = Self::default();
        for (n, part) in parts.into_iter().enumerate() {
            if n > 0 {
                all = all.then(separator);
            }
            all = all.then(part);
        }
        all
    }

    /// As it is sent.
    #[must_use]
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// As reports may show it.
    #[must_use]
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }
}

impl From<&str> for Sql {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Sql;

    #[test]
    fn a_value_is_sent_and_not_shown() {
        let sql = Sql::text("SET a = ").then(Sql::value(Some("it's"), false)).then(Sql::text(", b = "));
        let sql = sql.then(Sql::value(Some("k"), true)).then(", c = ").then(Sql::value(None, false));
        assert_eq!(sql.run(), "SET a = 'it''s', b = 'k', c = NULL");
        assert_eq!(sql.shown(), "SET a = '…', b = 'k', c = NULL");
    }
}
