//! A run that is killed leaves nothing that the next one does not remove.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rlsgate::instance::{start, sweep};
use sqlx::{Connection as _, Executor as _};

use super::support::{Place, connect, inside, isolated, left_in, local, start_local};

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
        let (before, posix_before) = (segments(), posix());
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
        // POSIX shared memory, which the server programs that initdb runs use.
        let left: Vec<_> = posix().into_iter().filter(|path| !posix_before.contains(path)).collect();
        assert!(left.is_empty(), "shared memory is left: {left:?}");
        let new: Vec<String> = segments().into_iter().filter(|id| !before.contains(id)).collect();
        let owned = new.iter().filter(|id| unattached(id)).count();
        assert_eq!(owned, 0, "shared memory is left: {new:?}");
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
            let segment = segment_of(&place.path("data"));
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

fn segment_of(data: &Path) -> Option<String> {
    let folder = left_in(data).pop()?;
    let text = fs::read_to_string(folder.join("postmaster.pid")).ok()?;
    Some(text.lines().nth(6)?.split_whitespace().nth(1)?.to_owned())
}

/// Processes that work below a folder.
fn processes_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder));
        if below && name.parse::<u32>().is_ok() {
            found.push(name);
        }
    }
    found
}

fn segments() -> Vec<String> {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned)).collect()
}

fn posix() -> Vec<std::path::PathBuf> {
    let unused = |path: &std::path::PathBuf| {
        let name = path.to_string_lossy().into_owned();
        !fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .any(|process| fs::read_to_string(process.path().join("maps")).is_ok_and(|maps| maps.contains(&name)))
    };
    let found = fs::read_dir("/dev/shm").into_iter().flatten().flatten().map(|entry| entry.path());
    found.filter(|path| path.to_string_lossy().contains("PostgreSQL.")).filter(unused).collect()
}

fn unattached(id: &str) -> bool {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    table.lines().any(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        columns.get(1) == Some(&id) && columns.get(6) == Some(&"0")
    })
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    fs::File::open("/dev/urandom").unwrap().read_exact(&mut bytes).unwrap();
    u64::from_le_bytes(bytes)
}
