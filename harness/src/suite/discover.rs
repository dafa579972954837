//! Which suites a command is about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::resolved::Suite;
use crate::Error;

/// The suite files of `paths`, each once, sorted by path: a file is itself, a folder is every `suite.toml` and
/// `*.suite.toml` in it and below. Hidden folders and links to folders are not entered.
///
/// # Errors
/// [`Error::Usage`] if a path is not there, cannot be read, or holds no suite.
pub fn discover(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_file() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        walk(path, &mut found)?;
        if found.len() == before {
            return Err(Error::usage(
                format!("there is no suite in `{}`", path.display()),
                "looked for `suite.toml` and `*.suite.toml`, in the folder and below; name a file, or another folder",
            ));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        Error::usage(
            format!("cannot read `{}`: {error}", folder.display()),
            "name a suite file, or a folder that holds suites",
        )
    };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type().map_err(failed)?.is_dir() {
            if !name.starts_with('.') {
                walk(&entry.path(), found)?;
            }
        } else if name == "suite.toml" || name.ends_with(".suite.toml") {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// That no two suites of a run have one name, which is the first part of every check id.
///
/// # Errors
/// [`Error::Usage`] naming the two files.
pub fn check_unique(suites: &[Suite]) -> Result<(), Error> {
    let mut seen: BTreeMap<&str, &Path> = BTreeMap::new();
    for suite in suites {
        if let Some(first) = seen.insert(&suite.name, &suite.path) {
            let message =
                format!("two suites are called `{}`: {} and {}", suite.name, first.display(), suite.path.display());
            return Err(Error::usage(message, "rename one: the name is the first part of every check id"));
        }
    }
    Ok(())
}
