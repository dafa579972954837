//! A suite file and what it includes, side by side: each name with the file it stands in.

use std::collections::BTreeMap;

use super::written::{Defined, In};
use crate::suite::file::File;
use crate::suite::problems::Problems;
use crate::suite::raw;

/// What may be shared between suites, by name.
pub(crate) type Names<'a, T> = BTreeMap<&'a str, Defined<'a, T>>;

/// One suite with its includes.
pub(crate) struct SuiteParts<'a> {
    pub(crate) file: &'a File,
    pub(crate) suite: &'a raw::Suite,
    pub(crate) contexts: Names<'a, raw::Context>,
    pub(crate) actors: Names<'a, raw::Actor>,
    pub(crate) profiles: Names<'a, raw::Relation>,
    pub(crate) controls: Vec<In<'a, raw::Controls>>,
}

impl<'a> SuiteParts<'a> {
    /// Puts the parts together; a name that is defined twice is a problem, nothing overrides.
    pub(crate) fn new(
        file: &'a File,
        suite: &'a raw::Suite,
        includes: &'a [(File, raw::Include)],
        problems: &mut Problems,
    ) -> Self {
        let mut parts = Self {
            file,
            suite,
            contexts: Names::new(),
            actors: Names::new(),
            profiles: Names::new(),
            controls: Vec::new(),
        };
        for (file, include) in includes {
            define(&mut parts.contexts, file, &include.contexts, "context", problems);
            define(&mut parts.actors, file, &include.actors, "actor", problems);
            define(&mut parts.profiles, file, &include.profiles, "profile", problems);
            parts.controls.push(In { file, it: &include.controls });
        }
        define(&mut parts.contexts, file, &suite.contexts, "context", problems);
        define(&mut parts.actors, file, &suite.actors, "actor", problems);
        define(&mut parts.profiles, file, &suite.profiles, "profile", problems);
        parts.controls.push(In { file, it: &suite.controls });
        parts
    }
}

fn define<'a, T>(
    names: &mut Names<'a, T>,
    file: &'a File,
    table: &'a raw::Table<T>,
    kind: &str,
    problems: &mut Problems,
) {
    for (name, it) in table.iter() {
        super::texts::made_name(problems, file, name, kind);
        if let Some(first) = names.get(name.value.as_str()) {
            let message =
                format!("{kind} `{}` is defined twice, first at {}", name.value, first.file.location(first.span));
            problems.add(file, &name.span, message, "nothing overrides across files: rename one, or take one out");
        } else {
            names.insert(&name.value, Defined { file, span: &name.span, it });
        }
    }
}
