//! Who is tried: the actors of the suite, and one for every role that holds a privilege and that no actor stands for.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::catalog::Catalog;
use crate::suite::Suite;
use crate::suite::resolved::{Actor, Location};
use crate::text::nearest;

/// The actor that stands for every role at once: it holds what PUBLIC holds.
pub(crate) const EVERYBODY: &str = "@public";

/// The actors of the suite by name, checked against the roles of the server, with those that nobody stands for.
pub(crate) fn all(
    suite: &Suite,
    catalog: &Catalog,
    schemas: &[String],
    chain_owner: &str,
    public_role: &str,
) -> Result<BTreeMap<String, Actor>, Error> {
    for actor in suite.actors.values() {
        check(actor, catalog)?;
    }
    let mut actors = suite.actors.clone();
    let at = Location::of_file(&suite.path);
    let stood_for: BTreeSet<&str> =
        suite.actors.values().flat_map(|actor| [actor.role.as_deref(), actor.login.as_deref()]).flatten().collect();
    for role in holders(catalog, schemas) {
        let Some(attributes) = catalog.roles.get(&role) else { continue };
        let owns = catalog
            .relations
            .values()
            .any(|relation| schemas.contains(&relation.name.schema) && role == relation.owner);
        // Owners and superusers are who the chain is, not who it guards against; who inherits an owner is not.
        if attributes.superuser || owns || role == chain_owner || stood_for.contains(role.as_str()) {
            continue;
        }
        let name = format!("@{role}");
        actors.insert(name.clone(), unnamed(name, &role, at.clone()));
    }
    actors.insert(EVERYBODY.to_owned(), unnamed(EVERYBODY.to_owned(), public_role, at));
    Ok(actors)
}

fn unnamed(name: String, role: &str, at: Location) -> Actor {
    Actor {
        groups: BTreeSet::from([name.clone()]),
        name,
        at,
        context: None,
        login: None,
        role: Some(role.to_owned()),
        ids: BTreeMap::new(),
        powerless: Some("no actor represents this role, so nothing is granted to it".to_owned()),
        bypass_rls: Some("a role that no actor represents is tried as it is".to_owned()),
        claims: None,
        settings: Vec::new(),
        call: Vec::new(),
        sets: Vec::new(),
    }
}

/// Roles named in the ACL of a relation or function of `schemas`, or in default privileges that reach them.
fn holders(catalog: &Catalog, schemas: &[String]) -> BTreeSet<String> {
    let here = |schema: &String| schemas.contains(schema);
    let mut roles: BTreeSet<String> = catalog
        .relations
        .values()
        .filter(|relation| here(&relation.name.schema))
        .flat_map(|relation| relation.grantees.iter().cloned())
        .collect();
    let functions = catalog.functions.iter().filter(|function| !function.is_trigger && !function.of_extension);
    roles.extend(functions.filter(|f| here(&f.id.name.schema)).flat_map(|f| f.grantees.iter().cloned()));
    roles.extend(
        catalog
            .default_grantees
            .iter()
            .filter(|(schema, _)| schema.as_ref().is_none_or(here))
            .map(|(_, role)| role.clone()),
    );
    roles.remove("public");
    roles.extend(catalog.relations.values().filter(|relation| here(&relation.name.schema)).map(|r| r.owner.clone()));
    // What a role holds, its members hold that inherit it.
    let inheriting =
        |role: &&String| !role.starts_with("pg_") && roles.iter().any(|holder| catalog.inherits(role, holder));
    catalog.roles.keys().filter(inheriting).cloned().collect()
}

fn check(actor: &Actor, catalog: &Catalog) -> Result<(), Error> {
    for role in [&actor.login, &actor.role].into_iter().flatten() {
        if role.starts_with(crate::catalog::OWN_ROLES) && !catalog.roles.contains_key(role) {
            return Err(actor.at.error(
                format!(
                    "actor `{}` is role `{role}`: names that begin with `rlsgate` are the harness's own",
                    actor.name
                ),
                "name a role of the application",
            ));
        }
        if !catalog.roles.contains_key(role) {
            let near = nearest::suffix(role, catalog.roles.keys().map(String::as_str));
            return Err(actor.at.error(
                format!("actor `{}` is role `{role}`, which neither prelude nor chain creates{near}", actor.name),
                "name a role that is there, or create it in the chain",
            ));
        }
    }
    if let Some(login) = &actor.login
        && catalog.roles.get(login).is_some_and(|role| !role.login)
    {
        return Err(actor.at.error(
            format!("actor `{}` logs in as `{login}`, which has NOLOGIN", actor.name),
            "use `role`, or give the role LOGIN",
        ));
    }
    let effective = actor.role.as_ref().or(actor.login.as_ref());
    let Some((name, role)) = effective.and_then(|name| Some((name, catalog.roles.get(name)?))) else { return Ok(()) };
    let owned = catalog
        .relations
        .values()
        .find(|relation| relation.rls && !relation.forced && catalog.inherits(name, &relation.owner));
    let why = if role.superuser {
        "is a superuser".to_owned()
    } else if role.bypass_rls {
        "has BYPASSRLS".to_owned()
    } else if let Some(relation) = owned {
        format!("owns `{}` or inherits its owner, and row security is not forced there", relation.name)
    } else {
        return Ok(());
    };
    if actor.bypass_rls.is_some() && !role.superuser {
        return Ok(());
    }
    if role.superuser {
        return Err(actor.at.error(
            format!("actor `{}` is role `{name}`, which is a superuser", actor.name),
            "no code of a chain is run by a superuser; take another role",
        ));
    }
    Err(actor.at.error(
        format!("actor `{}` is role `{name}`, which {why}: its checks would prove nothing", actor.name),
        "take another role, or say that it is intentional: bypass_rls = \"why\"",
    ))
}
