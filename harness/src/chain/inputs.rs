//! All that decides what comes of a chain, in one number: where it is the same, a walk comes to the same.
//!
//! Of SQL that is what was read. A program reads what it likes: only one that lies in the chain's own folder, with an
//! environment there, is known well enough.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use sha2::{Digest, Sha256};

use super::manifest::Value;
use super::revision::RevisionStep;
use super::{Chain, Revision, program};
use crate::text::hex::hex;

/// Most files of a folder that are looked at; a chain with more is not known.
const MOST: usize = 20_000;
/// Most bytes of them that are read.
const MOST_BYTES: u64 = 64 << 20;

/// Why a chain is not known by its inputs.
#[derive(Debug)]
struct Unknown;

impl From<io::Error> for Unknown {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// A digest in the making.
struct ChainInputs {
    hash: Sha256,
    files: usize,
    bytes: u64,
}

impl Chain {
    /// SHA-256 in hexadecimal over all that decides what its revisions do, up and down: what [`Chain::digest`] has, the ways
    /// back, where the files lie; for programs all files of the folder, their environment, and the variables that they see.
    /// `None` where a program may read what nobody knows.
    #[must_use]
    pub(crate) fn inputs(&self) -> Option<String> {
        self.all_inputs().ok()
    }

    fn all_inputs(&self) -> Result<String, Unknown> {
        let mut inputs = ChainInputs { hash: Sha256::new(), files: 0, bytes: 0 };
        inputs.part(b"rlsgate.inputs/1");
        inputs.part(self.digest().as_bytes());
        // Messages name files as the chain was named, and records from the working folder.
        inputs.path(&self.dir);
        inputs.path(&std::env::current_dir()?);
        for prelude in &self.preludes {
            inputs.path(prelude.script.as_ref().map_or(Path::new(""), |script| &script.path));
        }
        for revision in &self.revisions {
            inputs.path(&revision.file);
            for step in std::iter::once(&revision.up).chain(&revision.down) {
                inputs.path(step.path());
                inputs.part(step.source().as_bytes());
            }
        }
        let passed_over = (&self.skipped, &self.remarks, &self.heads);
        inputs.part(format!("{passed_over:?}").as_bytes());
        let programs = self.programs();
        if !programs.is_empty() {
            for program in programs {
                self.is_of_the_folder(program)?;
            }
            let elsewhere = |revision: &Revision| !revision.file.starts_with(&self.dir);
            if self.revisions.iter().any(elsewhere) {
                return Err(Unknown);
            }
            inputs.folder(&self.dir, &self.dir)?;
            for (name, value) in program::inherited() {
                inputs.part(name.as_encoded_bytes());
                inputs.part(value.as_encoded_bytes());
            }
        }
        Ok(hex(inputs.hash.finalize()))
    }

    /// Programs with their arguments, and what the manifest sets for them.
    fn programs(&self) -> Vec<Vec<&str>> {
        let commands = self.revisions.iter().flat_map(|revision| std::iter::once(&revision.up).chain(&revision.down));
        let commands = commands.filter_map(|step| match step {
            RevisionStep::Command(command) => Some(command.words_and_settings()),
            RevisionStep::Sql(_) | RevisionStep::Alembic(_) => None,
        });
        let project = self.project.iter().map(|project| {
            let mut words = project.program.argv();
            words.extend(project.env.values().filter_map(Value::text));
            words
        });
        commands.chain(project).collect()
    }

    /// A program is named by a path below the folder, and no word after it leads out of there.
    fn is_of_the_folder(&self, words: Vec<&str>) -> Result<(), Unknown> {
        let leads_out = |word: &str| word.starts_with(['/', '~']) || word.contains("..") || word.contains("=/");
        let mut words = words.into_iter();
        let program = words.next().ok_or(Unknown)?;
        let below = program.contains('/') && self.dir.join(program).is_file();
        if !below || leads_out(program) || words.any(leads_out) { Err(Unknown) } else { Ok(()) }
    }
}

impl ChainInputs {
    /// With its length, which keeps one part from passing for another.
    fn part(&mut self, bytes: &[u8]) {
        self.hash.update((bytes.len() as u64).to_be_bytes());
        self.hash.update(bytes);
    }

