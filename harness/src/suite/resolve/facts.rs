//! Facts: what is written, with names in SQL's syntax.

use std::ops::Range;

use super::expect::same_columns;
use super::parts::SuiteParts;
use super::people::{People, sql_of_nobody};
use super::proofs::{are_nothing, asks_relation};
use super::texts::{controls, made_name, maybe_said, said, title, versions};
use super::written::In;
use crate::suite::file::File;
use crate::suite::names;
use crate::suite::problems::Problems;
use crate::suite::raw::{self, At, Or, PolicyCommand, Volatility};
use crate::suite::resolved_fact::{
    ColumnFact, ConstraintFact, ExtensionFact, FactOrigin, FunctionFacts, PolicyFact, QueryFact, RelationFacts,
    StatedFacts,
};

/// Every fact.
pub(crate) fn facts(parts: &SuiteParts<'_>, people: &People, problems: &mut Problems) -> StatedFacts {
    let (file, written) = (parts.file, &parts.suite.facts);
    let mut facts = StatedFacts::default();
    for (key, one) in written.relations.iter() {
        facts.relations.extend(relation(file, key, one, problems));
    }
    for (key, one) in written.functions.iter() {
        facts.functions.extend(function(file, key, one, problems));
    }
    for (name, version) in written.extensions.iter() {
        facts.extensions.push(ExtensionFact {
            name: name.value.clone(),
            version: said(problems, file, &name.value, version),
            at: file.location(&name.span),
        });
    }
    for (name, one) in written.queries.iter() {
        facts.queries.push(query(file, name, one, people, problems));
    }
    facts
}

/// What every fact may say about itself.
struct About<'a> {
    source: &'a Option<String>,
    step: &'a Option<String>,
    remedy: Option<&'a At<String>>,
    skip: Option<&'a At<String>>,
    min: Option<&'a At<u32>>,
    max: Option<&'a At<u32>>,
    controls: &'a [At<String>],
}

impl About<'_> {
    fn stated(&self, file: &File, span: &Range<usize>, problems: &mut Problems) -> FactOrigin {
        FactOrigin {
            at: file.location(span),
            source: self.source.clone(),
            step: self.step.clone(),
            remedy: maybe_said(problems, file, "remedy", self.remedy),
            controls: controls(problems, file, self.controls),
            skip: maybe_said(problems, file, "skip", self.skip),
            versions: versions(problems, self.min.map(|it| In { file, it }), self.max.map(|it| In { file, it })),
        }
    }
}

macro_rules! about {
    ($one:expr) => {
        About {
            source: &$one.source,
            step: &$one.step,
            remedy: $one.remedy.as_ref(),
            skip: $one.skip.as_ref(),
            min: $one.min_postgres.as_ref(),
            max: $one.max_postgres.as_ref(),
            controls: &$one.controls,
        }
    };
}

fn relation(file: &File, key: &At<String>, one: &raw::RelationFacts, problems: &mut Problems) -> Option<RelationFacts> {
    let name = named(file, key, names::relation(&key.value), problems)?;
    let reason = maybe_said(problems, file, "reason", one.reason.as_ref());
    if let (Some(At { value: false, span }), None) = (&one.rls, &reason) {
        problems.add(file, span, "`rls = false` needs a `reason`", "say why row security is off");
    }
    let column = |column: &raw::Column| ColumnFact {
        r#type: column.r#type.clone(),
        nullable: column.nullable,
        default: column.default.clone(),
    };
    let constraint = |constraint: &Or<raw::Constraint>| match constraint {
        Or::Table(long) => ConstraintFact {
            definition: long.definition.clone(),
            validated: long.validated,
            columns: long.columns.clone(),
        },
        Or::Text(definition) => ConstraintFact { definition: Some(definition.clone()), ..ConstraintFact::default() },
        Or::List(_) => ConstraintFact::default(),
    };
    let policies = one.policies.as_ref();
    Some(RelationFacts {
        name,
        stated: about!(one).stated(file, &key.span, problems),
        rls: Some(one.rls.as_ref().is_none_or(|rls| rls.value)),
        reason,
        forced: one.forced,
        columns: one.columns.iter().map(|(name, fact)| (name.clone(), column(fact))).collect(),
        indexes: one.indexes.clone(),
        triggers: one.triggers.clone(),
        constraints: one.constraints.iter().map(|(name, fact)| (name.value.clone(), constraint(fact))).collect(),
        policies: policies.map(|all| all.iter().map(|(name, fact)| (name.clone(), policy(fact))).collect()),
    })
}

fn policy(policy: &raw::Policy) -> PolicyFact {
    let command = policy.command.map(|command| match command {
        PolicyCommand::Select => "select",
        PolicyCommand::Insert => "insert",
        PolicyCommand::Update => "update",
        PolicyCommand::Delete => "delete",
        PolicyCommand::All => "all",
    });
    PolicyFact {
        command: command.map(str::to_owned),
        roles: policy.roles.clone(),
        permissive: policy.permissive,
        using_contains: policy.using_contains.clone(),
        check_contains: policy.check_contains.clone(),
    }
}

fn function(file: &File, key: &At<String>, one: &raw::FunctionFacts, problems: &mut Problems) -> Option<FunctionFacts> {
    let (name, arguments) = named(file, key, names::function(&key.value), problems)?;
    let volatility = one.volatility.map(|volatility| match volatility {
        Volatility::Immutable => "immutable",
        Volatility::Stable => "stable",
        Volatility::Volatile => "volatile",
    });
    Some(FunctionFacts {
        name,
        arguments,
        stated: about!(one).stated(file, &key.span, problems),
        owner: one.owner.clone(),
        security_definer: one.security_definer,
        search_path_fixed: one.search_path_fixed,
        volatility: volatility.map(str::to_owned),
    })
}

fn query(file: &File, name: &At<String>, one: &raw::Query, people: &People, problems: &mut Problems) -> QueryFact {
    made_name(problems, file, name, "query");
    same_columns(problems, file, &one.returns.span, &one.returns.value);
    if are_nothing(&one.returns.value) && one.witness.is_none() {
        let message = format!("query `{}` passes on nothing, and without a `witness` that proves nothing", name.value);
        let help = "SQL that shows that what it looks for would be found (`witness`)";
        problems.add(file, &one.returns.span, message, help);
    }
    QueryFact {
        name: name.value.clone(),
        title: title(one.title.as_ref(), &name.value),
        stated: about!(one).stated(file, &name.span, problems),
        sql: sql_of_nobody(problems, people, In { file, it: &one.sql }),
        returns: one.returns.value.clone(),
        witness: one.witness.as_ref().map(|sql| {
            asks_relation(problems, file, sql);
            sql_of_nobody(problems, people, In { file, it: sql })
        }),
    }
}

fn named<T>(file: &File, key: &At<String>, read: Result<T, String>, problems: &mut Problems) -> Option<T> {
    read.map_err(|message| problems.add(file, &key.span, message, "")).ok()
}
