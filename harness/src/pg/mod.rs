//! Speaking to the server: sessions, scripts with a mark for each statement, and errors by their fields.

pub(crate) mod batch;
pub(crate) mod error;
pub(crate) mod session;
