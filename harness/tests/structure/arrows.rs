//! Which file of a crate uses which: every path that a file names, followed through re-exports to the file that defines it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use super::source::{How, Module, Named, Source};

/// The crate's name, by which its program uses it.
const CRATE: &str = "rlsgate";
/// As many re-exports of re-exports are followed.
const DEPTH: usize = 16;

/// One file uses another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrow {
    pub(crate) from: String,
    pub(crate) line: usize,
    /// The path, as it is written.
    pub(crate) path: String,
    pub(crate) to: String,
    /// Whether the file only hands the name on.
    pub(crate) handed_on: bool,
}

impl fmt::Display for Arrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} uses `{}`, which is in {}", self.from, self.line, self.path, self.to)
    }
}

/// Every arrow between two files.
pub(crate) fn arrows(source: &Source) -> BTreeSet<Arrow> {
    let mut arrows = BTreeSet::new();
    for (from, named) in &source.named {
        for Named { module, path, line, how } in named {
            // A word alone in code may be a variable that is called as a module is; what is imported is known.
            let is_imported = |word| source.modules.get(module).is_some_and(|names| names.imports.contains_key(word));
            if *how == How::InCode && path.len() == 1 && !path.first().is_some_and(is_imported) {
                continue;
            }
            if let Some(to) = resolve(source, module, path, 0).filter(|to| to != from) {
                let (from, path, handed_on) = (from.clone(), path.join("::"), *how == How::HandedOn);
                arrows.insert(Arrow { from, line: *line, path, to, handed_on });
            }
        }
    }
    arrows
}

/// The file that `path`, as it is written in `module`, means; nothing where it is of another crate, or no path.
fn resolve(source: &Source, module: &Module, path: &[String], depth: usize) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let mut start = module.clone();
    match first.as_str() {
        "crate" => start.clear(),
        CRATE if module.first().is_some_and(|first| first == "main") => start.clear(),
        "self" => {}
        "super" => drop(start.pop()?),
        word => {
            let names = source.modules.get(module)?;
            let child = || source.modules.contains_key(&below(module, word));
            let known = names.imports.contains_key(word) || child();
            // A name that is nowhere may come from a module whose names are imported all.
            if !known {
                let mut globs = names.globs.iter().filter(|_| !names.items.contains(word) && depth < DEPTH);
                return globs.find_map(|glob| {
                    let path: Vec<String> = glob.iter().chain(path).cloned().collect();
                    defined(source, module, &path, depth + 1)
                });
            }
            return descend(source, start, path, depth);
        }
    }
    let supers = rest.iter().take_while(|word| *word == "super").count();
    for _ in 0..supers {
        start.pop()?;
    }
    descend(source, start, rest.get(supers..)?, depth)
}

/// The same of a glob's module, where it has the name at all.
fn defined(source: &Source, module: &Module, path: &[String], depth: usize) -> Option<String> {
    let (name, of) = path.split_last()?;
    let file = resolve(source, module, of, depth)?;
    let found = source.modules.iter().find(|(_, names)| names.file == file)?;
    if found.1.items.contains(name) {
        return Some(file);
    }
    descend(source, found.0.clone(), std::slice::from_ref(name), depth).filter(|other| *other != file)
}

/// The file of `path`, from `module` on.
fn descend(source: &Source, mut module: Module, path: &[String], depth: usize) -> Option<String> {
    if depth > DEPTH {
        return None;
    }
    let mut words = path.iter();
    while let Some(word) = words.next() {
        let names = source.modules.get(&module)?;
        let rest = words.as_slice();
        let child = below(&module, word);
        let import = names.imports.get(word);
        // `use a::a`: a module and something in it may have one name.
        let is_of_child = import.is_none_or(|import| import.first() == Some(word));
        if source.modules.contains_key(&child) && (!rest.is_empty() || is_of_child) {
            module = child;
            continue;
        }
        if let Some(import) = import {
            if import.first() == Some(word) {
                // Another crate.
                return None;
            }
            let path: Vec<String> = import.iter().chain(rest).cloned().collect();
            return resolve(source, &module, &path, depth + 1);
        }
        if !names.items.contains(word) {
            let globs = names.globs.iter().filter(|_| depth < DEPTH);
            let mut found = globs.filter_map(|glob| {
                let path: Vec<String> = glob.iter().chain([word]).cloned().collect();
                defined(source, &module, &path, depth + 1)
            });
            if let Some(file) = found.next() {
                return Some(file);
            }
        }
        // An item, or one of its own.
        break;
    }
    source.modules.get(&module).map(|names| names.file.clone())
}

fn below(module: &Module, word: &str) -> Module {
    module.iter().cloned().chain([word.to_owned()]).collect()
}

/// The top-level module of a file.
pub(crate) fn top(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// A shortest circle among `arrows`, for each group of files that reach each other.
pub(crate) fn circles(arrows: &[&Arrow]) -> Vec<Vec<Arrow>> {
    let mut by_file: BTreeMap<&str, Vec<&Arrow>> = BTreeMap::new();
    for arrow in arrows {
        by_file.entry(&arrow.from).or_default().push(arrow);
    }
    let mut circles: Vec<Vec<Arrow>> = Vec::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for start in by_file.keys() {
        if told.contains(start) {
            continue;
        }
        let Some(circle) = way_back(start, &by_file) else { continue };
        // Every file that reaches this one and is reached from it is of the same group.
        let reached = |from: &str| reach(from, &by_file);
        told.extend(reached(start).into_iter().filter(|file| reached(file).contains(start)));
        circles.push(circle);
    }
    circles
}

fn reach<'a>(start: &str, by_file: &BTreeMap<&'a str, Vec<&'a Arrow>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Arrow> = by_file.get(start).cloned().unwrap_or_default();
    while let Some(arrow) = next.pop() {
        if reached.insert(arrow.to.as_str()) {
            next.extend(by_file.get(arrow.to.as_str()).into_iter().flatten());
        }
    }
    reached
}

fn way_back(start: &str, by_file: &BTreeMap<&str, Vec<&Arrow>>) -> Option<Vec<Arrow>> {
    let mut ways = VecDeque::from([vec![]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let at = way.last().map_or(start, |last: &&Arrow| last.to.as_str());
        for arrow in by_file.get(at).into_iter().flatten() {
            if arrow.to == start || seen.insert(arrow.to.as_str()) {
                let longer: Vec<&Arrow> = way.iter().copied().chain([*arrow]).collect();
                if arrow.to == start {
                    return Some(longer.into_iter().cloned().collect());
                }
                ways.push_back(longer);
            }
        }
    }
    None
}
