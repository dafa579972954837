//! A run that is killed leaves nothing that the next one does not remove.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rlsgate::instance::{start, sweep};
use sqlx::{Connection as _, Executor as _};

use super::support::{Place, connect, inside, isolated, left_in, local, segments, start_local};
use crate::common::left::{abandoned_posix, abandoned_segments, processes_in};

/// The body of the next test's children: starts servers until it is killed.
#[test]
fn child_runs_until_killed() {
    if inside().is_none() {
        return;
    }
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        sweep().await.unwrap();
        loop {
            let instance = start(&local(), None).await.unwrap();
            let mut connection = connect(&instance).await;
            connection.execute("create table t (); select pg_sleep(0.2)").await.unwrap();
            connection.close().await.unwrap();
            instance.stop().await.unwrap();
        }
    });
}

#[test]
fn killed_runs_leave_nothing_after_the_next_start() {
    isolated("instance::kill::killed_runs_leave_nothing_after_the_next_start", |_| async {
        let Some(instance) = start_local().await else { return };
        instance.stop().await.unwrap();
        let place = Place::new();
        let (before, posix_before) = (abandoned_segments(), abandoned_posix());
        let mut dirty = 0;
        for _ in 0..10 {
            let mut child = place
                .command("instance::kill::child_runs_until_killed")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            tokio::time::sleep(Duration::from_millis(random() % 900 + 20)).await;
            child.kill().unwrap();
            child.wait().unwrap();
            dirty += usize::from(!left_in(&place.path("tmp")).is_empty());
            swept(&place);
            assert_eq!(processes_in(&place.path("")), Vec::<String>::new());
            assert_eq!(left_in(&place.path("tmp")), Vec::<std::path::PathBuf>::new());
            assert_eq!(left_in(&place.path("data")), Vec::<std::path::PathBuf>::new());
        }
        assert!(dirty > 0, "no kill hit a running server: nothing was shown");
        // POSIX shared memory is what the server programs that initdb runs use.
        let posix: Vec<_> = abandoned_posix().into_iter().filter(|path| !posix_before.contains(path)).collect();
        assert!(posix.is_empty(), "shared memory is left: {posix:?}");
        let segments: Vec<_> = abandoned_segments().into_iter().filter(|id| !before.contains(id)).collect();
        assert!(segments.is_empty(), "shared memory is left: {segments:?}");
    });
}

/// A watchdog that is killed as well cannot clean up: then it is all the sweep's.
#[test]
fn a_watchdog_killed_with_its_run_leaves_nothing_either() {
    isolated("instance::kill::a_watchdog_killed_with_its_run_leaves_nothing_either", |_| async {
        let Some(instance) = start_local().await else { return };
        instance.stop().await.unwrap();
        let place = Place::new();
        for signal_all in [false, true] {
            let mut child = place
                .command("instance::kill::child_runs_until_killed")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let deadline = std::time::Instant::now() + Duration::from_secs(20);
            while !ready(&place.path("data")) {
                assert!(std::time::Instant::now() < deadline, "the child's server does not start");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            // Stopped first, so that neither acts on the other's end.
            let watchdogs = processes_in(&place.path("tmp"));
            assert!(!watchdogs.is_empty());
            let mut victims = watchdogs;
            victims.push(child.id().to_string());
            if signal_all {
                victims.extend(processes_in(&place.path("data")));
            }
            assert!(Command::new("kill").arg("-STOP").args(&victims).status().unwrap().success());
            assert!(Command::new("kill").arg("-KILL").args(&victims).status().unwrap().success());
            child.wait().unwrap();
            assert!(!left_in(&place.path("data")).is_empty());
            let segment = left_in(&place.path("data")).pop().and_then(|data| segment_of(&data));
            swept(&place);
            assert_eq!(processes_in(&place.path("")), Vec::<String>::new());
            assert_eq!(left_in(&place.path("tmp")), Vec::<std::path::PathBuf>::new());
            assert_eq!(left_in(&place.path("data")), Vec::<std::path::PathBuf>::new());
            assert!(segment.is_some_and(|id| !segments().contains(&id)), "the segment is left");
        }
    });
}

/// The body of a child that does what every run does first.
#[test]
fn child_sweeps() {
    if inside().is_some() {
        tokio::runtime::Runtime::new().unwrap().block_on(async { sweep().await.unwrap() });
    }
}

#[test]
fn a_living_run_is_not_swept() {
    isolated("instance::kill::a_living_run_is_not_swept", |folder| async move {
        let Some(instance) = start_local().await else { return };
        sweep().await.unwrap();
        assert!(instance.is_alive().await);
        assert_eq!(left_in(&folder.join("data")).len(), 1);
        // Of another host, by its name: not ours to touch.
        let foreign = folder.join("tmp/rlsgate-00000000-abcdef");
        fs::create_dir(&foreign).unwrap();
        sweep().await.unwrap();
        assert!(foreign.exists());
        fs::remove_dir(&foreign).unwrap();
        instance.stop().await.unwrap();
    });
}

fn swept(place: &Place) {
    let output = place.command("instance::kill::child_sweeps").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn ready(data: &Path) -> bool {
    left_in(data).iter().any(|folder| {
        fs::read_to_string(folder.join("postmaster.pid"))
            .is_ok_and(|text| text.lines().nth(7).is_some_and(|it| it.trim() == "ready"))
    })
}

/// The segment that the server of a data directory's postmaster.pid uses.
fn segment_of(data: &Path) -> Option<String> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    Some(text.lines().nth(6)?.split_whitespace().nth(1)?.to_owned())
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    fs::File::open("/dev/urandom").unwrap().read_exact(&mut bytes).unwrap();
    u64::from_le_bytes(bytes)
}
