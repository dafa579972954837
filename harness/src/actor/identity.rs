//! An actor as SQL: how to become it, and how to see that it was become.

use std::collections::BTreeMap;

use crate::sql::{placeholders, quote};
use crate::suite::resolved::{Actor, Claim, Reference, Template};

/// The setting that PostgREST and Supabase put the JWT claims into (PostgREST docs, "Transactions: request settings").
pub(super) const CLAIMS: &str = "request.jwt.claims";

/// What must be done to become somebody, with every id filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The actor's name.
    pub name: String,
    /// A connection of its own as this role; the probe's where none is given.
    pub login: Option<String>,
    /// SET LOCAL ROLE.
    pub role: Option<String>,
    /// `set_config(name, value, true)`.
    pub settings: Vec<(String, String)>,
    /// The application's setters, ids filled in.
    pub calls: Vec<String>,
    /// What settings must read after that.
    pub expected: Vec<(String, String)>,
}

impl Identity {
    /// The identity of `actor`. `actors` are looked up for references to others; validation has seen that they exist.
    #[must_use]
    pub fn of(actor: &Actor, actors: &BTreeMap<String, Actor>) -> Self {
        Self::with_ids(actor, actors, &actor.ids)
    }

    /// The same with other ids than the actor's own.
    #[must_use]
    pub fn with_ids(actor: &Actor, actors: &BTreeMap<String, Actor>, ids: &BTreeMap<String, String>) -> Self {
        let resolve = |reference: &Reference| resolve(reference, ids, actors);
        let text = |template: &Template| match template {
            Template::Text(text) => text.clone(),
            Template::Id(reference) => resolve(reference).unwrap_or_default(),
        };
        let mut settings = Vec::new();
        if let Some(claims) = &actor.claims {
            settings.push((CLAIMS.to_owned(), claim_json(claims, &resolve).to_string()));
        }
        settings.extend(actor.settings.iter().map(|(name, value)| (name.clone(), text(value))));
        let mut expected = settings.clone();
        expected.extend(actor.sets.iter().map(|(name, value)| (name.clone(), text(value))));
        let calls =
            actor.call.iter().map(|sql| placeholders::bind(sql, resolve).unwrap_or_else(|_| sql.clone())).collect();
        Self {
            name: actor.name.clone(),
            login: actor.login.clone(),
            role: actor.role.clone(),
            settings,
            calls,
            expected,
        }
    }

    /// Somebody with nothing but a role: one that no actor stands for.
    #[must_use]
    pub fn bare(name: &str, role: &str) -> Self {
        Self {
            name: name.to_owned(),
            login: None,
            role: Some(role.to_owned()),
            settings: Vec::new(),
            calls: Vec::new(),
            expected: Vec::new(),
        }
    }

    /// Whether nothing is set, neither by the harness nor by code of the application.
    #[must_use]
    pub const fn sets_nothing(&self) -> bool {
        self.settings.is_empty() && self.calls.is_empty()
    }

    /// The role whose privileges count once it was become.
    #[must_use]
    pub fn effective_role(&self) -> &str {
        self.role.as_deref().or(self.login.as_deref()).unwrap_or_default()
    }

    /// What becomes it but for its calls, as one list of expressions, which are evaluated in order: `also` is a setting of the
    /// transaction's own. `role` is a setting like others (PostgreSQL docs, SET ROLE).
    #[must_use]
    pub fn impersonation(&self, also: (&str, &str)) -> String {
        let role = self.role.iter().map(|role| ("role", role.as_str()));
        let settings = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all = std::iter::once(also).chain(role).chain(settings);
        let set =
            |(name, value)| format!("pg_catalog.set_config({}, {}, true)", quote::literal(name), quote::literal(value));
        all.map(set).collect::<Vec<_>>().join(", ")
    }

    /// The statements that become it, in a transaction: one each.
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(role) = &self.role {
            out.push(format!("SET LOCAL ROLE {}", quote::ident(role)));
        }
        if !self.settings.is_empty() {
            let parts: Vec<String> = self
                .settings
                .iter()
                .map(|(name, value)| {
                    format!("pg_catalog.set_config({}, {}, true)", quote::literal(name), quote::literal(value))
                })
                .collect();
            out.push(format!("SELECT {}", parts.join(", ")));
        }
        out.extend(self.calls.iter().cloned());
        out
    }

    /// A query that answers with one row: `current_user`, then each setting that must have been set.
    #[must_use]
    pub fn readback(&self) -> String {
        let mut sql = String::from("SELECT current_user");
        for (name, _) in &self.expected {
            sql.push_str(&format!(", pg_catalog.current_setting({}, true)", quote::literal(name)));
        }
        sql
    }

    /// What of the readback is not as it must be; `None` where all is.
    #[must_use]
    pub fn mismatch(&self, row: &[Option<String>]) -> Option<String> {
        let user = row.first().and_then(Option::as_deref).unwrap_or_default();
        if user != self.effective_role() {
            return Some(format!("current_user is `{user}` instead of `{}`", self.effective_role()));
        }
        self.expected.iter().zip(row.iter().skip(1)).find_map(|((name, wanted), got)| {
            (got.as_deref() != Some(wanted.as_str())).then(|| match got {
                Some(got) => format!("setting `{name}` reads `{got}` instead of `{wanted}`"),
                None => format!("setting `{name}` was not set"),
            })
        })
    }

    /// How it is become, for evidence: one line each.
    #[must_use]
    pub fn describe(&self) -> Vec<String> {
        let login = self.login.iter().map(|role| format!("login as {role}"));
        login.chain(self.statements()).collect()
    }
}

/// The text of an id: the acting actor's among `ids`, or that of another.
#[must_use]
pub(crate) fn resolve(
    reference: &Reference,
    ids: &BTreeMap<String, String>,
    actors: &BTreeMap<String, Actor>,
) -> Option<String> {
    match &reference.actor {
        None => ids.get(&reference.name).cloned(),
        Some(other) => actors.get(other).and_then(|actor| actor.ids.get(&reference.name)).cloned(),
    }
}

fn claim_json(claim: &Claim, resolve: &dyn Fn(&Reference) -> Option<String>) -> serde_json::Value {
    match claim {
        Claim::Value(value) => value.clone(),
        Claim::Id(reference) => resolve(reference).map_or(serde_json::Value::Null, serde_json::Value::String),
        Claim::Object(entries) => {
            entries.iter().map(|(name, value)| (name.clone(), claim_json(value, resolve))).collect()
        }
        Claim::Array(items) => items.iter().map(|item| claim_json(item, resolve)).collect(),
    }
}
