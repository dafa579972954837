//! Speaking to the server: sessions, scripts with a mark for each statement, and errors by their fields.

pub mod batch;
pub mod error;
pub mod session;
