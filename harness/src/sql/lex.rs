//! Tokens of PostgreSQL's SQL, as its own scanner cuts them (PostgreSQL docs, "Lexical Structure").
//!
//! Every byte of the text belongs to exactly one token, in order; nothing is allocated. Strings are read with
//! `standard_conforming_strings` on, the server's default since 9.1. A byte order mark at the start is a blank, as psql
//! has it; the server would take it for the first letter of a name.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Blanks and line ends.
    Space,
    /// `-- …` up to the line's end, or `/* … */`, nested.
    Comment,
    /// A keyword or a plain identifier.
    Word,
    /// `"…"` or `U&"…"`.
    Quoted,
    /// `'…'` in any of its forms (`E''`, `B''`, `X''`, `N''`, `U&''`), with the parts that continue it on later lines.
    Text,
    /// `$tag$…$tag$`.
    Dollar,
    /// An unsigned number.
    Number,
    /// `$1`.
    Parameter,
    /// A run of operator characters.
    Operator,
    /// `:` alone.
    Colon,
    /// `::`.
    Cast,
    /// `:=`.
    Assign,
    /// A backslash outside quotes: no SQL, psql's own.
    Backslash,
    /// Any other single character: parentheses, brackets, comma, dot, semicolon.
    Symbol,
    /// A comment, string or quoted identifier that the text ends in.
    Unclosed,
}

/// One token, borrowed from the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes, as they stand in the text.
    pub text: &'a str,
    /// Byte offset of its first byte.
    pub start: usize,
}

impl Token<'_> {
    /// Byte range in the text.
    #[must_use]
    pub(crate) const fn range(&self) -> Range<usize> {
        self.start..self.end()
    }

    /// Byte offset just after the token.
    #[must_use]
    pub(crate) const fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is nothing to the server: blanks or a comment.
    #[must_use]
    pub(crate) const fn is_trivia(&self) -> bool {
        matches!(self.kind, TokenKind::Space | TokenKind::Comment)
    }

    /// Whether it is this keyword, in any case, unquoted.
    #[must_use]
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// The tokens of `text`, from its first byte to its last.
#[must_use]
pub(crate) const fn lex(text: &str) -> Lexer<'_> {
    Lexer { text, at: 0 }
}

/// Iterator over tokens; see [`lex`].
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.text.get(self.at..)?;
        let (kind, length) = match rest.strip_prefix(BYTE_ORDER_MARK) {
            Some(_) if self.at == 0 => (TokenKind::Space, BYTE_ORDER_MARK.len_utf8()),
            _ => scan(rest)?,
        };
        let text = rest.get(..length)?;
        let token = Token { kind, text, start: self.at };
        self.at += length;
        Some(token)
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Kind and byte length of the first token of `rest`; none at the end.
fn scan(rest: &str) -> Option<(TokenKind, usize)> {
    let mut chars = rest.chars();
    let first = chars.next()?;
    let second = chars.next();
    Some(match (first, second) {
        (c, _) if is_space(c) => (TokenKind::Space, run(rest, is_space)),
        ('-', Some('-')) => (TokenKind::Comment, run(rest, |c| c != '\n' && c != '\r')),
        ('/', Some('*')) => block_comment(rest),
        ('\'', _) => string(rest, 1, false),
        ('e' | 'E', Some('\'')) => string(rest, 2, true),
        ('b' | 'B' | 'x' | 'X' | 'n' | 'N', Some('\'')) => string(rest, 2, false),
        ('u' | 'U', Some('&')) if chars.as_str().starts_with('\'') => string(rest, 3, false),
        ('u' | 'U', Some('&')) if chars.as_str().starts_with('"') => quoted(rest, 3),
        ('"', _) => quoted(rest, 1),
        ('$', Some(c)) if c.is_ascii_digit() => (TokenKind::Parameter, 1 + run(tail(rest, 1), |c| c.is_ascii_digit())),
        ('$', _) => dollar(rest),
        (c, _) if is_word_start(c) => (TokenKind::Word, run(rest, is_word)),
        (c, _) if c.is_ascii_digit() => (TokenKind::Number, number(rest)),
        ('.', Some(c)) if c.is_ascii_digit() => (TokenKind::Number, number(rest)),
        (':', Some(':')) => (TokenKind::Cast, 2),
        (':', Some('=')) => (TokenKind::Assign, 2),
        (':', _) => (TokenKind::Colon, 1),
        ('\\', _) => (TokenKind::Backslash, 1),
        (c, _) if is_operator(c) => (TokenKind::Operator, operator(rest)),
        (c, _) => (TokenKind::Symbol, c.len_utf8()),
    })
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// Every character beyond ASCII is a letter to the server.
const fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

const fn is_word(c: char) -> bool {
    is_word_start(c) || c.is_ascii_digit() || c == '$'
}

const fn is_operator(c: char) -> bool {
    matches!(c, '~' | '!' | '@' | '#' | '^' | '&' | '|' | '`' | '?' | '+' | '-' | '*' | '/' | '%' | '<' | '>' | '=')
}

/// Byte length of the leading characters that `belongs` accepts.
fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn tail(text: &str, from: usize) -> &str {
    text.get(from..).unwrap_or_default()
}

fn block_comment(rest: &str) -> (TokenKind, usize) {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(mark) = tail(rest, at).find(['/', '*']) {
        at += mark;
        let here = tail(rest, at);
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return (TokenKind::Comment, at);
            }
        } else {
            at += 1;
        }
    }
    (TokenKind::Unclosed, rest.len())
}

