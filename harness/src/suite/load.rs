//! A suite file and what it includes, from disk to [`Suite`].

use std::path::Path;

use super::file::File;
use super::problems::Problems;
use super::raw;
use super::read::read;
use super::resolve::resolve;
use super::resolved::Suite;
use crate::Error;

/// Reads the suite at `path`, with everything it includes, and resolves every name in it.
///
/// Whether relations, columns, functions and revisions exist is not looked up here: that takes the chain and a database.
/// `kinds` are the kinds of check that `[controls]` may name.
///
/// # Errors
/// [`Error::Usage`] if `path` cannot be read; [`Error::Input`] with everything that is wrong in it otherwise.
pub(crate) fn load(path: &Path, kinds: &[&'static str]) -> Result<Suite, Error> {
    let file = File::read(path)?;
    let mut problems = Problems::default();
    let suite: raw::Suite = match read(&file) {
        Ok(suite) => suite,
        Err(found) => {
            problems.extend(found);
            return Err(Error::Input(problems.into_diagnostics()));
        }
    };
    let mut includes = Vec::new();
    for included in &suite.include {
        let path = file.relative(&included.value);
        match File::read(&path) {
            Err(error) => problems.add(
                &file,
                &included.span,
                error.to_string(),
                "paths are relative to the file that they stand in",
            ),
            Ok(include) => match read::<raw::Include>(&include) {
                Ok(parts) => includes.push((include, parts)),
                Err(found) => problems.extend(found),
            },
        }
    }
    if !problems.is_empty() {
        return Err(Error::Input(problems.into_diagnostics()));
    }
    let resolved = resolve(&file, &suite, &includes, kinds, &mut problems);
    if problems.is_empty() { Ok(resolved) } else { Err(Error::Input(problems.into_diagnostics())) }
}
