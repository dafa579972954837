//! From empty to the last revision, each of them looked at before the next: down and up again, and a second time.
//!
//! What was not as it should be is kept out of the way of the next revision: the climb then begins anew on another server
//! and goes on above the one that was at fault.

use std::sync::Arc;

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use crate::Error;
use crate::catalog::fingerprint::Fingerprint;
use crate::chain::apply::AppliedRevision;
use crate::chain::connect::open_superuser;
use crate::chain::{Ladder, Revision};
use crate::chain_check::check::Walk;
use crate::chain_check::observations::{
    Down, Failed, Observations, Open, Repeat, RevisionRun, StepResult, Trip, WalkDirection,
};
use crate::chain_check::subject::{Subject, goes_down};
use crate::chain_check::trace::{Scope, open, rows};
use crate::instance::Request;
use crate::provision::EmptyDatabase;
use crate::suite::resolved::Location;

/// Walks `walks` of the chain, and says what was seen.
///
/// # Errors
/// [`Error::Environment`] where there is no server, or the server fails; what the chain does wrong is in what was seen.
pub(crate) async fn climb(subject: &Subject, request: &Request, walks: &[Walk]) -> Result<Observations, Error> {
    let mut seen = Observations::default();
    loop {
        let bare = EmptyDatabase::open(request, &subject.chain).await?;
        (seen.major, seen.server) = (bare.instance().facts().major, bare.server());
        let end = leg(subject, &bare, walks, &mut seen).await;
        let end = match end {
            Err(error) => return Err(bare.stop_after(error).await),
            Ok(end) => end,
        };
        bare.stop(&subject.chain).await?;
        if end == End::Over {
            return Ok(seen);
        }
    }
}

/// How far one server was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// There is nothing more to see.
    Over,
    /// The database is not what the chain makes; there is more to see.
    Spoilt,
}

/// A database on its way, and the session that looks on.
struct Leg<'a> {
    subject: &'a Subject,
    walks: &'a [Walk],
    ladder: Ladder<'a>,
    session: PgConnection,
    scope: Scope,
}

async fn leg(subject: &Subject, bare: &EmptyDatabase, walks: &[Walk], seen: &mut Observations) -> Result<End, Error> {
    let ladder = Ladder::stand(&subject.chain, bare.instance(), bare.database()).await?;
    let mut session = open_superuser(bare.instance(), bare.database()).await?;
    let scope = Scope::of(&subject.chain, &mut session).await?;
    let mut leg = Leg { subject, walks, ladder, session, scope };
    let end = leg.walk(seen).await?;
    drop(leg.session.close().await);
    if end == End::Over && seen.stopped.is_empty() {
        leg.ladder.finish().await?;
    }
    Ok(end)
}

