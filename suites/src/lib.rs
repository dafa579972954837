//! The suites of four systems live beside this crate as TOML and SQL; its tests reach the same facts from Rust.
