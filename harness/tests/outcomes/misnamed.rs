//! Names that the database does not have: exit code 2, with file, line, caret and the nearest name.

use rstest::rstest;

use super::support::{changed, refusal};

/// What a file of the suite says instead, the message, and the text that the caret stands under.
#[rstest]
#[case(
    "held           = {",
    "heldd          = {",
    "unknown relation `public.heldd`, nearest is `public.held`",
    "heldd"
)]
#[case(
    "\"tenant_or_raise()\"",
    "\"tenant_or_raze()\"",
    "unknown function `public.tenant_or_raze()`",
    "\"tenant_or_raze()\""
)]
#[case(
    "tenant_key   = \"tenant\"",
    "tenant_key   = \"tenat\"",
    "unknown column of `public.held` in tenant_key `tenat`",
    "held"
)]
#[case(
    "role = \"app\", powerless",
    "role = \"ap\", powerless",
    "role `ap`, which neither prelude nor chain creates, nearest is `app`",
    "visitor"
)]
#[case(
    "[execute]",
    "[[known]]\ncheck = \"contexts/contract/*/held\"\nreason = \"none such\"\n\n[execute]",
    "known exception `contexts/contract/*/held` matches no check",
    "\"contexts/contract/*/held\""
)]
fn is_shown_where_it_stands(#[case] right: &str, #[case] wrong: &str, #[case] message: &str, #[case] under: &str) {
    let copy = changed("contexts", "suite.toml", |text| {
        assert!(text.contains(right), "{right}");
        text.replacen(right, wrong, 1)
    });
    let Some(said) = refusal(copy.path()) else { return };
    assert!(said.contains(message), "{said}");
    let text = std::fs::read_to_string(copy.path().join("suite.toml")).unwrap();
    let at = text.find(&format!("\n{under} ")).or_else(|| text.find(under)).unwrap();
    let line = text[..=at].matches('\n').count() + 1;
    assert!(said.contains(&format!("suite.toml:{line}:")), "line {line}: {said}");
    assert!(said.contains(&"^".repeat(under.len())), "{said}");
}