impl Leg<'_> {
    async fn walk(&mut self, seen: &mut Observations) -> Result<End, Error> {
        let catalog = self.catalog().await?;
        seen.platform.get_or_insert_with(|| Arc::clone(&catalog));
        let done = seen.rungs.iter().enumerate().take_while(|(n, rung)| !self.wants_more(*n, rung)).count();
        // Those that were seen, and the one that is not seen whole.
        while self.ladder.at() < seen.rungs.len().min(done + 1) {
            if let Err(failed) = self.up().await {
                seen.stopped = format!("the chain does not apply a second time: {}", failed.message);
                return Ok(End::Over);
            }
        }
        for n in done..self.subject.chain.revisions.len() {
            if self.trip_is_due(n, seen) {
                let trip = self.trip().await?;
                let clean = trip.above.as_ref() == seen.rungs.last().map(|rung| &rung.after);
                seen.trip = Some(trip);
                if !clean {
                    return Ok(End::Spoilt);
                }
            }
            if n == seen.rungs.len() {
                let before = seen.rungs.last().map_or_else(|| Arc::clone(&catalog), |rung| Arc::clone(&rung.after));
                let rung = self.first(before).await?;
                let failed = rung.up.is_err();
                seen.rungs.push(rung);
                if failed {
                    seen.stopped = format!("revision {} does not apply", self.id(n));
                    return Ok(End::Over);
                }
            }
            let Some(mut rung) = seen.rungs.pop() else { continue };
            let clean = self.look(n, &mut rung).await?;
            seen.rungs.push(rung);
            if !clean {
                return Ok(End::Spoilt);
            }
        }
        self.at_the_top(seen).await
    }

    fn id(&self, n: usize) -> &str {
        self.revision(n).map_or("", |revision| revision.id.as_str())
    }

    fn revision(&self, n: usize) -> Option<&Revision> {
        self.subject.chain.revisions.get(n)
    }

    fn walks(&self, walk: Walk) -> bool {
        self.walks.contains(&walk)
    }

    fn wants_again(&self, n: usize) -> bool {
        self.walks(Walk::Again)
            && self.revision(n).is_some_and(|revision| revision.repeats || revision.settings.idempotent == Some(true))
    }

    fn wants_down(&self, n: usize) -> bool {
        self.walks(Walk::Down) && self.subject.has_downs() && self.revision(n).is_some_and(goes_down)
    }

    fn wants_more(&self, n: usize, rung: &RevisionRun) -> bool {
        (self.wants_again(n) && rung.again.is_none()) || (self.wants_down(n) && rung.down.is_none())
    }

    async fn catalog(&mut self) -> Result<Arc<Fingerprint>, Error> {
        self.scope.catalog(&mut self.session).await
    }

    async fn up(&mut self) -> StepResult {
        let tried = self.ladder.up(None).await;
        self.tried(tried)
    }

    async fn down(&mut self) -> StepResult {
        let tried = self.ladder.down().await;
        self.tried(tried)
    }

    fn tried(&self, tried: Result<AppliedRevision, Error>) -> StepResult {
        tried.map_err(|error| Failed::of(&error, &self.ladder))
    }

    /// The next revision for the first time.
    async fn first(&mut self, before: Arc<Fingerprint>) -> Result<RevisionRun, Error> {
        let mut open = open::tables(&mut self.session, &self.scope).await?;
        let apart = self.scope.undeclared(&mut self.session).await?;
        let mut watch = open::AtCommits::new(&mut self.session, &self.scope);
        let tried = self.ladder.up(Some(&mut watch)).await;
        let opened = watch.opened(&open).await?;
        let up = self.tried(tried);
        if up.is_err() {
            let after = Arc::clone(&before);
            let (opened, undeclared) = (Vec::new(), Vec::new());
            return Ok(RevisionRun { up, before, after, opened, open, undeclared, again: None, down: None });
        }
        let after = self.catalog().await?;
        open.append(&mut open::tables(&mut self.session, &self.scope).await?);
        let undeclared = self.scope.undeclared(&mut self.session).await?.difference(&apart).cloned().collect();
        Ok(RevisionRun { up, before, after, opened, open, undeclared, again: None, down: None })
    }

    /// Whatever is to be seen of the last applied revision beside the way up; whether the database is clean after it.
    async fn look(&mut self, n: usize, rung: &mut RevisionRun) -> Result<bool, Error> {
        if self.wants_again(n) && rung.again.is_none() {
            let again = again(&mut self.ladder, &mut self.session, &self.scope, Second::OfRevision).await?;
            let clean = again.catalog.as_ref().is_some_and(|after| *after == rung.after);
            rung.again = Some(again);
            if !clean {
                return Ok(false);
            }
        }
        if self.wants_down(n) && rung.down.is_none() {
            let down = self.down_and_up(&rung.open).await?;
            let clean = down.up_after.as_ref().is_some_and(|after| *after == rung.after);
            rung.down = Some(down);
            return Ok(clean);
        }
        Ok(true)
    }

    /// Takes the last applied revision back, where `open` stood open before it or after it.
    async fn down_and_up(&mut self, open: &Open) -> Result<Down, Error> {
        let mut watch = open::AtCommits::new(&mut self.session, &self.scope);
        let tried = self.ladder.down_watched(Some(&mut watch)).await;
        let opened = watch.opened(open).await?;
        let mut down = Down { tried: self.tried(tried), after: None, opened, up: None, up_after: None };
        if down.tried.is_ok() {
            down.after = Some(self.catalog().await?);
            let up = self.up().await;
            if up.is_ok() {
                down.up_after = Some(self.catalog().await?);
            }
            down.up = Some(up);
        }
        Ok(down)
    }

    /// What can be seen of the whole chain only.
    async fn at_the_top(&mut self, seen: &mut Observations) -> Result<End, Error> {
        if self.walks(Walk::Again) && self.subject.keeps_account() && seen.tool_again.is_none() {
            let again = again(&mut self.ladder, &mut self.session, &self.scope, Second::OfTool).await?;
            let clean = again.catalog.as_ref() == seen.rungs.last().map(|rung| &rung.after);
            seen.tool_again = Some(again);
            if !clean {
                return Ok(End::Spoilt);
            }
        }
        if self.trip_is_due(self.subject.chain.revisions.len(), seen) {
            seen.trip = Some(self.trip().await?);
        }
        Ok(End::Over)
    }

    /// Whether the way down and up again begins where `applied` are.
    fn trip_is_due(&self, applied: usize, seen: &Observations) -> bool {
        let (turn, top) = (self.subject.turn(), self.subject.top());
        self.walks(Walk::Trip) && seen.trip.is_none() && self.subject.has_downs() && applied == top && turn < top
    }

    async fn trip(&mut self) -> Result<Trip, Error> {
        let (turn, top) = (self.subject.turn(), self.ladder.at());
        self.ladder.load_anew();
        let mut trip = Trip { turn, failed: None, below: None, above: None };
        while self.ladder.at() > turn {
            let id = self.id(self.ladder.at() - 1).to_owned();
            if let Err(failed) = self.down().await {
                trip.failed = Some((WalkDirection::Down, id, failed));
                return Ok(trip);
            }
        }
        trip.below = Some(self.catalog().await?);
        while self.ladder.at() < top {
            let id = self.id(self.ladder.at()).to_owned();
            if let Err(failed) = self.up().await {
                trip.failed = Some((WalkDirection::Up, id, failed));
                return Ok(trip);
            }
        }
        trip.above = Some(self.catalog().await?);
        Ok(trip)
    }
}

