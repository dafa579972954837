//! The reading of imports, on sources made up for it.

use std::fs;

use super::arrows::{Arrow, arrows};
use super::layers::broken;
use super::source::Source;

/// A crate of these files.
fn made(files: &[(&str, &str)]) -> Source {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lib.rs"), "").unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Source::read(folder.path())
}

/// The arrows of a crate, as `from:line to`.
fn drawn(files: &[(&str, &str)]) -> Vec<String> {
    let arrows = arrows(&made(files));
    let mut drawn: Vec<String> =
        arrows.iter().map(|Arrow { from, line, to, .. }| format!("{from}:{line} {to}")).collect();
    drawn.dedup();
    drawn
}

fn rules(files: &[(&str, &str)]) -> String {
    let source = made(files);
    let broken = broken(&source, &arrows(&source));
    broken.into_iter().filter(|line| !line.contains("LAYERS names")).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_arrow_that_runs_back_is_told_with_its_place() {
    let right = [("cli.rs", "use crate::sql::Kind;"), ("sql.rs", "//! Text.\npub struct Kind;")];
    assert_eq!(rules(&right), "");
    let wrong = [("cli.rs", "pub struct Kind;"), ("sql.rs", "//! Text.\nuse crate::cli::Kind;")];
    assert_eq!(
        rules(&wrong),
        "sql.rs:2 uses `crate::cli::Kind`, which is in cli.rs: `cli` is above `sql` in LAYERS, and a module uses only those below it"
    );
    let beside = [("run.rs", "use crate::verify::Kind;"), ("verify.rs", "pub struct Kind;")];
    assert!(rules(&beside).contains("`verify` is beside `run`"), "{}", rules(&beside));
    assert!(rules(&[("new.rs", "")]).contains("`new` has no place in LAYERS"));
}

#[test]
fn a_circle_of_files_is_told_arrow_by_arrow() {
    let files = [
        ("sql/mod.rs", "mod a;\nmod b;\nmod c;\npub use a::A;"),
        ("sql/a.rs", "use super::b::B;\npub struct A(B);"),
        ("sql/b.rs", "use super::c::C;\npub struct B(C);"),
        ("sql/c.rs", "pub struct C;\nimpl C { fn a() { crate::sql::a::A } }"),
    ];
    let told = rules(&files);
    assert_eq!(told.lines().count(), 4, "{told}");
    assert!(told.starts_with("a circle of files in `sql`:\n    sql/a.rs:1 uses `super::b::B`, which is in sql/b.rs\n"));
    assert!(told.ends_with("sql/c.rs:2 uses `crate::sql::a::A`, which is in sql/a.rs"), "{told}");
    assert_eq!(rules(&files[..3]), "");
}

#[test]
fn a_re_export_is_followed_and_is_no_arrow_of_a_circle() {
    let files = [
        ("lib.rs", "pub mod sql;\npub use sql::Deep;"),
        ("sql/mod.rs", "mod deep;\nmod user;\npub use deep::Deep as Shallow;\npub(crate) use deep::*;"),
        ("sql/deep.rs", "pub struct Deep;"),
        ("sql/user.rs", "use super::Shallow;\nuse crate::Deep;\nuse crate::sql::Deep as Other;"),
    ];
    assert_eq!(
        drawn(&files),
        [
            "lib.rs:2 sql/deep.rs",
            "sql/mod.rs:3 sql/deep.rs",
            "sql/mod.rs:4 sql/deep.rs",
            "sql/user.rs:1 sql/deep.rs",
            "sql/user.rs:2 sql/deep.rs",
            "sql/user.rs:3 sql/deep.rs"
        ]
    );
    assert_eq!(rules(&files), "");
    // Who hands a name on may need it as well.
    let needs = [
        ("sql/mod.rs", "mod deep;\npub struct Top;\npub use deep::Deep;\npub struct Held(Deep);"),
        ("sql/deep.rs", "pub struct Deep(super::Top);"),
    ];
    assert!(rules(&needs).contains("sql/mod.rs:4 uses `Deep`, which is in sql/deep.rs"), "{}", rules(&needs));
}

#[test]
fn paths_are_followed_however_they_are_written() {
    let there = [
        ("a/mod.rs", "pub mod b;\npub struct A;"),
        ("a/b.rs", "pub struct C;\npub fn f() {}\npub mod d { pub fn g() {} }"),
    ];
    let from = |text: &str| drawn(&[there[0], there[1], ("x/y/z.rs", text), ("x/y.rs", ""), ("x.rs", "pub fn x() {}")]);
    for (text, to) in [
        ("use super::super::x;", "x.rs"),
        ("use crate::a::{self};", "a/mod.rs"),
        ("fn f() { crate::a::b::f() }", "a/b.rs"),
        ("fn f(_: crate::a::b::C) {}", "a/b.rs"),
        ("fn f() { use crate::a::b::f; f() }", "a/b.rs"),
        ("fn f() -> u8 { matches!(1, crate::a::b::X) }", "a/b.rs"),
        ("fn f() { println!(\"{}\", super::super::x()) }", "x.rs"),
        ("#[serde(with = \"crate::a::b\")]\nstruct S;", "a/b.rs"),
        ("pub(in crate::x) struct S(crate::a::A);", "a/mod.rs"),
        ("impl crate::a::A {}", "a/mod.rs"),
        ("mod inner { use super::super::super::x; }", "x.rs"),
        ("use crate::a::b::d::g;", "a/b.rs"),
    ] {
        let drawn = from(text);
        assert_eq!(drawn.len(), 1, "{text}: {drawn:?}");
        assert!(drawn[0].starts_with("x/y/z.rs:") && drawn[0].ends_with(to), "{text}: {drawn:?}");
    }
    assert_eq!(from("use crate::a::{self, b::C};"), ["x/y/z.rs:1 a/mod.rs", "x/y/z.rs:1 a/b.rs"]);
    assert_eq!(from("use crate::a::b;\nfn f() {\n    b::f()\n}"), ["x/y/z.rs:1 a/b.rs", "x/y/z.rs:3 a/b.rs"]);
    for of_others in ["use serde::Deserialize;\nfn f<D: Deserialize>() {}", "use ::x::y;", "pub(crate) fn x() { x() }"]
    {
        assert_eq!(from(of_others), [""; 0], "{of_others}");
    }
}

#[test]
fn tests_are_left_out() {
    let files = [
        (
            "a.rs",
            "#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod more { use crate::b::B; }\n#[cfg(test)]\nuse crate::b::B;",
        ),
        ("a/tests.rs", "use crate::b::B;"),
        ("b.rs", "pub struct B;"),
    ];
    assert_eq!(drawn(&files), [""; 0]);
}

#[test]
fn a_program_uses_its_library_by_name() {
    assert_eq!(
        drawn(&[("main.rs", "fn main() { rlsgate::cli::main() }"), ("cli.rs", "pub fn main() {}")]),
        ["main.rs:1 cli.rs"]
    );
}
