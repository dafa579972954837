//! The server's messages are translated by `lc_messages`, and decide nothing.

use super::support::{Checks, Ran, absent, changed, run, there};

const LOCALE: &str = "de_DE.UTF-8";

/// The suite of that folder with messages in German; `None` (said loudly) where the server or its locale is absent.
fn in_german(name: &str) -> Option<Checks> {
    // Only a superuser may set it: the prelude is run by one.
    let german = |prelude: &str| format!("{prelude}\nALTER ROLE ALL SET lc_messages TO '{LOCALE}';\n");
    let copy = changed(name, "prelude.sql", german);
    match run(&copy.path().join("suite.toml")) {
        Err(error) if error.to_string().contains("lc_messages") => {
            absent("locale", &error.to_string());
            None
        }
        ran => there(ran),
    }
}

#[test]
fn verdicts_are_the_same_in_another_language() {
    let plain = Ran::of("refusing");
    let (Some(plain), Some(german)) = (plain.checks(), in_german("refusing")) else { return };
    let said = |checks: &Checks, id: &str| checks.get(id).unwrap().evidence.got.clone();
    assert!(said(plain, "case/syntax/ann").contains("syntax error"));
    let translated = said(&german, "case/syntax/ann");
    if !translated.contains("Syntaxfehler") {
        return absent("locale", &format!("the server has no German messages: {translated}"));
    }
    assert!(said(&german, "case/policy/ann") != said(plain, "case/policy/ann"));
    assert_eq!(german.len(), plain.len());
    for (id, check) in &german {
        let same = plain.get(id).unwrap();
        assert_eq!(check.status, same.status, "{id}: {} was {}", check.verdict, same.verdict);
        // Verdicts of cases quote the message.
        if !id.starts_with("case/") || same.status == rlsgate::report::record::Status::Passed {
            assert_eq!(check.verdict, same.verdict, "{id}");
        }
    }
}
