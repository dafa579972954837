//! Facts of functions.

use crate::catalog::QName;
use crate::check::Unit;
use crate::checks::execute::call::types;
use crate::checks::fact::stated::fact;
use crate::world::World;

pub(crate) fn plan(world: &World) -> Vec<Unit> {
    let mut units = Vec::new();
    for facts in &world.suite.facts.functions {
        let schema = facts.name.schema.as_deref().unwrap_or_else(|| world.default_schema());
        let name = QName::new(schema, facts.name.name.as_str());
        let types = types(&facts.arguments);
        let shown = format!("{name}({})", types.join(","));
        let one = |kind: &str, holds: bool, wanted: &str, got: String| {
            fact(world, &facts.stated, &["function", &shown, kind], holds, wanted, got)
        };
        let found =
            world.catalog.functions.iter().find(|function| function.id.name == name && function.id.types == types);
        units.push(one(
            "there",
            found.is_some(),
            "there",
            if found.is_some() { "there" } else { "not there" }.to_owned(),
        ));
        let Some(function) = found else { continue };
        if let Some(owner) = &facts.owner {
            units.push(one("owner", function.owner == *owner, owner, function.owner.clone()));
        }
        if let Some(definer) = facts.security_definer {
            let word = |definer| if definer { "SECURITY DEFINER" } else { "SECURITY INVOKER" };
            let got = function.security_definer;
            units.push(one("security", got == definer, word(definer), word(got).to_owned()));
        }
        if let Some(fixed) = facts.search_path_fixed {
            let got = function.settings.iter().any(|setting| setting.starts_with("search_path="));
            let word = |fixed| if fixed { "search_path is set on it" } else { "search_path is the caller's" };
            units.push(one("search-path", got == fixed, word(fixed), word(got).to_owned()));
        }
        if let Some(volatility) = &facts.volatility {
            let got = match function.volatility.as_str() {
                "i" => "immutable",
                "s" => "stable",
                _ => "volatile",
            };
            units.push(one("volatility", got == volatility.to_lowercase(), volatility, got.to_owned()));
        }
    }
    units
}
