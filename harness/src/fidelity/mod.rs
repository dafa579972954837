//! Two queries compared in the server: what a data migration kept, lost, doubled or changed.
//!
//! No row of either side is ever loaded: one statement joins both sides by their key and answers with counts, a few
//! keys, and the groups that differ.

pub mod block;
pub mod columns;
pub mod compare;
pub mod compared;
pub mod contents;
mod described;
pub mod digest;
pub mod fixture;
pub(crate) mod format;
pub mod mapping;
mod own_schema;
pub mod planned;
pub mod rows;
mod samples;
pub mod scratch;
pub mod space;
mod statement;
pub mod touched;
pub mod verdict;
pub mod visibility;
pub mod write_barrier;

pub use crate::fidelity::fixture::Fixture;
pub use block::Block;
pub use columns::{Columns, Why};
pub use compare::compare;
pub use compared::Compared;
pub use digest::{Digest, digest, digests};
pub use mapping::Mapping;
pub use verdict::Verdicts;
