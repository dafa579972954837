//! How a program reaches the chain's database: a URL, and the variables of libpq (PostgreSQL docs, "Connection URIs" and
//! "Environment Variables" of libpq).

use std::collections::BTreeMap;

use sqlx::postgres::PgSslMode;

use super::connect::Connect;
use crate::sql::quote::ident;
use crate::text::percent;

/// Where the chain's database is, for its owner.
#[derive(Debug)]
pub(super) struct Address {
    /// As a URL.
    pub(super) url: String,
    /// For libpq: address, role, and `search_path` as in the chain's own sessions.
    pub(super) variables: BTreeMap<String, String>,
    password: Option<String>,
}

impl Address {
    /// For `role`, whose sessions have this `search_path`.
    pub(super) fn of(role: &str, search_path: &[String], server: &dyn Connect, database: &str) -> Self {
        let options = server.options(role, database);
        let password = server.password(role);
        let socket = options.get_socket().map(|folder| folder.display().to_string());
        // sqlx takes a host that is a path for the folder of a socket, as libpq does.
        let socket = socket.or_else(|| Some(options.get_host().to_owned()).filter(|host| host.starts_with('/')));
        let port = options.get_port().to_string();
        let tls = ssl_mode(options.get_ssl_mode());
        let host = socket.as_deref().unwrap_or_else(|| options.get_host());
        let secret = password.as_ref().map(|word| format!(":{}", encoded(word))).unwrap_or_default();
        let login = format!("{}{secret}", encoded(role));
        let name = encoded(database);
        let url = match (&socket, port.as_str()) {
            (Some(folder), "5432") => format!("postgresql://{login}@/{name}?host={}", encoded(folder)),
            (Some(folder), port) => format!("postgresql://{login}@/{name}?host={}&port={port}", encoded(folder)),
            (None, port) => format!("postgresql://{login}@{host}:{port}/{name}?sslmode={tls}"),
        };
        let mut variables: BTreeMap<String, String> = [
            ("PGHOST", host),
            ("PGPORT", &port),
            ("PGUSER", role),
            ("PGDATABASE", database),
            ("PGOPTIONS", &session_options(search_path)),
            ("PGAPPNAME", "rlsgate"),
            ("PGSSLMODE", tls),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        if let Some(word) = &password {
            variables.insert("PGPASSWORD".to_owned(), word.clone());
        }
        Self { url, variables, password }
    }

    /// `text` without address and password, which a program may have printed.
    pub(super) fn without_secrets(&self, text: &str) -> String {
        let text = text.replace(&self.url, ":url");
        match self.password.as_deref().filter(|word| !word.is_empty()) {
            Some(word) => text.replace(&encoded(word), "***").replace(word, "***"),
            None => text,
        }
    }
}

/// `search_path` for PGOPTIONS, where a backslash keeps a space from ending the value.
fn session_options(search_path: &[String]) -> String {
    let path = search_path.iter().map(|schema| ident(schema)).collect::<Vec<_>>().join(",");
    format!("-c search_path={}", path.replace('\\', "\\\\").replace(' ', "\\ "))
}

const fn ssl_mode(mode: PgSslMode) -> &'static str {
    match mode {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    }
}

/// `text` as a part of a URL: everything but unreserved characters as `%XX` (RFC 3986, section 2.3).
fn encoded(text: &str) -> String {
    percent::encoded(text, b"-._~")
}

#[cfg(test)]
mod tests {
    use super::{encoded, session_options};

    #[test]
    fn what_a_url_reserves_is_encoded() {
        assert_eq!(encoded("/tmp/a b"), "%2Ftmp%2Fa%20b");
        assert_eq!(encoded("p@ss:w/ü-1._~"), "p%40ss%3Aw%2F%C3%BC-1._~");
    }

    #[test]
    fn a_search_path_survives_the_splitting_of_options() {
        let path = ["public".to_owned(), "a b".to_owned(), "c\\d".to_owned()];
        assert_eq!(session_options(&path), "-c search_path=\"public\",\"a\\ b\",\"c\\\\d\"");
    }
}
