//! Scripts that are hard to cut, under test.

use proptest::prelude::*;
use squawk_syntax::ast::AstNode;
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

use super::{StatementKind, split};

fn texts(sql: &str) -> Vec<&str> {
    split(sql).unwrap().into_iter().map(|statement| &sql[statement.text]).collect()
}

#[test]
fn semicolons_in_quotes_comments_and_bodies_end_nothing() {
    for sql in [
        "select ';', $$;$$, $f$ ; $f$, \";\", E'\\';'",
        "select 1 -- it's; not the end\n + 2",
        "select /* ; /* ' */ ; */ 1",
        "create function f() returns int begin atomic select 1; select case when true then 1 end; end",
        "create or replace procedure p() language sql begin atomic insert into t values (1); end",
        "create function f() returns int begin atomic select 1 as end; select t.end from t; end",
        "create rule r as on insert to t do also (insert into a values (1); delete from b)",
        "do $do$ begin perform 1; end $do$",
    ] {
        assert_eq!(texts(sql), [sql]);
        assert_eq!(texts(&format!("{sql} ;\nselect 2")), [sql, "select 2"]);
    }
}

#[test]
fn begin_and_end_elsewhere_hold_nothing_together() {
    assert_eq!(texts("begin; select 1; end; select 2"), ["begin", "select 1", "end", "select 2"]);
    assert_eq!(texts("select case when a then b end; select 1"), ["select case when a then b end", "select 1"]);
    let as_text = "create function f() returns trigger as 'begin atomic' language sql";
    assert_eq!(texts(&format!("{as_text}; select 1")), [as_text, "select 1"]);
}

#[test]
fn empty_pieces_are_no_statements() {
    for sql in ["", ";;", " \r\n", "-- only; a comment", "/* ; */ ; -- x", "\u{feff}", "\u{feff}-- x\n;"] {
        assert_eq!(texts(sql), [""; 0], "{sql:?}");
    }
}

#[test]
fn statements_carry_their_line_and_leave_the_comments_around_them() {
    let sql = "\u{feff}-- head\r\nselect 1 -- tail\r\n;\r\n\r\n/* two\r\nlines */ begin /* x */;\r\nselect\r\n2";
    let found: Vec<_> = split(sql).unwrap().into_iter().map(|s| (s.line, &sql[s.text], s.kind)).collect();
    assert_eq!(
        found,
        [
            (2, "select 1", StatementKind::Ordinary),
            (6, "begin", StatementKind::Begin),
            (7, "select\r\n2", StatementKind::Ordinary)
        ]
    );
    assert_eq!(texts("\u{feff}select 1;select 2"), ["select 1", "select 2"]);
}

#[test]
fn what_is_for_psql_is_refused() {
    for (sql, marked) in [
        ("select 1;\n\\set x `id`\nselect 2;", "\\set x `id`"),
        ("\\ir other.sql\r\n", "\\ir other.sql"),
        ("\\copy t from program 'id'", "\\copy t from program 'id'"),
        ("select 'drop' \\gexec\n", "\\gexec"),
        ("\\restrict abc", "\\restrict abc"),
        ("copy t (a, b) from stdin;\n1\tit's\n\\.\n", "stdin"),
        ("COPY (select 1 from stdin) TO STDOUT", "STDOUT"),
    ] {
        let error = split(sql).unwrap_err();
        assert_eq!(&sql[error.range], marked);
        assert!(!error.help.is_empty());
    }
    assert_eq!(texts("copy t from '/x'; copy stdin to program 'stdin'").len(), 2);
}

#[test]
fn what_is_not_closed_is_named() {
    for (sql, what, marked) in [
        ("select 'a b", "this string", "'a"),
        ("select E'\\'", "this string", "E'\\'"),
        ("select \"a b", "quoted identifier", "\"a"),
        ("do $x$ begin $y$", "dollar-quoted", "$x$"),
        ("/* a /* b */", "comment", "/*"),
        ("select U&\"a", "quoted identifier", "U&\"a"),
    ] {
        let error = split(sql).unwrap_err();
        assert!(error.message.contains(what), "{}", error.message);
        assert_eq!(&sql[error.range], marked);
    }
}

