//! The run record itself, as JSON.

use std::io::{self, Write};

use super::format::Format;
use super::record::RunRecord;

/// `run.json`, from which [`RunRecord::read`] gives the record back.
pub(super) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn file_name(&self) -> &'static str {
        "run.json"
    }

    fn render(&self, record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, record)?;
        out.write_all(b"\n")
    }
}
