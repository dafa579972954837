//! Flyway: `V1_2__name.sql` by version, then `R__name.sql` by description; `U1_2__name.sql` undoes the version.
//!
//! Source: Flyway's documentation, "Migrations", "Versioned", "Undo", "Repeatable" and "Baseline migrations": a version is
//! numbers between dots or single underscores, compared number by number, so 1.10 follows 1.9 and 1.0 is 1. Repeatable ones
//! run after all versioned ones, in the order of their descriptions. On an empty database the newest baseline `B5__name.sql`
//! stands for every version up to its own. Neither it nor a repeatable one is undone. Subfolders are looked into; prefixes are upper case; other names are passed over. Each file is a transaction
//! unless a statement cannot run in one, or `executeInTransaction=false` stands in its `.conf` ("Script configuration").
//! Placeholders (`${…}`) and callbacks of `migrate` change what is built, and are refused.

use std::path::{Path, PathBuf};

use super::descriptor::{Directions, FoundRevision, Layout, Listing, NeverReverted};
use super::files::files;
use super::folder::Folder;
use super::names::{stem, unique};
use crate::Error;
use crate::chain::Script;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::sql::read_file;

pub(super) const LAYOUT: Layout = Layout {
    name: "flyway",
    fits,
    find,
    read,
    both_in_one: false,
    bookkeeping: &["flyway_schema_history"],
    bookkeeping_sql: "CREATE TABLE IF NOT EXISTS flyway_schema_history (
        installed_rank integer NOT NULL CONSTRAINT flyway_schema_history_pk PRIMARY KEY, version varchar(50),
        description varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer,
        installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(),
        execution_time integer NOT NULL, success boolean NOT NULL);
        CREATE INDEX IF NOT EXISTS flyway_schema_history_s_idx ON flyway_schema_history (success);",
};

/// Callbacks that run when a chain is applied to an empty database.
const CALLBACKS: &[&str] = &[
    "beforeMigrate",
    "beforeEachMigrate",
    "beforeEachMigrateStatement",
    "beforeRepeatables",
    "beforeConnect",
    "afterConnect",
    "createSchema",
    "beforeCreateSchema",
    "afterVersioned",
    "afterEachMigrate",
    "afterEachMigrateStatement",
    "afterMigrate",
    "afterMigrateApplied",
];

/// What a name says.
#[derive(Debug, PartialEq, Eq)]
enum FlywayName {
    Versioned(Version),
    Undo(Version),
    Baseline(Version),
    /// With its description.
    Repeatable(String),
}

impl FlywayName {
    fn of(name: &str) -> Option<Self> {
        let name = name.strip_suffix(".sql")?;
        let (prefix, rest) = name.split_at_checked(1)?;
        let (version, description) = rest.split_once("__").unwrap_or((rest, ""));
        let version = || Version::of(version);
        match prefix {
            "V" => version().map(Self::Versioned),
            "U" => version().map(Self::Undo),
            "B" => version().map(Self::Baseline),
            "R" if rest.starts_with("__") => Some(Self::Repeatable(description.replace('_', " "))),
            _ => None,
        }
    }
}

/// Numbers without leading zeros, each with its length first, so that they compare as numbers; no zero at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Version(Vec<(usize, String)>);

impl Version {
    fn of(text: &str) -> Option<Self> {
        let mut numbers = Vec::new();
        for number in text.split(['.', '_']) {
            if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let number = number.trim_start_matches('0');
            numbers.push((number.len(), number.to_owned()));
        }
        while numbers.len() > 1 && numbers.last().is_some_and(|(length, _)| *length == 0) {
            numbers.pop();
        }
        Some(Self(numbers))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = |(_, number): &(usize, String)| if number.is_empty() { "0".to_owned() } else { number.clone() };
        f.write_str(&self.0.iter().map(number).collect::<Vec<_>>().join("."))
    }
}

fn fits(folder: &Folder<'_>) -> bool {
    let migrations = folder.migrations();
    // The chain's own folder may be that of a whole project.
    let names = if migrations == folder.dir {
        folder.sql_files(&migrations)
    } else {
        below(folder, &migrations).map(|(sql, _)| sql.into_iter().map(|(name, _)| name).collect())
    };
    names.is_ok_and(|names| names.iter().any(|name| name.contains("__") && FlywayName::of(name).is_some()))
}

