//! A script cut into the statements that are sent one by one.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::kind::{self, StatementKind};
use super::lex::{self, Token, lex};
use crate::diagnostic::Diagnostic;

/// One statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Byte range in the script: from its first token to its last, without the semicolon and the comments around it.
    pub text: Range<usize>,
    /// The line that it begins on, from 1.
    pub line: u32,
    /// How it stands to transaction blocks.
    pub kind: StatementKind,
}

/// Why a script cannot be cut into statements.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct SplitError {
    /// Byte range in the script.
    pub range: Range<usize>,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to do next.
    pub help: String,
}

impl SplitError {
    /// The error as a place in the file that the script came from.
    #[must_use]
    pub(crate) fn in_file(self, path: &Path, source: Arc<str>) -> Diagnostic {
        let Self { range: span, message, help } = self;
        Diagnostic { message, path: path.to_owned(), source, span, label: String::new(), help }
    }
}

/// The statements of `text`, in order. Pieces that are empty or only comments are none.
///
/// A semicolon ends a statement outside quotes, comments, parentheses (CREATE RULE … DO ( a; b )) and the body
/// BEGIN ATOMIC … END of a function, as psql has it.
///
/// # Errors
/// Something is not closed; or the text is for psql and not for a server: a meta-command, COPY … FROM STDIN.
pub(crate) fn split(text: &str) -> Result<Vec<Statement>, SplitError> {
    split_part(text, 0..text.len())
}

/// The statements of the bytes `part` of `text`; ranges and lines are those of the whole text.
///
/// # Errors
/// As [`split`].
pub(crate) fn split_part(text: &str, part: Range<usize>) -> Result<Vec<Statement>, SplitError> {
    let mut statements = Vec::new();
    let mut current = Pending::default();
    let mut lines = LineIndex { text, at: 0, line: 1 };
    for token in lex(text.get(part.clone()).unwrap_or_default()) {
        let token = Token { start: part.start + token.start, ..token };
        match token.kind {
            _ if token.is_trivia() => {}
            lex::TokenKind::Unclosed => return Err(unclosed(&token)),
            lex::TokenKind::Backslash => return Err(meta_command(text, &token)),
            _ if token.text == ";" && current.is_complete() => current.finish(&mut lines, &mut statements)?,
            _ => current.push(token),
        }
    }
    current.finish(&mut lines, &mut statements)?;
    Ok(statements)
}

/// The statement being read.
#[derive(Default)]
struct Pending<'a> {
    tokens: Vec<Token<'a>>,
    parentheses: usize,
    /// Depth of BEGIN ATOMIC and CASE, each closed by END.
    blocks: usize,
}

impl<'a> Pending<'a> {
    const fn is_complete(&self) -> bool {
        self.parentheses == 0 && self.blocks == 0
    }

    fn push(&mut self, token: Token<'a>) {
        match token.text {
            "(" => self.parentheses += 1,
            ")" => self.parentheses = self.parentheses.saturating_sub(1),
            _ => self.count_blocks(&token),
        }
        self.tokens.push(token);
    }

    fn count_blocks(&mut self, token: &Token<'a>) {
        let last = self.tokens.last();
        // After a dot or AS even a reserved word is a name.
        if last.is_some_and(|last| last.text == "." || last.is("AS")) {
            return;
        }
        let body = token.is("ATOMIC") && last.is_some_and(|last| last.is("BEGIN")) && self.defines_a_function();
        if body || (token.is("CASE") && self.blocks > 0) {
            self.blocks += 1;
        } else if token.is("END") {
            self.blocks = self.blocks.saturating_sub(1);
        }
    }

    fn defines_a_function(&self) -> bool {
        let is = |n: usize, keyword| self.tokens.get(n).is_some_and(|token| token.is(keyword));
        let n = if is(1, "OR") { 3 } else { 1 };
        is(0, "CREATE") && (is(n, "FUNCTION") || is(n, "PROCEDURE"))
    }

    fn finish(&mut self, lines: &mut LineIndex<'_>, statements: &mut Vec<Statement>) -> Result<(), SplitError> {
        let Self { tokens, .. } = std::mem::take(self);
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return Ok(());
        };
        let text = first.start..last.end();
        if let Some(stream) = copy_stream(&tokens) {
            return Err(copied_data(stream));
        }
        statements.push(Statement { line: lines.of(text.start), kind: kind::classify(&tokens), text });
        Ok(())
    }
}

/// Line numbers of offsets that only grow.
struct LineIndex<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl LineIndex<'_> {
    fn of(&mut self, offset: usize) -> u32 {
        let passed = self.text.as_bytes().get(self.at..offset).unwrap_or_default();
        let ends = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        self.at = offset;
        self.line
    }
}

/// The STDIN or STDOUT of a COPY.
fn copy_stream<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t Token<'a>> {
    if !tokens.first()?.is("COPY") {
        return None;
    }
    let mut depth = 0_usize;
    tokens.windows(2).find_map(|pair| {
        let [before, token] = pair else { return None };
        match before.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let direction = before.is("FROM") || before.is("TO");
        (depth == 0 && direction && (token.is("STDIN") || token.is("STDOUT"))).then_some(token)
    })
}

fn unclosed(token: &Token<'_>) -> SplitError {
    let what = match token.text.chars().find(|c| matches!(c, '/' | '$' | '"' | '\'')) {
        Some('/') => "comment",
        Some('$') => "dollar-quoted string",
        Some('"') => "quoted identifier",
        _ => "string",
    };
    // Only its beginning: the rest of the file is not wrong.
    let width = token.text.find(char::is_whitespace).unwrap_or(token.text.len());
    SplitError {
        range: token.start..token.start + width,
        message: format!("this {what} is not closed before the text ends"),
        help: "close it where it should end".to_owned(),
    }
}

fn meta_command(text: &str, token: &Token<'_>) -> SplitError {
    let rest = text.get(token.start..).unwrap_or_default();
    let width = rest.find(['\r', '\n']).unwrap_or(rest.len());
    SplitError {
        range: token.start..token.start + rest.get(..width).unwrap_or_default().trim_end().len(),
        message: "a psql meta-command: the text is sent to the server, which has none".to_owned(),
        help: "write what it does as SQL, or take it out; psql is never run, since its commands run programs"
            .to_owned(),
    }
}

fn copied_data(stream: &Token<'_>) -> SplitError {
    SplitError {
        range: stream.range(),
        message: format!("COPY with {} needs a client that streams the data", stream.text.to_ascii_uppercase()),
        help: "write the rows as INSERT statements (pg_dump: --inserts)".to_owned(),
    }
}

#[cfg(test)]
mod tests;
