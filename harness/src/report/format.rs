//! What a report format is.

use std::io::{self, Write};

use super::record::RunRecord;

/// A report that is a file.
pub trait Format: Sync {
    /// What people call it: `json`, `junit`.
    fn name(&self) -> &'static str;

    /// The file it goes to, in the folder of reports.
    fn file_name(&self) -> &'static str;

    /// Writes the whole report of `record` to `out`.
    ///
    /// # Errors
    ///
    /// What `out` says; [`io::ErrorKind::InvalidData`] where the record cannot be told truly in this format.
    fn render(&self, record: &RunRecord, out: &mut dyn Write) -> io::Result<()>;
}
