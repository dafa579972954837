//! The table of changes, and that of what changes nothing, on each server that is here.

use rlsgate::catalog::fingerprint::{Fingerprint, Follower, read};
use rlsgate::chain::Connect;
use rlsgate::chain::connect::open_superuser;
#[cfg(feature = "docker")]
use rlsgate::instance::{Provider, Request, start};
use sqlx::PgConnection;

use super::beside::BESIDE;
use super::changes::{CHANGES, NOTHING};
use crate::common::{Cluster, execute};

pub(crate) const BASE: &str = include_str!("base.sql");

/// A new database with `base.sql`.
pub(crate) async fn base(server: &dyn Connect, name: &str) -> PgConnection {
    let mut session = open_superuser(server, "postgres").await.unwrap();
    execute(&mut session, &format!("CREATE DATABASE {name}")).await.unwrap();
    let mut session = open_superuser(server, name).await.unwrap();
    execute(&mut session, BASE).await.unwrap();
    session
}

pub(crate) async fn print(server: &dyn Connect, database: &str) -> Fingerprint {
    read(&mut open_superuser(server, database).await.unwrap()).await.unwrap()
}

async fn every_change_shows_where_it_is(server: &dyn Connect) {
    let mut session = base(server, "changed").await;
    let mut before = read(&mut session).await.unwrap();
    // Who reads only what has changed reads the same.
    let mut follower = Follower::default();
    assert_eq!(*follower.read(&mut session).await.unwrap(), before);
    let mut wrong = Vec::new();
    for &(since, sql, object, properties) in CHANGES.iter().chain(BESIDE) {
        if since > server.major() {
            continue;
        }
        if let Err(error) = execute(&mut session, &sql.replace("%D", "changed")).await {
            wrong.push(format!("{sql}: {error}"));
            continue;
        }
        let after = read(&mut session).await.unwrap();
        let diff = before.diff(&after);
        let got: Vec<_> = diff.changes().map(|(object, property, _)| (object, property)).collect();
        let expected: Vec<_> = properties.iter().map(|&property| (object, property)).collect();
        // A row without an object only prepares the next one; it shows all the same.
        if got.is_empty() || (!object.is_empty() && got != expected) {
            wrong.push(format!("{sql}\n{diff}"));
        }
        assert_eq!(got.is_empty(), before.digest() == after.digest());
        let followed = follower.read(&mut session).await.unwrap();
        if *followed != after {
            wrong.push(format!("{sql}, followed:\n{}", followed.diff(&after)));
        }
        before = after;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!before.to_json().contains("not to be shown") && !before.to_json().contains("not_to_be_shown"));
}

async fn what_is_no_change_does_not_show(server: &dyn Connect) {
    let mut session = base(server, "unchanged").await;
    let before = read(&mut session).await.unwrap();
    for &(since, sql) in NOTHING {
        if since > server.major() {
            continue;
        }
        for statement in sql.split("; ") {
            if let Err(error) = execute(&mut session, statement).await {
                panic!("{sql}: {error}");
            }
        }
        let after = read(&mut session).await.unwrap();
        assert_eq!(before.diff(&after).to_string(), "", "{sql}");
        assert_eq!(before.digest(), after.digest(), "{sql}");
    }
}

#[tokio::test]
async fn every_change_shows_where_it_is_locally() {
    every_change_shows_where_it_is(&Cluster::start().await).await;
}

#[tokio::test]
async fn what_is_no_change_does_not_show_locally() {
    what_is_no_change_does_not_show(&Cluster::start().await).await;
}

/// The major versions whose images are here.
#[cfg(feature = "docker")]
pub(crate) fn images() -> Vec<u32> {
    let images =
        std::process::Command::new("docker").args(["image", "ls", "--format", "{{.Tag}}", "postgres"]).output();
    let tags = images.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    tags.lines().filter_map(|tag| tag.parse().ok()).collect()
}

#[cfg(feature = "docker")]
fn in_a_container(major: u32, test: &str) {
    if !images().contains(&major) {
        crate::common::absent("docker", &format!("no engine, or no image postgres:{major}"));
        return;
    }
    crate::instance::support::isolated(test, |_| async move {
        let request = Request { provider: Provider::Docker, major: Some(major), ..Request::default() };
        let instance = start(&request, None).await.unwrap_or_else(|error| panic!("{error}"));
        every_change_shows_where_it_is(&instance).await;
        execute(&mut open_superuser(&instance, "postgres").await.unwrap(), CLEAN).await.unwrap();
        what_is_no_change_does_not_show(&instance).await;
        instance.stop().await.unwrap();
    });
}

/// Roles belong to the cluster: what the first table leaves is dropped for the second.
#[cfg(feature = "docker")]
const CLEAN: &str = "ALTER ROLE fp_owner RENAME TO fp_owner_before; ALTER ROLE fp_user RENAME TO fp_user_before; \
    ALTER ROLE fp_other RENAME TO fp_other_before; ALTER ROLE \"fp-Odd \"\"role\" RENAME TO fp_odd_before";

#[cfg(feature = "docker")]
#[test]
fn both_tables_hold_on_13() {
    in_a_container(13, "fingerprint::table::both_tables_hold_on_13");
}

#[cfg(feature = "docker")]
#[test]
fn both_tables_hold_on_17() {
    in_a_container(17, "fingerprint::table::both_tables_hold_on_17");
}

#[cfg(feature = "docker")]
#[test]
fn both_tables_hold_on_18() {
    in_a_container(18, "fingerprint::table::both_tables_hold_on_18");
}
