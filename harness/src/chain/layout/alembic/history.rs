//! The answer of `alembic history --verbose`, and the files that it names.

use std::path::{Path, PathBuf};

/// A revision as the history tells it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) parents: Vec<String>,
    pub(super) path: PathBuf,
    pub(super) title: String,
}

/// The answer of `alembic history --verbose`: a block a revision, in the format of `Script.log_entry`.
pub(super) fn parse(history: &str) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for line in history.lines() {
        if let Some(rest) = line.strip_prefix("Rev: ") {
            let id = rest.split_whitespace().next().unwrap_or_default().to_owned();
            all.push(Told { id, ..Told::default() });
        }
        let Some(one) = all.last_mut() else { continue };
        if let Some(parents) = line.strip_prefix("Parent: ").or_else(|| line.strip_prefix("Merges: ")) {
            let names = parents.split(", ").filter_map(|name| name.split_whitespace().next());
            one.parents = names.filter(|name| *name != "<base>").map(str::to_owned).collect();
        } else if let Some(path) = line.strip_prefix("Path: ") {
            one.path = PathBuf::from(path);
        } else if let Some(text) = line.strip_prefix("    ")
            && one.title.is_empty()
        {
            text.trim().clone_into(&mut one.title);
        }
    }
    all
}

/// The path as the user named the chain.
pub(super) fn shown(dir: &Path, path: PathBuf) -> PathBuf {
    let whole = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    let below = std::fs::canonicalize(&path).ok().and_then(|path| path.strip_prefix(&whole).ok().map(Path::to_owned));
    below.map_or(path, |below| dir.join(below))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_history_with_branches_is_read() {
        let history = "Rev: z (head)\nParent: m\nPath: /p/z.py\n\n    last: one\n    \n    Revision ID: z\n\n\
            Rev: m (branchpoint) (mergepoint)\nMerges: a, b\nBranches into: h2, z\nPath: /p/m.py\n\n    merge\n\n\
            Rev: r1 (branchpoint)\nParent: <base>\nBranch names: x\nPath: /p/r1.py\n\n    first\n\n";
        let told = parse(history);
        let short: Vec<_> = told.iter().map(|one| (one.id.as_str(), one.title.as_str())).collect();
        assert_eq!(short, [("z", "last: one"), ("m", "merge"), ("r1", "first")]);
        assert_eq!(told[1].parents, ["a", "b"]);
        assert!(told[2].parents.is_empty());
        assert_eq!(told[0].path, std::path::Path::new("/p/z.py"));
        assert!(parse("warning: nothing here\n").is_empty());
    }
}
