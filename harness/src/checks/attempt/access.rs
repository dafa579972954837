//! What the kinds of checks share: who tries what on which relation, what an error means there, and the evidence.

use std::collections::{BTreeMap, BTreeSet};

use crate::actor::Identity;
use crate::catalog::{Policy, QName, Relation};
use crate::judge::classify::{ErrorClass, Probed, classify, lacks};
use crate::judge::effect::{Effect, RowKey, show_keys};
use crate::pg::error::ServerError;
use crate::report::record::Evidence;
use crate::session::attempt::Effects;
use crate::suite::resolved::Command;
use crate::world::World;

/// Who tries which command on which relation.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    /// Who.
    pub identity: Identity,
    /// On which relation.
    pub relation: QName,
    /// What.
    pub command: Command,
    /// The only column that the statement needs a privilege on, where it is one.
    pub column: Option<String>,
    /// Whether the context is broken on purpose.
    pub broken: bool,
    /// The cell in words: what is granted, and by whom.
    pub granted: String,
}

impl Access {
    /// The relation in the catalogs; planning has seen it there.
    #[must_use]
    pub(crate) fn relation<'a>(&self, world: &'a World) -> Option<&'a Relation> {
        world.catalog.relations.get(&self.relation)
    }

    /// Whether the role lacks the privilege, so that no policy is asked.
    #[must_use]
    pub(crate) fn lacks_privilege(&self, world: &World) -> bool {
        let held = self.relation(world).and_then(|relation| world.held(self.identity.effective_role(), relation));
        let command = self.command.as_str();
        match (&self.column, self.command) {
            (Some(column), _) => !held.is_some_and(|held| held.holds_column(command, column)),
            // nextval needs USAGE or UPDATE (PostgreSQL docs, "Sequence Manipulation Functions").
            (None, Command::Usage) => lacks(held, command) && lacks(held, "update"),
            (None, _) => lacks(held, command),
        }
    }

    /// What `error` means for this trial.
    #[must_use]
    pub(crate) fn class(&self, world: &World, error: &ServerError) -> ErrorClass {
        let (relation, lacks_privilege) = (self.relation(world), self.lacks_privilege(world));
        classify(error, &Probed { catalog: &world.catalog, relation, lacks_privilege, broken_context: self.broken })
    }

    /// Evidence so far: context and statement, what was expected and what came.
    #[must_use]
    pub(crate) fn evidence(&self, sql: &str, expected: impl Into<String>, got: impl Into<String>) -> Evidence {
        Evidence {
            context: self.identity.describe(),
            sql: vec![sql.to_owned()],
            expected: expected.into(),
            got: got.into(),
            ..Evidence::default()
        }
    }

    /// Evidence of something that let through what it should not, with the policies that apply.
    #[must_use]
    pub(crate) fn evidence_of_leak(&self, world: &World, sql: &str, got: impl Into<String>) -> Evidence {
        let mut evidence = self.evidence(sql, format!("only what is granted: {}", self.granted), got);
        evidence.notes = self.policies(world);
        evidence
    }

    /// The policies that the server asked for this role and command (PostgreSQL docs, CREATE POLICY, table 292).
    #[must_use]
    pub(crate) fn policies(&self, world: &World) -> Vec<String> {
        let Some(relation) = self.relation(world) else { return Vec::new() };
        if !relation.kind.is_table() {
            return Vec::new();
        }
        if !relation.rls {
            return vec![format!("row security is not enabled on {}", relation.name)];
        }
        let role = self.identity.effective_role();
        let applies = |policy: &&Policy| {
            (policy.command == "all" || policy.command == self.command.as_str())
                && policy.roles.iter().any(|name| name == "public" || world.catalog.inherits(role, name))
        };
        let show = |policy: &Policy| {
            let sort = if policy.permissive { "permissive" } else { "restrictive" };
            let using = policy.using.as_ref().map(|sql| format!(" USING ({sql})")).unwrap_or_default();
            let check = policy.check.as_ref().map(|sql| format!(" WITH CHECK ({sql})")).unwrap_or_default();
            format!("{sort} policy `{}` for {} applies:{using}{check}", policy.name, policy.command)
        };
        let lines: Vec<String> = relation.policies.iter().filter(applies).map(show).collect();
        if lines.is_empty() { vec![format!("no policy of {} applies to {role}", relation.name)] } else { lines }
    }

    /// What a write did to rows of others in relations beside the probed one: `None` where nothing.
    #[must_use]
    pub(crate) fn foreign_effects(&self, world: &World, effects: &Effects) -> Option<String> {
        let own = self.relation(world).map(|relation| relation.oid);
        let beside = effects.on.iter().filter(|(oid, _)| Some(**oid) != own);
        let found: Vec<String> = beside.filter_map(|(oid, effect)| self.foreign(world, *oid, effect)).collect();
        (!found.is_empty()).then(|| found.join("; "))
    }

    fn foreign(&self, world: &World, oid: u32, effect: &Effect) -> Option<String> {
        let relation = world.catalog.by_oid(oid)?;
        let baseline = world.baseline(relation)?;
        let strange = |n: usize| move |(_, holds): &(&RowKey, &Vec<bool>)| holds.get(n) == Some(&false);
        let new = effect.inserted.iter().filter(strange(NEW)).map(|(key, _)| key);
        let changed = effect.updated.iter().filter(strange(CHANGED)).map(|(key, _)| key);
        // Rows that a view shows are judged by the cell of the view, where nothing says whose they are below it.
        let below = self.relation(world).is_some_and(|view| world.catalog.is_under(oid, view));
        let may = |command| world.may(relation, &self.identity.name, command);
        let strays = |command, key: &RowKey| may(command).map_or(!below, |keys| !keys.contains(key));
        let touched = effect.updated.keys().filter(|key| strays(Command::Update, key));
        let gone = effect.deleted.iter().filter(|key| strays(Command::Delete, key));
        let changed = changed.filter(|_| !below || may(Command::Update).is_some());
        let keys: BTreeSet<&RowKey> = new.chain(changed).chain(touched).chain(gone).collect();
        (!keys.is_empty())
            .then(|| format!("{} of others in {}: {}", rows(keys.len()), relation.name, show_keys(baseline, keys)))
    }
}

/// Places of the predicates of [`World::mine`].
const NEW: usize = 0;
const CHANGED: usize = 1;

/// `1 row`, `2 rows`.
#[must_use]
pub(crate) fn rows(n: usize) -> String {
    if n == 1 { "1 row".to_owned() } else { format!("{n} rows") }
}

/// What a class of error is called in verdicts.
#[must_use]
pub(crate) const fn class_name(class: &ErrorClass) -> &'static str {
    match class {
        ErrorClass::RefusedByPolicy => "refused by policy",
        ErrorClass::RefusedByPrivilege => "refused by privilege",
        ErrorClass::PrivilegeElsewhere => "refused by a privilege on something else",
        ErrorClass::RefusedByCheckOption => "refused by the view's check option",
        ErrorClass::PastPolicy => "got past policy and privilege, stopped by a constraint only",
        ErrorClass::Undecided => "stopped by a constraint that decides nothing about the policy",
        ErrorClass::Raised => "raised by code of the schema",
        ErrorClass::ContextError => "failed closed",
        ErrorClass::Other => "the server answered with an error that is no refusal",
    }
}

/// Predicates for the new rows of one relation.
#[must_use]
pub(crate) fn watching(oid: u32, predicates: Vec<String>) -> BTreeMap<u32, Vec<String>> {
    BTreeMap::from([(oid, predicates)])
}
