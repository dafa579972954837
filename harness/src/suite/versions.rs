//! Major versions of PostgreSQL that something holds for.

/// Lowest and highest major version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VersionBounds {
    /// Lowest.
    pub min: Option<u32>,
    /// Highest.
    pub max: Option<u32>,
}
