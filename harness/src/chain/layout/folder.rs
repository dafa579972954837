//! Where a layout looks: the folder of the revisions, and what lies in it.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::chain::manifest::{ChainManifest, Preludes};

/// Where people and tools keep their files, below the folder of `chain.toml`, where that says nothing.
const PLACES: &[&str] = &[
    "migrations",
    "supabase/migrations",
    "db/migrations",
    "prisma/migrations",
    "drizzle",
    "db/migration",
    "src/main/resources/db/migration",
];

/// A chain's folder.
#[derive(Debug)]
pub struct Folder<'a> {
    /// The folder of `chain.toml`.
    pub dir: &'a Path,
    /// What it says.
    pub manifest: &'a ChainManifest,
}

/// A file or folder among the revisions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FolderEntry {
    /// Its name.
    pub name: String,
    /// Its path, as the user named the chain.
    pub path: PathBuf,
    /// Whether it is a folder.
    pub is_dir: bool,
}

impl FolderEntry {
    /// Whether it is a file whose suffix is `.sql`, in any case.
    #[must_use]
    pub fn is_sql(&self) -> bool {
        !self.is_dir && self.path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("sql"))
    }

    /// Why a tool that takes the numbered SQL files of one folder passes over it; nothing for what is no matter of the
    /// chain. `form` is the name that the tool takes.
    #[must_use]
    pub(super) fn passed_over(self, form: &str) -> Option<(PathBuf, String)> {
        let why = match self.name.as_str() {
            _ if self.is_dir => "a folder, which the tool does not look into".to_owned(),
            _ if !self.is_sql() => return None,
            name if !name.ends_with(".sql") => "its suffix is not `.sql` in lower case".to_owned(),
            _ => format!("its name is not of the form `{form}`"),
        };
        Some((self.path, why))
    }
}

impl Folder<'_> {
    /// The folder of the revisions: as the manifest says, else `migrations`, else where one of the tools keeps them, else
    /// the chain's own.
    #[must_use]
    pub fn migrations(&self) -> PathBuf {
        match &self.manifest.migrations {
            Some(folder) => self.dir.join(folder.get_ref()),
            None => self.places().next().unwrap_or_else(|| self.dir.to_owned()),
        }
    }

    fn places(&self) -> impl Iterator<Item = PathBuf> {
        PLACES.iter().map(|place| self.dir.join(place)).filter(|place| place.is_dir())
    }

    /// Refuses to choose between several folders of revisions.
    ///
    /// # Errors
    /// There are several, and the manifest names none.
    pub(super) fn check_places(&self) -> Result<(), Error> {
        let places: Vec<String> = self.places().map(|place| place.display().to_string()).collect();
        if self.manifest.migrations.is_some() || places.len() < 2 {
            return Ok(());
        }
        let message = format!("chain {} has several folders of migrations: {}", self.dir.display(), places.join(", "));
        Err(Error::usage(message, "name one with `migrations` in chain.toml"))
    }

    /// The folder of the files that undo revisions: as the manifest says, else `rollback` beside `migrations`, or in the
    /// chain's own folder where the revisions lie there.
    #[must_use]
    pub fn rollback(&self) -> Option<PathBuf> {
        if let Some(folder) = &self.manifest.rollback {
            return Some(self.dir.join(folder.get_ref()));
        }
        let migrations = self.migrations();
        let beside = if migrations == self.dir { self.dir } else { migrations.parent().unwrap_or(self.dir) };
        Some(beside.join("rollback")).filter(|folder| folder.is_dir())
    }

    /// What lies in `dir`, in byte order of the names. Hidden files, those that the manifest gives another part, and the
    /// folder of rollbacks are left out.
    ///
    /// # Errors
    /// The folder cannot be read, or the name of an SQL file is not UTF-8.
    pub fn entries(&self, dir: &Path) -> Result<Vec<FolderEntry>, Error> {
        let unreadable = |error: std::io::Error| {
            Error::usage(format!("folder {} cannot be read: {error}", dir.display()), "check the path in chain.toml")
        };
        let others = self.other_paths();
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                if path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("sql")) {
                    let message = format!("the name of {} is not UTF-8", path.display());
                    return Err(Error::usage(message, "rename the file: revisions are known by their names"));
                }
                continue;
            };
            if name.starts_with('.') || others.contains(&path) {
                continue;
            }
            entries.push(FolderEntry { name: name.to_owned(), is_dir: path.is_dir(), path });
        }
        entries.sort_unstable();
        Ok(entries)
    }

    /// Names of the SQL files in `dir`, in byte order; see [`Folder::entries`].
    ///
    /// # Errors
    /// As [`Folder::entries`].
    pub fn sql_files(&self, dir: &Path) -> Result<Vec<String>, Error> {
        let sql = self.entries(dir)?.into_iter().filter(FolderEntry::is_sql);
        Ok(sql.map(|entry| entry.name).collect())
    }

    /// What the manifest gives another part than that of a revision.
    fn other_paths(&self) -> Vec<PathBuf> {
        let manifest = self.manifest;
        let preludes = match manifest.prelude.as_ref().map(|preludes| preludes.get_ref()) {
            None => Vec::new(),
            Some(Preludes::One(one)) => vec![Path::new(one)],
            Some(Preludes::Many(many)) => many.iter().map(|one| Path::new(one.get_ref())).collect(),
        };
        let downs = manifest.revisions.values().filter_map(|revision| revision.down.as_ref());
        let rollback = manifest.rollback.as_ref().map_or(Path::new("rollback"), |folder| folder.get_ref());
        // Rows for tests, and the folders that they lie in.
        let seeds = manifest.seed_at.values().flat_map(|seed| seed.get_ref().ancestors());
        let seeds = seeds.filter(|path| !path.as_os_str().is_empty());
        let named =
            preludes.into_iter().chain(downs.map(|down| down.get_ref().as_path())).chain([rollback]).chain(seeds);
        named.map(|path| self.dir.join(path)).collect()
    }
}
