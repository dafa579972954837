//! The revision taken back: what must stay is as it was, and only what the run made is gone.

use std::sync::Arc;

use crate::Error;
use crate::catalog::QName;
use crate::check::Outcome;
use crate::check::task::{OutcomesFuture, Task};
use crate::checks::fidelity::judge::{evidence, untried};
use crate::fidelity::fixture::{close, error_text};
use crate::fidelity::rows::{self, Since};
use crate::fidelity::{Block, scratch};
use crate::session::Worker;

/// Runs the revision and takes it back: a check for each relation that is kept, and one for all tables where
/// `own_rows` asks for it.
#[derive(Debug)]
pub(super) struct TakenBack {
    /// The block.
    pub block: Arc<Block>,
    /// The relations that are kept.
    pub keeps: Vec<QName>,
    /// Whether only rows of the run itself may go.
    pub own_rows: bool,
}

impl Task for TakenBack {
    fn run<'a>(&'a self, _: &'a mut Worker) -> OutcomesFuture<'a> {
        Box::pin(async move {
            self.outcomes()
                .await
                .unwrap_or_else(|error| vec![untried(error_text(error)); self.keeps.len() + usize::from(self.own_rows)])
        })
    }
}

impl TakenBack {
    async fn outcomes(&self) -> Result<Vec<Outcome>, Error> {
        let sandbox = self.block.fixture.sandbox().await?;
        let mut conn = sandbox.witness().await?;
        scratch::begin(&mut conn).await?;
        let tables = sandbox.tables(&mut conn).await?;
        rows::note(&mut conn, &tables).await?;
        let mut ladder = sandbox.ladder().await?;
        ladder.up(None).await?;
        sandbox.catch_up().await?;
        let mut made = Vec::new();
        for (n, table) in tables.iter().enumerate() {
            made.push(rows::since(&mut conn, n, table).await.ok());
        }
        ladder.down().await?;
        ladder.finish().await?;
        sandbox.catch_up().await?;
        let mut left = Vec::new();
        let there = sandbox.tables(&mut conn).await?;
        for (n, table) in tables.iter().enumerate() {
            left.push(if there.contains(table) { Some(rows::since(&mut conn, n, table).await?) } else { None });
        }
        close(conn).await;
        sandbox.leave().await?;
        let mut outcomes: Vec<Outcome> = self.keeps.iter().map(|name| Self::kept(name, &tables, &left)).collect();
        if self.own_rows {
            outcomes.push(Self::own(&tables, &made, &left));
        }
        Ok(outcomes)
    }

    fn kept(name: &QName, tables: &[QName], left: &[Option<Since>]) -> Outcome {
        let Some(since) = tables.iter().position(|table| table == name).and_then(|n| left.get(n)) else {
            return untried(format!("{name} is no table before the revision"));
        };
        let mut evidence =
            evidence("the revision, and the way back", format!("the rows of {name} as before the revision"));
        match since {
            None => Outcome::failed(format!("{name} is gone after the way back"), evidence),
            Some(Since { before: 0, .. }) => {
                Outcome::error("it is empty before the revision: it proves nothing", evidence)
            }
            Some(Since { before, gone, new }) => {
                evidence.witness = format!("{before} rows before the revision");
                evidence.got = format!("{gone} rows gone or changed, {new} that were not there");
                if (*gone, *new) == (0, 0) {
                    Outcome::passed(format!("its {before} rows are as they were"), evidence)
                } else {
                    Outcome::failed(format!("after the way back {}", evidence.got), evidence)
                }
            }
        }
    }

    fn own(tables: &[QName], made: &[Option<Since>], left: &[Option<Since>]) -> Outcome {
        let mut evidence = evidence("the revision, and the way back", "every row as before the revision");
        let mut wrong = Vec::new();
        let (mut written, mut others) = (0, 0);
        for ((table, made), left) in tables.iter().zip(made).zip(left) {
            if let Some(made) = made.filter(|made| made.new > 0) {
                written += made.new;
                others += made.before;
            }
            match left {
                None => wrong.push(format!("{table} is gone")),
                Some(Since { gone: 0, new: 0, .. }) => {}
                Some(Since { gone, new, .. }) => {
                    wrong.push(format!(
                        "{table}: {gone} rows of before gone or changed, {new} left that were not there"
                    ));
                }
            }
        }
        evidence.witness = format!("the run made {written} rows, in tables that held {others} before");
        if !wrong.is_empty() {
            evidence.got = wrong.join("; ");
            return Outcome::failed(format!("after the way back, {}", evidence.got), evidence);
        }
        if written == 0 {
            return Outcome::error("the run made no row in a table of before: taking it back proves nothing", evidence);
        }
        if others == 0 {
            let why = "no row was there before in a table that the run wrote: nothing shows that others' rows stay";
            return Outcome::error(why, evidence);
        }
        "every row as before".clone_into(&mut evidence.got);
        Outcome::passed("the rows of the run are gone, and no other", evidence)
    }
}
