//! What an error means for the statement that was tried.
//!
//! Decided by SQLSTATE, routine, objects and context alone. The order of things in the server is what makes this
//! possible: privileges are checked before execution, policies after BEFORE triggers and before the relation's own
//! constraints (PostgreSQL docs, "Row Security Policies"; `ExecInsert` calls `ExecWithCheckOptions` first).

use crate::catalog::{Catalog, ConstraintKind, PrivilegeSet, Relation};

use crate::pg::error::ServerError;

/// What an error means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ErrorClass {
    /// 42501 of a policy's WITH CHECK, or of its USING under ON CONFLICT.
    RefusedByPolicy,
    /// 42501 of the ACL check on the probed object, confirmed by has_*_privilege.
    RefusedByPrivilege,
    /// 42501 of the ACL check on something else: no verdict.
    PrivilegeElsewhere,
    /// 44000, a view's WITH CHECK OPTION.
    RefusedByCheckOption,
    /// A constraint of the probed relation stopped it: policy and privilege had let it through, and the error tells
    /// that a row exists.
    PastPolicy,
    /// A constraint that is not the probed relation's own, or comes before the policy: no verdict.
    Undecided,
    /// Raised by code of the schema.
    Raised,
    /// The kind of error a context that is broken may raise: it failed closed.
    ContextError,
    /// Anything else; never a pass.
    Other,
}

/// What was tried, as far as classification needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probed<'a> {
    /// The catalogs.
    pub catalog: &'a Catalog,
    /// The probed relation, if it is one.
    pub relation: Option<&'a Relation>,
    /// Whether has_*_privilege confirms that the actor lacks what the statement needs on the probed object.
    pub lacks_privilege: bool,
    /// Whether the actor's context is broken on purpose.
    pub broken_context: bool,
}

/// Whether the actor lacks `command` on the relation and on every column of it.
#[must_use]
pub(crate) fn lacks(held: Option<&PrivilegeSet>, command: &str) -> bool {
    held.is_none_or(|held| !held.holds(command))
}

/// What `error` means for the probed statement.
#[must_use]
pub(crate) fn classify(error: &ServerError, probed: &Probed<'_>) -> ErrorClass {
    let direct = error.context.is_empty();
    match error.code.as_str() {
        "42501" if direct && error.routine == "ExecWithCheckOptions" => ErrorClass::RefusedByPolicy,
        "42501" if direct && is_acl(&error.routine) => {
            if probed.lacks_privilege {
                ErrorClass::RefusedByPrivilege
            } else {
                ErrorClass::PrivilegeElsewhere
            }
        }
        // What the server itself reports without a stack is no code of the schema: row_security = off, COPY to a file,
        // another session ended.
        "42501" if direct && error.routine != "exec_stmt_raise" => ErrorClass::Other,
        "42501" if error.routine == "check_enable_rls" => ErrorClass::Other,
        "42501" => ErrorClass::Raised,
        "44000" if direct => ErrorClass::RefusedByCheckOption,
        "23505" | "23P01" | "23503" | "23514" | "23502" => {
            if direct && is_own_constraint(error, probed) {
                ErrorClass::PastPolicy
            } else {
                ErrorClass::Undecided
            }
        }
        "0A000" if error.routine == "heap_truncate_check_FKs" => ErrorClass::PastPolicy,
        "22P02" | "22023" | "22007" | "42704" | "22004" | "28000" if probed.broken_context => ErrorClass::ContextError,
        "P0001" => ErrorClass::Raised,
        _ if !direct && !is_infrastructure(&error.code) && !is_defect(&error.code) => ErrorClass::Raised,
        _ => ErrorClass::Other,
    }
}

/// The routines that report a missing privilege; sequences have their own.
fn is_acl(routine: &str) -> bool {
    routine.starts_with("aclcheck_error")
        || matches!(routine, "nextval_internal" | "do_setval" | "currval_oid" | "lastval")
}

/// Errors of the schema's own making that must surface as errors even inside a function: undefined objects, syntax,
/// recursion in policies.
fn is_defect(code: &str) -> bool {
    matches!(code, "42P01" | "42601" | "42883" | "42703" | "42P17" | "54001")
}

/// Cancelled, out of resources, shut down, lost: no verdict about the schema (PostgreSQL docs, appendix A).
#[must_use]
pub(crate) fn is_infrastructure(code: &str) -> bool {
    ["53", "57", "58", "08", "XX", "40"].iter().any(|class| code.starts_with(class))
}

fn is_own_constraint(error: &ServerError, probed: &Probed<'_>) -> bool {
    let (Some(relation), Some(table)) = (probed.relation, &error.table) else { return false };
    // Partition routing happens before the policy is asked.
    if matches!(error.routine.as_str(), "ExecFindPartition" | "ExecPartitionCheckEmitError") {
        return false;
    }
    if *table == relation.name {
        return true;
    }
    // A row that others point at: the server names the referencing table's constraint.
    let points_here = error
        .constraint
        .as_deref()
        .and_then(|name| probed.catalog.constraint(table, name))
        .is_some_and(|c| c.kind == ConstraintKind::ForeignKey && c.references == Some(relation.oid));
    let is_child = probed.catalog.relations.get(table).is_some_and(|child| child.parent == Some(relation.oid));
    points_here || is_child
}