/// A string whose opening quote ends at `from`. Strings with only blanks, comments and at least one line end
/// between them are one string, of the first one's kind.
fn string(rest: &str, from: usize, escapes: bool) -> (TokenKind, usize) {
    let mut at = from;
    loop {
        let Some(length) = to_closing_quote(tail(rest, at), escapes) else {
            return (TokenKind::Unclosed, rest.len());
        };
        at += length;
        let Some(more) = continuation(tail(rest, at)) else {
            return (TokenKind::Text, at);
        };
        at += more;
    }
}

/// Bytes up to and including the quote that closes a string; none if it is not closed.
fn to_closing_quote(text: &str, escapes: bool) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if escapes => {
                chars.next();
            }
            '\'' if chars.next_if(|(_, next)| *next == '\'').is_none() => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Bytes up to and including the opening quote of the string's next part.
fn continuation(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut line_end = false;
    loop {
        let here = tail(text, at);
        let blanks = run(here, is_space);
        line_end |= here.get(..blanks)?.contains(['\n', '\r']);
        at += blanks;
        let here = tail(text, at);
        if here.starts_with('\'') && line_end {
            return Some(at + 1);
        }
        if !here.starts_with("--") {
            return None;
        }
        at += run(here, |c| c != '\n' && c != '\r');
    }
}

fn quoted(rest: &str, from: usize) -> (TokenKind, usize) {
    let mut chars = tail(rest, from).char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '"' && chars.next_if(|(_, next)| *next == '"').is_none() {
            return (TokenKind::Quoted, from + at + 1);
        }
    }
    (TokenKind::Unclosed, rest.len())
}

fn dollar(rest: &str) -> (TokenKind, usize) {
    let name = tail(rest, 1);
    let length = if name.starts_with(is_word_start) { run(name, |c| is_word(c) && c != '$') } else { 0 };
    if !tail(name, length).starts_with('$') {
        return (TokenKind::Symbol, 1);
    }
    let (tag, body) = rest.split_at(length + 2);
    body.find(tag).map_or((TokenKind::Unclosed, rest.len()), |at| (TokenKind::Dollar, 2 * tag.len() + at))
}