/// What is run a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Second {
    /// The last applied revision, as if it were not applied.
    OfRevision,
    /// The project's own tool, with nothing to do.
    OfTool,
}

/// Runs the last applied revision once more, or its tool.
pub(crate) async fn again(
    ladder: &mut Ladder<'_>,
    session: &mut PgConnection,
    scope: &Scope,
    second: Second,
) -> Result<Repeat, Error> {
    let before = scope.catalog(session).await?;
    let rows_before = rows::versions(session, scope).await?;
    let tried = match second {
        Second::OfRevision => ladder.again().await,
        Second::OfTool => ladder.tool_again().await,
    };
    let tried = tried.map_err(|error| Failed::of(&error, ladder));
    let rows = rows::count(&rows_before);
    let mut repeat = Repeat { tried, before, catalog: None, rewritten: Vec::new(), rows };
    if repeat.tried.is_ok() {
        repeat.catalog = Some(scope.catalog(session).await?);
        repeat.rewritten = rows::rewritten(&rows_before, &rows::versions(session, scope).await?);
    }
    Ok(repeat)
}

impl Failed {
    /// What went wrong, and at which statement.
    pub(crate) fn of(error: &Error, ladder: &Ladder<'_>) -> Self {
        let at = ladder.stopped_at().map(|(path, line)| Location::of_line(path, line));
        let help = if error.help().is_empty() { String::new() } else { format!("\nhelp: {}", error.help()) };
        Self { message: format!("{error}{help}"), at }
    }
}
