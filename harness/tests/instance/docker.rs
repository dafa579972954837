//! A server in a container.
#![cfg(feature = "docker")]

use std::process::Command;

use rlsgate::instance::{Instance, Provider, Request, start};
use sqlx::{Connection as _, Executor as _};

use super::support::{absent, ask, connect, isolated};

async fn start_docker() -> Option<Instance> {
    let images = Command::new("docker").args(["image", "ls", "--format", "{{.Tag}}", "postgres"]).output();
    let tags = images.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let Some(major) = tags.lines().find_map(|tag| tag.parse().ok()) else {
        absent("docker", "no engine, or no image postgres:N");
        return None;
    };
    let request = Request { provider: Provider::Docker, major: Some(major), ..Request::default() };
    Some(start(&request, None).await.unwrap_or_else(|error| panic!("{error}")))
}

fn containers() -> String {
    let output = Command::new("docker").args(["ps", "--all", "--quiet", "--filter", "label=rlsgate.host"]).output();
    String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
}

#[test]
fn a_container_starts_and_goes() {
    isolated("instance::docker::a_container_starts_and_goes", |_| async {
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
            assert!(instance.log_tail().await.contains("ready to accept connections"));
            if by_drop {
                drop(instance);
            } else {
                instance.stop().await.unwrap();
            }
            assert_eq!(containers(), "");
        }
    });
}
