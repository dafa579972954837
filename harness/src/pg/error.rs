//! An error of the server, by the fields that it sends (PostgreSQL docs, "Error and Notice Message Fields").

use sqlx::postgres::PgDatabaseError;

use crate::catalog::QName;

/// What the server said. The message is translated by `lc_messages`: it is shown, and decides nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerError {
    /// SQLSTATE.
    pub code: String,
    /// For people.
    pub message: String,
    /// The C function that reported it.
    pub routine: String,
    /// The table it is about, where the server names one.
    pub table: Option<QName>,
    /// The constraint, where the server names one.
    pub constraint: Option<String>,
    /// The data type, where the server names one: a domain's CHECK, for instance.
    pub data_type: Option<String>,
    /// The call stack: not empty where a function, trigger or another statement reported it.
    pub context: String,
}

impl ServerError {
    /// Takes over the fields of the driver's error.
    #[must_use]
    pub fn from_driver(error: &PgDatabaseError) -> Self {
        let table = match (error.schema(), error.table()) {
            (Some(schema), Some(table)) => Some(QName::new(schema, table)),
            _ => None,
        };
        Self {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            routine: error.routine().unwrap_or_default().to_owned(),
            table,
            constraint: error.constraint().map(ToOwned::to_owned),
            data_type: error.data_type().map(ToOwned::to_owned),
            context: error.r#where().unwrap_or_default().to_owned(),
        }
    }

    /// Without what code of the schema or a malformed value may have put into the message: row data. Inside a function
    /// that is every message: names of objects may be made of values there, too. Routine and objects are shown instead.
    #[must_use]
    pub fn without_values(mut self) -> Self {
        let raised = matches!(self.routine.as_str(), "exec_stmt_raise" | "exec_stmt_assert");
        if raised || !self.context.is_empty() || self.code.starts_with("22") {
            let table = self.table.as_ref().map(ToString::to_string);
            let named = [("table", table), ("constraint", self.constraint.clone()), ("type", self.data_type.clone())];
            // What is raised names what it likes (PL/pgSQL docs, RAISE … USING).
            let named = named.into_iter().filter(|_| !raised);
            let named = named.filter_map(|(what, name)| Some(format!(", {what} {}", name?)));
            let named: String = named.collect();
            self.message = format!("(message withheld, since report.values is off: from {}{named})", self.routine);
        }
        self
    }

    /// Whether the connection is gone with it: FATAL and PANIC end it; so do the shutdown codes.
    #[must_use]
    pub fn ends_the_connection(&self) -> bool {
        self.code.starts_with("57P") || self.code.starts_with("08")
    }

    /// One line for evidence: SQLSTATE and message.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.code, self.message)
    }
}
