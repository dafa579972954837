//! A local server starts, is what it says, is restored from a kept state, and goes.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

use rlsgate::instance::{Request, StateKey, start};
use sqlx::{Connection as _, Executor as _};

use super::support::{ask, connect, isolated, local, start_local};

#[test]
fn starts_on_a_private_socket_only_and_goes() {
    isolated("instance::local::starts_on_a_private_socket_only_and_goes", |folder| async move {
        let Some(instance) = start_local().await else { return };
        let facts = instance.facts().clone();
        assert_eq!((facts.provider, facts.restored, facts.disposable), ("local", false, true));
        let mut connection = connect(&instance).await;
        assert_eq!(ask(&mut connection, "select current_user::text").await, "rlsgate");
        assert!(ask(&mut connection, "show server_version").await.starts_with(&facts.version));
        assert_eq!(ask(&mut connection, "show listen_addresses").await, "");
        assert_eq!(ask(&mut connection, "show timezone").await, "UTC");
        assert_eq!(
            ask(&mut connection, "select datcollate::text from pg_database where datname = 'template1'").await,
            "C"
        );
        let socket_folder = ask(&mut connection, "show unix_socket_directories").await;
        let mode = std::fs::metadata(&socket_folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert!(socket_folder.starts_with(&*folder.join("tmp").to_string_lossy()));
        assert!(instance.is_alive().await);
        assert!(instance.failure("").await.is_none());
        connection.close().await.unwrap();
        instance.stop().await.unwrap();
        assert!(!std::path::Path::new(&socket_folder).exists());
    });
}

#[test]
fn a_kept_state_is_restored_by_its_key_only() {
    isolated("instance::local::a_kept_state_is_restored_by_its_key_only", |_| async {
        let Some(instance) = start_local().await else { return };
        let key = StateKey::new(["chain", "seed"]);
        let mut connection = connect(&instance).await;
        connection.execute("create table kept as select 'row' as it").await.unwrap();
        connection.close().await.unwrap();
        let instance = instance.save_state(&key).await.unwrap();
        let mut connection = connect(&instance).await;
        assert_eq!(ask(&mut connection, "select it from kept").await, "row", "the server goes on after it was kept");
        connection.execute("insert into kept values ('later')").await.unwrap();
        connection.close().await.unwrap();
        instance.stop().await.unwrap();

        let begun = Instant::now();
        let restored = start(&local(), Some(&key)).await.unwrap();
        let started = begun.elapsed();
        let mut connection = connect(&restored).await;
        eprintln!("restored start {started:?}, with the first connection {:?}", begun.elapsed());
        assert!(restored.facts().restored);
        assert_eq!(ask(&mut connection, "select string_agg(it, ',') from kept").await, "row");
        connection.close().await.unwrap();
        restored.stop().await.unwrap();

        for (request, key) in
            [(local(), StateKey::new(["chain", "other seed"])), (Request { cache: false, ..local() }, key)]
        {
            let other = start(&request, Some(&key)).await.unwrap();
            assert!(!other.facts().restored);
            let mut connection = connect(&other).await;
            assert_eq!(ask(&mut connection, "select to_regclass('kept') is null || ''").await, "true");
            connection.close().await.unwrap();
            other.stop().await.unwrap();
        }
    });
}

#[test]
fn a_dropped_instance_leaves_nothing() {
    // `isolated` looks at the folders; the postmaster's end is waited for by the drop itself.
    isolated("instance::local::a_dropped_instance_leaves_nothing", |folder| async move {
        let Some(instance) = start_local().await else { return };
        drop(instance);
        assert_eq!(super::support::left_in(&folder.join("data")), Vec::<std::path::PathBuf>::new());
    });
}

#[test]
fn a_version_that_is_not_installed_is_named_with_what_is() {
    isolated("instance::local::a_version_that_is_not_installed_is_named_with_what_is", |_| async {
        let Some(instance) = start_local().await else { return };
        let here = instance.facts().version.clone();
        instance.stop().await.unwrap();
        let error = start(&Request { major: Some(9), ..local() }, None).await.unwrap_err();
        assert!(error.to_string().contains("PostgreSQL 9 was not found"), "{error}");
        assert!(error.to_string().contains(&here), "{error}");
        assert_eq!(error.exit(), rlsgate::exit::Exit::Untested);
        let several = start(&Request { majors: vec![9, 4], ..local() }, None).await.unwrap_err();
        assert!(several.to_string().contains("PostgreSQL 9 or 4"), "{several}");
    });
}
