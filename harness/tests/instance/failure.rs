//! A server that cannot start, is killed, or has no room left, and what is said of it.

use std::process::Command;
use std::time::{Duration, Instant};

use rlsgate::instance::{Request, StateKey, start};
use sqlx::{Connection as _, Executor as _};

use super::support::{Place, absent, ask, connect, inside, isolated, left_in, local, segments, start_local};

#[test]
fn a_failed_start_shows_the_log_and_leaves_nothing() {
    isolated("instance::failure::a_failed_start_shows_the_log_and_leaves_nothing", |folder| async move {
        let Some(instance) = start_local().await else { return };
        let key = StateKey::new(["spoilt"]);
        let mut connection = connect(&instance).await;
        connection.execute("alter system set shared_preload_libraries = 'no_such_library'").await.unwrap();
        connection.close().await.unwrap();
        let error = instance.save_state(&key).await.unwrap_err();
        assert!(error.to_string().contains("exit status 1"), "{error}");
        assert!(error.to_string().contains("could not access file \"no_such_library\""), "{error}");
        assert_eq!(left_in(&folder.join("data")), Vec::<std::path::PathBuf>::new());
        // The state was kept before the start failed: it fails the same way from the cache.
        let error = start(&local(), Some(&key)).await.unwrap_err();
        assert!(error.to_string().contains("no_such_library"), "{error}");
        assert_eq!(error.exit(), rlsgate::exit::Exit::Untested);
    });
}

#[test]
fn a_start_that_takes_too_long_is_ended() {
    isolated("instance::failure::a_start_that_takes_too_long_is_ended", |_| async {
        let Some(instance) = start_local().await else { return };
        instance.stop().await.unwrap();
        let begun = Instant::now();
        let error = start(&Request { start_timeout: Duration::ZERO, ..local() }, None).await.unwrap_err();
        assert!(error.to_string().contains("did not start within 0.0 s"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(15));
    });
}

#[test]
fn a_killed_server_is_noticed_and_cleared_away() {
    isolated("instance::failure::a_killed_server_is_noticed_and_cleared_away", |_| async {
        let Some(instance) = start_local().await else { return };
        let mut connection = connect(&instance).await;
        let data = ask(&mut connection, "show data_directory").await;
        // A backend that waits for nothing does not notice that its postmaster died.
        let mut busy = connect(&instance).await;
        let busy = tokio::spawn(async move {
            busy.execute("do $$ begin loop end loop; end $$").await.unwrap_err();
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let pid_file = std::fs::read_to_string(format!("{data}/postmaster.pid")).unwrap();
        let pid = pid_file.lines().next().unwrap();
        let segment = pid_file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)).unwrap().to_owned();
        assert!(segments().contains(&segment), "the server has a shared memory segment");
        assert!(Command::new("kill").args(["-KILL", pid]).status().unwrap().success());
        let begun = Instant::now();
        while instance.is_alive().await {
            assert!(begun.elapsed() < Duration::from_secs(2), "its death goes unnoticed");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let trouble = instance.failure("").await.unwrap();
        assert!(trouble.to_string().contains("the server is gone"), "{trouble}");
        instance.stop().await.unwrap();
        busy.await.unwrap();
        assert!(!std::path::Path::new(&data).exists());
        assert!(!segments().contains(&segment), "the segment is left");
    });
}

/// The body of the next test's child, whose data folder is small.
#[test]
fn child_fills_its_disk() {
    if inside().is_none() {
        return;
    }
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let instance = match start(&local(), None).await {
            Ok(instance) => instance,
            Err(error) => {
                eprintln!("said: {error} / {}", error.help());
                return;
            }
        };
        let mut connection = connect(&instance).await;
        let filled = connection
            .execute("create table big as select repeat('x', 900) || n as it from generate_series(1, 1000000) n")
            .await;
        let said = filled.unwrap_err().to_string();
        eprintln!("query: {said}");
        eprintln!("trouble: {:?}", instance.failure(&said).await.map(|error| error.to_string()));
        instance.stop().await.unwrap();
    });
}

#[test]
fn a_full_disk_is_named() {
    isolated("instance::failure::a_full_disk_is_named", |_| async {
        let Some(instance) = start_local().await else { return };
        instance.stop().await.unwrap();
        for (size, expected) in
            [("8m", "8 MiB are free, 48 MiB are needed"), ("64m", "no space is left for the server's data")]
        {
            let place = Place::new();
            let data = place.path("data");
            let mounted =
                Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&data).output();
            if !mounted.as_ref().is_ok_and(|output| output.status.success()) {
                absent("mount", "a small tmpfs cannot be mounted here; it takes root");
                return;
            }
            let begun = Instant::now();
            let output = place.command("instance::failure::child_fills_its_disk").output().unwrap();
            let took = begun.elapsed();
            let left = left_in(&data);
            assert!(Command::new("umount").arg(&data).status().unwrap().success());
            let said = String::from_utf8_lossy(&output.stderr);
            eprintln!("{size}: {said}");
            assert!(output.status.success(), "{said}");
            assert!(said.contains(expected), "{said}");
            assert!(took < Duration::from_secs(30), "{took:?}");
            assert_eq!(left, Vec::<std::path::PathBuf>::new());
        }
    });
}

/// The body of the next test's child, for which there is neither a version nor an engine.
#[test]
fn child_finds_no_server() {
    if inside().is_none() {
        return;
    }
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let request = Request { major: Some(9), ..Request::default() };
        let error = start(&request, None).await.unwrap_err();
        assert_eq!(error.exit(), rlsgate::exit::Exit::Untested);
        eprintln!("{error}\n{}", error.help());
    });
}

#[test]
fn every_way_to_a_server_is_named_where_there_is_none() {
    let place = Place::new();
    let mut child = place.command("instance::failure::child_finds_no_server");
    let output = child.env("DOCKER_HOST", "unix:///nowhere/docker.sock").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    for part in ["installed: PostgreSQL 9 was not found", "Docker: ", "--url", "install"] {
        assert!(said.contains(part), "no `{part}` in: {said}");
    }
}
