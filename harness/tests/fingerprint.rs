//! The fingerprint of real databases: it changes where a property changes, nowhere else, and not otherwise.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

#[tokio::test]
async fn smoke() {
    let cluster = common::Cluster::start().await;
    cluster.database("one").await;
    let mut s = rlsgate::chain::Connect::options(&cluster, "rlsgate", "one");
    let mut s = sqlx::ConnectOptions::connect(&s).await.unwrap();
    let print = rlsgate::catalog::fingerprint::read(&mut s).await.unwrap();
    println!("{}", print.to_json());
}
