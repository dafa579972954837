//! The list of files that makes a cache entry complete: an entry that differs from its list is not used.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

const HEAD: &str = "rlsgate.cache/1";

/// A file of a data directory, by its path within.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// Nanoseconds within the second, and seconds: a file changed in place keeps its size, not its time.
    modified: (i64, i64),
}

/// Folders and files of a data directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CacheManifest {
    /// Parents before children.
    pub(super) folders: Vec<PathBuf>,
    pub(super) files: Vec<Member>,
}

impl CacheManifest {
    /// Lists what is in `root`.
    pub(super) fn of(root: &Path) -> io::Result<Self> {
        let mut manifest = Self::default();
        let mut waiting = vec![PathBuf::new()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(root.join(&folder))? {
                let entry = entry?;
                let path = folder.join(entry.file_name());
                let facts = entry.metadata()?;
                if facts.is_dir() {
                    manifest.folders.push(path.clone());
                    waiting.push(path);
                } else if is_made_again(&path) {
                    // Nothing is lost, and every copy and clone has a fifth fewer files.
                } else if facts.is_file() {
                    let modified = (facts.mtime_nsec(), facts.mtime());
                    manifest.files.push(Member { path, bytes: facts.len(), modified });
                } else {
                    // A tablespace lies elsewhere: a copy of the link would share its files.
                    return Err(io::Error::other(format!("{} is not a plain file", path.display())));
                }
            }
        }
        Ok(manifest)
    }

    /// What of it `wanted` takes.
    pub(super) fn part(&self, wanted: impl Fn(&Path) -> bool) -> Self {
        Self {
            folders: self.folders.iter().filter(|path| wanted(path)).cloned().collect(),
            files: self.files.iter().filter(|file| wanted(&file.path)).cloned().collect(),
        }
    }

    /// Bytes in all files.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// The text form; its last line proves that it is whole.
    pub(super) fn to_text(&self) -> String {
        let mut lines = vec![format!("{HEAD} {}", self.bytes())];
        lines.extend(self.folders.iter().map(|path| format!("d {}", path.display())));
        lines.extend(self.files.iter().map(|file| {
            let (nanoseconds, seconds) = file.modified;
            format!("f {} {nanoseconds} {seconds} {}", file.bytes, file.path.display())
        }));
        lines.push(format!("end {}\n", self.folders.len() + self.files.len()));
        lines.join("\n")
    }

    /// Reads the text form; `None` where it is not whole.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let bytes: u64 = lines.next()?.strip_prefix(HEAD)?.trim().parse().ok()?;
        let mut manifest = Self::default();
        for line in lines {
            if let Some(path) = line.strip_prefix("d ") {
                manifest.folders.push(inner(path)?);
            } else if let Some(file) = line.strip_prefix("f ") {
                let mut words = file.splitn(4, ' ');
                let bytes = words.next()?.parse().ok()?;
                let modified = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
                manifest.files.push(Member { path: inner(words.next()?)?, bytes, modified });
            } else {
                let count: usize = line.strip_prefix("end ")?.parse().ok()?;
                let whole = count == manifest.folders.len() + manifest.files.len() && bytes == manifest.bytes();
                return whole.then_some(manifest);
            }
        }
        None
    }

    /// Whether `root` still holds what the manifest lists.
    pub(super) fn matches(&self, root: &Path) -> bool {
        let there = |file: &Member| {
            fs::symlink_metadata(root.join(&file.path)).is_ok_and(|facts| {
                facts.is_file() && facts.len() == file.bytes && (facts.mtime_nsec(), facts.mtime()) == file.modified
            })
        };
        let (some, others) = self.files.split_at(self.files.len() / 2);
        std::thread::scope(|scope| {
            let looking = std::thread::Builder::new().spawn_scoped(scope, || others.iter().all(there));
            some.iter().all(there)
                && match looking {
                    Ok(looking) => looking.join().unwrap_or(false),
                    Err(_) => others.iter().all(there),
                }
        })
    }
}

/// Whether it is the free space map or the visibility map of a relation: a missing one says nothing of any page, and is made
/// again (PostgreSQL source, `fsm_readbuf` and `vm_readbuf`). Not those of the catalogs that all databases share.
fn is_made_again(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.starts_with("base") && (name.ends_with("_fsm") || name.ends_with("_vm"))
}

/// `path` if it stays below the folder it is joined to.
fn inner(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(path);
    path.components().all(|part| matches!(part, Component::Normal(_))).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::CacheManifest;
    use std::fs;

    #[test]
    fn a_manifest_is_read_back_only_whole() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("base/1")).unwrap();
        fs::write(folder.path().join("base/1/PG_VERSION"), "15\n").unwrap();
        let manifest = CacheManifest::of(folder.path()).unwrap();
        let text = manifest.to_text();
        assert_eq!(CacheManifest::parse(&text).unwrap(), manifest);
        for cut in 0..text.len() - 1 {
            assert_eq!(CacheManifest::parse(&text[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn a_file_of_another_size_or_time_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pg_control");
        fs::write(&file, "abc").unwrap();
        let manifest = CacheManifest::of(folder.path()).unwrap();
        assert!(manifest.matches(folder.path()));
        let later = fs::metadata(&file).unwrap().modified().unwrap() + std::time::Duration::from_secs(1);
        fs::File::options().write(true).open(&file).unwrap().set_modified(later).unwrap();
        assert!(!manifest.matches(folder.path()));
        fs::remove_file(&file).unwrap();
        assert!(!manifest.matches(folder.path()));
    }

    #[test]
    fn a_path_that_leaves_the_folder_is_refused() {
        assert_eq!(CacheManifest::parse("rlsgate.cache/1 0\nd ../x\nend 1\n"), None);
        assert_eq!(CacheManifest::parse("rlsgate.cache/1 0\nd /etc\nend 1\n"), None);
    }
}
