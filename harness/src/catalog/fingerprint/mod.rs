//! What of a database matters for security, as sorted facts: compared, digested, and shown as a difference.
//!
//! A fact is an object (`table public.notes`), a property (`policy own/using`) and a text, names quoted as SQL quotes them
//! where they must be. Equal chains on one major version give equal facts: no oid, no locale, no name of the database and
//! no setting of the session has a part in them. A privilege list that was never touched and one that states the default
//! are the same (`acldefault`, PostgreSQL docs, "System Information Functions"); what an owner holds by default is no
//! fact, what was taken from it is one (`revoked`).
//!
//! Left out: system schemas and what was granted on their objects, TOAST, the harness's own roles, attributes of the
//! bootstrap superuser and of predefined roles, objects of extensions (their version stands for them), who granted a privilege
//! (it follows from owner and grant options, and dies with them), comments, security labels, collected statistics
//! and their targets, storage and storage parameters of columns, access methods, transforms, what belongs to an operator family,
//! the locale of a collation, the content of large objects (they are counted), rows, and where a sequence stands. Of a setting
//! or an option whose name speaks of a secret, and of a password, only that it is there; of other options of foreign servers
//! and tables, SHA-256 of their values.

mod columns;
mod database;
mod delta;
mod diff;
mod facts;
mod follow;
mod foreign;
mod functions;
mod json;
mod lesser;
mod members;
mod policies;
pub mod policy_change;
mod read;
mod relations;
mod replication;
mod roles;
mod show;
mod sql;
mod types;

pub use delta::Delta;
pub use diff::{Change, Diff, ObjectDiff, Presence};
pub use facts::{Facts, Fingerprint, SharedFacts};
pub use follow::Follower;
pub use read::{read, read_within};
