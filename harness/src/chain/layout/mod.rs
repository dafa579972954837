//! How a chain's revisions lie in files: one file a layout, one line in [`LAYOUTS`].

use std::path::{Path, PathBuf};

use super::manifest::Manifest;
use crate::Error;

mod sql;

/// A way to lay out revisions.
#[derive(Debug)]
pub struct Layout {
    /// As `layout` names it.
    pub name: &'static str,
    /// Whether the folder looks like it, for chains that do not say.
    pub fits: fn(&Folder<'_>) -> bool,
    /// The revisions, in the order in which they run.
    pub find: fn(&Folder<'_>) -> Result<Vec<Found>, Error>,
}

/// Every layout that can be read.
pub const LAYOUTS: &[Layout] = &[sql::LAYOUT];

/// Layouts of the suite format that cannot be read yet.
pub const PLANNED: &[&str] = &["supabase", "up-down", "dbmate", "goose", "flyway", "alembic"];

/// Where a layout looks.
#[derive(Debug)]
pub struct Folder<'a> {
    /// The folder of `chain.toml`.
    pub dir: &'a Path,
    /// What it says.
    pub manifest: &'a Manifest,
}

/// A revision as its layout sees it: names and files, nothing read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
    /// The file that undoes it.
    pub down: Option<PathBuf>,
}

impl Folder<'_> {
    /// The folder of the revisions: as the manifest says, else `migrations` if there is one, else the chain's own.
    #[must_use]
    pub fn migrations(&self) -> PathBuf {
        match &self.manifest.migrations {
            Some(folder) => self.dir.join(folder.get_ref()),
            None => Some(self.dir.join("migrations")).filter(|dir| dir.is_dir()).unwrap_or_else(|| self.dir.to_owned()),
        }
    }

    /// Names of the SQL files in `dir`, in byte order. Hidden files and subfolders are left out.
    ///
    /// # Errors
    /// The folder cannot be read, or a name is not UTF-8.
    pub fn sql_files(&self, dir: &Path) -> Result<Vec<String>, Error> {
        let unreadable = |error: std::io::Error| {
            Error::usage(format!("folder {} cannot be read: {error}", dir.display()), "check the path in chain.toml")
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let is_sql = path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("sql"));
            if !is_sql || !path.is_file() {
                continue;
            }
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                let message = format!("the name of {} is not UTF-8", path.display());
                return Err(Error::usage(message, "rename the file: revisions are known by their names"));
            };
            if !name.starts_with('.') {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::{LAYOUTS, PLANNED};

    #[test]
    fn a_layout_is_registered_once() {
        let mut names: Vec<&str> = LAYOUTS.iter().map(|layout| layout.name).chain(PLANNED.iter().copied()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
