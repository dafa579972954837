//! Something that was written, with the file that it stands in.

use std::ops::Range;

use crate::suite::file::File;
use crate::suite::raw::At;

/// Something that was written, and the file it stands in.
#[derive(Debug)]
pub(crate) struct In<'a, T> {
    pub(crate) file: &'a File,
    pub(crate) it: &'a T,
}

impl<T> Clone for In<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for In<'_, T> {}

/// An entry of a table, and the file it stands in.
pub(crate) type WrittenEntry<'a, T> = In<'a, (At<String>, T)>;

/// A name, where it is defined, and what stands behind it.
#[derive(Debug)]
pub(crate) struct Defined<'a, T> {
    pub(crate) file: &'a File,
    pub(crate) span: &'a Range<usize>,
    pub(crate) it: &'a T,
}
