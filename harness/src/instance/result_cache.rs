//! What an earlier run found out from the very same inputs: small files beside the states, of this user alone, bounded, and
//! passed over where one is not whole.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::instance::auto::installed_for;
use crate::instance::cache::Cache;
use crate::instance::key::StateKey;
use crate::instance::request::Request;
use crate::instance::settings;

/// Changed whenever the same inputs would be kept otherwise.
const RECIPE: &str = "rlsgate kept 1";
/// The build of this program: another judges, or tries, otherwise.
const PROGRAM: [&str; 2] = [env!("CARGO_PKG_VERSION"), env!("RLSGATE_SOURCES")];
/// The folder in the cache; a name with a dot is no state.
const FOLDER: &str = "results.d";
/// What the name of a result ends with.
const SUFFIX: &str = ".json";
/// Most results that are kept.
const MOST: usize = 256;
/// Most bytes of one.
const LARGEST: u64 = 4 << 20;
/// Most bytes of all.
const MOST_BYTES: u64 = 32 << 20;
/// A file that is still being written after this time belongs to a run that was killed.
const STALE: Duration = Duration::from_secs(3600);

/// Results of earlier runs on a server of the same programs.
#[derive(Debug, Clone)]
pub struct ResultCache {
    folder: PathBuf,
    server: StateKey,
}

/// A result of an earlier run.
#[derive(Debug, Clone)]
pub struct EarlierResult<T> {
    /// The result.
    pub value: T,
    /// When it was found out: RFC 3339, UTC.
    pub measured: String,
}

/// The file: whose result it is, and a digest over all of it.
#[derive(Debug, Serialize, Deserialize)]
struct ResultFile {
    key: String,
    measured: String,
    value: String,
    digest: String,
}

impl ResultCache {
    /// Those for the server that `request` leads to; `None` where nothing is kept: without the cache, and on a server that is not
    /// of installed programs, of which nobody can say that it is the one of before.
    pub async fn of(request: &Request) -> Option<Self> {
        if !request.cache {
            return None;
        }
        let binaries = installed_for(request).await?;
        let modules = binaries.modules()?;
        let identity = binaries.identity();
        let arguments = settings::arguments().collect::<Vec<_>>().join(" ");
        let parts = [identity.as_str(), modules.as_str(), arguments.as_str()];
        let server = StateKey::new(parts.iter().chain(&settings::INITDB));
        // A folder that is refused is told of by whoever needs a state of it.
        let folder = Cache::open().ok()?.beside(FOLDER);
        Some(Self { folder, server })
    }

    /// The name of what `parts` lead to.
    pub fn key(&self, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> StateKey {
        let fixed = [RECIPE, PROGRAM[0], PROGRAM[1], self.server.as_str()].map(|part| part.as_bytes().to_vec());
        StateKey::new(fixed.into_iter().chain(parts.into_iter().map(|part| part.as_ref().to_vec())))
    }

    /// What an earlier run found out; `None` where none did, or it is not whole, or not ours.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, key: &StateKey) -> Option<EarlierResult<T>> {
        if !is_ours(&fs::symlink_metadata(&self.folder).ok()?) {
            return None;
        }
        let path = self.path(key);
        let facts = fs::symlink_metadata(&path).ok()?;
        if !facts.is_file() || !is_ours(&facts) || facts.len() > LARGEST {
            return None;
        }
        let ResultFile { key: of, measured, value, digest: told } =
            serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        if of != key.as_str() || told != digest(key, &measured, &value) {
            return None;
        }
        let value = serde_json::from_str(&value).ok()?;
        // Those that nobody reads go first; whether this is noted changes no result.
        let _ = File::open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        Some(EarlierResult { value, measured })
    }

    /// Keeps `value` for later runs, where it can: without it they only take longer.
    pub fn put<T: Serialize>(&self, key: &StateKey, value: &T) {
        let _ = self.write(key, value);
    }

