//! What came of a statement: errors by the fields of the server, writes by their effect.

pub mod classify;
pub mod effect;
pub mod error;
pub mod expect;
