//! Chain checks on a real server: each is shown a chain that it must fail, and is the only one that does.

mod access;
mod alembic;
mod directions;
mod layouts;
mod locked;
mod opened;
mod over_rows;
mod planned;
mod support;
