//! What of a suite's SQL may be sent to a live database: one statement that reads, told by its words before anything is
//! sent.
//!
//! The server holds the same line again: it is asked to PREPARE the text, which takes one statement of the sort SELECT,
//! VALUES, INSERT, UPDATE, DELETE, MERGE and no other (PostgreSQL docs, "PREPARE"), in a READ ONLY transaction.

use std::collections::BTreeSet;

use crate::sql::lex::{Token, TokenKind, lex};
use crate::sql::split::split;

/// Why a text is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(crate) struct Refused {
    /// What is wrong, in lower case.
    pub why: String,
    /// What to do next.
    pub help: &'static str,
}

/// A statement that reads, and the names in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LiveStatement {
    /// As it is sent: without the semicolon and the comments around it.
    pub sql: String,
    /// What is called: a name before a parenthesis, with its schema if it has one.
    pub calls: BTreeSet<(Option<String>, String)>,
    /// What a dot leads to: a column, or a function of one row (PostgreSQL docs, "Function Calls", on field notation).
    pub fields: BTreeSet<String>,
    /// Every operator, and those that stand behind keywords.
    pub operators: BTreeSet<String>,
    /// Every name, since each may be that of a type; the server's own types by their own names as well.
    pub names: BTreeSet<String>,
    /// Names of `names` that stand where a cast has its type.
    pub types: BTreeSet<String>,
    /// Whether a literal may be the text of something that has parts: a row, an array or a range.
    pub parts: bool,
}

impl LiveStatement {
    /// The statement inside another one that casts its columns to the type `name`.
    #[must_use]
    pub(crate) fn cast_to(mut self, name: &str) -> Self {
        self.names.insert(name.to_owned());
        self.types.insert(name.to_owned());
        self
    }
}

const READS: &str =
    "verify sends plain SELECT, VALUES, TABLE and WITH … SELECT; `current_setting(…)` reads what SHOW shows";
const NO_WRITES: &str = "take it out: verify only reads";

/// Operators that LIKE, BETWEEN, IN, NULLIF, ORDER BY and the like stand for (PostgreSQL's `gram.y`).
const HIDDEN: [&str; 12] = ["=", "<>", "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*", "~", "!~"];

/// What SQL calls types of the server that have another name (PostgreSQL docs, "Data Types").
const ALIASES: [(&str, &str); 20] = [
    ("bigint", "int8"),
    ("bit", "varbit"),
    ("boolean", "bool"),
    ("char", "bpchar"),
    ("character", "bpchar"),
    ("dec", "numeric"),
    ("decimal", "numeric"),
    ("double", "float8"),
    ("float", "float4"),
    ("float", "float8"),
    ("int", "int4"),
    ("integer", "int4"),
    ("national", "bpchar"),
    ("nchar", "bpchar"),
    ("real", "float4"),
    ("smallint", "int2"),
    ("time", "timetz"),
    ("timestamp", "timestamptz"),
    ("varying", "varbit"),
    ("varying", "varchar"),
];

/// Reads `sql` as the server will, and refuses everything that is not one statement that reads.
///
/// # Errors
/// [`Refused`], naming the word.
pub(crate) fn read(sql: &str) -> Result<LiveStatement, Refused> {
    let statements = split(sql).map_err(|error| Refused { why: error.message, help: READS })?;
    let [one] = statements.as_slice() else {
        return Err(Refused {
            why: format!("{} statements, where one is sent at a time", statements.len()),
            help: "write one statement: nothing may come before or after it",
        });
    };
    let sql = sql.get(one.text.clone()).unwrap_or_default().trim_start_matches('\u{feff}');
    let tokens: Vec<Token<'_>> = lex(sql).filter(|token| !token.is_trivia()).collect();
    let first = tokens.iter().find(|token| token.text != "(");
    if !first.is_some_and(|first| ["SELECT", "VALUES", "TABLE", "WITH"].iter().any(|word| first.is(word))) {
        let word = first.map(|first| first.text.to_uppercase()).unwrap_or_default();
        return Err(Refused { why: format!("{word} is not a statement that only reads"), help: READS });
    }
    for (n, token) in tokens.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| tokens.get(n));
        if let Some(refused) = refused(before, token, tokens.get(n + 1)) {
            return Err(refused);
        }
    }
    Ok(names(sql, &tokens))
}

