//! What a team writes, read: suite files parsed with spans, validated, and resolved into [`resolved::Suite`].

pub mod resolved;
pub mod resolved_case;
pub mod resolved_fact;

pub use resolved::Suite;
