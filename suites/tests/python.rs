//! The Python environments that chains run with, made once for all tests.

use std::process::Command;
use std::sync::LazyLock;

use crate::repository;

/// What the script that makes it says where it cannot; the script itself does nothing where all is there.
static MADE: LazyLock<Result<(), String>> = LazyLock::new(|| {
    let script = repository().join("harness/scripts/python-env.sh");
    let made = Command::new(&script).output().map_err(|error| format!("{}: {error}", script.display()))?;
    if made.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&made.stderr).into_owned()) }
});

/// Whether there is an Alembic. Says loudly that a test is skipped, or fails where RLSGATE_REQUIRE names it.
pub(crate) fn is_there() -> bool {
    let Err(why) = &*MADE else { return true };
    let required = std::env::var("RLSGATE_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|word| word.trim() == "alembic"), "alembic is required, and absent: {why}");
    eprintln!("SKIPPED: needs alembic: {why}");
    false
}
