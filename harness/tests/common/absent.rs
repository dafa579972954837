//! What a test needs and does not find.

/// Says loudly that a test is skipped, or fails where RLSGATE_REQUIRE names what is absent.
pub(crate) fn absent(name: &str, why: &str) {
    let required = std::env::var("RLSGATE_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|word| word.trim() == name), "{name} is required, and absent: {why}");
    eprintln!("SKIPPED: needs {name}: {why}");
}
