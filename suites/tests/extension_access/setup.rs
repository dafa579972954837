//! A fresh setup and the migrations come to one schema.

use std::path::Path;

use rlsgate::catalog::fingerprint::{self, Fingerprint};
use rlsgate::chain::connect::open_superuser;
use rlsgate::chain::{Chain, Ladder};
use rlsgate::instance::{self, Request};

use super::{BASELINE, KINDS, chain};

/// The schema after these files of the chain's folder, as its owner runs them on an empty server.
fn schema(files: &[&str]) -> Fingerprint {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(chain().join("prelude.sql"), folder.path().join("prelude.sql")).unwrap();
    let manifest = std::fs::read_to_string(chain().join("chain.toml")).unwrap();
    let (common, _) = manifest.split_once("[seed_at]").unwrap();
    std::fs::write(folder.path().join("chain.toml"), common).unwrap();
    for file in files {
        let name = Path::new(file).file_name().unwrap();
        std::fs::copy(chain().join(file), folder.path().join(name)).unwrap();
    }
    let chain = Chain::load(folder.path()).unwrap();
    assert_eq!(chain.revisions.len(), files.len());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let server = instance::start(&Request::default(), None).await.unwrap();
        let mut ladder = Ladder::stand(&chain, &server, "postgres").await.unwrap();
        for _ in files {
            ladder.up(None).await.unwrap();
        }
        ladder.finish().await.unwrap();
        let mut session = open_superuser(&server, "postgres").await.unwrap();
        let read = fingerprint::read(&mut session).await.unwrap();
        drop(session);
        server.stop().await.unwrap();
        read
    })
}

#[test]
fn a_fresh_setup_ships_the_check_of_640() {
    let (migrated, fresh) = (schema(&[BASELINE, KINDS]), schema(&["setup/store.sql"]));
    assert!(migrated.diff(&fresh).is_empty(), "{:#?}", migrated.diff(&fresh).changes().collect::<Vec<_>>());
    assert_eq!(migrated.digest(), fresh.digest());
    // The comparison is about something: the baseline alone has another list.
    assert!(!schema(&[BASELINE]).diff(&fresh).is_empty());
}
