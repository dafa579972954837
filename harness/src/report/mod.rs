//! Reports, one file per format, all rendered from the run record and from nothing else.

mod block;
mod format;
mod json;
mod junit;
mod order;
pub mod progress;
pub mod record;
mod revisions;
pub mod terminal;

use std::fs::Permissions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::Error;
pub use format::Format;
use record::RunRecord;

/// Every format. The record comes first: it is there even where another format has to refuse.
pub const FORMATS: &[&dyn Format] = &[&json::Json, &junit::Junit { evidence: false }];

/// The same, with what was seen of checks that passed in JUnit too.
pub const FORMATS_WITH_EVIDENCE: &[&dyn Format] = &[&json::Json, &junit::Junit { evidence: true }];

/// Writes `record` to `dir`, which is made where it is missing, in each of `formats`; says which files those are.
/// A file appears complete or not at all.
///
/// # Errors
///
/// [`Error::Environment`] at the first report that cannot be written. A file of an earlier run is then removed, so
/// that it cannot pass for the report of this one.
pub fn write_all(record: &RunRecord, dir: &Path, formats: &[&dyn Format]) -> Result<Vec<PathBuf>, Error> {
    std::fs::create_dir_all(dir).map_err(|e| {
        Error::environment(format!("cannot make the folder {}: {e}", dir.display()), "name another folder with --out")
    })?;
    std::thread::scope(|scope| {
        let begin = |format| std::thread::Builder::new().spawn_scoped(scope, move || write_one(record, dir, format));
        let writers: Vec<_> = formats.iter().map(|format| begin(*format)).collect();
        let interrupted = || Error::defect("a report was not written to its end");
        let ended = writers.into_iter().zip(formats).map(|(writer, format)| match writer {
            Ok(writer) => writer.join().unwrap_or_else(|_| Err(interrupted())),
            // Where there is no thread to be had.
            Err(_) => write_one(record, dir, *format),
        });
        ended.collect()
    })
}

fn write_one(record: &RunRecord, dir: &Path, format: &dyn Format) -> Result<PathBuf, Error> {
    let (path, started) = (dir.join(format.file_name()), Instant::now());
    replace(&path, dir, |out| format.render(record, out)).map_err(|e| {
        let help = match e.kind() {
            io::ErrorKind::InvalidData => "that format cannot represent this run; run.json has it in full",
            _ => "make room or give the right to write there, or name another folder with --out",
        };
        let mut message = format!("cannot write {}: {e}", path.display());
        if let Err(e) = std::fs::remove_file(&path)
            && e.kind() != io::ErrorKind::NotFound
        {
            message.push_str(&format!("; the file there is of an earlier run and cannot be removed: {e}"));
        }
        Error::environment(message, help)
    })?;
    tracing::info!(file = %path.display(), took = ?started.elapsed(), "wrote a report");
    Ok(path)
}

/// Puts what `render` writes in place of `path`, by way of a nameless neighbour.
fn replace(path: &Path, dir: &Path, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Restricted by the umask, as any file; a temporary file is otherwise the owner's alone, and CI reads reports as somebody else.
    let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(dir)?;
    let mut out = BufWriter::new(file.as_file_mut());
    render(&mut out)?;
    out.flush()?;
    drop(out);
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod tests;
