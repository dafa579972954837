//! What was read of a kept state: answers of queries that depend on nothing but the state, for the next run on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::instance::key::StateKey;

/// Answers that are kept with one state; beyond these, those go that this run did not ask for.
const MOST: usize = 64;

/// Answers by what was asked.
#[derive(Debug, Default)]
pub struct QueryCache {
    kept: BTreeMap<String, CachedAnswer>,
    new: bool,
}

#[derive(Debug)]
struct CachedAnswer {
    text: String,
    used: bool,
}

/// The file: whose answers they are, and a digest over all of it.
#[derive(Debug, Serialize, Deserialize)]
struct QueryCacheFile {
    state: String,
    digest: String,
    answers: BTreeMap<String, String>,
}

impl QueryCache {
    /// What the query was answered before.
    pub fn get(&mut self, sql: &str) -> Option<&str> {
        let answer = self.kept.get_mut(StateKey::new([sql]).as_str())?;
        answer.used = true;
        Some(&answer.text)
    }

    /// Notes what the query was answered.
    pub fn add(&mut self, sql: &str, text: &str) {
        self.new = true;
        self.kept.insert(StateKey::new([sql]).as_str().to_owned(), CachedAnswer { text: text.to_owned(), used: true });
    }

    /// Whether any of it is not kept yet.
    pub(crate) const fn is_new(&self) -> bool {
        self.new
    }

    /// The text form, for the state `of`.
    pub(crate) fn to_text(&self, of: &StateKey) -> serde_json::Result<Vec<u8>> {
        let all = self.kept.len() <= MOST;
        let kept = self.kept.iter().filter(|(_, answer)| all || answer.used);
        let answers = kept.map(|(asked, answer)| (asked.clone(), answer.text.clone())).collect();
        serde_json::to_vec(&QueryCacheFile { state: of.as_str().to_owned(), digest: digest(of, &answers), answers })
    }

    /// Reads the text form; `None` where it is not whole, or is of another state than `of`.
    pub(crate) fn parse(text: &[u8], of: &StateKey) -> Option<Self> {
        let QueryCacheFile { state, digest: told, answers } = serde_json::from_slice(text).ok()?;
        if state != of.as_str() || told != digest(of, &answers) {
            return None;
        }
        let kept = answers.into_iter().map(|(asked, text)| (asked, CachedAnswer { text, used: false })).collect();
        Some(Self { kept, new: false })
    }
}

fn digest(of: &StateKey, answers: &BTreeMap<String, String>) -> String {
    let pairs = answers.iter().flat_map(|(asked, text)| [asked.as_str(), text.as_str()]);
    StateKey::new(std::iter::once(of.as_str()).chain(pairs)).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{MOST, QueryCache};
    use crate::instance::StateKey;

    #[test]
    fn answers_are_read_back_whole_and_of_their_state_only() {
        let (state, other) = (StateKey::new(["one"]), StateKey::new(["other"]));
        let mut answers = QueryCache::default();
        answers.add("SELECT 1", "[\"a\"]");
        let text = answers.to_text(&state).unwrap();
        let mut read = QueryCache::parse(&text, &state).unwrap();
        assert_eq!(read.get("SELECT 1"), Some("[\"a\"]"));
        assert_eq!(read.get("SELECT 2"), None);
        assert!(!read.is_new());
        assert!(QueryCache::parse(&text, &other).is_none());
        for cut in 0..text.len() {
            assert!(QueryCache::parse(&text[..cut], &state).is_none(), "cut at {cut}");
        }
        let altered = String::from_utf8(text).unwrap().replace("a\\\"", "b\\\"");
        assert!(altered.contains("b\\\""));
        assert!(QueryCache::parse(altered.as_bytes(), &state).is_none());
    }

    #[test]
    fn what_nobody_asks_for_any_more_is_not_kept_for_ever() {
        let state = StateKey::new(["one"]);
        let mut answers = QueryCache::default();
        for n in 0..=MOST {
            answers.add(&format!("SELECT {n}"), "1");
        }
        let text = answers.to_text(&state).unwrap();
        let mut later = QueryCache::parse(&text, &state).unwrap();
        assert_eq!(later.get("SELECT 7"), Some("1"));
        let mut last = QueryCache::parse(&later.to_text(&state).unwrap(), &state).unwrap();
        assert_eq!(last.get("SELECT 7"), Some("1"));
        assert_eq!(last.get("SELECT 8"), None);
    }
}
