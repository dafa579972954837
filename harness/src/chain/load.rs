//! A chain's folder, read whole: manifest, preludes, revisions.
//!
//! Every file is read once, here, so that what is digested, shown and run is the same text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;

use super::command::ProgramRevision;
use super::layout::alembic::Project;
use super::layout::{self, Directions, Folder, FoundRevision, LAYOUTS, Layout, Listing, NeverReverted, RevisionHead};
use super::manifest::{self, ChainManifest, Preludes, Reason};
use super::nearest;
use super::prelude::{self, BUILT_IN, Prelude};
use super::revision::{Revision, RevisionStep};
use super::script::Script;
use crate::Error;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::sql::read_file;

/// A migration chain, ready to be applied.
#[derive(Debug)]
pub struct Chain {
    /// Its folder, as the user named it.
    pub dir: PathBuf,
    /// What `chain.toml` says.
    pub manifest: ChainManifest,
    /// What it stands on, in order.
    pub preludes: Vec<Prelude>,
    /// How its revisions lie in files.
    pub layout: &'static Layout,
    /// Its steps, in order; never empty.
    pub revisions: Vec<Revision>,
    /// Files and folders among them that the layout's tool passes over, each with the reason.
    pub skipped: Vec<(PathBuf, String)>,
    /// What a reader should know of the order of its files.
    pub remarks: Vec<String>,
    /// The revisions that no other follows; where there are several, the chain cannot be applied.
    pub heads: Vec<RevisionHead>,
    pub(crate) project: Option<Project>,
    pub(super) manifest_source: Arc<str>,
}

impl Chain {
    /// Reads the chain in the folder `dir`.
    ///
    /// # Errors
    /// [`Error::Input`] with every wrong place in `chain.toml` or in the SQL files; [`Error::Usage`] if a file or folder
    /// is missing, is not UTF-8, or there is no revision.
    pub fn load(dir: &Path) -> Result<Self, Error> {
        let source = manifest_text(dir)?;
        let written = ManifestFile { path: dir.join("chain.toml"), source };
        let manifest = manifest::parse(&written.path, &written.source)?;
        written.check(&manifest)?;
        let preludes = written.preludes(&manifest, dir)?;
        let folder = Folder { dir, manifest: &manifest };
        let layout = written.layout(&folder)?;
        let Listing { revisions: mut found, skipped, mut heads, remarks, project } = layout.list(&folder)?;
        let commands = written.commands(&folder, layout, &mut found)?;
        if found.is_empty() {
            let message = format!("chain {} has no revision in {}", dir.display(), folder.migrations().display());
            return Err(Error::usage(message, "add SQL files, or name their folder with `migrations` in chain.toml"));
        }
        written.check_revisions(&folder, &found)?;
        let mut revisions = read_revisions(found, commands, layout, &manifest, &written, dir)?;
        for revision in &mut revisions {
            let told = || project.as_ref().and_then(|project| project.titles.get(&revision.id)).cloned();
            revision.settings.title = revision.settings.title.take().or_else(told);
        }
        if heads.is_empty() {
            heads.extend(revisions.last().map(|last| RevisionHead { id: last.id.clone(), path: last.file.clone() }));
        }
        let (dir, manifest_source) = (dir.to_owned(), written.source);
        Ok(Self { dir, manifest, preludes, layout, revisions, heads, skipped, remarks, project, manifest_source })
    }

    /// The role that runs the chain.
    #[must_use]
    pub fn owner(&self) -> &str {
        let platform = self.preludes.iter().find_map(|prelude| prelude.owner).unwrap_or("migrator");
        self.manifest.owner.as_ref().map_or(platform, |owner| owner.get_ref())
    }

    /// The chain's own schemas; the first is the default one.
    pub fn schemas(&self) -> impl Iterator<Item = &str> {
        self.manifest.schemas.get_ref().iter().map(|schema| schema.get_ref().as_str())
    }

    /// Whether one revision is the last: with several heads, which schema is meant nobody knows.
    ///
    /// # Errors
    /// [`Error::Usage`] naming each head's file.
    pub fn one_head(&self) -> Result<(), Error> {
        if self.heads.len() <= 1 {
            return Ok(());
        }
        let heads: Vec<String> =
            self.heads.iter().map(|head| format!("{} ({})", head.id, head.path.display())).collect();
        let message = format!("chain {} has {} heads: {}", self.dir.display(), heads.len(), heads.join(", "));
        Err(Error::usage(
            message,
            "merge them with `alembic merge heads`, or let one name the other as its `down_revision`",
        ))
    }

