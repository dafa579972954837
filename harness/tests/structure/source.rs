//! What the files of a crate import and name, read with `syn`. Code under `#[cfg(test)]` is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// A module, as its path from the crate's root.
pub(crate) type Module = Vec<String>;

/// A path that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The module that it stands in.
    pub(crate) module: Module,
    /// As written, `self` and `super` with it.
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    pub(crate) how: How,
}

/// How a file names a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Import,
    /// A `pub use`, which hands on a name and needs it for nothing itself.
    HandedOn,
    /// In its code.
    InCode,
}

/// A module's names, as far as other modules may come by them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The file that it stands in, from the crate's root.
    pub(crate) file: String,
    /// What it imports, by the name here.
    pub(crate) imports: BTreeMap<String, Vec<String>>,
    /// Modules whose names it imports all.
    pub(crate) globs: Vec<Vec<String>>,
    /// What it defines itself.
    pub(crate) items: BTreeSet<String>,
}

/// A crate's files.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) modules: BTreeMap<Module, Names>,
    /// What each file names, by file.
    pub(crate) named: BTreeMap<String, Vec<Named>>,
    /// The first sentence of each file's `//!` lines.
    pub(crate) about: BTreeMap<String, String>,
}

impl Source {
    /// Reads every Rust file below `root`.
    pub(crate) fn read(root: &Path) -> Self {
        let mut source = Self::default();
        let mut files = Vec::new();
        find(root, &mut files);
        let mut of_tests = BTreeSet::new();
        let mut parsed = Vec::new();
        for path in files {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let module = module_of(&name);
            of_tests.extend(modules_of_tests(&module, &file.items));
            source.about.insert(name.clone(), first_sentence(&text));
            parsed.push((name, module, file));
        }
        for (name, module, file) in parsed {
            if of_tests.iter().any(|tests: &Module| module.starts_with(tests)) {
                continue;
            }
            let mut reader = Reader { source: &mut source, file: name.clone(), module, how: How::InCode };
            // The library is the crate; the program beside it is a crate of its own that uses it.
            if name == "main.rs" {
                reader.module = vec!["main".to_owned()];
            }
            reader.begin();
            reader.visit_file(&file);
        }
        source
    }
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

fn module_of(file: &str) -> Module {
    let path = file.strip_suffix(".rs").unwrap();
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// Modules in other files that are there for tests alone.
fn modules_of_tests(module: &Module, items: &[syn::Item]) -> Vec<Module> {
    let for_tests = items.iter().filter_map(|item| match item {
        syn::Item::Mod(item) if is_of_tests(&item.attrs) => Some(item.ident.unraw().to_string()),
        _ => None,
    });
    for_tests.map(|name| module.iter().cloned().chain([name]).collect()).collect()
}

fn is_of_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        meta => meta.path().is_ident("test"),
    })
}

/// The text of the first paragraph of `//!` lines, up to the end of its first sentence.
fn first_sentence(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let paragraph: Vec<&str> = lines.map(str::trim).take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ");
    let sentence = paragraph.split_once(". ").map_or(paragraph.as_str(), |(sentence, _)| sentence);
    sentence.strip_suffix('.').unwrap_or(sentence).to_owned()
}

struct Reader<'a> {
    source: &'a mut Source,
    file: String,
    module: Module,
    how: How,
}

