//! The progress bar: for somebody who waits at a terminal.

use std::ffi::OsStr;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::record::{CheckRecord, Status};
use crate::text::{one_line, printable};

/// How far a run is, on standard error. Nothing is shown in CI (`CI` is set, as every forge does), nor where
/// standard error is no terminal.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for `total` checks.
    #[must_use]
    pub fn new(total: u64) -> Self {
        // Lines of -v would be written into the bar.
        let verbose = tracing::enabled!(tracing::Level::INFO);
        let watched = std::io::stderr().is_terminal() && !is_ci(std::env::var_os("CI").as_deref()) && !verbose;
        let target = if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(total), target).with_style(style);
        Self { bar }
    }

    /// One more check is done. A failure or error stays on the screen as a line above the bar.
    pub fn tick(&self, check: &CheckRecord) {
        let id = printable(&check.id);
        let id = one_line(&id);
        match check.status {
            Status::Failed => self.bar.println(format!("FAIL {id}")),
            Status::Error => self.bar.println(format!("ERROR {id}")),
            Status::Passed | Status::Skipped => {}
        }
        self.bar.set_message(id.into_owned());
        self.bar.inc(1);
    }

    /// Takes the bar away, so that the report stands alone.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn is_ci(variable: Option<&OsStr>) -> bool {
    variable.is_some_and(|value| !value.is_empty() && value != "false")
}

#[cfg(test)]
mod tests {
    use super::{Progress, is_ci};
    use crate::report::record::RunRecord;

    #[test]
    fn every_check_counts_once_whatever_came_of_it() {
        let record: RunRecord = serde_json::from_str(include_str!("../../../reports/samples/run.json")).unwrap();
        let checks = &record.suites[0].checks;
        let progress = Progress::new(checks.len() as u64);
        for check in checks {
            progress.tick(check);
        }
        assert_eq!(progress.bar.position(), progress.bar.length().unwrap());
        progress.finish();
        assert!(progress.bar.is_finished());
    }

    #[test]
    fn ci_says_so_in_the_environment() {
        for (value, ci) in
            [(Some("true"), true), (Some("1"), true), (Some("false"), false), (Some(""), false), (None, false)]
        {
            assert_eq!(is_ci(value.map(AsRef::as_ref)), ci, "{value:?}");
        }
    }
}
