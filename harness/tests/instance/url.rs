//! A server that exists: only what the run made is dropped.

use rlsgate::instance::{Provider, Request, start};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::support::{ask, connect, isolated, start_local};

#[test]
fn only_what_was_made_is_dropped() {
    isolated("instance::url::only_what_was_made_is_dropped", |_| async {
        let Some(server) = start_local().await else { return };
        let mut admin = connect(&server).await;
        admin.execute("create database theirs").await.unwrap();
        admin.execute("create role their_role").await.unwrap();
        let socket = ask(&mut admin, "show unix_socket_directories").await;
        let url = format!("postgres://rlsgate@localhost/postgres?host={socket}");
        let request = Request { provider: Provider::Url(url), ..Request::default() };
        for by_drop in [false, true] {
            let instance = start(&request, None).await.unwrap();
            assert_eq!((instance.facts().provider, instance.facts().disposable), ("url", false));
            assert_eq!(instance.facts().major, server.facts().major);
            assert_eq!((instance.superuser(), instance.maintenance_database()), ("rlsgate", "postgres"));
            assert!(!instance.may_create_roles());
            let database = format!("{}a\"b", instance.database_prefix());
            let quoted = database.replace('"', "\"\"");
            instance.track_database(&database);
            admin.execute(AssertSqlSafe(format!("create database \"{quoted}\""))).await.unwrap();
            admin.execute("create role made_here").await.unwrap();
            instance.track_role("made_here");
            // Somebody is still connected: the run's own worker, say.
            let options = instance.connect_options("rlsgate", &database);
            let _worker = sqlx::PgConnection::connect_with(&options).await.unwrap();
            if by_drop {
                drop(instance);
            } else {
                instance.stop().await.unwrap();
            }
            let databases = ask(
                &mut admin,
                "select string_agg(datname, ' ' order by datname) from pg_database where not datistemplate",
            );
            assert_eq!(databases.await, "postgres theirs");
            let roles = "select string_agg(rolname, ' ' order by rolname) from pg_roles where rolname !~ '^pg_'";
            assert_eq!(ask(&mut admin, roles).await, "rlsgate their_role");
        }
        admin.close().await.unwrap();
        server.stop().await.unwrap();
    });
}

#[test]
fn what_cannot_be_dropped_is_an_error() {
    isolated("instance::url::what_cannot_be_dropped_is_an_error", |_| async {
        let Some(server) = start_local().await else { return };
        let mut admin = connect(&server).await;
        let socket = ask(&mut admin, "show unix_socket_directories").await;
        let url = format!("postgres://rlsgate@localhost/postgres?host={socket}");
        let instance = start(&Request { provider: Provider::Url(url), ..Request::default() }, None).await.unwrap();
        admin
            .execute("create role owner_here; create table held (); alter table held owner to owner_here")
            .await
            .unwrap();
        instance.track_role("owner_here");
        let error = instance.stop().await.unwrap_err();
        assert!(error.to_string().contains("could not drop role owner_here"), "{error}");
        assert_eq!(error.exit(), rlsgate::exit::Exit::Untested);
        admin.close().await.unwrap();
        server.stop().await.unwrap();
    });
}

#[tokio::test]
async fn a_host_elsewhere_and_a_wrong_url_are_refused() {
    let at = |url: &str| Request { provider: Provider::Url(url.to_owned()), ..Request::default() };
    let error = start(&at("postgres://u:secret@db.example.org/app"), None).await.unwrap_err();
    assert_eq!(error.to_string(), "the host `db.example.org` of --url is not this one");
    assert!(error.help().contains("--allow-remote"));
    let error = start(&at("mysql://u:secret@localhost/app?port=x"), None).await.unwrap_err();
    assert!(!error.to_string().contains("secret") && !error.help().contains("secret"), "{error}");
    assert_eq!(error.exit(), rlsgate::exit::Exit::Input);
    let error = start(&at("postgres://u:secret@127.0.0.1:1/app"), None).await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1") && !error.to_string().contains("secret"), "{error}");
    assert_eq!(error.exit(), rlsgate::exit::Exit::Untested);
}
