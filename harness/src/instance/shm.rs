//! The System V shared memory segment that a killed postmaster leaves behind.
//!
//! PostgreSQL keeps a small one beside its mapped memory, as an interlock on the data directory
//! (documentation, "Shared Memory and Semaphores"); only a postmaster that ends by itself removes it.

use std::fs;
use std::process::{Command, Stdio};

/// A segment as line 7 of postmaster.pid names it: `key id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    key: u64,
    id: i64,
}

impl Segment {
    /// Reads `key id`; `None` where a server uses none.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        Some(Self { key: words.next()?.parse().ok()?, id: words.next()?.parse().ok()? })
    }

    /// Removes the segment, if it is still this one and nobody is attached; whether it is gone.
    pub(super) fn remove(self) -> bool {
        match self.attached() {
            None => true,
            Some(0) => {
                tracing::debug!(program = "ipcrm", "running a program");
                let removed = Command::new("ipcrm")
                    .args(["-m", &self.id.to_string()])
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status();
                removed.is_ok_and(|status| status.success()) || self.attached().is_none()
            }
            Some(_) => false,
        }
    }

    /// How many processes are attached; `None` where there is no such segment.
    /// Without a table of segments (macOS) nobody is: whoever was, has been ended before.
    fn attached(self) -> Option<u64> {
        let Ok(table) = fs::read_to_string("/proc/sysvipc/shm") else { return Some(0) };
        table.lines().skip(1).find_map(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            // proc_sysvipc(5): key, shmid, perms, size, cpid, lpid, nattch
            let key: i64 = columns.first()?.parse().ok()?;
            let id: i64 = columns.get(1)?.parse().ok()?;
            // The kernel prints the key signed, PostgreSQL unsigned.
            let same = id == self.id && (key as u64 & 0xFFFF_FFFF) == (self.key & 0xFFFF_FFFF);
            if same { columns.get(6)?.parse().ok() } else { None }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Segment;

    #[test]
    fn the_line_of_postmaster_pid_is_read() {
        assert_eq!(Segment::parse("  35651597   1245184"), Some(Segment { key: 35_651_597, id: 1_245_184 }));
        assert_eq!(Segment::parse("       0"), None);
        assert_eq!(Segment::parse(""), None);
    }
}