    fn path(&mut self, path: &Path) {
        self.part(path.as_os_str().as_encoded_bytes());
    }

    /// Every file below `dir` by its contents; of a Python environment what tells that nothing in it was changed.
    fn folder(&mut self, dir: &Path, chain: &Path) -> Result<(), Unknown> {
        for path in sorted(dir)? {
            let name = path.file_name().unwrap_or_default();
            if name == ".git" || name == "__pycache__" {
                continue;
            }
            self.path(path.strip_prefix(chain).unwrap_or(&path));
            let facts = fs::metadata(&path)?;
            if facts.is_file() {
                self.count(facts.len())?;
                let bytes = fs::read(&path)?;
                if looks_elsewhere(&path, &String::from_utf8_lossy(&bytes)) {
                    return Err(Unknown);
                }
                self.part(format!("{:o}", facts.mode()).as_bytes());
                self.part(&Sha256::digest(bytes));
            } else if !facts.is_dir() || path.is_symlink() {
                return Err(Unknown);
            } else if path.join("pyvenv.cfg").is_file() {
                self.environment(&path)?;
            } else {
                self.folder(&path, chain)?;
            }
        }
        Ok(())
    }

    /// A Python environment: its settings, and each file's length and time. What is installed from elsewhere, and is read there,
    /// is not known.
    fn environment(&mut self, dir: &Path) -> Result<(), Unknown> {
        for path in sorted(dir)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name == "__pycache__" {
                continue;
            }
            self.path(&path);
            let facts = fs::metadata(&path)?;
            if facts.is_dir() {
                // `lib64` is another name of `lib`.
                if !path.is_symlink() {
                    self.environment(&path)?;
                }
                continue;
            }
            self.count(0)?;
            let changed = [facts.mtime(), facts.mtime_nsec(), facts.ctime(), facts.ctime_nsec()];
            self.part(format!("{} {:o} {changed:?}", facts.len(), facts.mode()).as_bytes());
            if name == "pyvenv.cfg" || name.ends_with(".pth") || name.ends_with(".egg-link") {
                let text = fs::read_to_string(&path)?;
                let global = text.lines().any(|line| line.replace(' ', "") == "include-system-site-packages=true");
                let leads_out = |line: &str| line.starts_with('/') || line.starts_with("..");
                if global || name.ends_with(".egg-link") || (name.ends_with(".pth") && text.lines().any(leads_out)) {
                    return Err(Unknown);
                }
            }
            if name.starts_with("__editable__") {
                return Err(Unknown);
            }
        }
        Ok(())
    }

    fn count(&mut self, bytes: u64) -> Result<(), Unknown> {
        self.files += 1;
        self.bytes += bytes;
        if self.files > MOST || self.bytes > MOST_BYTES { Err(Unknown) } else { Ok(()) }
    }
}

/// What a script of Python's reaches files outside of the folder by.
const PYTHON: [&str; 6] = ["sys.path", "..", "parents[", ".parent.parent", "subprocess", "expanduser"];
/// The same of other scripts: they may not name a path at all.
const SHELL: [&str; 6] = ["..", "~", "$HOME", " /", "\"/", "'/"];

/// Whether a file of Python's or Alembic's, or a script, says that something comes from elsewhere as well.
fn looks_elsewhere(path: &Path, text: &str) -> bool {
    let out = |line: &str| {
        line.split_once('=').is_some_and(|(name, value)| {
            name.trim() == "prepend_sys_path" && (value.contains("..") || value.trim().starts_with('/'))
        })
    };
    match path.extension().and_then(|suffix| suffix.to_str()) {
        Some("py") => PYTHON.iter().any(|word| text.contains(word)),
        _ if text.starts_with("#!") => {
            let body = text.split_once('\n').map_or("", |(_, body)| body);
            SHELL.iter().any(|word| body.contains(word))
        }
        Some("ini" | "cfg" | "toml") => text.lines().any(out),
        _ => false,
    }
}

fn sorted(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
