//! Who acts: contexts and actors as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, Plain, Table};

/// How the application becomes somebody.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Context {
    /// The role of a real connection; the harness's probe session where none is given. Only where policies read `session_user` or role settings matter.
    #[schemars(example = &"authenticator")]
    pub(crate) login: Option<At<String>>,
    /// The role that `SET LOCAL ROLE` takes on; `login` where none is given.
    #[schemars(example = &"authenticated")]
    pub(crate) role: Option<At<String>>,
    /// JWT claims, any JSON; a text `:name` is an id of the actor, `::x` the text `:x`.
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    #[schemars(example = serde_json::json!({ "sub": ":user", "role": "authenticated" }))]
    pub(crate) claims: Option<At<toml::Table>>,
    /// Settings of the transaction, by `set_config(name, value, true)`.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "app.org_id": ":tenant" }))]
    pub(crate) settings: Table<At<Plain>>,
    /// The application's own setter, run as the actor, in order.
    #[serde(default)]
    #[schemars(example = ["select set_user_context(:user)"])]
    pub(crate) call: Vec<At<String>>,
    /// What `call` must have set: read back, and broken on its own.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "app.current_user": ":user" }))]
    pub(crate) sets: Table<At<Plain>>,
}

/// Who acts: a context with ids filled in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct Actor {
    /// The context; none is a job, a probe, or an idle pooled connection.
    #[schemars(example = &"jwt")]
    pub(crate) context: Option<At<String>>,
    /// Instead of the context's login.
    #[schemars(example = &"app_login")]
    pub(crate) login: Option<At<String>>,
    /// Instead of the context's role.
    #[schemars(example = &"service_role")]
    pub(crate) role: Option<At<String>>,
    /// Who this is: whatever the tenant keys and the SQL of the suite name.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "tenant": "ws_a", "user": 9001 }))]
    pub(crate) ids: Table<At<Plain>>,
    /// Its groups; an actor is also a group of one.
    #[serde(default)]
    #[schemars(example = ["member"])]
    pub(crate) groups: Vec<At<String>>,
    /// Why nothing is granted to it anywhere; without it an actor that succeeds at nothing is an error.
    #[schemars(example = &"a login that was locked")]
    pub(crate) powerless: Option<At<String>>,
    /// Why a superuser, BYPASSRLS role or owner without FORCE is meant; without it such an actor is refused.
    #[schemars(example = &"jobs run as service_role, which has BYPASSRLS")]
    pub(crate) bypass_rls: Option<At<String>>,
}
