//! Bytes that nobody can guess, as text.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;

use crate::Error;

/// `count` random bytes from the operating system as hexadecimal digits.
pub(super) fn token(count: usize) -> Result<String, Error> {
    let mut bytes = vec![0; count];
    File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes)).map_err(|error| {
        Error::environment(
            format!("no random bytes from /dev/urandom: {error}"),
            "make /dev/urandom readable in this environment",
        )
    })?;
    Ok(hex(&bytes))
}

/// `bytes` as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
