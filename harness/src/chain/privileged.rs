//! The two statements that a platform lets an owner run although PostgreSQL keeps them for superusers.
//!
//! They are taken apart here and put together anew, never sent as they stand. CREATE EXTENSION runs the extension's
//! script with the superuser's rights, in a schema that the chain may have filled with its own functions: so only
//! extensions of postgresql-contrib whose scripts define C functions and call nothing.

use sqlx::AssertSqlSafe;

use super::connect::{Connect, open_superuser, refused};
use crate::Error;
use crate::sql::lex::{Token, TokenKind, lex};
use crate::sql::quote::{ident, literal};

/// Not marked trusted, and harmless all the same.
pub const EXTENSIONS: &[&str] = &["autoinc", "insert_username", "moddatetime", "pg_stat_statements", "refint"];

/// Where an exempted statement is run, and where it makes what it makes.
#[derive(Clone, Copy)]
pub struct Exempt<'a> {
    /// The server.
    pub server: &'a dyn Connect,
    /// The chain's database.
    pub database: &'a str,
    /// The schema of an extension that names none.
    pub schema: &'a str,
}

impl std::fmt::Debug for Exempt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exempt").field("database", &self.database).field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// A statement that a superuser session may run in the owner's place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exemption {
    /// What it does, for the report.
    pub(super) words: String,
    sql: String,
}

impl Exempt<'_> {
    /// What `statement` is exempted as; none for nearly all.
    pub(super) fn of(&self, statement: &str) -> Option<Exemption> {
        // More tokens than the longest of them has, to see that it ends.
        let tokens: Vec<Token<'_>> = lex(statement).filter(|token| !token.is_trivia()).take(12).collect();
        extension(&tokens, self.schema).or_else(|| api_setting(&tokens))
    }

    pub(super) async fn run(&self, exemption: &Exemption) -> Result<(), Error> {
        let mut connection = open_superuser(self.server, self.database).await?;
        let sent = sqlx::raw_sql(AssertSqlSafe(exemption.sql.as_str())).execute(&mut connection).await;
        sent.map(|_| ()).map_err(refused(&exemption.words))
    }
}

/// CREATE EXTENSION [ IF NOT EXISTS ] name [ [ WITH ] SCHEMA schema ] and nothing more.
fn extension(tokens: &[Token<'_>], default_schema: &str) -> Option<Exemption> {
    let rest = strip(tokens, &["CREATE", "EXTENSION"])?;
    let (condition, rest) = strip(rest, &["IF", "NOT", "EXISTS"]).map_or(("", rest), |rest| ("IF NOT EXISTS ", rest));
    let (name, rest) = rest.split_first()?;
    let name = name_of(name)?;
    let rest = strip(rest, &["WITH"]).unwrap_or(rest);
    let schema = match strip(rest, &["SCHEMA"]) {
        Some([schema]) => name_of(schema)?,
        None if rest.is_empty() => default_schema.to_owned(),
        _ => return None,
    };
    if !EXTENSIONS.contains(&name.as_str()) {
        return None;
    }
    let sql = format!("CREATE EXTENSION {condition}{} SCHEMA {}", ident(&name), ident(&schema));
    Some(Exemption { words: format!("extension {name}"), sql })
}

/// ALTER ROLE authenticator SET pgrst.name { = | TO } value: read by PostgREST, meaningless to the server.
fn api_setting(tokens: &[Token<'_>]) -> Option<Exemption> {
    let rest = strip(tokens, &["ALTER", "ROLE", "authenticator", "SET", "pgrst"])?;
    let [dot, name, is, value] = rest else { return None };
    if dot.text != "." || !(is.text == "=" || is.is("TO")) {
        return None;
    }
    let name = format!("pgrst.{}", name_of(name)?);
    let value = match value.kind {
        TokenKind::Text if value.text.starts_with('\'') => unquote(value.text, '\''),
        TokenKind::Word | TokenKind::Number => value.text.to_owned(),
        _ => return None,
    };
    let sql = format!("ALTER ROLE authenticator SET {} TO {}", ident(&name), literal(&value));
    Some(Exemption { words: format!("setting {name} of role authenticator"), sql })
}

fn strip<'t, 'a>(tokens: &'t [Token<'a>], keywords: &[&str]) -> Option<&'t [Token<'a>]> {
    let (head, rest) = tokens.split_at_checked(keywords.len())?;
    head.iter().zip(keywords).all(|(token, keyword)| token.is(keyword)).then_some(rest)
}

/// The name that a plain or quoted identifier means.
fn name_of(token: &Token<'_>) -> Option<String> {
    match token.kind {
        TokenKind::Word => Some(token.text.to_ascii_lowercase()),
        TokenKind::Quoted if token.text.starts_with('"') => Some(unquote(token.text, '"')),
        _ => None,
    }
}

fn unquote(text: &str, quote: char) -> String {
    let inner = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)).unwrap_or(text);
    inner.replace(&format!("{quote}{quote}"), &quote.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Exemption, api_setting, extension};
    use crate::sql::lex::{Token, lex};

    fn tokens(text: &str) -> Vec<Token<'_>> {
        lex(text).filter(|token| !token.is_trivia()).collect()
    }

    fn sql(exemption: Option<Exemption>) -> Option<String> {
        exemption.map(|exemption| exemption.sql)
    }

    #[test]
    fn extensions_that_are_named_and_no_others() {
        let made = |text| sql(extension(&tokens(text), "public"));
        let moddatetime = "CREATE EXTENSION IF NOT EXISTS \"moddatetime\" SCHEMA \"extensions\"";
        let text = "create extension if not exists moddatetime /* x */ with schema extensions";
        assert_eq!(made(text).as_deref(), Some(moddatetime));
        let plain = "CREATE EXTENSION \"moddatetime\" SCHEMA \"public\"";
        assert_eq!(made("CREATE EXTENSION \"moddatetime\"").as_deref(), Some(plain));
        for text in [
            "create extension file_fdw",
            "create extension plpython3u",
            "create extension moddatetime cascade",
            "create extension moddatetime version '1'",
            "create extension moddatetime schema a, b",
            "create extension moddatetime schema 'a'",
            "create extension",
        ] {
            assert_eq!(made(text), None, "{text}");
        }
    }

    #[test]
    fn settings_of_the_api_and_no_others() {
        let made = |text| sql(api_setting(&tokens(text)));
        let text = "alter role authenticator set pgrst.db_schemas = 'public, it''s'";
        let whole = "ALTER ROLE authenticator SET \"pgrst.db_schemas\" TO 'public, it''s'";
        assert_eq!(made(text).as_deref(), Some(whole));
        for text in [
            "alter role postgres set pgrst.a = 'b'",
            "alter role authenticator set work_mem = '1MB'",
            "alter role authenticator set pgrst.a = 'b' superuser",
            "alter role authenticator set pgrst.a = 'b'; alter role postgres superuser",
        ] {
            assert_eq!(made(text), None, "{text}");
        }
    }
}
