//! The run record: the one JSON document of a run. Every report is rendered from it, and from nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The format's name and number; additions keep the number.
pub const FORMAT: &str = "rlsgate.run/1";

/// One run. Times and paths of the machine stay in `timing`; the rest depends on inputs alone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// Always [`FORMAT`].
    pub format: String,
    /// Version of the program that wrote it.
    pub rlsgate: String,
    /// The suites, by name.
    pub suites: Vec<SuiteRecord>,
    /// How many checks came to what.
    pub totals: Totals,
    /// Everything that differs between two runs of the same inputs.
    pub timing: Timing,
}

impl RunRecord {
    /// The record at `path`. Keys that this program does not know are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] where the file cannot be read, is not a run record, or is one of another format number.
    pub fn read(path: &Path) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct RecordHeader {
            format: String,
        }

        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|e| Error::usage(format!("cannot read {shown}: {e}"), "name the run.json that a run wrote"))?;
        let not_a_record = |e: serde_json::Error| {
            Error::usage(format!("{shown} is not a run record: {e}"), "name the run.json that a run wrote")
        };
        let head: RecordHeader = serde_json::from_str(&text).map_err(not_a_record)?;
        if head.format != FORMAT {
            return Err(Error::usage(
                format!("{shown} has the format `{}`, and this program reads `{FORMAT}`", head.format),
                "read it with the version of rlsgate that wrote it, or run again",
            ));
        }
        serde_json::from_str(&text).map_err(not_a_record)
    }
}

/// The JSON Schema (2020-12) of the run record.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(RunRecord).to_value()
}

/// One suite of a run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SuiteRecord {
    /// Its name.
    pub name: String,
    /// For people.
    pub title: String,
    /// The suite file, relative to the working folder where it lies below it.
    pub file: String,
    /// Facts of what it was held against: `chain`, `chain digest`, `seed digest`, `postgres`, `state`, …
    pub facts: BTreeMap<String, String>,
    /// The revisions, where it is a migration chain that was checked as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<ChainRecord>,
    /// Its checks in the order of their ids.
    pub checks: Vec<CheckRecord>,
}

impl SuiteRecord {
    /// The check of exactly this id; `None` where the suite plans none, or the filter left it out.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&CheckRecord> {
        self.checks.iter().find(|check| check.id == id)
    }
}

/// A migration chain that was checked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChainRecord {
    /// How its revisions lie in files.
    pub layout: String,
    /// In the order in which they are applied.
    pub revisions: Vec<RevisionRecord>,
}

/// One revision of a chain. How long it took is in [`Timing`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RevisionRecord {
    /// Its id.
    pub id: String,
    /// For people; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Its file.
    pub file: String,
    /// The ways it was taken, in order: `up`, `down`, `again`, `over rows`; empty where it was not reached.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tried: String,
    /// How it stood to transactions; empty where it was not applied.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub transaction: String,
    /// The strongest lock on each table that held rows, and for how many further statements it was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<String>,
    /// What it changes about access, counted by class.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub access: String,
    /// The gravest outcome among its checks.
    pub status: Status,
}

/// One check and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CheckRecord {
    /// Unique in the run, made of names only.
    pub id: String,
    /// `contract`, `context`, `execute`, `case`, `fact`, …
    pub kind: String,
    /// For people, one line.
    pub title: String,
    /// The relation, function or document the check is about: second part of JUnit's class name.
    pub object: String,
    /// The command, or the sort of fact: third part of JUnit's class name.
    pub command: String,
    /// Who acts; empty where nobody does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actor: String,
    /// The file it is declared in.
    pub file: String,
    /// The line it is declared in, from 1.
    pub line: u32,
    /// What came of it.
    pub status: Status,
    /// One sentence: what was observed, or why it was skipped or could not be tested.
    pub verdict: String,
    /// The controls that it proves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// The document it is stated in, and its numbering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The document's numbering; reports sort by it, naturally.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What to do when it fails, where the suite says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What was seen; for a check that passed, in brief.
    pub evidence: Evidence,
    /// The command that shows a failure again; empty where the check passed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reproduce: String,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is as expected, and was really tried.
    Passed,
    /// It is not as expected.
    Failed,
    /// It could not be tested, or proves nothing. Never a pass.
    Error,
    /// Not held, for a stated reason.
    Skipped,
}

/// What was seen. No password, and no row values unless the suite allows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// How the actor was become: role, claims, settings, calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<String>,
    /// The statements tried, the last one judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sql: Vec<String>,
    /// What had to come.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expected: String,
    /// What came.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub got: String,
    /// What proves that the check was not empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub witness: String,
    /// What else a reader should know: policies that apply, keys of rows, oracles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How many checks came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are the statuses")]
pub struct Totals {
    pub passed: u32,
    pub failed: u32,
    pub error: u32,
    pub skipped: u32,
}

impl Totals {
    /// The count of these checks.
    pub fn of<'a>(checks: impl IntoIterator<Item = &'a CheckRecord>) -> Self {
        let mut totals = Self::default();
        for check in checks {
            let count = match check.status {
                Status::Passed => &mut totals.passed,
                Status::Failed => &mut totals.failed,
                Status::Error => &mut totals.error,
                Status::Skipped => &mut totals.skipped,
            };
            *count += 1;
        }
        totals
    }
}

/// What differs between two runs of the same inputs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Timing {
    /// Start of the run, RFC 3339, UTC.
    pub started: String,
    /// Whole run, in seconds.
    pub seconds: f64,
    /// Workers.
    pub jobs: u32,
    /// Where the server came from, its full version, whether the state was restored from the cache; by suite.
    pub servers: BTreeMap<String, BTreeMap<String, String>>,
    /// Seconds by check id.
    pub checks: BTreeMap<String, f64>,
    /// Seconds by suite of a chain, revision, and what was done: `up`, `down`, `readers locked out`, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub revisions: BTreeMap<String, BTreeMap<String, BTreeMap<String, f64>>>,
    /// What was not tried in this run, but is kept from an earlier run of the same inputs on the same day: what the ids of these
    /// checks begin with, and since when it is kept (RFC 3339, UTC). `--no-cache` tries it anew.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, String>,
}

impl Timing {
    /// Since when the outcome of the check `id` is kept from an earlier run; `None` where this run tried it.
    #[must_use]
    pub fn kept_since(&self, id: &str) -> Option<&str> {
        let of = |prefix: &str| id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
        self.kept.iter().find(|(prefix, _)| of(prefix)).map(|(_, since)| since.as_str())
    }
}