    fn write<T: Serialize>(&self, key: &StateKey, value: &T) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        if !is_ours(&fs::symlink_metadata(&self.folder)?) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let (measured, value) = (jiff::Timestamp::now().to_string(), serde_json::to_string(value)?);
        let digest = digest(key, &measured, &value);
        let text = serde_json::to_vec(&ResultFile { key: key.as_str().to_owned(), measured, value, digest })?;
        if text.len() as u64 > LARGEST {
            return Ok(());
        }
        // For nobody but its owner from the beginning.
        let mut file = tempfile::Builder::new().suffix(".new").tempfile_in(&self.folder)?;
        file.write_all(&text)?;
        file.persist(self.path(key)).map_err(|error| error.error)?;
        self.trim()
    }

    /// Removes the least recently used beyond the bounds, and what a killed run left half-written.
    fn trim(&self) -> io::Result<()> {
        let mut kept = Vec::new();
        for found in fs::read_dir(&self.folder)? {
            let path = found?.path();
            let Ok(facts) = fs::symlink_metadata(&path) else { continue };
            let used = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if path.to_string_lossy().ends_with(SUFFIX) {
                kept.push((used, facts.len(), path));
            } else if used.elapsed().is_ok_and(|age| age > STALE) {
                drop(fs::remove_file(path));
            }
        }
        kept.sort();
        let mut bytes: u64 = kept.iter().map(|(_, bytes, _)| bytes).sum();
        let mut count = kept.len();
        for (_, size, path) in kept {
            if count <= MOST && bytes <= MOST_BYTES {
                break;
            }
            drop(fs::remove_file(path));
            count -= 1;
            bytes = bytes.saturating_sub(size);
        }
        Ok(())
    }

    fn path(&self, key: &StateKey) -> PathBuf {
        self.folder.join(format!("{key}{SUFFIX}"))
    }
}

/// Whether it is of this user, and of nobody else's reach.
fn is_ours(facts: &fs::Metadata) -> bool {
    facts.uid() == nix::unistd::geteuid().as_raw() && facts.mode() & 0o077 == 0 && !facts.is_symlink()
}

fn digest(key: &StateKey, measured: &str, value: &str) -> String {
    StateKey::new([key.as_str(), measured, value]).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::{MOST, ResultCache};
    use crate::instance::StateKey;

    fn kept() -> (tempfile::TempDir, ResultCache) {
        let folder = tempfile::tempdir().unwrap();
        let kept = ResultCache { folder: folder.path().join("results.d"), server: StateKey::new(["server"]) };
        (folder, kept)
    }

    #[test]
    fn a_result_is_read_back_under_its_own_name_only() {
        let (_folder, kept) = kept();
        let (key, other) = (kept.key(["a", "b"]), kept.key(["ab"]));
        assert_ne!(key, other);
        assert!(kept.get::<u32>(&key).is_none());
        kept.put(&key, &7_u32);
        assert_eq!(kept.get::<u32>(&key).unwrap().value, 7);
        assert!(kept.get::<u32>(&other).is_none());
        assert!(kept.get::<String>(&key).is_none(), "of another shape");
        fs::rename(kept.path(&key), kept.path(&other)).unwrap();
        assert!(kept.get::<u32>(&other).is_none(), "the result of something else");
        let elsewhere = ResultCache { server: StateKey::new(["another"]), ..kept };
        assert_ne!(elsewhere.key(["a", "b"]), key);
    }

    #[test]
    fn what_is_not_whole_or_not_ours_alone_is_passed_over() {
        let (_folder, kept) = kept();
        let key = kept.key(["a"]);
        kept.put(&key, &"value".to_owned());
        let path = kept.path(&key);
        let whole = fs::read(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert!(kept.get::<String>(&key).is_none(), "cut at {cut}");
        }
        fs::write(&path, String::from_utf8(whole.clone()).unwrap().replace("value", "Value")).unwrap();
        assert!(kept.get::<String>(&key).is_none(), "altered");
        fs::write(&path, &whole).unwrap();
        assert!(kept.get::<String>(&key).is_some());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).unwrap();
        assert!(kept.get::<String>(&key).is_none(), "others may write it");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(&kept.folder, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(kept.get::<String>(&key).is_none(), "others may read the folder");
        kept.put(&kept.key(["b"]), &1_u32);
        assert_eq!(fs::read_dir(&kept.folder).unwrap().count(), 1, "nothing is put there");
    }

    #[test]
    fn no_more_than_the_bound_are_kept() {
        let (_folder, kept) = kept();
        let first = kept.key(["0"]);
        for n in 0..MOST + 8 {
            kept.put(&kept.key([n.to_string()]), &n);
            // Read again and again, it is not the one that goes.
            assert!(kept.get::<usize>(&first).is_some(), "{n}");
        }
        assert_eq!(fs::read_dir(&kept.folder).unwrap().count(), MOST);
        assert!(kept.get::<usize>(&kept.key(["1"])).is_none());
    }
}
