//! What came of a statement: errors by the fields of the server, writes by their effect, calls by what they answer.

pub(crate) mod answer;
pub(crate) mod classify;
pub(crate) mod effect;
pub(crate) mod expect;
