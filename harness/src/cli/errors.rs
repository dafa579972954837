//! Errors as the command line shows them.

use std::io::Write;

use crate::Error;
use crate::exit::Exit;
use crate::text::printable;

/// Shows an error and what to do next on standard error.
pub(super) fn tell(error: &Error) -> Exit {
    let mut err = anstream::stderr().lock();
    let text = error.to_string();
    // A diagnostic begins with the word itself.
    let prefix = if matches!(error, Error::Input(_)) { "" } else { "error: " };
    let _gone = writeln!(err, "{prefix}{}", printable(&text));
    if !error.help().is_empty() {
        let _gone = writeln!(err, "  help: {}", printable(error.help()));
    }
    error.exit()
}
