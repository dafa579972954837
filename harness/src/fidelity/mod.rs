//! Two queries compared in the server: what a data migration kept, lost, doubled or changed.
//!
//! No row of either side is ever loaded: one statement joins both sides by their key and answers with counts, a few
//! keys, and the groups that differ.

pub mod columns;
pub mod compare;
pub mod digest;
mod statement;
pub mod verdict;

pub use columns::{Columns, Side};
pub use compare::{Compared, Mapping, compare};
pub use digest::{Digest, digest, digests};
pub use verdict::Verdicts;
