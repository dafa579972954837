//! A server in a container.
#![cfg(feature = "docker")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rlsgate::instance::{Instance, Provider, Request, start};
use sqlx::{Connection as _, Executor as _};

use super::support::{Place, absent, ask, connect, inside, isolated, left_in};
use crate::common::left::containers;

/// A version whose image is here.
fn major() -> Option<u32> {
    if let Ok(major) = std::env::var("RLSGATE_TEST_MAJOR") {
        return major.parse().ok();
    }
    let images = Command::new("docker").args(["image", "ls", "--format", "{{.Tag}}", "postgres"]).output();
    let tags = images.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    tags.lines().find_map(|tag| tag.parse().ok())
}

async fn start_docker() -> Option<Instance> {
    let Some(major) = major() else {
        absent("docker", "no engine, or no image postgres:N");
        return None;
    };
    let request = Request { provider: Provider::Docker, major: Some(major), ..Request::default() };
    Some(start(&request, None).await.unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn a_container_starts_and_goes() {
    isolated("instance::docker::a_container_starts_and_goes", |folder| async move {
        for by_drop in [false, true] {
            let Some(instance) = start_docker().await else { return };
            let mut connection = connect(&instance).await;
            assert_eq!(ask(&mut connection, "select current_user::text").await, "rlsgate");
            assert_eq!(ask(&mut connection, "show timezone").await, "UTC");
            assert_eq!(ask(&mut connection, "show fsync").await, "off");
            connection.execute("create role somebody login").await.unwrap();
            let options = instance.connect_options("somebody", "postgres");
            let mut other = sqlx::PgConnection::connect_with(&options).await.unwrap();
            assert_eq!(ask(&mut other, "select session_user::text").await, "somebody");
            assert!(instance.is_alive().await);
            assert_eq!(containers(&folder).len(), 1);
            assert!(instance.log_tail().await.contains("ready to accept connections"));
            if by_drop {
                drop(instance);
            } else {
                instance.stop().await.unwrap();
            }
            assert_eq!(containers(&folder), Vec::<String>::new());
        }
    });
}

/// The body of the next test's children.
#[test]
fn child_keeps_a_container() {
    if inside().is_none() {
        return;
    }
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let instance = start_docker().await.unwrap();
        let _connection = connect(&instance).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
}

#[test]
fn a_killed_run_leaves_no_container_after_the_next_sweep() {
    isolated("instance::docker::a_killed_run_leaves_no_container_after_the_next_sweep", |_| async {
        let Some(instance) = start_docker().await else { return };
        instance.stop().await.unwrap();
        let place = Place::new();
        // While it is created, while it starts, and when it runs.
        for wait in [150, 600, 1200, 3000] {
            let mut child = place
                .command("instance::docker::child_keeps_a_container")
                // Without the command-line client its watchdog can do nothing: the sweep must.
                .env("PATH", if wait == 3000 { "/nowhere" } else { "/usr/local/bin:/usr/bin:/bin" })
                .env("RLSGATE_TEST_MAJOR", major().unwrap().to_string())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            tokio::time::sleep(Duration::from_millis(wait)).await;
            child.kill().unwrap();
            child.wait().unwrap();
            let output = place.command("instance::kill::child_sweeps").output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            // The engine may still be creating what it was asked for when we were killed: the next start takes that.
            tokio::time::sleep(Duration::from_millis(500)).await;
            if !containers(&place.path("")).is_empty() {
                tokio::time::sleep(Duration::from_secs(3)).await;
                assert!(place.command("instance::kill::child_sweeps").output().unwrap().status.success());
            }
            assert_eq!(containers(&place.path("")), Vec::<String>::new(), "killed after {wait} ms");
            assert_eq!(left_in(&place.path("tmp")), Vec::<std::path::PathBuf>::new());
        }
    });
}

/// What the engine goes on creating when its client was killed and the folder of the run is swept already.
#[test]
fn a_container_that_came_after_the_sweep_goes_with_the_next_start() {
    isolated("instance::docker::a_container_that_came_after_the_sweep_goes_with_the_next_start", |folder| async move {
        let Some(instance) = start_docker().await else { return };
        let lock = containers(&folder).pop().unwrap();
        let name = Path::new(&lock).parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let host = name.split('-').nth(1).unwrap();
        let gone = folder.join("tmp/gone/lock");
        let created = Command::new("docker")
            .args(["create", "--label", &format!("rlsgate.host={host}")])
            .args(["--label", &format!("rlsgate.owner={}", nix::unistd::geteuid())])
            .args(["--label", &format!("rlsgate.lock={}", gone.display())])
            .arg(format!("postgres:{}", major().unwrap()))
            .output()
            .unwrap();
        assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
        assert_eq!(containers(&folder).len(), 2);
        start_docker().await.unwrap().stop().await.unwrap();
        assert_eq!(containers(&folder), [lock], "the living run keeps its own");
        instance.stop().await.unwrap();
    });
}
