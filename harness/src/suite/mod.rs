//! What a team writes, read: suite files parsed with spans, validated, and resolved into [`resolved::Suite`].

mod discover;
mod file;
mod load;
pub mod location;
mod names;
mod problems;
mod raw;
mod read;
mod resolve;
pub mod resolved;
pub mod resolved_case;
pub mod resolved_fact;
pub mod resolved_fidelity;
pub mod resolved_target;
mod schema;
mod shape;
pub mod versions;
mod words;

pub use discover::{check_unique, discover};
pub(crate) use load::load;
pub use resolved::Suite;
pub(crate) use schema::toml_generator;
pub(crate) use schema::{json_schema, json_schema_for};
