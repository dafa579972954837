//! SQL text, looked at without a server: tokens, statements, quoting, references.
//!
//! Nothing here decides what a statement means; the server does. This is what must be known before it is sent:
//! where a statement ends, whether it may stand in a transaction block, and which parts of it are quoted.

pub mod kind;
pub mod lex;
pub mod placeholders;
pub mod quote;
mod read;
pub mod split;
mod statement;

pub use kind::StatementKind;
pub use read::read_file;
pub use split::{SplitError, Statement, split, split_part};
pub use statement::Sql;
