//! The run record itself, as JSON.

use std::io::{self, Write};

use serde::Serialize as _;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::format::Format;
use super::record::RunRecord;

/// `run.json`, from which [`RunRecord::read`] gives the record back.
pub(super) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn file_name(&self) -> &'static str {
        "run.json"
    }

    fn render(&self, record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
        record.serialize(&mut Serializer::with_formatter(&mut *out, LineEach::default()))?;
        out.write_all(b"\n")
    }
}

/// Objects and arrays that stand in so many others are written on one line: a check is a line, since a large run has many.
const LINES: usize = 4;

/// Indented as far as [`LINES`] goes, and without a blank below.
#[derive(Debug, Default)]
struct LineEach {
    depth: usize,
    pretty: PrettyFormatter<'static>,
}

impl LineEach {
    fn begin<W: ?Sized + Write>(&mut self, writer: &mut W, array: bool) -> io::Result<()> {
        self.depth += 1;
        match (self.depth <= LINES, array) {
            (true, true) => self.pretty.begin_array(writer),
            (true, false) => self.pretty.begin_object(writer),
            (false, true) => CompactFormatter.begin_array(writer),
            (false, false) => CompactFormatter.begin_object(writer),
        }
    }

    fn end<W: ?Sized + Write>(&mut self, writer: &mut W, array: bool) -> io::Result<()> {
        let lines = self.depth <= LINES;
        self.depth -= 1;
        match (lines, array) {
            (true, true) => self.pretty.end_array(writer),
            (true, false) => self.pretty.end_object(writer),
            (false, true) => CompactFormatter.end_array(writer),
            (false, false) => CompactFormatter.end_object(writer),
        }
    }
}

impl Formatter for LineEach {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, true)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, true)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if self.depth <= LINES {
            self.pretty.begin_array_value(writer, first)
        } else {
            CompactFormatter.begin_array_value(writer, first)
        }
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.depth <= LINES { self.pretty.end_array_value(writer) } else { Ok(()) }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, false)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, false)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if self.depth <= LINES {
            self.pretty.begin_object_key(writer, first)
        } else {
            CompactFormatter.begin_object_key(writer, first)
        }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.depth <= LINES {
            self.pretty.begin_object_value(writer)
        } else {
            CompactFormatter.begin_object_value(writer)
        }
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.depth <= LINES { self.pretty.end_object_value(writer) } else { Ok(()) }
    }
}