/// Statements that an independent parser knows too, with what trips naive splitters in them.
const POOL: &[&str] = &[
    "select 1",
    "select 'a;b', 'it''s', E'\\';\\\\', U&'d\\0061t\\+000061'",
    "select $$ ; ' \" -- /* $$, $body$ $$;$$ $body$",
    "create table \"odd;name\" (a int default 1, \"b\"\"c\" text check (\"b\"\"c\" <> ';'))",
    "create function f() returns void language plpgsql as $function$\nbegin\n  perform 1; -- don't\nend;\n$function$",
    "create function g(a int) returns int language sql begin atomic select 1; select case when a > 1 then 2 else 3 end; end",
    "do $$ begin if true then null; end if; end $$",
    "insert into t (a) values (1), (-2.5e3)",
    "update t set a = a -1 where b = 'x' -- trailing; it's\n and c",
    "delete from t where a <> all (array[1, 2]) /* ; /* nested ' */ ; */ or b",
    "create policy p on t for select to public using (a = 1 and b = 'x;y')",
    "create policy \"p;q\" on t as restrictive using (true) with check (a::text = '1')",
    "create rule r as on insert to t do also (delete from a; delete from b)",
    "alter table t enable row level security",
    "comment on table t is 'one; two'",
    "grant select (a, b) on t to r",
    "begin",
    "commit",
    "vacuum t",
    "select a[1:2], b #>> '{a;b}', c @> '{}'::jsonb from t",
];

const TRIVIA: &[&str] = &[
    " ",
    "\n",
    "\r\n",
    "\t",
    "-- it's; a comment\n",
    "-- \"quote\r\n",
    "/* ; ' \" $$ */",
    "/* outer /* inner; */ ' */\r\n",
    "-- $tag$\n",
    "--\n",
];

fn trivia() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(TRIVIA), 0..4).prop_map(|some| some.concat())
}

fn script() -> impl Strategy<Value = String> {
    let piece = (trivia(), prop::sample::select(POOL), trivia()).prop_map(|(a, sql, b)| format!("{a}{sql}{b}"));
    (prop::collection::vec(piece, 0..8), any::<bool>(), trivia()).prop_map(|(pieces, closed, tail)| {
        let end = if closed && !pieces.is_empty() { ";" } else { "" };
        format!("{}{end}{tail}", pieces.join(";"))
    })
}

/// The text from the node's first token to its last, by the other parser's own idea of blanks and comments.
fn significant<'a>(node: &SyntaxNode, sql: &'a str) -> &'a str {
    let trivia = [SyntaxKind::WHITESPACE, SyntaxKind::COMMENT, SyntaxKind::SEMICOLON];
    let tokens: Vec<_> = node
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !trivia.contains(&token.kind()))
        .collect();
    let (first, last) = (tokens[0].text_range(), tokens[tokens.len() - 1].text_range());
    &sql[usize::from(first.start())..usize::from(last.end())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_independent_parser_finds_the_same_statements(sql in script()) {
        let parse = SourceFile::parse(&sql);
        let theirs: Vec<&str> = parse.tree().stmts().map(|stmt| significant(stmt.syntax(), &sql)).collect();
        prop_assert_eq!(parse.errors(), vec![], "{}", sql);
        prop_assert_eq!(texts(&sql), theirs);
    }

    #[test]
    fn any_text_is_read_without_a_panic(sql in r#"['"$;:/*\\()a\-\r\nEe&U\u{feff}ü ]*|(begin|atomic|end|case|create|function|copy|from|stdin|[ ;(')$])*|.*"#) {
        let mut last = 0;
        let ranges = match split(&sql) {
            Ok(statements) => statements.into_iter().map(|statement| statement.text).collect(),
            Err(error) => vec![error.range],
        };
        for range in ranges {
            prop_assert!(last <= range.start && range.start <= range.end);
            prop_assert!(sql.get(range.clone()).is_some());
            last = range.end;
        }
    }
}
