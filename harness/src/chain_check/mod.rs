//! What a migration chain must hold as such, whoever uses the schema: it applies, can be taken back without a trace, stays
//! closed between its revisions, and is what was released.
//!
//! Each check is one file under `checks` and one line in the registry there. They are planned from the chain alone, before any server
//! starts. Then the chain is walked, up and down and over rows, on servers of its own, since roles belong to a whole cluster;
//! what was seen on the way is judged afterwards, so that one walk decides all checks.

mod check;
mod checks;
mod kept_walk;
mod load;
mod observations;
mod over_rows;
mod plan;
mod record;
mod run;
mod subject;
mod trace;
mod update;
mod walk_up;

pub use plan::plan;
pub use run::PreparedChain;
pub use subject::Subject;
pub use update::update;
