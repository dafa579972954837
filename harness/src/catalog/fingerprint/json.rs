//! One JSON text for each set of facts: keys sorted, one fact a line, so that equal facts are equal bytes.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Delta, Facts, Fingerprint};
use crate::Error;
use crate::text::hex::hex;
use crate::text::printable;

const WHOLE: &str = "rlsgate.fingerprint/1";
const DELTA: &str = "rlsgate.fingerprint.delta/1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    format: String,
    major: u32,
    unread: BTreeSet<String>,
    facts: Facts,
}

/// The same, to be written.
#[derive(Serialize)]
struct Shown<'a> {
    format: &'a str,
    major: u32,
    unread: &'a BTreeSet<String>,
    facts: BTreeMap<&'a str, &'a BTreeMap<String, String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    format: String,
    major: u32,
    facts: Facts,
    removed: Facts,
}

impl Fingerprint {
    /// The canonical JSON, with a newline at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let facts = self.facts.iter().map(|(object, properties)| (&**object, &**properties)).collect();
        text(&Shown { format: WHOLE, major: self.major, unread: &self.unread, facts })
    }

    /// Reads what [`Fingerprint::to_json`] writes.
    ///
    /// # Errors
    /// [`Error::Usage`] with line and column where the text is something else.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let Whole { format, major, unread, facts } = parse(json)?;
        expect(&format, WHOLE)?;
        let facts = facts.into_iter().map(|(object, properties)| (object.into(), properties.into())).collect();
        Ok(Self { major, unread, facts })
    }

    /// SHA-256 of the canonical JSON, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&self.to_json())
    }
}

impl Delta {
    /// The canonical JSON, with a newline at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let Self { major, facts, removed } = self.clone();
        text(&Part { format: DELTA.to_owned(), major, facts, removed })
    }

    /// Reads what [`Delta::to_json`] writes.
    ///
    /// # Errors
    /// [`Error::Usage`] with line and column where the text is something else.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let Part { format, major, facts, removed } = parse(json)?;
        expect(&format, DELTA)?;
        Ok(Self { major, facts, removed })
    }

    /// SHA-256 of the canonical JSON, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&self.to_json())
    }
}

fn text(value: &impl Serialize) -> String {
    // Maps whose keys are texts, of texts: there is nothing in them that JSON cannot hold.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|error| {
        let said = error.to_string();
        Error::usage(format!("this is no fingerprint: {}", printable(&said)), "write it anew")
    })
}

fn expect(found: &str, format: &str) -> Result<(), Error> {
    if found == format {
        return Ok(());
    }
    let message = format!("a fingerprint of the format `{}` cannot be read, only `{format}`", printable(found));
    Err(Error::usage(message, "write it anew with this version"))
}

fn digest(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()))
}
