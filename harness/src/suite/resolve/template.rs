//! Whole values of claims, settings and `sets`: a text, or a reference to an id.

use super::written::In;
use crate::suite::names::{is_id, is_made};
use crate::suite::problems::Problems;
use crate::suite::raw::At;
use crate::suite::resolved::{Claim, Reference, Template};

/// `:name`, `:actor.name`, `::x` for the text `:x`, or the text itself.
pub(crate) fn template(text: &str) -> Result<Template, String> {
    let Some(name) = text.strip_prefix(':') else { return Ok(Template::Text(text.to_owned())) };
    if name.starts_with(':') {
        return Ok(Template::Text(name.to_owned()));
    }
    let (actor, id) = match name.split_once('.') {
        Some((actor, id)) => (Some(actor), id),
        None => (None, name),
    };
    if !is_id(id) || !actor.is_none_or(is_made) {
        return Err(format!("`{text}` is not a reference to an id"));
    }
    Ok(Template::Id(Reference { actor: actor.map(str::to_owned), name: id.to_owned() }))
}

/// A reference as it is written.
pub(crate) fn written(reference: &Reference) -> String {
    match &reference.actor {
        Some(actor) => format!(":{actor}.{}", reference.name),
        None => format!(":{}", reference.name),
    }
}

/// JWT claims: JSON whose texts may be references.
pub(crate) fn claims(table: In<'_, At<toml::Table>>, problems: &mut Problems) -> Claim {
    let mut wrong = Vec::new();
    let claim = object(&table.it.value, &mut wrong);
    for (text, message) in wrong {
        let span = table.file.within(&table.it.span, &text);
        problems.add(table.file, &span, message, "write `::` for a text that begins with a colon");
    }
    claim
}

fn object(table: &toml::Table, wrong: &mut Vec<(String, String)>) -> Claim {
    Claim::Object(table.iter().map(|(name, value)| (name.clone(), claim(value, wrong))).collect())
}

fn claim(value: &toml::Value, wrong: &mut Vec<(String, String)>) -> Claim {
    match value {
        toml::Value::String(text) => match template(text) {
            Ok(Template::Id(reference)) => Claim::Id(reference),
            Ok(Template::Text(text)) => Claim::Value(text.into()),
            Err(message) => {
                wrong.push((text.clone(), message));
                Claim::Value(text.clone().into())
            }
        },
        toml::Value::Integer(number) => Claim::Value((*number).into()),
        toml::Value::Float(number) => Claim::Value((*number).into()),
        toml::Value::Boolean(flag) => Claim::Value((*flag).into()),
        toml::Value::Datetime(date) => Claim::Value(date.to_string().into()),
        toml::Value::Array(list) => Claim::Array(list.iter().map(|value| claim(value, wrong)).collect()),
        toml::Value::Table(table) => object(table, wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::template;
    use crate::suite::resolved::{Reference, Template};

    #[test]
    fn a_colon_refers_and_two_do_not() {
        let id = |actor: Option<&str>, name: &str| {
            Ok(Template::Id(Reference { actor: actor.map(str::to_owned), name: name.to_owned() }))
        };
        assert_eq!(template(":user"), id(None, "user"));
        assert_eq!(template(":ws-admin.user"), id(Some("ws-admin"), "user"));
        assert_eq!(template("::x"), Ok(Template::Text(":x".to_owned())));
        assert_eq!(template("x:y"), Ok(Template::Text("x:y".to_owned())));
        for wrong in [":", ": x", ":a.b.c", ":A"] {
            assert!(template(wrong).is_err(), "{wrong}");
        }
    }
}
