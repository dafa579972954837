//! Which host this is, so that nothing of another one is swept on a shared file system.

use std::fs;
use std::sync::OnceLock;

use super::key::StateKey;

/// Eight hexadecimal digits for this host and process namespace: process ids mean something only within both.
pub(super) fn id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        let machine = fs::read_to_string("/etc/machine-id").unwrap_or_default();
        let node = nix::unistd::gethostname().unwrap_or_default();
        let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let digest = StateKey::new([
            machine.trim().as_bytes(),
            node.as_encoded_bytes(),
            namespace.as_os_str().as_encoded_bytes(),
        ]);
        digest.as_str().chars().take(8).collect()
    })
}