/// The SQL files of the folder and all below it, as `(name, path)`.
type FlywayFiles = Vec<(String, PathBuf)>;

fn below(folder: &Folder<'_>, dir: &Path) -> Result<(FlywayFiles, Vec<(PathBuf, String)>), Error> {
    let (mut sql, mut odd) = (Vec::new(), Vec::new());
    for entry in folder.entries(dir)? {
        // A link could lead back.
        if entry.is_dir && !entry.path.is_symlink() {
            let (more, more_odd) = below(folder, &entry.path)?;
            sql.extend(more);
            odd.extend(more_odd);
        } else if !entry.is_dir && entry.name.ends_with(".sql") {
            sql.push((entry.name, entry.path));
        } else {
            odd.extend(entry.passed_over("V1__name.sql"));
        }
    }
    Ok((sql, odd))
}

fn find(folder: &Folder<'_>) -> Result<Listing, Error> {
    let (sql, mut skipped) = below(folder, &folder.migrations())?;
    let mut sorted = Sorted::default();
    for (name, path) in sql {
        match FlywayName::of(&name) {
            Some(FlywayName::Versioned(version)) => sorted.versioned.push((version, name, path)),
            Some(FlywayName::Undo(version)) => sorted.undo.push((version, name, path)),
            Some(FlywayName::Baseline(version)) => sorted.baselines.push((version, name, path)),
            Some(FlywayName::Repeatable(description)) => sorted.repeatable.push((description, name, path)),
            None if is_callback(&name) => {
                let message = format!("{} is a callback, which is not run here", path.display());
                let help = "it changes what Flyway builds: put what it does in a revision, or in a prelude";
                return Err(Error::usage(message, help));
            }
            None => skipped.push((path, "its name is not of the form `V1__name.sql`, `U1__…`, `R__…`".to_owned())),
        }
    }
    sorted.check()?;
    sorted.stand_on_baseline(&mut skipped);
    Ok(Listing { revisions: sorted.in_order()?, skipped, ..Listing::default() })
}

/// The files by kind, each as its version or description, name and path.
#[derive(Default)]
struct Sorted {
    versioned: Vec<(Version, String, PathBuf)>,
    undo: Vec<(Version, String, PathBuf)>,
    baselines: Vec<(Version, String, PathBuf)>,
    repeatable: Vec<(String, String, PathBuf)>,
}

impl Sorted {
    /// No version and no description is claimed twice.
    fn check(&self) -> Result<(), Error> {
        for kind in [&self.versioned, &self.undo, &self.baselines] {
            unique("Flyway", kind.iter().map(|(version, _, path)| (version, version, path.as_path())))?;
        }
        let shown = |description| format!("R `{description}`");
        let repeatable = self.repeatable.iter();
        unique("Flyway", repeatable.map(|(description, _, path)| (description, shown(description), path.as_path())))
    }

    /// The newest baseline takes the place of every version up to its own, and of what would undo them.
    fn stand_on_baseline(&mut self, skipped: &mut Vec<(PathBuf, String)>) {
        self.baselines.sort_unstable();
        let Some(baseline) = self.baselines.pop() else { return };
        let (of, name) = (&baseline.0, &baseline.1);
        skipped.extend(self.baselines.drain(..).map(|(_, _, path)| (path, format!("{name} is a newer baseline"))));
        for kind in [&mut self.versioned, &mut self.undo] {
            let replaced = kind.extract_if(.., |(version, ..)| *version <= *of);
            let why = format!("the baseline {name} stands for it on an empty database");
            skipped.extend(replaced.map(|(_, _, path)| (path, why.clone())));
        }
        self.versioned.push(baseline);
    }