impl Reader<'_> {
    fn begin(&mut self) {
        let names = Names { file: self.file.clone(), ..Names::default() };
        self.source.modules.insert(self.module.clone(), names);
    }

    fn names(&mut self) -> &mut Names {
        self.source.modules.get_mut(&self.module).unwrap()
    }

    fn name(&mut self, path: Vec<String>, line: usize) {
        let named = Named { module: self.module.clone(), path, line, how: self.how };
        self.source.named.entry(self.file.clone()).or_default().push(named);
    }

    fn import(&mut self, tree: &syn::UseTree, prefix: &[String], here: bool) {
        let with = |ident: &syn::Ident| prefix.iter().cloned().chain([ident.unraw().to_string()]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => self.import(&path.tree, &with(&path.ident), here),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, prefix, here)),
            syn::UseTree::Name(name) => self.import_as(with(&name.ident), None, name.span().start().line, here),
            syn::UseTree::Rename(rename) => {
                let new = rename.rename.unraw().to_string();
                self.import_as(with(&rename.ident), Some(new), rename.span().start().line, here);
            }
            syn::UseTree::Glob(glob) => {
                self.name(prefix.to_vec(), glob.span().start().line);
                if here {
                    self.names().globs.push(prefix.to_vec());
                }
            }
        }
    }

    fn import_as(&mut self, mut path: Vec<String>, new: Option<String>, line: usize, here: bool) {
        // `a::{self}` is `a`.
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if here && let Some(name) = new.or_else(|| path.last().cloned()) {
            self.names().imports.insert(name, path.clone());
        }
        self.name(path, line);
    }

    /// Paths in what is not parsed: the tokens of a macro or of an attribute.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match &token {
                TokenTree::Ident(ident) if path.is_empty() || colons == 2 => {
                    line = ident.span().start().line;
                    path.push(ident.unraw().to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() && colons < 2 => {
                    colons += 1;
                    if colons == 2 || punct.spacing() == Spacing::Joint {
                        continue;
                    }
                }
                _ => {}
            }
            self.end(&mut path, line);
            colons = 0;
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) => {
                    line = ident.span().start().line;
                    path.push(ident.unraw().to_string());
                }
                TokenTree::Literal(_) | TokenTree::Punct(_) => {}
            }
        }
        self.end(&mut path, line);
    }

    /// A word alone may be a variable; a type is not.
    fn end(&mut self, path: &mut Vec<String>, line: usize) {
        let path = std::mem::take(path);
        if path.len() > 1 || path.iter().any(|word| word.starts_with(char::is_uppercase)) {
            self.name(path, line);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_file(&mut self, file: &'ast syn::File) {
        file.items.iter().for_each(|item| self.visit_item(item));
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_of_tests(attributes(item)) {
            return;
        }
        let defined = match item {
            syn::Item::Const(item) => Some(&item.ident),
            syn::Item::Enum(item) => Some(&item.ident),
            syn::Item::Fn(item) => Some(&item.sig.ident),
            syn::Item::Static(item) => Some(&item.ident),
            syn::Item::Struct(item) => Some(&item.ident),
            syn::Item::Trait(item) => Some(&item.ident),
            syn::Item::Type(item) => Some(&item.ident),
            syn::Item::Union(item) => Some(&item.ident),
            syn::Item::Macro(item) => item.ident.as_ref(),
            _ => None,
        };
        if let Some(ident) = defined {
            self.names().items.insert(ident.unraw().to_string());
        }
        match item {
            syn::Item::Use(item) => {
                let own = matches!(item.vis, syn::Visibility::Inherited);
                self.how = if own { How::Import } else { How::HandedOn };
                self.import(&item.tree, &[], true);
                self.how = How::InCode;
            }
            syn::Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    self.module.push(item.ident.unraw().to_string());
                    self.begin();
                    items.iter().for_each(|item| self.visit_item(item));
                    self.module.pop();
                }
            }
            _ => visit::visit_item(self, item),
        }
    }

    /// In the body of a function: its names are nobody else's.
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.how = How::Import;
        self.import(&item.tree, &[], false);
        self.how = How::InCode;
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let mut words = path.segments.iter().map(|one| one.ident.unraw().to_string()).collect();
            self.end(&mut words, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        // A word alone that is called, which the path by itself does not tell.
        if let syn::Expr::Path(function) = &*call.func
            && let Some(ident) = function.path.get_ident()
        {
            self.name(vec![ident.unraw().to_string()], ident.span().start().line);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        visit::visit_macro(self, call);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        match &attribute.meta {
            syn::Meta::NameValue(value) if value.path.is_ident("doc") => {}
            syn::Meta::List(list) => {
                self.tokens(list.tokens.clone());
                // serde and its like take paths as texts.
                for text in texts(&list.tokens) {
                    if let Ok(tokens) = text.parse::<TokenStream>() {
                        let line = list.span().start().line;
                        let before = self.source.named.entry(self.file.clone()).or_default().len();
                        self.tokens(tokens);
                        let found = self.source.named.get_mut(&self.file).unwrap();
                        found.iter_mut().skip(before).for_each(|named| named.line = line);
                    }
                }
            }
            _ => visit::visit_attribute(self, attribute),
        }
    }

    /// `pub(in crate::a)` uses nothing.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}

fn texts(tokens: &TokenStream) -> Vec<String> {
    let text = |token: TokenTree| match token {
        TokenTree::Literal(literal) => {
            syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
        }
        _ => None,
    };
    tokens.clone().into_iter().filter_map(text).collect()
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
