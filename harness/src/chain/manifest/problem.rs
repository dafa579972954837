//! What is wrong in a `chain.toml`, with line, caret and the nearest name.

use std::path::Path;
use std::sync::Arc;

use super::ChainManifest;
use crate::chain::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The manifest that `source` says.
///
/// # Errors
/// The first thing that is wrong: no TOML, an unknown key, a value of the wrong sort.
pub(in crate::chain) fn parse(path: &Path, source: &Arc<str>) -> Result<ChainManifest, Diagnostics> {
    toml::from_str(source).map_err(|error| {
        let (message, help) =
            unknown_key(error.message()).unwrap_or_else(|| (error.message().replace('\n', "; "), String::new()));
        let span = error.span().unwrap_or(0..0);
        Diagnostic { message, path: path.to_owned(), source: Arc::clone(source), span, label: String::new(), help }
            .into()
    })
}

/// serde's "unknown field `a`, expected one of `b`, `c`" in the words of a file of keys.
fn unknown_key(message: &str) -> Option<(String, String)> {
    let names = message.strip_prefix("unknown field ")?;
    let mut names = names.split('`').skip(1).step_by(2);
    let key = names.next()?;
    let known: Vec<&str> = names.collect();
    let nearest = nearest::suffix(key, known.iter().copied());
    Some((format!("unknown key `{key}`{nearest}"), format!("the keys here are {}", known.join(", "))))
}
