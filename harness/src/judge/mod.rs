//! What came of a statement: errors by the fields of the server, writes by their effect, calls by what they answer.

pub mod answer;
pub mod classify;
pub mod effect;
pub mod expect;