fn number(rest: &str) -> usize {
    let digits = |text: &str| run(text, |c| c.is_ascii_digit());
    let mut at = digits(rest);
    let fraction = tail(rest, at);
    if fraction.starts_with('.') && !fraction.starts_with("..") {
        at += 1 + digits(tail(fraction, 1));
    }
    let exponent = tail(rest, at);
    if exponent.starts_with(['e', 'E']) {
        let sign = usize::from(tail(exponent, 1).starts_with(['+', '-']));
        let power = digits(tail(exponent, 1 + sign));
        if power > 0 {
            at += 1 + sign + power;
        }
    }
    at
}

/// An operator ends where a comment begins.
fn operator(rest: &str) -> usize {
    let length = run(rest, is_operator);
    let operator = rest.get(..length).unwrap_or_default();
    ["--", "/*"].iter().filter_map(|comment| operator.find(comment)).min().unwrap_or(length)
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, lex};

    fn kinds(text: &str) -> Vec<(TokenKind, &str)> {
        lex(text).filter(|token| token.kind != TokenKind::Space).map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn strings_end_where_the_server_ends_them() {
        use TokenKind::{Symbol, Text};
        assert_eq!(kinds(r"'a''b';"), [(Text, "'a''b'"), (Symbol, ";")]);
        assert_eq!(kinds(r"'a\';"), [(Text, r"'a\'"), (Symbol, ";")]);
        assert_eq!(kinds(r"E'a\'b';"), [(Text, r"E'a\'b'"), (Symbol, ";")]);
        assert_eq!(kinds("U&'d\\0061t';"), [(Text, "U&'d\\0061t'"), (Symbol, ";")]);
        let continued = "e'a' -- it's a comment\n  '\\';' ";
        assert_eq!(kinds(continued), [(Text, continued.trim_end())]);
        assert_eq!(kinds("'a' 'b'"), [(Text, "'a'"), (Text, "'b'")]);
    }

    #[test]
    fn dollar_quotes_are_told_from_parameters_and_names() {
        use TokenKind::{Dollar, Operator, Parameter, Symbol, Word};
        assert_eq!(kinds("$$a;$b$$"), [(Dollar, "$$a;$b$$")]);
        assert_eq!(kinds("$f$ $$;$$ $f$;"), [(Dollar, "$f$ $$;$$ $f$"), (Symbol, ";")]);
        assert_eq!(kinds("$1+$2"), [(Parameter, "$1"), (Operator, "+"), (Parameter, "$2")]);
        assert_eq!(kinds("a$b$;a$b$"), [(Word, "a$b$"), (Symbol, ";"), (Word, "a$b$")]);
        assert_eq!(kinds("$ü$;$ü$"), [(Dollar, "$ü$;$ü$")]);
    }

    #[test]
    fn comments_nest_and_cut_operators_short() {
        use TokenKind::{Comment, Operator, Word};
        assert_eq!(kinds("/* a /* ' */ ; */x"), [(Comment, "/* a /* ' */ ; */"), (Word, "x")]);
        assert_eq!(kinds("*-- it's\r\nx"), [(Operator, "*"), (Comment, "-- it's"), (Word, "x")]);
        assert_eq!(kinds("+/**/-"), [(Operator, "+"), (Comment, "/**/"), (Operator, "-")]);
    }

    #[test]
    fn colons_and_numbers() {
        use TokenKind::{Assign, Cast, Colon, Number, Symbol, Word};
        assert_eq!(
            kinds("a::b:=c:d"),
            [(Word, "a"), (Cast, "::"), (Word, "b"), (Assign, ":="), (Word, "c"), (Colon, ":"), (Word, "d")]
        );
        assert_eq!(kinds("1.5e-3 .5"), [(Number, "1.5e-3"), (Number, ".5")]);
        assert_eq!(kinds("1..2"), [(Number, "1"), (Symbol, "."), (Number, ".2")]);
    }

    #[test]
    fn what_is_not_closed_runs_to_the_end() {
        for text in ["'a", "E'a\\'", "\"a", "$x$ a $y$", "/* /* */", "U&\"a"] {
            assert_eq!(kinds(text), [(TokenKind::Unclosed, text)]);
        }
    }
}
