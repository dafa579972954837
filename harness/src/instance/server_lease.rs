//! What the stages of one run share on a server that is not ours: the password and the roles that were made, which go with
//! the last of them, and the session that keeps other runs out.
//!
//! A run may hold several stages on one server: that of a suite, and that of each revision whose rows are compared.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use sqlx::postgres::PgConnection;

use crate::Error;
use crate::instance::random;

static STAYS: Mutex<Vec<Weak<ServerLease>>> = Mutex::new(Vec::new());

/// A session that several stages hold open together.
pub(crate) type SharedSession = tokio::sync::Mutex<PgConnection>;

/// The run's stay on one server.
pub(crate) struct ServerLease {
    server: String,
    password: String,
    users: Mutex<Users>,
    session: tokio::sync::Mutex<Weak<SharedSession>>,
}

struct Users {
    number: usize,
    roles: Vec<String>,
}

impl ServerLease {
    /// Joins the stay on `server`, or begins one.
    ///
    /// # Errors
    /// [`Error::Environment`] where there is no randomness for a password.
    pub(crate) fn join(server: String) -> Result<Arc<Self>, Error> {
        let mut stays = STAYS.lock().unwrap_or_else(PoisonError::into_inner);
        stays.retain(|stay| stay.strong_count() > 0);
        for stay in stays.iter().filter_map(Weak::upgrade).filter(|stay| stay.server == server) {
            let mut users = stay.users();
            // One that everybody left is being cleared away.
            if users.number > 0 {
                users.number += 1;
                drop(users);
                return Ok(stay);
            }
        }
        let users = Mutex::new(Users { number: 1, roles: Vec::new() });
        let stay = Self { server, password: random::token(16)?, users, session: tokio::sync::Mutex::default() };
        let stay = Arc::new(stay);
        stays.push(Arc::downgrade(&stay));
        Ok(stay)
    }

    /// Leaves. Returns the roles to be dropped now: all of the stay's, where nobody else is there.
    pub(crate) fn leave(&self) -> Vec<String> {
        let mut users = self.users();
        users.number = users.number.saturating_sub(1);
        if users.number == 0 { std::mem::take(&mut users.roles) } else { Vec::new() }
    }

    /// The password of the roles; the server may ask for one.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Notes a role that the run made.
    pub(crate) fn track(&self, role: String) {
        self.users().roles.push(role);
    }

    /// Whether the run made `role`.
    pub(crate) fn made(&self, role: &str) -> bool {
        self.users().roles.iter().any(|made| made == role)
    }

    /// Whether the run made any role.
    pub(crate) fn made_any(&self) -> bool {
        !self.users().roles.is_empty()
    }

    /// The session that is held open together; `open` makes it where nobody holds one. It ends with the last who does.
    pub(crate) async fn session(
        &self,
        open: impl Future<Output = Result<PgConnection, Error>>,
    ) -> Result<Arc<SharedSession>, Error> {
        let mut held = self.session.lock().await;
        if let Some(session) = held.upgrade() {
            return Ok(session);
        }
        let session = Arc::new(SharedSession::new(open.await?));
        *held = Arc::downgrade(&session);
        Ok(session)
    }

    fn users(&self) -> std::sync::MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::ServerLease;

    #[test]
    fn roles_go_with_the_last() {
        let (first, second) =
            (ServerLease::join("here:1".to_owned()).unwrap(), ServerLease::join("here:1".to_owned()).unwrap());
        let other = ServerLease::join("here:2".to_owned()).unwrap();
        first.track("gate".to_owned());
        assert!(second.made("gate") && !other.made("gate"));
        assert_eq!((first.password(), first.password() == other.password()), (second.password(), false));
        assert!(first.leave().is_empty());
        assert_eq!(second.leave(), ["gate"]);
        assert!(!ServerLease::join("here:1".to_owned()).unwrap().made("gate"), "a stay that is over is not joined");
    }
}
