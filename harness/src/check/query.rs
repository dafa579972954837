//! A conformance query: read-only, as the witness role, and exactly the rows that the suite names.

use super::outcome::Outcome;
use super::unit::{Running, Task};
use crate::judge::expect::{Match, all_rows, is_ordered};
use crate::report::record::Evidence;
use crate::run::worker::{Trouble, Worker};
use crate::suite::resolved_fact::QueryFact;

/// One query.
#[derive(Debug)]
pub struct Query {
    /// What it is and what it must return.
    pub fact: QueryFact,
}

impl Task for Query {
    fn run<'a>(&'a self, worker: &'a mut Worker) -> Running<'a> {
        Box::pin(async move {
            let outcome = match self.decide(worker).await {
                Ok(outcome) => outcome,
                Err(trouble) => Outcome::troubled(&trouble, self.evidence("nothing")),
            };
            vec![outcome]
        })
    }
}

impl Query {
    fn evidence(&self, got: impl Into<String>) -> Evidence {
        Evidence {
            context: vec!["as the witness role".to_owned()],
            sql: vec![self.fact.sql.clone()],
            expected: format!("exactly {} rows", self.fact.returns.len()),
            got: got.into(),
            ..Evidence::default()
        }
    }

    async fn decide(&self, worker: &mut Worker) -> Result<Outcome, Trouble> {
        if let Some(witness) = &self.fact.witness {
            match worker.as_harness(&read_only(witness)).await? {
                Ok(result) if result.affected > 0 => {}
                Ok(_) => {
                    return Ok(Outcome::error("vacuous: the witness query returns no row", self.evidence("nothing")));
                }
                Err(error) => {
                    let why = format!("the witness query failed: {}", error.line());
                    return Ok(Outcome::error(why, self.evidence("nothing")));
                }
            }
        }
        Ok(match worker.as_harness(&read_only(&self.fact.sql)).await? {
            Err(error) => Outcome::error(format!("the query failed: {}", error.line()), self.evidence(error.line())),
            Ok(result) => {
                let evidence = self.evidence(format!("{} rows", result.rows.len()));
                match all_rows(&self.fact.returns, &result, is_ordered(&self.fact.sql)) {
                    Match::Yes => Outcome::passed("as stated", evidence),
                    Match::No(why) => Outcome::failed(why, evidence),
                    Match::IfWitnessed | Match::NoIfWitnessed(_) | Match::Undecided(_) => {
                        Outcome::error("no verdict", evidence)
                    }
                }
            }
        })
    }
}

fn read_only(sql: &str) -> Vec<String> {
    vec!["SET TRANSACTION READ ONLY".to_owned(), sql.to_owned()]
}
