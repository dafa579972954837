//! A chain to be checked, from its folder.

use std::path::Path;
use std::sync::Arc;

use super::checks::CHECKS;
use super::subject::Subject;
use crate::Error;
use crate::chain::Chain;
use crate::chain::lock::ChainLock;

impl Subject {
    /// The chain in the folder `dir`, with its lock file and its seeds.
    ///
    /// # Errors
    /// As [`Chain::load`] and [`ChainLock::read`]; [`Error::Input`] where `seed_at` or `skip` names what there is not.
    pub fn load(dir: &Path) -> Result<Self, Error> {
        Self::new(Chain::load(dir)?)
    }

    /// The same of a chain that was read.
    ///
    /// # Errors
    /// As [`Subject::load`].
    pub fn new(chain: Chain) -> Result<Self, Error> {
        chain.check_skips(CHECKS.iter().map(|check| check.name))?;
        let lock = ChainLock::read(&chain)?;
        let seeds = chain.seeds()?;
        Ok(Self { name: name(&chain.dir), chain: Arc::new(chain), lock, seeds })
    }
}

fn name(dir: &Path) -> String {
    let whole = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    whole.file_name().map_or_else(|| "chain".to_owned(), |name| name.to_string_lossy().into_owned())
}
