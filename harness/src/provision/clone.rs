//! Clones of the template: one for each worker, and one for each check that commits.

use sqlx::Connection;

use crate::Error;
use crate::chain::connect::open_superuser;
use crate::provision::Provision;
use crate::provision::roles::{grant, run};
use crate::sql::quote::{ident, literal};
use crate::suite::Suite;

/// Bytes of clones that wait for the end of the server, at most.
const WAITING: u64 = 128 << 20;
/// And how many.
const MOST_WAITING: u64 = 8;

impl Provision {
    /// Creates a clone of the template and gives it back what `CREATE DATABASE … TEMPLATE` loses: database-level
    /// grants and ALTER DATABASE settings (PostgreSQL docs, "Template Databases").
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn clone_database(&self, suffix: &str) -> Result<String, Error> {
        let name = format!("{}{suffix}", self.instance.database_prefix());
        self.instance.track_database(&name);
        // Copying files is the faster strategy where nothing is synced to disk; it came with 15.
        let strategy = if self.instance.facts().major >= 15 { " STRATEGY FILE_COPY" } else { "" };
        self.administer(&format!("CREATE DATABASE {} TEMPLATE {}{strategy}", ident(&name), ident(&self.template)))
            .await?;
        let (clone, template) = (literal(&name), literal(&self.template));
        let oid = |name: &str| format!("(SELECT oid FROM pg_database WHERE datname = {name})");
        let restored = [
            format!(
                "UPDATE pg_database c SET datacl = t.datacl, datdba = t.datdba FROM pg_database t \
                 WHERE c.datname = {clone} AND t.datname = {template}"
            ),
            format!(
                "INSERT INTO pg_db_role_setting SELECT {}, setrole, setconfig FROM pg_db_role_setting WHERE setdatabase = {}",
                oid(&clone),
                oid(&template)
            ),
            format!("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", ident(&name), ident(&self.roles.probe)),
            format!("GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {} TO {}", ident(&name), ident(&self.roles.witness)),
        ];
        self.administer(&restored.join("; ")).await?;
        Ok(name)
    }

    /// Ends every session of a clone: after a connection was given up, its backend may still be at work.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn end_sessions(&self, name: &str) -> Result<(), Error> {
        let sql = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}", literal(name));
        self.administer(&sql).await
    }

    /// Gives the harness's roles what a revision has made in a clone since: a clone has what the template had.
    /// Memberships are the cluster's own, so that no two calls may overlap.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn catch_up(&self, name: &str, suite: &Suite) -> Result<(), Error> {
        let mut session = open_superuser(&self.instance, name).await?;
        grant(&mut session, &self.instance, &self.roles, suite, name).await?;
        drop(session.close().await);
        Ok(())
    }

    /// Lets no statement in a clone write more than `bytes` of temporary files: it fails before the disk is full.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn bound_temporary_files(&self, name: &str, bytes: u64) -> Result<(), Error> {
        self.administer(&format!("ALTER DATABASE {} SET temp_file_limit = '{}kB'", ident(name), bytes / 1024)).await
    }

    /// Drops a clone, a little later: those that were given before it go now, when their last sessions have ended (a
    /// DROP DATABASE that finds one sleeps for 100 ms), and the last of all goes with the server, or at its end. A few small
    /// ones may wait for that as well.
    ///
    /// # Errors
    /// [`Error::Environment`] with what the server said.
    pub async fn drop_clone(&self, name: &str) -> Result<(), Error> {
        let mut discarded = self.discarded.lock().await;
        discarded.push_back(name.to_owned());
        let waiting = self.instance.kept_bytes().map_or(1, |bytes| (WAITING / bytes.max(1)).clamp(1, MOST_WAITING));
        if discarded.len() as u64 <= waiting {
            return Ok(());
        }
        let earlier = discarded.pop_front().unwrap_or_default();
        drop(discarded);
        self.administer(&format!("DROP DATABASE {} WITH (FORCE)", ident(&earlier))).await
    }

    /// Ends the session that databases are made and dropped on; the next that needs one opens another.
    pub(crate) async fn end_administration(&self) {
        if let Some(session) = self.administrator.lock().await.take() {
            drop(session.close().await);
        }
    }

    /// Runs `sql` on the one session that the superuser keeps for this: a backend of its own would cost as much as a
    /// dozen checks. One that failed is not used again.
    async fn administer(&self, sql: &str) -> Result<(), Error> {
        let mut kept = self.administrator.lock().await;
        let mut session = match kept.take() {
            Some(session) => session,
            None => open_superuser(&self.instance, self.instance.maintenance_database()).await?,
        };
        run(&mut session, sql).await?;
        *kept = Some(session);
        Ok(())
    }
}
