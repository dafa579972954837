//! The fingerprint of real databases: it changes where a property changes, nowhere else, and not otherwise.

mod beside;
mod changes;
mod classes;
mod same;
mod shown;
mod table;
