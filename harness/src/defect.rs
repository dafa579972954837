//! A defect of the program itself, noted where it is met so that the exit code says so.
//!
//! An error may end as the verdict of one check, and a panic ends one task: neither would reach `main` by itself.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::text::printable;

/// What to do about one.
pub(crate) const HELP: &str = concat!(
    "this is a defect of rlsgate ",
    env!("CARGO_PKG_VERSION"),
    ", and nothing of this run can be trusted: report it in the project's issue tracker, with this message and what -vv \
     prints"
);

static MET: AtomicBool = AtomicBool::new(false);

/// Notes that one was met.
pub(crate) fn note() {
    MET.store(true, Ordering::Relaxed);
}

/// Whether one was met since the process began.
pub(crate) fn met() -> bool {
    MET.load(Ordering::Relaxed)
}

/// From now on a panic, of whichever thread, is noted and shown as an error of ours.
pub(crate) fn watch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        note();
        // Where standard error is closed there is nobody to tell.
        drop(write!(anstream::stderr().lock(), "{}", shown(panic, &Backtrace::capture())));
    }));
}

/// The panic as an error, with the backtrace where RUST_BACKTRACE asks for one. Its message may hold text of a database.
fn shown(panic: &PanicHookInfo<'_>, backtrace: &Backtrace) -> String {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let message = panic.payload_as_str().unwrap_or("no message");
    let mut text = format!("error: panicked at {place}: {}\n  help: {HELP}\n", printable(message));
    if backtrace.status() == BacktraceStatus::Captured {
        text.push_str(&backtrace.to_string());
    }
    text
}