    /// How many revisions are applied where `revision` is the last.
    ///
    /// # Errors
    /// [`Error::Usage`] with the nearest name where there is no such revision.
    pub fn count_to(&self, revision: &str) -> Result<usize, Error> {
        let found = self.revisions.iter().position(|one| one.id == revision);
        found.map(|last| last + 1).ok_or_else(|| {
            let nearest = nearest::suffix(revision, self.revisions.iter().map(|revision| revision.id.as_str()));
            let message = format!("chain {} has no revision `{revision}`{nearest}", self.dir.display());
            Error::usage(message, "a revision is named as its file, without the suffix")
        })
    }

    /// `search_path` of the sessions that run it: its schemas, then what its platform adds.
    #[must_use]
    pub fn search_path(&self) -> Vec<String> {
        let platform = self.preludes.iter().flat_map(|prelude| prelude.search_path.iter().copied());
        self.schemas().chain(platform).map(str::to_owned).collect()
    }
}

fn manifest_text(dir: &Path) -> Result<Arc<str>, Error> {
    let path = dir.join("chain.toml");
    if !path.is_file() {
        let message = format!("{} is no chain: there is no chain.toml in it", dir.display());
        return Err(Error::usage(message, "an empty chain.toml is enough for plain SQL files on no platform"));
    }
    read_file(&path)
}

fn read_revisions(
    found: Vec<FoundRevision>,
    mut commands: BTreeMap<String, ProgramRevision>,
    layout: &Layout,
    manifest: &ChainManifest,
    written: &ManifestFile,
    dir: &Path,
) -> Result<Vec<Revision>, Error> {
    let mut revisions = Vec::new();
    let mut wrong = Vec::new();
    for mut found in found {
        let mut settings = manifest.revisions.get(found.id.as_str()).cloned().unwrap_or_default();
        let timeout = settings.timeout.unwrap_or(manifest.timeout).0;
        if let Some(down) = &settings.down {
            found.down = Some(dir.join(down.get_ref()));
        }
        let kept = found.kept.filter(|_| found.down.is_none());
        let said = settings.irreversible.is_some();
        settings.irreversible = settings.irreversible.or_else(|| kept.map(|why| Reason(why.reason().to_owned())));
        let repeats = found.kept == Some(NeverReverted::Repeatable);
        let sides = match commands.remove(&found.id) {
            Some(command) => found
                .down
                .as_deref()
                .map(Script::read)
                .transpose()
                .map(|down| Directions { up: RevisionStep::Command(command), down: down.map(RevisionStep::Sql) }),
            None => (layout.read)(&found),
        };
        match sides {
            Ok(Directions { up, down }) => {
                wrong.extend(down.as_ref().filter(|_| said).and_then(|down| written.both(&found.id, down, manifest)));
                revisions.push(Revision { id: found.id, file: found.path, up, down, repeats, timeout, settings });
            }
            Err(Error::Input(Diagnostics(more))) => wrong.extend(more),
            Err(other) => return Err(other),
        }
    }
    if wrong.is_empty() { Ok(revisions) } else { Err(Diagnostics(wrong).into()) }
}

/// The manifest as a file, for messages that point into it.
struct ManifestFile {
    path: PathBuf,
    source: Arc<str>,
}

impl ManifestFile {
    fn at(&self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
        let (path, source) = (self.path.clone(), Arc::clone(&self.source));
        Diagnostic { message: message.into(), path, source, span, label: String::new(), help: help.into() }
    }

    /// What the types of the manifest cannot say.
    fn check(&self, manifest: &ChainManifest) -> Result<(), Error> {
        let mut wrong = Vec::new();
        if manifest.schemas.get_ref().is_empty() {
            wrong.push(self.at(manifest.schemas.span(), "a chain has at least one schema", "name its default schema"));
        }
        if wrong.is_empty() { Ok(()) } else { Err(Diagnostics(wrong).into()) }
    }

    fn preludes(&self, manifest: &ChainManifest, dir: &Path) -> Result<Vec<Prelude>, Error> {
        let named = match manifest.prelude.as_ref().map(|named| (named.span(), named.get_ref())) {
            None => vec![Spanned::new(0..0, "none".to_owned())],
            Some((span, Preludes::One(one))) => vec![Spanned::new(span, one.clone())],
            Some((_, Preludes::Many(many))) => many.clone(),
        };
        let find = |named: &Spanned<String>| {
            let name = named.get_ref();
            if !BUILT_IN.contains(&name.as_str()) && !dir.join(name).is_file() {
                let at = self.at(named.span(), "", "");
                return Err(Diagnostics::from(prelude::unknown(at, name)).into());
            }
            Prelude::find(name, dir)
        };
        named.iter().map(find).collect()
    }

