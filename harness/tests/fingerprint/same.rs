//! Equal chains give equal fingerprints, whatever server, database, locale and order of oids they are on.

use std::path::Path;

use rlsgate::catalog::fingerprint::{Fingerprint, read};
use rlsgate::chain::{Chain, Connect, apply};
use sqlx::ConnectOptions as _;

use super::table::print;
use crate::common::{Cluster, execute};

async fn connectors(server: &dyn Connect, database: &str, locale: &str) -> Fingerprint {
    let mut session = rlsgate::chain::connect::open_superuser(server, "postgres").await.unwrap();
    let sql = format!("CREATE DATABASE {database} TEMPLATE template0 LC_COLLATE '{locale}' LC_CTYPE '{locale}'");
    execute(&mut session, &sql).await.unwrap();
    let chain = Chain::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/connectors")).unwrap();
    apply(&chain, server, database, None).await.unwrap();
    print(server, database).await
}

#[tokio::test]
async fn two_servers_agree() {
    let (one, two) = (Cluster::start().await, Cluster::start().await);
    // Oids differ, and so does the order in which they sort.
    execute(&mut two.session("rlsgate", "postgres").await, "CREATE TABLE t (a serial)").await.unwrap();
    let here = connectors(&one, "here", "C").await;
    let there = connectors(&two, "there", "C.UTF-8").await;
    assert!(here.get("table public.connectors", "rls") == Some("enabled"), "{}", here.to_json());
    assert_eq!(here.diff(&there).to_string(), "");
    assert_eq!(here.digest(), there.digest());
}

#[cfg(feature = "docker")]
#[test]
fn local_and_docker_agree() {
    use rlsgate::instance::{Provider, Request, start};
    crate::instance::support::isolated("fingerprint::same::local_and_docker_agree", |_| async move {
        let local = Cluster::start().await;
        if !super::table::images().contains(&local.major()) {
            crate::common::absent("docker", "no engine, or no image of the installed version");
            return;
        }
        let request = Request { provider: Provider::Docker, major: Some(local.major()), ..Request::default() };
        let docker = start(&request, None).await.unwrap_or_else(|error| panic!("{error}"));
        let here = connectors(&local, "here", "C").await;
        let there = connectors(&docker, "there", "C").await;
        assert_eq!(here.diff(&there).to_string(), "");
        assert_eq!(here.digest(), there.digest());
        docker.stop().await.unwrap();
    });
}

#[tokio::test]
async fn what_a_session_may_not_read_is_said_and_not_compared() {
    let server = Cluster::start().await;
    let mut session = server.session("rlsgate", "postgres").await;
    execute(&mut session, "CREATE ROLE plain LOGIN; CREATE ROLE guarded PASSWORD 'x'").await.unwrap();
    let whole = read(&mut session).await.unwrap();
    assert_eq!(whole.get("role guarded", "password"), Some("set"));
    let mut plain = server.options("plain", "postgres").connect().await.unwrap();
    let part = read(&mut plain).await.unwrap();
    assert_eq!(part.get("role guarded", "password"), None);
    assert!(part.unread.contains("role/password"));
    assert_eq!(whole.diff(&part).to_string(), "");
    assert_ne!(whole.digest(), part.digest());
    // The session is as it was: no setting, no transaction is left.
    let path: String = sqlx::query_scalar("SHOW search_path").fetch_one(&mut plain).await.unwrap();
    assert_eq!(path, "\"$user\", public");
}
