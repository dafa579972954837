//! What came of a check.

use serde::{Deserialize, Serialize};

use crate::report::record::{Evidence, Status};
use crate::session::AttemptError;

/// What came of a check, with what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What came of it; skipping is decided by whoever runs the checks.
    pub status: Status,
    /// One sentence.
    pub verdict: String,
    /// What was seen.
    pub evidence: Evidence,
}

impl Outcome {
    /// As expected, and really tried.
    #[must_use]
    pub fn passed(verdict: impl Into<String>, evidence: Evidence) -> Self {
        Self { status: Status::Passed, verdict: verdict.into(), evidence }
    }

    /// Not as expected.
    #[must_use]
    pub fn failed(verdict: impl Into<String>, evidence: Evidence) -> Self {
        Self { status: Status::Failed, verdict: verdict.into(), evidence }
    }

    /// No verdict, or one that proves nothing.
    #[must_use]
    pub fn error(verdict: impl Into<String>, evidence: Evidence) -> Self {
        Self { status: Status::Error, verdict: verdict.into(), evidence }
    }

    /// Not tried, for this reason.
    #[must_use]
    pub fn skipped(why: impl Into<String>) -> Self {
        Self { status: Status::Skipped, verdict: why.into(), evidence: Evidence::default() }
    }

    /// A statement that has no verdict.
    #[must_use]
    pub fn not_tried(failure: &AttemptError, evidence: Evidence) -> Self {
        Self::error(failure.to_string(), evidence)
    }
}