fn refused(before: Option<&Token<'_>>, token: &Token<'_>, after: Option<&Token<'_>>) -> Option<Refused> {
    // After a dot or AS even a reserved word is a name.
    if before.is_some_and(|before| before.text == "." || before.is("AS")) {
        return None;
    }
    let is_after = |words: &[&str]| after.is_some_and(|after| words.iter().any(|word| after.is(word)));
    let why = match token.kind {
        TokenKind::Quoted if !token.text.starts_with('"') => {
            let help = "write the name itself: an escaped name can hide which function is called";
            return Some(Refused { why: "a name in the form U&\"…\"".to_owned(), help });
        }
        TokenKind::Parameter => format!("{} is a parameter, and there is no value for it", token.text),
        TokenKind::Word if token.is("INTO") => "INTO makes a table or writes into one".to_owned(),
        TokenKind::Word if token.is("FOR") && is_after(&["UPDATE", "NO", "SHARE", "KEY"]) => {
            "FOR UPDATE and its kind lock rows".to_owned()
        }
        TokenKind::Word
            if ["INSERT", "UPDATE", "DELETE", "MERGE"].iter().any(|word| token.is(word))
                && before.is_some_and(|before| matches!(before.text, "(" | ")"))
                && after.is_some_and(|after| matches!(after.kind, TokenKind::Word | TokenKind::Quoted)) =>
        {
            format!("{} writes", token.text.to_uppercase())
        }
        _ => return None,
    };
    Some(Refused { why, help: NO_WRITES })
}

