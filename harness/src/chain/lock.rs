//! `chain.lock`: what was released, and the catalog that it makes, as a pull request shows both.
//!
//! It is written by `rlsgate chain --update` and by nothing else, sorted, one revision and one fact a line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::Chain;
use super::revision::{Revision, RevisionStep};
use crate::Error;
use crate::catalog::fingerprint::{Delta, Facts};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::sql::read_file;
use crate::text::hex::hex;

/// The number of the format; a file of another one is refused.
const FORMAT: i64 = 1;

/// A lock file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainLock {
    format: i64,
    /// The major version that the facts were read with: another one words expressions in its own way.
    pub postgres: u32,
    /// What was released, in order.
    pub revisions: Vec<Released>,
    /// SHA-256 of the code that the project's own tool runs with every revision, by the path from the chain's folder.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// What the chain makes of its platform, by object: facts that it adds or changes.
    #[serde(default)]
    pub facts: Facts,
    /// Facts of the platform that it takes away, as they were.
    #[serde(default)]
    pub removed: Facts,
}

/// A revision as it was released.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// Its id.
    pub id: String,
    /// SHA-256 of what takes the schema on, in hexadecimal.
    pub up: String,
    /// The same of what takes it back.
    pub down: Option<String>,
}

impl Released {
    /// The revision as it is now.
    #[must_use]
    pub fn of(revision: &Revision) -> Self {
        let sum = |step: &RevisionStep| hex(Sha256::digest(step.source().as_bytes()));
        Self { id: revision.id.clone(), up: sum(&revision.up), down: revision.down.as_ref().map(sum) }
    }
}

impl ChainLock {
    /// The lock of `chain` as it is now, which makes `delta` of its platform.
    #[must_use]
    pub fn of(chain: &Chain, delta: Delta) -> Self {
        let revisions = chain.revisions.iter().map(Released::of).collect();
        let Delta { major: postgres, facts, removed } = delta;
        let files = chain.project.as_ref().map(|project| project.code.clone()).unwrap_or_default();
        Self { format: FORMAT, postgres, revisions, files, facts, removed }
    }

    /// What the chain made of its platform then.
    #[must_use]
    pub fn delta(&self) -> Delta {
        Delta { major: self.postgres, facts: self.facts.clone(), removed: self.removed.clone() }
    }

    /// The lock file of `chain`; nothing where it has none.
    ///
    /// # Errors
    /// [`Error::Input`] where it is broken, or of another format number; [`Error::Usage`] where it cannot be read.
    pub fn read(chain: &Chain) -> Result<Option<Self>, Error> {
        let path = chain.dir.join(chain.manifest.lock.get_ref());
        if !path.exists() {
            return Ok(None);
        }
        let source = read_file(&path)?;
        parse(&path, &source).map(Some).map_err(Error::from)
    }

    /// Writes it; the file appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::Usage`] where the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let unwritable = |error: std::io::Error| {
            Error::usage(format!("cannot write {}: {error}", path.display()), "look at the folder's permissions")
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let whole = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
        std::fs::write(whole.path(), self.to_string()).map_err(unwritable)?;
        let permissions = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644);
        std::fs::set_permissions(whole.path(), permissions).map_err(unwritable)?;
        whole.persist(path).map(drop).map_err(|error| unwritable(error.error))
    }
}

impl std::fmt::Display for ChainLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "# Released revisions and the catalog that they make, written by `rlsgate chain --update`.")?;
        writeln!(f, "# What a pull request changes here, it changes in the database.")?;
        writeln!(f, "format = {}\npostgres = {}\n\nrevisions = [", self.format, self.postgres)?;
        for Released { id, up, down } in &self.revisions {
            let down = down.as_ref().map(|down| format!(", down = {}", quoted(down))).unwrap_or_default();
            writeln!(f, "  {{ id = {}, up = {}{down} }},", quoted(id), quoted(up))?;
        }
        writeln!(f, "]")?;
        if !self.files.is_empty() {
            writeln!(f, "\n[files]")?;
        }
        for (name, digest) in &self.files {
            writeln!(f, "{} = {}", quoted(name), quoted(digest))?;
        }
        for (table, objects) in [("facts", &self.facts), ("removed", &self.removed)] {
            for (object, properties) in objects {
                writeln!(f, "\n[{table}.{}]", quoted(object))?;
                for (property, value) in properties {
                    writeln!(f, "{} = {}", quoted(property), quoted(value))?;
                }
            }
        }
        Ok(())
    }
}

