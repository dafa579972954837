//! The system catalogs, read once into a typed model. Knows no check.

pub mod fingerprint;
mod grants;
mod model;
mod read;

pub use grants::{Reach, reach};
pub use model::{
    Catalog, Column, Constraint, ConstraintKind, Function, FunctionName, Membership, Policy, PrivilegeSet, QName,
    Relation, RelationKind, Role, Trigger, UniqueKey,
};
pub use read::{CatalogSource, OWN_ROLES, executables, leaves_traces, privileges, read};