    fn layout(&self, folder: &Folder<'_>) -> Result<&'static Layout, Error> {
        let Some(named) = &folder.manifest.layout else {
            return layout::detect(folder);
        };
        let name = named.get_ref().as_str();
        let known = || LAYOUTS.iter().map(|layout| layout.name);
        let message = match LAYOUTS.iter().find(|layout| layout.name == name) {
            Some(layout) => return Ok(layout),
            None => {
                let nearest = nearest::suffix(name, known());
                format!("unknown layout `{name}`{nearest}")
            }
        };
        let help = format!("built so far: {}", known().collect::<Vec<_>>().join(", "));
        Err(Diagnostics::from(self.at(named.span(), message, help)).into())
    }

    /// The revisions that are programs, each put among those that are files.
    fn commands(
        &self,
        folder: &Folder<'_>,
        layout: &Layout,
        found: &mut Vec<FoundRevision>,
    ) -> Result<BTreeMap<String, ProgramRevision>, Error> {
        let mut wrong = Vec::new();
        let mut commands = BTreeMap::new();
        for (id, table) in &folder.manifest.revisions {
            let own = table.run.as_ref().map(Spanned::span).or_else(|| table.down.as_ref().map(Spanned::span));
            if let Some(span) = own.filter(|_| layout.name == layout::alembic::LAYOUT.name) {
                let message = format!("revision `{}` is run by Alembic, up and down", id.get_ref());
                wrong.push(self.at(span, message, "write it in the revision's own file"));
                continue;
            }
            let Some(command) = ProgramRevision::of(table, folder.dir)? else { continue };
            let run = table.run.as_ref().map_or_else(|| id.span(), Spanned::span);
            if table.run.as_ref().is_some_and(|run| run.get_ref().first().is_none_or(String::is_empty)) {
                wrong.push(self.at(run, "`run` names no program", "name the program, then its arguments"));
            } else if let Some(file) = found.iter().find(|found| found.id == *id.get_ref()) {
                let message =
                    format!("revision `{}` is a program, and the file {} as well", id.get_ref(), file.path.display());
                wrong.push(self.at(run, message, "give one of them another name: a revision is either"));
            } else {
                place(found, id.get_ref(), &command);
                commands.insert(id.get_ref().clone(), command);
            }
        }
        if wrong.is_empty() { Ok(commands) } else { Err(Diagnostics(wrong).into()) }
    }

    /// A revision that is said to have no way back, and has one. Alembic's always has: what cannot be taken back raises in it.
    fn both(&self, id: &str, down: &RevisionStep, manifest: &ChainManifest) -> Option<Diagnostic> {
        let RevisionStep::Sql(script) = down else { return None };
        let (key, _) = manifest.revisions.iter().find(|(key, _)| key.get_ref() == id)?;
        let message = format!("revision `{id}` is `irreversible`, and {} takes it back", script.path.display());
        let help = "take the one out or the other: nothing tries a way back of what has none";
        (!script.statements.is_empty()).then(|| self.at(key.span(), message, help))
    }

    /// Every `[revisions.REV]` is a revision, and the file that undoes it is there.
    fn check_revisions(&self, folder: &Folder<'_>, found: &[FoundRevision]) -> Result<(), Error> {
        let mut wrong = Vec::new();
        for (id, table) in &folder.manifest.revisions {
            if !found.iter().any(|revision| revision.id == *id.get_ref()) {
                let nearest = nearest::suffix(id.get_ref(), found.iter().map(|revision| revision.id.as_str()));
                let message = format!("no revision `{}`{nearest}", id.get_ref());
                wrong.push(self.at(id.span(), message, "a revision is named as its file, without the suffix"));
            }
            if let Some(down) = table.down.as_ref().filter(|down| !folder.dir.join(down.get_ref()).is_file()) {
                let message = format!("no file {}", down.get_ref().display());
                wrong.push(self.at(down.span(), message, "the path is relative to chain.toml"));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Diagnostics(wrong).into()) }
    }
}

/// Puts the revisions that are programs among those that are files, by the order of their names.
fn place(found: &mut Vec<FoundRevision>, id: &str, command: &ProgramRevision) {
    let at = found.iter().position(|other| other.id.as_str() > id).unwrap_or(found.len());
    found.insert(at, FoundRevision { id: id.to_owned(), path: command.path.clone(), down: None, kept: None });
}
