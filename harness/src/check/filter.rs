//! Which checks of a plan are run: globs over ids, and exact ids.

use globset::{GlobBuilder, GlobMatcher};

use super::unit::Check;
use crate::Error;

/// A selection.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    any: Vec<GlobMatcher>,
    none: Vec<GlobMatcher>,
    only: Vec<String>,
}

impl Filter {
    /// `globs` are or-ed, those with a leading `!` exclude; `only` are exact ids. `*` matches across parts.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is no glob.
    pub fn new(globs: &[String], only: &[String]) -> Result<Self, Error> {
        let mut filter = Self { only: only.to_vec(), ..Self::default() };
        for glob in globs {
            let (list, text) = match glob.strip_prefix('!') {
                Some(text) => (&mut filter.none, text),
                None => (&mut filter.any, glob.as_str()),
            };
            list.push(matcher(text)?);
        }
        Ok(filter)
    }

    /// Whether anything is left out at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.any.is_empty() && self.none.is_empty() && self.only.is_empty()
    }

    /// Whether it names what is run: few checks, as a rule, where one that only excludes leaves most.
    #[must_use]
    pub fn names_some(&self) -> bool {
        !self.any.is_empty() || !self.only.is_empty()
    }

    /// Whether the check is run.
    #[must_use]
    pub fn selects(&self, id: &str) -> bool {
        let wanted = (self.any.is_empty() && self.only.is_empty())
            || self.any.iter().any(|glob| glob.is_match(id))
            || self.only.iter().any(|only| only == id);
        wanted && !self.none.iter().any(|glob| glob.is_match(id))
    }

    /// The first of the exact ids that is none of `ids`.
    #[must_use]
    pub fn misses<'a>(&self, ids: impl Iterator<Item = &'a str> + Clone) -> Option<&str> {
        self.only.iter().find(|only| !ids.clone().any(|id| id == only.as_str())).map(String::as_str)
    }

    /// Whether any check of the unit is run.
    #[must_use]
    pub fn touches(&self, checks: &[Check]) -> bool {
        checks.iter().any(|check| self.selects(&check.id))
    }
}

/// A glob over ids: `*` and `?` match within and across parts, everything else stands for itself.
pub(crate) fn matcher(text: &str) -> Result<GlobMatcher, Error> {
    // Ids hold characters that globs give a meaning; none of them is meant here.
    let escaped: String = text
        .chars()
        .flat_map(|c| if matches!(c, '[' | ']' | '{' | '}' | '\\') { vec!['\\', c] } else { vec![c] })
        .collect();
    let glob = GlobBuilder::new(&escaped).literal_separator(false).backslash_escape(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| {
        Error::usage(format!("`{text}` is no pattern: {error}"), "use * and ? over check ids, see `rlsgate list`")
    })
}

#[cfg(test)]
mod tests {
    use super::Filter;

    fn filter(globs: &[&str]) -> Filter {
        Filter::new(&globs.iter().map(ToString::to_string).collect::<Vec<_>>(), &[]).unwrap()
    }

    #[test]
    fn globs_are_or_ed_and_exclusions_win() {
        let filter = filter(&["s/contract/*", "s/case/x", "!*/select/*"]);
        assert!(filter.selects("s/contract/public.t/update/ann/withheld"));
        assert!(filter.selects("s/case/x"));
        assert!(!filter.selects("s/case/y"));
        assert!(!filter.selects("s/contract/public.t/select/ann/withheld"));
    }

    #[test]
    fn brackets_stand_for_themselves() {
        assert!(filter(&["s/execute/f(text[])*"]).selects("s/execute/f(text[])/ann"));
    }

    #[test]
    fn an_exact_id_is_no_pattern() {
        let filter = Filter::new(&[], &["s/case/*".to_owned()]).unwrap();
        assert!(!filter.selects("s/case/x") && filter.selects("s/case/*"));
    }
}
