//! Reports, one file per format, all rendered from the run record.

pub mod record;
