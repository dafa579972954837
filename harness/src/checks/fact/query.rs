//! A conformance query: read-only, as the witness role or as the session on a live database, and exactly the rows that
//! the suite names.

use crate::check::outcome::Outcome;
use crate::check::reading::{QuerySource, Reading};
use crate::check::task::OutcomesFuture;
use crate::judge::expect::{Match, all_rows, is_ordered};
use crate::report::record::Evidence;
use crate::session::AttemptError;
use crate::suite::resolved_fact::QueryFact;

/// One query.
#[derive(Debug)]
pub(super) struct QueryCheck {
    /// What it is and what it must return.
    pub fact: QueryFact,
}

impl Reading for QueryCheck {
    fn statements(&self) -> Vec<&str> {
        self.fact.witness.iter().chain([&self.fact.sql]).map(String::as_str).collect()
    }

    fn decide<'a>(&'a self, answers: &'a mut dyn QuerySource) -> OutcomesFuture<'a> {
        Box::pin(async move { vec![self.outcome(answers).await] })
    }
}

impl QueryCheck {
    async fn outcome(&self, answers: &mut dyn QuerySource) -> Outcome {
        match self.judged(answers).await {
            Ok(outcome) => outcome,
            Err(failure) => Outcome::not_tried(&failure, self.evidence(answers, "nothing")),
        }
    }

    fn evidence(&self, answers: &dyn QuerySource, got: impl Into<String>) -> Evidence {
        Evidence {
            context: vec![answers.who()],
            sql: vec![self.fact.sql.clone()],
            expected: format!("exactly {} rows", self.fact.returns.len()),
            got: got.into(),
            ..Evidence::default()
        }
    }

    async fn judged(&self, answers: &mut dyn QuerySource) -> Result<Outcome, AttemptError> {
        if let Some(witness) = &self.fact.witness {
            let why = match answers.query(witness).await? {
                Ok(result) if result.affected > 0 => None,
                Ok(_) => Some("vacuous: the witness query returns no row".to_owned()),
                Err(error) => Some(format!("the witness query failed: {}", error.line())),
            };
            if let Some(why) = why {
                return Ok(Outcome::error(why, self.evidence(answers, "nothing")));
            }
        }
        Ok(match answers.query(&self.fact.sql).await? {
            Err(error) => {
                Outcome::error(format!("the query failed: {}", error.line()), self.evidence(answers, error.line()))
            }
            Ok(result) => {
                let evidence = self.evidence(answers, format!("{} rows", result.count()));
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
