//! Two queries compared in the server: what a data migration kept, lost, doubled or changed.
//!
//! No row of either side is ever loaded: one statement joins both sides by their key and answers with counts, a few
//! keys, and the groups that differ.

pub mod aside;
pub mod block;
pub mod columns;
pub mod compare;
pub mod compared;
pub mod contents;
pub mod crossing;
mod described;
pub mod digest;
pub mod gate;
pub mod mapping;
mod own_schema;
pub mod planned;
pub mod rows;
mod samples;
pub mod seen;
pub mod space;
mod statement;
pub(crate) mod told;
pub mod touched;
pub mod verdict;

pub use block::Block;
pub use columns::{Columns, Why};
pub use compare::compare;
pub use compared::Compared;
pub use crossing::Fixture;
pub use digest::{Digest, digest, digests};
pub use mapping::Mapping;
pub use verdict::Verdicts;
