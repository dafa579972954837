//! SHA-256 in hexadecimal.

use sha2::{Digest as _, Sha256};

pub(super) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
