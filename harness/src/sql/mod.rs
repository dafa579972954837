//! SQL text, looked at without a server: tokens, statements, quoting, references.
//!
//! Nothing here decides what a statement means; the server does. This is what must be known before it is sent:
//! where a statement ends, whether it may stand in a transaction block, and which parts of it are quoted.

pub(crate) mod kind;
pub(crate) mod lex;
pub(crate) mod placeholders;
pub(crate) mod quote;
mod read;
pub(crate) mod split;
mod statement;

pub(crate) use kind::StatementKind;
pub(crate) use read::read_file;
pub(crate) use split::{Statement, split, split_part};
pub(crate) use statement::Sql;
