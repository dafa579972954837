//! Imports of `harness/src` run one way: between top-level modules by their layers, and inside each without a circle.
//! ARCHITECTURE.md shows what is read here.

mod arrows;
mod drawing;
mod layers;
mod made_up;
mod source;

use std::path::{Path, PathBuf};

use source::Source;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

#[test]
fn imports_run_one_way() {
    let source = Source::read(&root().join("src"));
    let broken = layers::broken(&source, &arrows::arrows(&source));
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn the_architecture_shows_what_is_there() {
    let source = Source::read(&root().join("src"));
    let silent: Vec<&String> =
        source.about.iter().filter(|(_, about)| about.is_empty()).map(|(file, _)| file).collect();
    assert!(silent.is_empty(), "say in a first line `//! …` what these are about: {silent:?}");
    let path = root().join("../ARCHITECTURE.md");
    let written = std::fs::read_to_string(&path).unwrap();
    let picture = drawing::picture(&arrows::arrows(&source));
    let drawn = drawing::with(&drawing::with(&written, "arrows", &picture), "files", &drawing::map(&source));
    if std::env::var_os("RLSGATE_UPDATE_SAMPLES").is_some_and(|value| value == "1") {
        std::fs::write(&path, drawn).unwrap();
        return;
    }
    let differs = drawn.lines().zip(written.lines()).find(|(now, then)| now != then);
    let help = "RLSGATE_UPDATE_SAMPLES=1 and this test again write it";
    assert!(drawn == written, "ARCHITECTURE.md is not what harness/src is ({help}); first there: {differs:?}");
}
