//! The cache is used only where it is whole, ours, and in nobody's way.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rlsgate::instance::{Request, StateKey, start};
use sqlx::{Connection as _, Executor as _};

use super::support::{Place, ask, connect, inside, isolated, local, start_local};

fn entries(cache: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

#[test]
fn a_damaged_entry_is_rebuilt() {
    isolated("instance::cache::a_damaged_entry_is_rebuilt", |folder| async move {
        let cache = folder.join("cache");
        let damages: [fn(&Path); 4] = [
            |entry| fs::write(entry.join("data/global/pg_control"), "short").unwrap(),
            |entry| fs::remove_file(entry.join("manifest")).unwrap(),
            |entry| {
                let text = fs::read_to_string(entry.join("manifest")).unwrap();
                fs::write(entry.join("manifest"), &text[..text.len() / 2]).unwrap();
            },
            |entry| fs::remove_dir_all(entry.join("data/base/1")).unwrap(),
        ];
        for damage in damages {
            let Some(instance) = start_local().await else { return };
            instance.stop().await.unwrap();
            let [entry] = &entries(&cache)[..] else { panic!("one entry: {:?}", entries(&cache)) };
            let whole = fs::read_to_string(entry.join("manifest")).unwrap();
            damage(entry);
            let again = start(&local(), None).await.unwrap();
            let mut connection = connect(&again).await;
            assert_eq!(ask(&mut connection, "select count(*)::text from pg_database").await, "3");
            connection.close().await.unwrap();
            again.stop().await.unwrap();
            let rebuilt = fs::read_to_string(entry.join("manifest")).unwrap();
            assert_eq!(rebuilt.lines().count(), whole.lines().count());
            assert_ne!(rebuilt, whole, "the times of its files differ");
        }
    });
}

#[test]
fn a_damaged_state_is_not_restored() {
    isolated("instance::cache::a_damaged_state_is_not_restored", |folder| async move {
        let Some(instance) = start_local().await else { return };
        let before = entries(&folder.join("cache"));
        let key = StateKey::new(["it"]);
        instance.save_state(&key).await.unwrap().stop().await.unwrap();
        let kept = entries(&folder.join("cache")).into_iter().find(|path| !before.contains(path)).unwrap();
        fs::File::options().write(true).open(kept.join("data/PG_VERSION")).unwrap().set_len(0).unwrap();
        let again = start(&local(), Some(&key)).await.unwrap();
        assert!(!again.facts().restored);
        let again = again.save_state(&key).await.unwrap();
        again.stop().await.unwrap();
        let healed = start(&local(), Some(&key)).await.unwrap();
        assert!(healed.facts().restored);
        healed.stop().await.unwrap();
    });
}

#[test]
fn what_was_read_of_a_state_is_known_as_long_as_the_state_is_the_same() {
    isolated(
        "instance::cache::what_was_read_of_a_state_is_known_as_long_as_the_state_is_the_same",
        |folder| async move {
            let Some(instance) = start_local().await else { return };
            let before = entries(&folder.join("cache"));
            let key = StateKey::new(["it"]);
            let instance = instance.save_state(&key).await.unwrap();
            let mut answers = instance.answers();
            assert_eq!(answers.get("SELECT 1"), None);
            answers.add("SELECT 1", "[1]");
            instance.keep(&answers);
            instance.stop().await.unwrap();
            let kept = entries(&folder.join("cache")).into_iter().find(|path| !before.contains(path)).unwrap();
            let known = async || {
                let instance = start(&local(), Some(&key)).await.unwrap();
                assert!(instance.facts().restored);
                let mut answers = instance.answers();
                let known = answers.get("SELECT 1").map(ToOwned::to_owned);
                (instance, known)
            };
            let (instance, answer) = known().await;
            assert_eq!(answer.as_deref(), Some("[1]"));
            instance.stop().await.unwrap();

            let whole = fs::read(kept.join("answers")).unwrap();
            fs::write(kept.join("answers"), &whole[..whole.len() / 2]).unwrap();
            let (instance, answer) = known().await;
            assert_eq!(answer, None, "half of a file is none");
            fs::write(kept.join("answers"), &whole).unwrap();

            // Another state in the same place is not what was read.
            let again = instance.save_state(&key).await.unwrap();
            again.stop().await.unwrap();
            fs::write(kept.join("answers"), &whole).unwrap();
            let (instance, answer) = known().await;
            assert_eq!(answer, None, "the state was written anew");
            instance.stop().await.unwrap();
        },
    );
}

#[test]
fn starts_at_once_do_not_trip_over_each_other() {
    isolated("instance::cache::starts_at_once_do_not_trip_over_each_other", |folder| async move {
        let request = local();
        let (one, two, three) = tokio::join!(start(&request, None), start(&request, None), start(&request, None));
        let Some(probe) = start_local().await else { return };
        probe.stop().await.unwrap();
        let mut sockets = Vec::new();
        for instance in [one.unwrap(), two.unwrap(), three.unwrap()] {
            let mut connection = connect(&instance).await;
            connection.execute("create database only_here").await.unwrap();
            sockets.push(ask(&mut connection, "show unix_socket_directories").await);
            connection.close().await.unwrap();
            instance.stop().await.unwrap();
        }
        sockets.sort();
        sockets.dedup();
        assert_eq!(sockets.len(), 3);
        assert_eq!(entries(&folder.join("cache")).len(), 1, "initdb ran once");
    });
}

#[test]
fn the_least_recently_used_entries_go() {
    isolated("instance::cache::the_least_recently_used_entries_go", |folder| async move {
        let cache = folder.join("cache");
        for n in 0..40 {
            let entry = cache.join(format!("{n:064}"));
            fs::create_dir_all(entry.join("data")).unwrap();
            fs::write(entry.join("manifest"), "rlsgate.cache/1 0\nend 0\n").unwrap();
        }
        fs::create_dir_all(cache.join("half.new/data")).unwrap();
        let Some(instance) = start_local().await else { return };
        instance.stop().await.unwrap();
        let left = entries(&cache);
        assert!(left.len() <= 24, "{} entries", left.len());
        assert!(!cache.join("half.new").exists());
        assert!(left.iter().any(|entry| entry.join("data/PG_VERSION").exists()), "the one in use stays");
    });
}

/// The body of the next test's child.
#[test]
fn child_tries_its_cache() {
    if inside().is_none() {
        return;
    }
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let error = start(&local(), None).await.unwrap_err();
        eprintln!("refused: {error} / {}", error.help());
        start(&Request { cache: false, ..local() }, None).await.unwrap().stop().await.unwrap();
    });
}

#[test]
fn a_cache_that_others_can_read_is_refused() {
    isolated("instance::cache::a_cache_that_others_can_read_is_refused", |_| async {
        let Some(instance) = start_local().await else { return };
        instance.stop().await.unwrap();
        let place = Place::new();
        fs::set_permissions(place.path("cache"), fs::Permissions::from_mode(0o750)).unwrap();
        let output = place.command("instance::cache::child_tries_its_cache").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("is refused") && said.contains("0750") && said.contains("--no-cache"), "{said}");
        assert_eq!(entries(&place.path("cache")), Vec::<PathBuf>::new());
    });
}
