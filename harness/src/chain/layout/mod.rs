//! How a chain's revisions lie in files: one file a layout, one line in [`LAYOUTS`].
//!
//! A layout takes the names that its tool takes, in the tool's order, and reads its markers. What the tool would refuse is
//! refused, with the file; what it would pass over is kept as skipped, so that reports can say it. Each layout's page names
//! the tool's own documentation. A revision is one transaction unless its file says otherwise, as its tool has it
//! (docs/chain.md).

use crate::Error;
use crate::diagnostic::Diagnostics;

pub(super) mod alembic;
mod dbmate;
mod diesel;
mod drizzle;
mod flyway;
mod folder;
mod goose;
mod marked;
mod names;
mod prisma;
mod rollback;
mod sql;
mod supabase;
mod up_down;

use std::path::PathBuf;

pub use folder::{Entry, Folder};

use super::revision::Step;
use super::script::Script;

/// A way to lay out revisions.
#[derive(Debug)]
pub struct Layout {
    /// As `layout` names it.
    pub name: &'static str,
    /// Whether the folder looks like it, for chains that do not say.
    pub fits: fn(&Folder<'_>) -> bool,
    /// The revisions, in the order in which they run.
    pub find: fn(&Folder<'_>) -> Result<Listing, Error>,
    /// One of them, read.
    pub read: fn(&Found) -> Result<Sides, Error>,
    /// Whether one file is both directions of a revision.
    pub both_in_one: bool,
    /// The tables that the tool keeps its own account in; without a schema, they are in the chain's first.
    pub bookkeeping: &'static [&'static str],
    /// Makes those that are not there as the tool does, in the first schema of the session; empty where there
    /// are none, or the tool itself runs.
    pub bookkeeping_sql: &'static str,
}

/// Every layout that can be read.
pub const LAYOUTS: &[Layout] = &[
    sql::LAYOUT,
    supabase::LAYOUT,
    up_down::LAYOUT,
    dbmate::LAYOUT,
    goose::LAYOUT,
    flyway::LAYOUT,
    prisma::LAYOUT,
    drizzle::LAYOUT,
    diesel::LAYOUT,
    alembic::LAYOUT,
];

/// What a layout finds in a folder.
#[derive(Debug, Default)]
pub struct Listing {
    /// In the order in which they run.
    pub revisions: Vec<Found>,
    /// Files and folders that the tool passes over, each with the reason.
    pub skipped: Vec<(PathBuf, String)>,
    /// The revisions that no other follows, where the layout knows of parents; else the last is the only one.
    pub heads: Vec<Head>,
    /// What a reader should know of the order.
    pub remarks: Vec<String>,
    /// The project's own tool, where it runs the revisions itself.
    pub project: Option<alembic::Project>,
}

/// A revision that no other follows. A chain with several cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its id.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
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
    /// Why its tool never takes it back, whatever else it takes back.
    pub kept: Option<Kept>,
}

/// Why a tool never takes a revision back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It stands for what came before it.
    Baseline,
    /// It is run after all others, and again whenever it changed.
    Repeatable,
}

impl Kept {
    /// The reason, in words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Baseline => "a baseline of Flyway stands for what came before it",
            Self::Repeatable => "a repeatable revision of Flyway is run again, and never undone",
        }
    }
}

/// Both directions of a revision.
#[derive(Debug)]
pub struct Sides {
    /// What takes the schema on.
    pub up: Step,
    /// What takes it back.
    pub down: Option<Step>,
}

impl Sides {
    /// What of them is SQL.
    fn scripts(&mut self) -> impl Iterator<Item = &mut Script> {
        let sides = [Some(&mut self.up), self.down.as_mut()];
        sides.into_iter().flatten().filter_map(|step| match step {
            Step::Sql(script) => Some(script),
            Step::Command(_) | Step::Alembic(_) => None,
        })
    }
}

impl Layout {
    /// The revisions in `folder`, with the files of its `rollback` folder.
    ///
    /// # Errors
    /// The folder cannot be read, or a name or an order that the tool would refuse, with the files.
    pub fn list(&self, folder: &Folder<'_>) -> Result<Listing, Error> {
        folder.check_places()?;
        let mut listing = (self.find)(folder)?;
        rollback::attach(self, folder, &mut listing.revisions)?;
        listing.skipped.sort_unstable();
        Ok(listing)
    }
}

/// The one layout that the folder looks like; plain SQL files where it looks like none in particular.
///
/// # Errors
/// There is no revision in the folder, or several layouts fit it.
pub fn detect(folder: &Folder<'_>) -> Result<&'static Layout, Error> {
    folder.check_places()?;
    let (plain, tools): (Vec<&Layout>, Vec<&Layout>) =
        LAYOUTS.iter().partition(|layout| layout.name == sql::LAYOUT.name);
    let fitting = |layouts: Vec<&'static Layout>| -> Vec<&'static Layout> {
        layouts.into_iter().filter(|layout| (layout.fits)(folder)).collect()
    };
    let mut fit = fitting(tools);
    if fit.is_empty() {
        fit = fitting(plain);
    }
    let dir = folder.dir.display();
    match fit.as_slice() {
        [layout] => Ok(layout),
        [] => {
            let message = format!("chain {dir} has no revision in {}", folder.migrations().display());
            Err(Error::usage(message, "add SQL files, or name their folder with `migrations` in chain.toml"))
        }
        several => {
            let names = several.iter().map(|layout| layout.name).collect::<Vec<_>>().join(", ");
            Err(Error::usage(format!("chain {dir} looks like several layouts: {names}"), "name one with `layout`"))
        }
    }
}

/// Reads a revision whose directions are a file each. Both are read, so that one look names what is wrong in either.
fn files(found: &Found) -> Result<Sides, Error> {
    let mut wrong = Diagnostics::default();
    let up = noted(Script::read(&found.path), &mut wrong)?;
    let down = found.down.as_deref().map(Script::read).map(|read| noted(read, &mut wrong)).transpose()?;
    match up {
        Some(up) if wrong.0.is_empty() => Ok(Sides { up: Step::Sql(up), down: down.flatten().map(Step::Sql) }),
        _ => Err(wrong.into()),
    }
}

/// What was read; nothing where it is wrong, which `wrong` then says.
fn noted<T>(read: Result<T, Error>, wrong: &mut Diagnostics) -> Result<Option<T>, Error> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Error::Input(Diagnostics(more))) => {
            wrong.0.extend(more);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::LAYOUTS;

    #[test]
    fn a_layout_is_registered_once() {
        let mut names: Vec<&str> = LAYOUTS.iter().map(|layout| layout.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn bookkeeping_that_is_named_is_made() {
        for layout in LAYOUTS.iter().filter(|layout| layout.name != "alembic") {
            for table in layout.bookkeeping {
                assert!(layout.bookkeeping_sql.contains(&format!(" {table} (")), "{}: {table}", layout.name);
            }
        }
    }
}