/// A basic string of TOML on one line (TOML 1.0, "String").
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || crate::text::printable(c.encode_utf8(&mut [0; 4])) != c.to_string() => {
                // Writing to a string cannot fail.
                let _written = if u32::from(c) < 0x1_0000 {
                    write!(out, "\\u{:04X}", u32::from(c))
                } else {
                    write!(out, "\\U{:08X}", u32::from(c))
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn parse(path: &Path, source: &Arc<str>) -> Result<ChainLock, Diagnostics> {
    /// Read first: a later format may look different throughout.
    #[derive(Deserialize)]
    struct LockHeader {
        format: Spanned<i64>,
    }
    let wrong = |message: String, span: Option<std::ops::Range<usize>>, help: &str| {
        let (path, source) = (path.to_owned(), Arc::clone(source));
        let help = help.to_owned();
        Diagnostic { message, path, source, span: span.unwrap_or(0..0), label: String::new(), help }.into()
    };
    let broken = |error: toml::de::Error| -> Diagnostics {
        let help = "take back what was edited, or write it anew with `rlsgate chain --update`";
        wrong(error.message().replace('\n', "; "), error.span(), help)
    };
    let head: LockHeader = toml::from_str(source).map_err(broken)?;
    if *head.format.get_ref() != FORMAT {
        let message = format!("this lock has the format {}, and this program reads {FORMAT}", head.format.get_ref());
        return Err(wrong(message, Some(head.format.span()), "use the version of rlsgate that wrote it"));
    }
    toml::from_str(source).map_err(broken)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::{ChainLock, FORMAT, Released, parse};

    fn lock(text: &str) -> ChainLock {
        let properties = BTreeMap::from([(text.to_owned(), text.to_owned()), ("b".to_owned(), "on".to_owned())]);
        ChainLock {
            format: FORMAT,
            postgres: 15,
            revisions: vec![Released { id: text.to_owned(), up: "ab".to_owned(), down: Some("cd".to_owned()) }],
            files: BTreeMap::from([(text.to_owned(), "ef".to_owned())]),
            facts: BTreeMap::from([(format!("table {text}"), properties.clone())]),
            removed: BTreeMap::from([("grant".to_owned(), properties)]),
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_and_keeps_to_its_line(text in ".*", control in any::<char>()) {
            let lock = lock(&format!("{text}{control}\u{7f}\"\\\r\n\t"));
            let written = lock.to_string();
            prop_assert_eq!(written.lines().count(), 19);
            let read = parse(Path::new("chain.lock"), &Arc::from(written));
            prop_assert_eq!(read.unwrap(), lock);
        }
    }

    #[test]
    fn what_was_broken_by_hand_is_shown_where_it_stands() {
        for (text, message, place) in [
            ("format = 2\npostgres = true\n", "has the format 2", "chain.lock:1:10"),
            ("format = 1\npostgres = \"x\"\nrevisions = []\n", "invalid type", "chain.lock:2:12"),
            ("format = 1\npostgres = 15\nrevisions = []\nfoo = 1\n", "unknown field `foo`", "chain.lock:4:1"),
            ("format = 1\npostgres = 15\nrevisions = [\n<<<<<<<\n]\n", "", "chain.lock:4:1"),
            ("", "missing field `format`", "chain.lock"),
        ] {
            let shown = parse(Path::new("chain.lock"), &Arc::from(text)).unwrap_err().to_string();
            assert!(shown.contains(message) && shown.contains(place), "{shown}");
        }
    }
}
