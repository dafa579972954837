//! Files and folders that a suite names, each of which must be there.

use std::path::PathBuf;

use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw::At;

/// A folder that must be there.
pub(crate) fn folder(file: &File, path: &At<String>, problems: &mut Problems) -> PathBuf {
    let found = file.relative(&path.value);
    if !found.is_dir() {
        let message = format!("there is no folder `{}`", found.display());
        problems.add(file, &path.span, message, "paths are relative to the file that they stand in");
    }
    found
}

/// A file that must be there.
pub(crate) fn sql_file(file: &File, path: &At<String>, problems: &mut Problems) -> PathBuf {
    let found = file.relative(&path.value);
    if !found.is_file() {
        let message = format!("there is no file `{}`", found.display());
        problems.add(file, &path.span, message, "paths are relative to the file that they stand in");
    }
    found
}
