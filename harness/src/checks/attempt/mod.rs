//! What the contract and broken contexts share: a cell, the statements that try it, and how each is judged.

pub(crate) mod access;
pub(crate) mod all;
pub(crate) mod cell;
pub(crate) mod insert;
pub(crate) mod precomputed;
pub(crate) mod select;
pub(crate) mod statement;
pub(crate) mod write;
