//! Every way to weaken a chain by one statement, read from the catalogs of the schema that it builds.

use std::collections::BTreeMap;

use rlsgate::chain::Chain;
use rlsgate::instance::Request;
use rlsgate::report::record::{CheckRecord, Status};
use rlsgate::suite::Suite;
use sqlx::postgres::PgRow;
use sqlx::{ConnectOptions, Connection, Row};

/// One weakening.
#[derive(Debug, Clone)]
pub(crate) struct Weakening {
    /// What is weakened, and how: its name in the list of equivalent ones.
    pub(crate) name: String,
    /// The statements that do it.
    pub(crate) sql: String,
    /// What a failing check must name: the relation, or the function or a relation whose policies call it.
    objects: Vec<String>,
    /// The only probe that sees a column granted.
    probe: Option<String>,
    /// Weakenings of different relations with the same text here are tried in one run.
    shared: Option<String>,
    /// Whether it takes access away instead of opening it: a permissive policy that is dropped.
    takes_away: bool,
}

impl Weakening {
    fn of(row: &PgRow) -> Self {
        Self {
            name: row.get("name"),
            sql: row.get("sql"),
            objects: row.get("objects"),
            probe: row.get("probe"),
            shared: row.get("shared"),
            takes_away: row.get("takes_away"),
        }
    }

    /// Globs over the ids of the checks that may notice it: all others need not be run.
    pub(crate) fn globs(&self) -> impl Iterator<Item = String> {
        self.objects.iter().flat_map(|object| [format!("*/{object}/*"), format!("*/{object}(*")])
    }

    /// Whether `check` fails for the right reason: it names what was weakened; access that was taken away is missed by a
    /// check of what is allowed, and access that was opened is not noticed by what no longer works.
    pub(crate) fn is_noticed_by(&self, check: &CheckRecord) -> bool {
        let parts: Vec<&str> = check.id.split('/').collect();
        let names = |object: &String| {
            parts.iter().any(|part| {
                *part == object || part.strip_prefix(object.as_str()).is_some_and(|rest| rest.starts_with('('))
            })
        };
        let probe = parts.last().copied().unwrap_or_default();
        let right = if check.kind == "fact" {
            true
        } else if self.takes_away {
            probe == "granted"
        } else {
            probe != "granted" && !check.verdict.contains("though the contract grants it")
        };
        check.status == Status::Failed
            && right
            && self.objects.iter().any(names)
            && self.probe.as_ref().is_none_or(|only| only == probe)
    }
}

const POLICIES: &str = include_str!("policies.sql");
const TABLES: &str = include_str!("tables.sql");
const FUNCTIONS: &str = include_str!("functions.sql");

/// All weakenings of the chain of `suite`, those that share a run together.
pub(crate) async fn runs(suite: &Suite, request: &Request) -> Vec<Vec<Weakening>> {
    let chain = Chain::load(&suite.chain).unwrap();
    let request = Request { majors: suite.postgres.clone(), ..request.clone() };
    let (stage, _) = rlsgate::provision::prepare(suite, &chain, &request).await.unwrap();
    let database = stage.clone_database("catalogs").await.unwrap();
    let mut session = stage.witness_options(&database).connect().await.unwrap();
    let own: Vec<&str> = chain.schemas().collect();
    // Tables of the platform are not the chain's to weaken; the policies that it puts on them are.
    let named = suite.contract.iter().filter_map(|relation| relation.name.schema.as_deref());
    let with_policies: Vec<&str> = own.iter().copied().chain(named).collect();
    let mut runs: BTreeMap<String, Vec<Weakening>> = BTreeMap::new();
    for (sql, schemas) in [(POLICIES, &with_policies), (TABLES, &own), (FUNCTIONS, &own)] {
        for row in sqlx::query(sql).bind(schemas).fetch_all(&mut session).await.unwrap() {
            let weakening = Weakening::of(&row);
            let run = weakening.shared.as_ref().unwrap_or(&weakening.name).clone();
            runs.entry(run).or_default().push(weakening);
        }
    }
    session.close().await.unwrap();
    stage.stop().await.unwrap();
    runs.into_values().collect()
}
