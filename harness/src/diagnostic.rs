//! A message about a place in a file that somebody wrote: path, line, caret, and the remedy.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::text::printable;

/// One wrong place in a file.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// What is wrong, as one sentence in lower case without a full stop.
    pub message: String,
    /// The file as the user named it.
    pub path: PathBuf,
    /// The file's whole text.
    pub source: Arc<str>,
    /// Byte range in `source` that the caret stands under; clamped to the text when rendered.
    pub span: Range<usize>,
    /// Said beside the caret; may be empty.
    pub label: String,
    /// What to do next; may be empty.
    pub help: String,
}

impl Diagnostic {
    /// The line that the caret stands in, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        let before = self.source.bytes().take(self.span.start).filter(|byte| *byte == b'\n').count();
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Control characters of a hostile file must not reach a terminal; byte offsets stay as they are.
        let source = printable(&self.source);
        let end = self.span.end.min(source.len());
        let start = self.span.start.min(end);
        let (start, end) = (floor_boundary(&source, start), floor_boundary(&source, end));
        let path = self.path.display().to_string();
        let message = printable(&self.message);
        let (label, help) = (printable(&self.label), printable(&self.help));
        let title = Level::ERROR.primary_title(message.as_ref());
        let snippet = Snippet::source(source.as_ref())
            .path(path.as_str())
            .annotation(AnnotationKind::Primary.span(start..end).label(label.as_ref()));
        let mut groups = vec![Group::with_title(title).element(snippet)];
        if !help.is_empty() {
            groups.push(Group::with_title(Level::HELP.secondary_title(help.as_ref())));
        }
        write!(f, "{}", Renderer::plain().render(&groups))
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Every wrong place that one look at the input found.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, diagnostic) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f, "\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Self {
        Self(vec![one])
    }
}
