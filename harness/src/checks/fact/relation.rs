//! Facts of relations. Policies and triggers are complete lists where they are given; all else is a minimum.

use crate::Error;
use crate::catalog::{QName, Relation};
use crate::check::Unit;
use crate::checks::fact::stated::fact;
use crate::suite::resolved_fact::{ColumnFact, ConstraintFact, PolicyFact, RelationFacts};
use crate::world::World;

pub(crate) fn plan(world: &World) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    for facts in &world.suite.facts.relations {
        let schema = facts.name.schema.as_deref().unwrap_or_else(|| world.default_schema());
        let name = QName::new(schema, facts.name.name.as_str());
        let Some(relation) = world.catalog.relations.get(&name) else {
            units.push(fact(world, &facts.stated, &[&name.to_string(), "relation"], false, "there", "not there"));
            continue;
        };
        units.extend(of(world, facts, relation));
    }
    Ok(units)
}

fn of(world: &World, facts: &RelationFacts, relation: &Relation) -> Vec<Unit> {
    let name = relation.name.to_string();
    let stated = &facts.stated;
    let one = |parts: &[&str], holds: bool, wanted: &str, got: String| {
        let all: Vec<&str> = std::iter::once(name.as_str()).chain(parts.iter().copied()).collect();
        fact(world, stated, &all, holds, wanted, got)
    };
    let mut units = Vec::new();
    if let Some(rls) = facts.rls.filter(|_| relation.kind.is_table()) {
        units.push(one(&["rls"], relation.rls == rls, &on(rls), on(relation.rls)));
    }
    if let Some(forced) = facts.forced {
        units.push(one(&["forced"], relation.forced == forced, &on(forced), on(relation.forced)));
    }
    for (column, wanted) in &facts.columns {
        let got = relation.column(column);
        let shown = got.map_or("not there".to_owned(), |c| {
            let default = c.default.as_ref().map(|d| format!(" default {d}")).unwrap_or_default();
            format!("{}{}{default}", c.r#type, if c.nullable { "" } else { " not null" })
        });
        units.push(one(
            &["column", column],
            got.is_some_and(|got| column_fits(wanted, got)),
            &describe_column(wanted),
            shown,
        ));
    }
    for index in &facts.indexes {
        units.push(one(
            &["index", index],
            relation.indexes.contains(index),
            "there",
            there(relation.indexes.contains(index)),
        ));
    }
    for (constraint, wanted) in &facts.constraints {
        let got = relation.constraints.iter().find(|got| got.name == *constraint);
        let shown = got.map_or("not there".to_owned(), |got| {
            format!("{}{}", got.definition, if got.validated { "" } else { " (not validated)" })
        });
        let fits = got.is_some_and(|got| constraint_fits(wanted, got));
        units.push(one(&["constraint", constraint], fits, &describe_constraint(wanted), shown));
    }
    if let Some(triggers) = &facts.triggers {
        let got: Vec<&str> =
            relation.triggers.iter().filter(|trigger| trigger.enabled).map(|trigger| trigger.name.as_str()).collect();
        for trigger in triggers {
            units.push(one(
                &["trigger", trigger],
                got.contains(&trigger.as_str()),
                "there",
                there(got.contains(&trigger.as_str())),
            ));
        }
        let others: Vec<&str> = got.into_iter().filter(|got| !triggers.iter().any(|t| t == got)).collect();
        units.push(one(&["trigger", "no-other"], others.is_empty(), "no other trigger", list(&others)));
    }
    if let Some(policies) = &facts.policies {
        for (policy, wanted) in policies {
            let got = relation.policies.iter().find(|got| got.name == *policy);
            let wrong = got.map_or_else(|| "not there".to_owned(), |got| policy_differs(wanted, got));
            units.push(one(&["policy", policy], wrong.is_empty(), &describe_policy(wanted), wrong));
        }
        let others: Vec<&str> =
            relation.policies.iter().map(|p| p.name.as_str()).filter(|name| !policies.contains_key(*name)).collect();
        units.push(one(&["policy", "no-other"], others.is_empty(), "no other policy", list(&others)));
    }
    units
}

fn on(on: bool) -> String {
    if on { "on".to_owned() } else { "off".to_owned() }
}

fn there(there: bool) -> String {
    if there { "there".to_owned() } else { "not there".to_owned() }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn column_fits(wanted: &ColumnFact, got: &crate::catalog::Column) -> bool {
    wanted.r#type.as_ref().is_none_or(|t| *t == got.r#type)
        && wanted.nullable.is_none_or(|nullable| nullable == got.nullable)
        && wanted.default.as_ref().is_none_or(|default| got.default.as_ref() == Some(default))
}

fn describe_column(wanted: &ColumnFact) -> String {
    let parts = [
        wanted.r#type.clone(),
        wanted.nullable.map(|nullable| if nullable { "nullable".to_owned() } else { "not null".to_owned() }),
        wanted.default.as_ref().map(|default| format!("default {default}")),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if text.is_empty() { "there, of whatever type".to_owned() } else { text }
}

fn constraint_fits(wanted: &ConstraintFact, got: &crate::catalog::Constraint) -> bool {
    wanted.definition.as_ref().is_none_or(|definition| *definition == got.definition)
        && wanted.validated.is_none_or(|validated| validated == got.validated)
        && wanted.columns.as_ref().is_none_or(|columns| *columns == got.columns)
}

fn describe_constraint(wanted: &ConstraintFact) -> String {
    let parts = [
        wanted.definition.clone(),
        wanted.validated.map(|validated| if validated { "validated".to_owned() } else { "not validated".to_owned() }),
        wanted.columns.as_ref().map(|columns| format!("on ({})", columns.join(", "))),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if text.is_empty() { "there".to_owned() } else { text }
}

/// What differs; empty where nothing does.
fn policy_differs(wanted: &PolicyFact, got: &crate::catalog::Policy) -> String {
    let mut wrong = Vec::new();
    if wanted.command.as_ref().is_some_and(|command| *command != got.command) {
        wrong.push(format!("for {}", got.command));
    }
    if let Some(roles) = &wanted.roles {
        let mut roles = roles.clone();
        roles.sort();
        let mut there = got.roles.clone();
        there.sort();
        if roles != there {
            wrong.push(format!("to {}", there.join(", ")));
        }
    }
    if wanted.permissive.is_some_and(|permissive| permissive != got.permissive) {
        wrong.push(if got.permissive { "permissive".to_owned() } else { "restrictive".to_owned() });
    }
    for (text, sql, name) in
        [(&wanted.using_contains, &got.using, "USING"), (&wanted.check_contains, &got.check, "WITH CHECK")]
    {
        if let Some(text) = text
            && !sql.as_ref().is_some_and(|sql| sql.contains(text))
        {
            wrong.push(format!("{name} ({})", sql.as_deref().unwrap_or("none")));
        }
    }
    wrong.join("; ")
}

fn describe_policy(wanted: &PolicyFact) -> String {
    let parts = [
        wanted.command.as_ref().map(|command| format!("for {command}")),
        wanted.roles.as_ref().map(|roles| format!("to {}", roles.join(", "))),
        wanted.permissive.map(|permissive| if permissive { "permissive".to_owned() } else { "restrictive".to_owned() }),
        wanted.using_contains.as_ref().map(|text| format!("USING with `{text}`")),
        wanted.check_contains.as_ref().map(|text| format!("WITH CHECK with `{text}`")),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    if text.is_empty() { "there".to_owned() } else { text }
}
