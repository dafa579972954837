//! How a chain's revisions lie in files: one file a layout, one line in [`LAYOUTS`].
//!
//! A layout takes the names that its tool takes, in the tool's order, and reads its markers. What the tool would refuse is
//! refused, with the file; what it would pass over is kept as skipped, so that reports can say it. Each layout's page names
//! the tool's own documentation. A revision is one transaction unless its file says otherwise, as its tool has it
//! (docs/chain.md).

use crate::Error;

pub(super) mod alembic;
mod dbmate;
mod descriptor;
mod diesel;
mod drizzle;
mod files;
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

pub use descriptor::{Directions, FoundRevision, Layout, Listing, NeverReverted, RevisionHead};
pub use folder::{Folder, FolderEntry};

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
