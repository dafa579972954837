//! Exit codes of the program; the one place where an outcome becomes a number.

use std::process::ExitCode;

use crate::defect;

/// How a run ended, as CI reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything that was planned passed, or was skipped for a stated reason.
    Passed = 0,
    /// Something failed: a check, or a finding at or above the threshold. Wins over [`Exit::Untested`].
    Failed = 1,
    /// The command line, a file, or a target guard is wrong; nothing was tried.
    Input = 2,
    /// It could not be tested: no server, the chain does not apply, nothing passed, a check in error.
    Untested = 3,
    /// The harness itself is wrong: it contradicted itself, or panicked (EX_SOFTWARE of sysexits.h). Wins over all others,
    /// since nothing that such a run says can be trusted.
    Defect = 70,
}

impl Exit {
    /// What it is to whoever reads the code: a defect that was met on the way wins.
    pub(crate) fn unless_defect(self) -> Self {
        if defect::met() { Self::Defect } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
