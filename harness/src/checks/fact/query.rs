//! A conformance query: read-only, as the witness role or as the session on a live database, and exactly the rows that
//! the suite names.

use crate::check::outcome::Outcome;
use crate::check::unit::{Running, Task};
use crate::judge::expect::{Match, all_rows, is_ordered};
use crate::pg::error::ServerError;
use crate::pg::session::ResultSet;
use crate::report::record::Evidence;
use crate::session::worker::{Trouble, Worker};
use crate::suite::resolved_fact::QueryFact;
use crate::verify::reader::Reader;

/// One query.
#[derive(Debug)]
pub(super) struct Query {
    /// What it is and what it must return.
    pub fact: QueryFact,
}

impl Task for Query {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move { vec![self.told(Asked::Witness(worker)).await] })
    }

    fn reads(&self) -> Vec<&str> {
        self.fact.witness.iter().chain([&self.fact.sql]).map(String::as_str).collect()
    }

    fn verify<'a>(&'a self, reader: &'a mut Reader) -> Running<'a> {
        Box::pin(async move { vec![self.told(Asked::Session(reader)).await] })
    }
}

/// Who answers.
enum Asked<'a> {
    Witness(&'a mut Worker),
    Session(&'a mut Reader),
}

impl Asked<'_> {
    fn who(&self) -> String {
        match self {
            Self::Witness(_) => "as the witness role".to_owned(),
            Self::Session(reader) => reader.who(),
        }
    }

    async fn ask(&mut self, sql: &str) -> Result<Result<ResultSet, ServerError>, Trouble> {
        match self {
            Self::Witness(worker) => worker.as_harness(&["SET TRANSACTION READ ONLY".to_owned(), sql.to_owned()]).await,
            Self::Session(reader) => Ok(reader.ask(sql).await?),
        }
    }
}

impl Query {
    async fn told(&self, mut asked: Asked<'_>) -> Outcome {
        match self.decide(&mut asked).await {
            Ok(outcome) => outcome,
            Err(trouble) => Outcome::troubled(&trouble, self.evidence(&asked, "nothing")),
        }
    }

    fn evidence(&self, asked: &Asked<'_>, got: impl Into<String>) -> Evidence {
        Evidence {
            context: vec![asked.who()],
            sql: vec![self.fact.sql.clone()],
            expected: format!("exactly {} rows", self.fact.returns.len()),
            got: got.into(),
            ..Evidence::default()
        }
    }

    async fn decide(&self, asked: &mut Asked<'_>) -> Result<Outcome, Trouble> {
        if let Some(witness) = &self.fact.witness {
            let why = match asked.ask(witness).await? {
                Ok(result) if result.affected > 0 => None,
                Ok(_) => Some("vacuous: the witness query returns no row".to_owned()),
                Err(error) => Some(format!("the witness query failed: {}", error.line())),
            };
            if let Some(why) = why {
                return Ok(Outcome::error(why, self.evidence(asked, "nothing")));
            }
        }
        Ok(match asked.ask(&self.fact.sql).await? {
            Err(error) => {
                Outcome::error(format!("the query failed: {}", error.line()), self.evidence(asked, error.line()))
            }
            Ok(result) => {
                let evidence = self.evidence(asked, format!("{} rows", result.count()));
                match all_rows(&self.fact.returns, &result, is_ordered(&self.fact.sql)) {
                    Match::Yes => Outcome::passed("as stated", evidence),
                    Match::No(why) => Outcome::failed(why, evidence),
                    Match::Undecided(why) => Outcome::error(why, evidence),
                    Match::IfWitnessed | Match::NoIfWitnessed(_) => Outcome::error("no verdict", evidence),
                }
            }
        })
    }
}
