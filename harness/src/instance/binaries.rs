//! Finding an installed PostgreSQL: where packages, Homebrew and Postgres.app put it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::key::StateKey;
use super::request::Request;

/// Folders that hold one version each, with the part of the name that is the version as `*`.
const VERSIONED: [&str; 6] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// Server programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    /// The folder of `postgres` and `initdb`.
    pub(super) folder: PathBuf,
    /// As `15.14`.
    pub(super) version: String,
    pub(super) major: u32,
}

impl Binaries {
    /// The programs in `folder`, by what they say of their version; `None` where there is no usable `postgres`.
    fn in_folder(folder: &Path) -> Option<Self> {
        if !folder.join("initdb").is_file() {
            return None;
        }
        let ask = |program: &str| {
            tracing::debug!(program, folder = %folder.display(), "running a program");
            let mut command = Command::new(folder.join(program));
            let output = command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
            parse_version(&String::from_utf8_lossy(&output.stdout))
        };
        // It comes with the server, and links a tenth of what `postgres` does.
        let (version, major) = ask("pg_controldata").or_else(|| ask("postgres"))?;
        Some(Self { folder: folder.to_owned(), version, major })
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Says which programs these are: a cached data directory serves only the very same.
    pub(super) fn identity(&self) -> StateKey {
        let path = self.program("postgres");
        let facts = fs::metadata(&path);
        let file = facts.map(|facts| format!("{} {}.{}", facts.len(), facts.mtime(), facts.mtime_nsec()));
        StateKey::new([
            self.version.as_bytes(),
            path.as_os_str().as_encoded_bytes(),
            file.unwrap_or_default().as_bytes(),
        ])
    }
}

/// Folders of what a server loads beside its own programs, as `pg_config` names them, with the part of each that holds it.
const MODULES: [(&str, &str); 3] = [("--sharedir", "extension"), ("--sharedir", "tsearch_data"), ("--pkglibdir", "")];

impl Binaries {
    /// Says which extensions and modules it may load; `None` where nobody says where they are.
    pub(super) fn modules(&self) -> Option<StateKey> {
        let mut parts = Vec::new();
        for (option, part) in MODULES {
            let mut command = Command::new(self.program("pg_config"));
            let output = command.arg(option).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
            let folder =
                PathBuf::from(String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?.trim());
            let mut files = Vec::new();
            for entry in fs::read_dir(folder.join(part)).ok()? {
                let path = entry.ok()?.path();
                let facts = fs::metadata(&path).ok();
                let facts = facts.map(|facts| format!("{} {}.{}", facts.len(), facts.mtime(), facts.mtime_nsec()));
                files.push((path, facts));
            }
            files.sort();
            parts.push(format!("{files:?}"));
        }
        Some(StateKey::new(parts))
    }
}

/// Every version that is installed, the newest first. Looked for once: the programs that are asked take their time.
pub(super) fn installed() -> Vec<Binaries> {
    static KNOWN: Mutex<Option<(OsString, Vec<Binaries>)>> = Mutex::new(None);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, all)) = known.as_ref().filter(|(of, _)| *of == path) {
        return all.clone();
    }
    let mut all: Vec<Binaries> = Vec::new();
    for folder in folders() {
        if let Some(found) = Binaries::in_folder(&folder)
            && all.iter().all(|known| known.version != found.version)
        {
            all.push(found);
        }
    }
    all.sort_by_key(|found| std::cmp::Reverse(found.major));
    *known = Some((path, all.clone()));
    all
}

/// What a search found: the programs to use, or every version that is installed but not wanted.
#[derive(Debug)]
pub(super) enum FoundBinaries {
    Wanted(Binaries),
    Others(Vec<Binaries>),
}

/// Looks for the most wanted version; where any will do, the newest.
pub(super) fn find(request: &Request) -> FoundBinaries {
    let all = installed();
    let wanted = request.wanted();
    let best = if wanted.is_empty() {
        all.first()
    } else {
        wanted.iter().find_map(|major| all.iter().find(|found| found.major == *major))
    };
    best.cloned().map_or(FoundBinaries::Others(all), FoundBinaries::Wanted)
}

/// Candidate folders in order, each once.
fn folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    tracing::debug!(program = "pg_config", "running a program");
    let asked = Command::new("pg_config").arg("--bindir").stdin(Stdio::null()).stderr(Stdio::null()).output();
    if let Ok(output) = asked.as_ref().map(|output| String::from_utf8_lossy(&output.stdout)) {
        folders.push(PathBuf::from(output.trim()));
    }
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect::<Vec<_>>());
    folders.extend(VERSIONED.iter().flat_map(|pattern| expand(pattern)));
    folders.push(PathBuf::from("/usr/local/pgsql/bin"));
    let mut seen = Vec::new();
    // Debian's PATH holds wrappers, not these programs; a link counts as what it points to.
    folders.retain(|folder| match fs::canonicalize(folder.join("postgres")) {
        Ok(program) if !seen.contains(&program) => {
            seen.push(program);
            true
        }
        _ => false,
    });
    folders
}

/// The folders that `pattern` with one `*` names.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return Vec::new() };
    let (parent, stem) = before.rsplit_once('/').unwrap_or(("/", before));
    fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(stem))
        .map(|entry| entry.path().join(after.trim_start_matches('/')))
        .collect()
}

/// Reads `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn parse_version(text: &str) -> Option<(String, u32)> {
    let version = text.split_whitespace().nth(2)?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((version.to_owned(), digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::parse_version;

    #[test]
    fn versions_are_read_as_the_server_prints_them() {
        let debian = "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n";
        assert_eq!(parse_version(debian), Some(("15.14".to_owned(), 15)));
        assert_eq!(parse_version("postgres (PostgreSQL) 19devel"), Some(("19devel".to_owned(), 19)));
        assert_eq!(parse_version(""), None);
    }
}
