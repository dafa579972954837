//! Names: of relations and functions in SQL's identifier syntax, and those that people make.

use crate::sql::lex::{TokenKind, lex};

/// A relation or function name as written: the schema is the first of the suite's where none is given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The schema, unquoted and folded as SQL does.
    pub schema: Option<String>,
    /// The name, unquoted and folded as SQL does.
    pub name: String,
}

/// `orders`, `app.orders`, `"Mixed"."Case"`: folded to lower case where it is not quoted, as the server does
/// (PostgreSQL docs, "Identifiers and Key Words").
pub(crate) fn relation(text: &str) -> Result<Name, String> {
    let mut parts = Vec::new();
    let mut dot = true;
    for token in lex(text.trim()) {
        match token.kind {
            TokenKind::Word if dot => parts.push(token.text.to_ascii_lowercase()),
            TokenKind::Quoted if dot && token.text.starts_with('"') && token.text != "\"\"" => {
                let inner = token.text.get(1..token.text.len() - 1).unwrap_or_default();
                parts.push(inner.replace("\"\"", "\""));
            }
            TokenKind::Symbol if !dot && token.text == "." => {}
            _ => return Err(not_a_name(text)),
        }
        dot = !dot;
    }
    let mut parts = parts.into_iter();
    match (parts.next(), parts.next(), parts.next()) {
        _ if dot => Err(not_a_name(text)),
        (Some(name), None, None) => Ok(Name { schema: None, name }),
        (Some(schema), Some(name), None) => Ok(Name { schema: Some(schema), name }),
        _ => Err(not_a_name(text)),
    }
}

fn not_a_name(text: &str) -> String {
    format!("`{text}` is not a name in SQL: write `orders`, `app.orders` or `\"Mixed\".\"Case\"`")
}

/// `f(uuid, boolean)`: the name, and the argument types as written.
pub(crate) fn function(text: &str) -> Result<(Name, String), String> {
    let open = lex(text).find(|token| token.text == "(").map(|token| token.start);
    let parts = open.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?.trim_end().strip_suffix(')')?)));
    let Some((name, arguments)) = parts else {
        return Err(format!("`{text}` is not a function with its argument types: write `f(uuid, boolean)`, or `f()`"));
    };
    Ok((relation(name)?, arguments.trim().to_owned()))
}

/// One identifier, as a schema's name.
pub(crate) fn schema(text: &str) -> Result<String, String> {
    match relation(text)? {
        Name { schema: None, name } => Ok(name),
        Name { schema: Some(_), .. } => Err(format!("`{text}` is not the name of a schema: there is a dot in it")),
    }
}

/// Whether it is `kebab-case` or `snake_case`.
pub(crate) fn is_made(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
}

/// Whether `:name` can refer to it.
pub(crate) fn is_id(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::{function, relation, schema};
    use rstest::rstest;

    #[rstest]
    #[case("orders", None, "orders")]
    #[case("Orders", None, "orders")]
    #[case("App.Orders", Some("app"), "orders")]
    #[case("\"Mixed\".\"Ca.se\"", Some("Mixed"), "Ca.se")]
    #[case("\"a\"\"b\"", None, "a\"b")]
    #[case("größe", None, "größe")]
    fn names_fold_as_sql_does(#[case] text: &str, #[case] in_schema: Option<&str>, #[case] name: &str) {
        let read = relation(text).unwrap();
        assert_eq!((read.schema.as_deref(), read.name.as_str()), (in_schema, name));
    }

    #[rstest]
    fn what_is_no_name_is_refused(
        #[values("", "a.", ".a", "a b", "a.b.c", "\"a", "1a", "a-b", "a;drop", "U&\"x\"", "\"\"")] text: &str,
    ) {
        assert!(relation(text).is_err(), "{text}");
    }

    #[test]
    fn functions_are_names_with_types() {
        let (name, types) = function("App.\"F(x)\"( numeric(1,2), text[] )").unwrap();
        assert_eq!((name.schema.as_deref(), name.name.as_str()), (Some("app"), "F(x)"));
        assert_eq!(types, "numeric(1,2), text[]");
        assert_eq!(function("f()").unwrap().1, "");
        assert!(function("f").is_err() && function("f(").is_err() && function("(int)").is_err());
        assert!(schema("a.b").is_err());
    }
}
