//! The call of a function as SQL, and the check of it.

use crate::Error;
use crate::catalog::{Function, QName};
use crate::check::Check;
use crate::sql::placeholders;
use crate::sql::quote::literal;
use crate::suite::resolved::{Actor, Execute as Contract, Location};
use crate::world::World;

/// What the kind is called.
pub(crate) const NAME: &str = "execute";

/// The function that a contract line names: types are compared as the server writes them, or as their end.
pub(crate) fn find<'a>(world: &'a World, contract: &Contract) -> Result<&'a Function, Error> {
    let schema = contract.name.schema.as_deref().unwrap_or_else(|| world.default_schema());
    let name = QName::new(schema, contract.name.name.as_str());
    let written: Vec<String> = types(&contract.arguments);
    let same = |function: &&Function| function.id.name == name && function.id.types == written;
    world.catalog.functions.iter().find(same).ok_or_else(|| {
        let wanted = format!("{name}({})", written.join(","));
        let all = || world.catalog.functions.iter().filter(|function| !function.of_extension);
        let same: Vec<String> = all().filter(|f| f.id.name.name == name.name).map(|f| f.id.to_string()).collect();
        if same.is_empty() {
            let known: Vec<String> = all().map(|function| function.id.to_string()).collect();
            return contract.at.unknown("function", &wanted, known.iter().map(String::as_str));
        }
        contract.at.error(format!("unknown function `{wanted}`"), format!("there is {}", same.join(", ")))
    })
}

/// Argument types as written, in the server's spelling where it has a shorter one.
pub(crate) fn types(arguments: &str) -> Vec<String> {
    let canonical = |word: &str| {
        let word = word.trim().to_lowercase();
        match word.as_str() {
            "int" | "int4" => "integer".to_owned(),
            "int8" => "bigint".to_owned(),
            "int2" => "smallint".to_owned(),
            "bool" => "boolean".to_owned(),
            "varchar" => "character varying".to_owned(),
            "timestamptz" => "timestamp with time zone".to_owned(),
            "timestamp" => "timestamp without time zone".to_owned(),
            "float8" => "double precision".to_owned(),
            "float4" => "real".to_owned(),
            _ => word,
        }
    };
    if arguments.trim().is_empty() { Vec::new() } else { arguments.split(',').map(canonical).collect() }
}

pub(crate) fn at(world: &World, contract: Option<&Contract>) -> Location {
    contract.map_or_else(|| Location::of_file(&world.suite.path), |contract| contract.at.clone())
}

pub(crate) fn check(
    world: &World,
    function: &Function,
    contract: Option<&Contract>,
    actor: &Actor,
    probe: Option<&str>,
) -> Check {
    let name = function.id.to_string();
    let parts =
        [Some(world.suite.name.as_str()), Some("execute"), Some(name.as_str()), Some(actor.name.as_str()), probe];
    Check::new(NAME, parts.into_iter().flatten(), at(world, contract))
        .title(format!("{} executes {name}{}", actor.name, probe.map(|p| format!(" ({p})")).unwrap_or_default()))
        .about(name, "execute".to_owned())
        .by(actor.name.clone())
        .controls(world.controls(NAME, contract.map(|c| c.controls.as_slice()).unwrap_or_default()))
}

/// The call: arguments as the contract gives them, NULL for the others. `given` is one argument's value.
pub(crate) fn sql(
    world: &World,
    function: &Function,
    contract: Option<&Contract>,
    actor: &Actor,
    given: Option<(&str, &str)>,
) -> String {
    let resolve =
        |reference: &placeholders::Reference| crate::actor::resolve(reference, &actor.ids, &world.suite.actors);
    let argument = |n: usize, r#type: &String| {
        let name = function.arguments.get(n).map(String::as_str).unwrap_or_default();
        let written = contract.and_then(|contract| contract.values.get(name));
        let text = match (given.filter(|(argument, _)| *argument == name), written) {
            (Some((_, given)), _) => literal(given),
            // Who lacks the id is granted nothing here, and the refusal of EXECUTE asks for no value.
            (None, Some(sql)) => placeholders::bind(sql, resolve).map_or("NULL".to_owned(), |sql| format!("({sql})")),
            (None, None) => "NULL".to_owned(),
        };
        format!("{text}::{}", concrete(r#type))
    };
    let arguments: Vec<String> = function.id.types.iter().enumerate().map(|(n, t)| argument(n, t)).collect();
    let call = format!("{}({})", function.id.name.sql(), arguments.join(", "));
    match function.kind.as_str() {
        "p" => format!("CALL {call}"),
        "w" => format!("SELECT {call} OVER ()"),
        "f" if function.returns_rows => format!("SELECT * FROM {call}"),
        _ => format!("SELECT {call}"),
    }
}

/// A type that an argument can have: NULL of a polymorphic one says nothing of what it stands for (PostgreSQL docs,
/// "Polymorphic Types"). All are of one family, since arguments of one call have to agree.
fn concrete(r#type: &str) -> &str {
    match r#type {
        "anyelement" | "anynonarray" | "anycompatible" | "anycompatiblenonarray" | "\"any\"" => "integer",
        "anyarray" | "anycompatiblearray" => "integer[]",
        "anyrange" | "anycompatiblerange" => "int4range",
        "anymultirange" | "anycompatiblemultirange" => "int4multirange",
        other => other,
    }
}