fn names(sql: &str, tokens: &[Token<'_>]) -> LiveStatement {
    let mut statement = LiveStatement { sql: sql.to_owned(), ..LiveStatement::default() };
    statement.operators.extend(HIDDEN.map(str::to_owned));
    for (n, token) in tokens.iter().enumerate() {
        let dotted = n > 0 && tokens.get(n - 1).is_some_and(|before| before.text == ".");
        let called = tokens.get(n + 1).is_some_and(|after| after.text == "(");
        match token.kind {
            TokenKind::Operator => operators(token.text, &mut statement.operators),
            TokenKind::Text | TokenKind::Dollar => statement.parts |= has_parts(token.text),
            TokenKind::Word | TokenKind::Quoted => {
                let typed = called || is_type(tokens, n);
                for name in folded(token) {
                    let own = ALIASES.iter().filter(|(alias, _)| *alias == name).map(|(_, own)| (*own).to_owned());
                    statement.names.extend(own);
                    statement.names.insert(name.clone());
                    if typed {
                        statement.types.insert(name.clone());
                    }
                    let schema = n.checked_sub(2).filter(|_| dotted).and_then(|n| tokens.get(n));
                    if called {
                        let schemas = schema.map(folded).unwrap_or_default();
                        statement.calls.extend(schemas.into_iter().map(|schema| (Some(schema), name.clone())));
                        if !dotted {
                            statement.calls.insert((None, name));
                        }
                    } else if dotted {
                        statement.fields.insert(name);
                    }
                }
            }
            _ => {}
        }
    }
    statement
}

/// Whether the literal may be read as a row, an array or a range, which begin so, or with an escape.
fn has_parts(literal: &str) -> bool {
    let plain = literal.starts_with(['\'', '$']);
    !plain || literal.contains(['(', '{', '[', '\\']) || literal.to_ascii_lowercase().contains("empty")
}

/// Whether the name at `n` stands behind `::` or AS, before a literal, or in a qualified name that does.
fn is_type(tokens: &[Token<'_>], n: usize) -> bool {
    let at = |n: usize| tokens.get(n);
    let before = |n: usize| n.checked_sub(1).and_then(at);
    let (mut first, mut last) = (n, n);
    while before(first).is_some_and(|token| token.text == ".") && first > 1 {
        first -= 2;
    }
    while at(last + 1).is_some_and(|token| token.text == ".") {
        last += 2;
    }
    before(first).is_some_and(|token| token.kind == TokenKind::Cast || token.is("AS"))
        || at(last + 1).is_some_and(|token| matches!(token.kind, TokenKind::Text | TokenKind::Dollar))
}

/// A name as the server may fold it. Only ASCII is folded in UTF-8, and more in single-byte encodings.
fn folded(token: &Token<'_>) -> Vec<String> {
    if token.kind == TokenKind::Quoted {
        return vec![crate::sql::quote::fold(token.text)];
    }
    let mut both = vec![token.text.to_ascii_lowercase(), token.text.to_lowercase()];
    both.dedup();
    both
}

/// A run of operator characters is one operator, or one with signs behind it (PostgreSQL docs, "Operators").
fn operators(run: &str, all: &mut BTreeSet<String>) {
    let mut name = run;
    while !name.is_empty() {
        all.insert(name.to_owned());
        match name.strip_suffix(['+', '-']) {
            Some(shorter) => name = shorter,
            None => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_does_not_only_read_is_refused() {
        for (sql, word) in [
            ("commit", "COMMIT"),
            ("select 1; commit", "2 statements"),
            ("/* a */ rollback", "ROLLBACK"),
            ("set transaction read write", "SET"),
            ("do $$ begin end $$", "DO"),
            ("call p()", "CALL"),
            ("copy t to '/tmp/x'", "COPY"),
            ("copy (select 1) to program 'id'", "COPY"),
            ("copy t to stdout", "COPY"),
            ("explain analyze select 1", "EXPLAIN"),
            ("show server_version", "SHOW"),
            ("prepare transaction 'x'", "PREPARE"),
            ("notify x", "NOTIFY"),
            ("listen x", "LISTEN"),
            ("lock t", "LOCK"),
            ("create temp table x ()", "CREATE"),
            ("insert into t values (1)", "INSERT"),
            ("with x as (insert into t values (1) returning 1) select * from x", "INSERT"),
            ("with x as (delete from t returning 1) select * from x", "DELETE"),
            ("with x as (select 1) update t set a = 1", "UPDATE"),
            ("select 1 into t", "INTO"),
            ("select * from t for update", "FOR UPDATE"),
            ("select * from t for no key update", "FOR UPDATE"),
            ("select * from t for share", "FOR UPDATE"),
            ("select $1", "parameter"),
            ("select U&\"pg\\005fsleep\"(1)", "U&"),
            ("\\! id", "psql"),
            ("-- nothing", "0 statements"),
            ("select 'a", "not closed"),
        ] {
            let refused = read(sql).unwrap_err();
            assert!(refused.why.contains(word), "{sql}: {refused}");
        }
    }

    #[test]
    fn what_reads_is_taken_without_its_frame() {
        for sql in [
            "select 1",
            "values (1)",
            "table t",
            "(select 1) union (select 2)",
            "with a as (select 1) select * from a",
            "select substring('x' for 3), t.update, 1 as into from t",
            "select has_table_privilege('r', 't', 'delete'), 'insert into t', \"delete\" from t",
        ] {
            assert_eq!(read(&format!("{sql} ; -- end")).unwrap().sql, sql);
        }
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        let call = |sql: &str| {
            let all = read(sql).unwrap().calls;
            all.into_iter()
                .map(|(schema, name)| format!("{}{name}", schema.map(|s| s + ".").unwrap_or_default()))
                .collect::<Vec<_>>()
        };
        assert_eq!(call("select PG_Sleep /* x */ (1)"), ["pg_sleep"]);
        assert_eq!(call("select \"App\" . \"F\"(1), a.g()"), ["App.F", "a.g"]);
        let read = read("select (t).f, t.a @-1, x::y from t").unwrap();
        assert!(read.fields.contains("f") && read.types.contains("y") && !read.types.contains("x"));
        assert!(read.operators.contains("@-") && read.operators.contains("@") && read.operators.contains("="));
    }
}
