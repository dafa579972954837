//! A relation with the contract that it is held against.

use crate::catalog::Relation;
use crate::suite::resolved::RelationContract as Contract;

/// A relation with the contract that it is held against: its own, or its parent's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContractEntry<'a> {
    /// The relation.
    pub relation: &'a Relation,
    /// Its contract, or that of the relation it follows.
    pub contract: &'a Contract,
    /// Whether it only follows: then nothing more may be possible than there, and nothing must.
    pub follows: bool,
}