    fn in_order(mut self) -> Result<Vec<FoundRevision>, Error> {
        self.versioned.sort_unstable();
        self.repeatable.sort_unstable();
        let found = |name: &str, path, down, kept| FoundRevision { id: stem(name).to_owned(), path, down, kept };
        let mut revisions = Vec::new();
        for (version, name, path) in self.versioned {
            let mut undo = self.undo.extract_if(.., |(undone, ..)| *undone == version);
            let down = undo.next().map(|(_, _, down)| down);
            drop(undo);
            let kept = name.starts_with('B').then_some(NeverReverted::Baseline);
            revisions.push(found(&name, path, down, kept));
        }
        if let Some((version, _, path)) = self.undo.first() {
            let message = format!("{} undoes no revision: there is no version {version}", path.display());
            return Err(Error::usage(message, "add the `V` file of that version, or take the undo out"));
        }
        let kept = Some(NeverReverted::Repeatable);
        revisions.extend(self.repeatable.into_iter().map(|(_, name, path)| found(&name, path, None, kept)));
        Ok(revisions)
    }
}

fn is_callback(name: &str) -> bool {
    let event = stem(name).split("__").next().unwrap_or_default();
    CALLBACKS.contains(&event)
}

fn read(found: &FoundRevision) -> Result<Directions, Error> {
    let mut sides = files(found)?;
    let mut wrong = Vec::new();
    for script in sides.scripts() {
        let settings = Settings::beside(&script.path)?;
        script.one_by_one = !settings.in_transaction;
        wrong.extend(placeholder(script).filter(|_| settings.placeholders));
    }
    if wrong.is_empty() { Ok(sides) } else { Err(Diagnostics(wrong).into()) }
}

/// What the script configuration of a file says.
struct Settings {
    in_transaction: bool,
    placeholders: bool,
}

impl Settings {
    fn beside(sql: &Path) -> Result<Self, Error> {
        let mut path = sql.as_os_str().to_owned();
        path.push(".conf");
        let path = PathBuf::from(path);
        let text = if path.is_file() { read_file(&path)? } else { "".into() };
        let off = |key: &str| {
            let value = |line: &str| {
                line.trim().strip_prefix(key)?.trim_start().strip_prefix('=').map(str::trim).map(str::to_owned)
            };
            text.lines().filter_map(value).any(|value| value.eq_ignore_ascii_case("false"))
        };
        Ok(Self { in_transaction: !off("executeInTransaction"), placeholders: !off("placeholderReplacement") })
    }
}

/// The first placeholder of the file.
fn placeholder(script: &Script) -> Option<Diagnostic> {
    let start = script.source.find("${")?;
    let length = script.source.get(start..)?.find('}')? + 1;
    Some(Diagnostic {
        message: "a placeholder that Flyway fills in".to_owned(),
        path: script.path.clone(),
        source: script.source.clone(),
        span: start..start + length,
        label: String::new(),
        help: "write the value out, or `placeholderReplacement=false` in the file's `.conf` if it is none".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{FlywayName, Version};

    #[test]
    fn versions_compare_number_by_number() {
        let version = |text| Version::of(text).unwrap();
        let order = ["0", "0.9", "1", "1.5", "1.10", "2", "10", "20130115113556", "99999999999999999999999"];
        for pair in order.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        for (one, other) in [("1", "001"), ("1", "1.0"), ("1.2", "1_2"), ("2013.1.15", "2013.01.15.0.0")] {
            assert_eq!(version(one), version(other));
        }
        for text in ["", "a", "1.", "1..2", "1a", "-1"] {
            assert_eq!(Version::of(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_read_as_flyway_reads_them() {
        let version = Version::of("1.2").unwrap();
        assert_eq!(FlywayName::of("V1_2__add_it.sql"), Some(FlywayName::Versioned(version.clone())));
        assert_eq!(FlywayName::of("V1.2.sql"), Some(FlywayName::Versioned(version.clone())));
        assert_eq!(FlywayName::of("U1_2__x.sql"), Some(FlywayName::Undo(version)));
        assert_eq!(FlywayName::of("R__the_views.sql"), Some(FlywayName::Repeatable("the views".to_owned())));
        for name in ["v1__x.sql", "Views.sql", "README.sql", "R1__x.sql", "V__x.sql", "V1__x.SQL", "1__x.sql", "é.sql"]
        {
            assert_eq!(FlywayName::of(name), None, "{name}");
        }
    }
}
