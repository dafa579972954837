//! `-v` and `-vv`: what is being done, a line each on standard error.
//!
//! An event names files, databases, roles and ids. No event holds a URL, an environment, an argument of a program, a
//! statement or a row: any of them may hold a secret.

use std::io::{self, Write};

use clap::{ArgAction, Args};
use tracing_subscriber::Registry;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, time::uptime};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::text::{one_line, printable};

/// How much is said.
#[derive(Debug, Args)]
pub(super) struct Verbose {
    /// Show the steps, with times; -vv also each check, program and connection.
    #[arg(short, long, action = ArgAction::Count, global = true)]
    verbose: u8,
}

impl Verbose {
    /// From now on events are shown, if any were asked for; else none is ever put into words.
    pub(super) fn begin(&self) {
        let level = match self.verbose {
            0 => return,
            1 => LevelFilter::INFO,
            _ => LevelFilter::DEBUG,
        };
        let lines = fmt::layer().with_writer(|| LineWriter).with_timer(uptime()).with_level(false).with_target(false);
        // Events of libraries may hold what ours may not.
        let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
        // There is one already where a program that calls this has its own.
        drop(tracing::subscriber::set_global_default(Registry::default().with(lines).with(ours)));
    }
}

/// Standard error, to which every event is one line without control characters.
struct LineWriter;

impl Write for LineWriter {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let text = printable(text.trim_end_matches('\n'));
        // A reader that has gone misses what it did not want.
        drop(writeln!(io::stderr().lock(), "{}", one_line(&text)));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
