//! The files that decide what the revisions do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::history::{Told, shown};
use crate::Error;
use crate::text::hex::hex;

/// What a file must end in to decide what Alembic does.
const SUFFIXES: &[&str] = &["py", "ini", "toml", "sql", "cfg", "txt"];

/// SHA-256 of every file that may decide what the revisions do, by path: those of the chain's folder, and where the revisions
/// lie elsewhere, those beside them and `env.py` above.
pub(super) fn digests(dir: &Path, told: &[Told]) -> Result<BTreeMap<String, String>, Error> {
    let mut files = Vec::new();
    walk(dir, &mut files).map_err(|error| {
        Error::usage(format!("folder {} cannot be read: {error}", dir.display()), "it is the chain's own")
    })?;
    files.extend(told.iter().map(|one| one.path.clone()).filter(|path| !path.as_os_str().is_empty()));
    files.extend(environments(told).map(|folder| folder.join("env.py")));
    let mut digests = BTreeMap::new();
    for path in files.into_iter().map(|path| shown(dir, path)).collect::<BTreeSet<_>>() {
        let bytes = std::fs::read(&path).map_err(|error| {
            Error::usage(format!("{} cannot be read: {error}", path.display()), "it is the chain's")
        })?;
        digests.insert(named(dir, &path), hex(Sha256::digest(bytes)));
    }
    Ok(digests)
}

/// Of these, the code that runs with every revision: what the folder of `env.py` holds beside the revisions (Alembic docs, "The
/// Migration Environment").
pub(super) fn code(dir: &Path, told: &[Told], digests: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let revisions: BTreeSet<String> = told.iter().map(|one| named(dir, &shown(dir, one.path.clone()))).collect();
    let folders: BTreeSet<PathBuf> = environments(told).map(|folder| shown(dir, folder.to_owned())).collect();
    let runs = |name: &str| {
        let path = dir.join(name);
        path.extension().is_some_and(|suffix| suffix == "py" || suffix == "sql")
            && folders.iter().any(|folder| path.starts_with(folder))
    };
    let code = digests.iter().filter(|(name, _)| runs(name) && !revisions.contains(*name));
    code.map(|(name, digest)| (name.clone(), digest.clone())).collect()
}

/// Folders with an `env.py`, above those of the revisions.
fn environments(told: &[Told]) -> impl Iterator<Item = &Path> {
    told.iter().filter_map(|one| one.path.parent()?.parent()).filter(|folder| folder.join("env.py").is_file())
}

fn named(dir: &Path, path: &Path) -> String {
    path.strip_prefix(dir).unwrap_or(path).display().to_string()
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // A virtual environment holds what its requirements pin, thousands of files.
        let apart = name.starts_with('.') || name == "__pycache__" || path.join("pyvenv.cfg").is_file();
        if apart {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|suffix| SUFFIXES.iter().any(|known| suffix == *known)) && path.is_file()
        {
            files.push(path);
        }
    }
    Ok(())
}
