//! The name of a cached state: a digest of everything that made it.

use std::fmt;

use sha2::{Digest, Sha256};

/// A digest of the inputs that led to a state, as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateKey(String);

impl StateKey {
    /// Digests `parts` in order; lengths are part of it, so that moving a byte from one part to the next changes it.
    pub fn new(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            let part = part.as_ref();
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(super::random::hex(&hasher.finalize()))
    }

    /// The hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::StateKey;

    #[test]
    fn where_one_part_ends_matters() {
        assert_ne!(StateKey::new(["ab", "c"]), StateKey::new(["a", "bc"]));
        assert_eq!(StateKey::new(["ab", "c"]), StateKey::new([b"ab".to_vec(), b"c".to_vec()]));
        assert_eq!(StateKey::new(["x"]).as_str().len(), 64);
    }
}
