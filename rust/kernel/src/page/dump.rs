//! The process page for people: a list of its fields with their values, and a hex dump with names.
//!
//! Models nothing: both are read off the layout's table and the rendered bytes, so they cannot disagree
//! with what [`Page::render`] gives.

use std::fmt::Write;

use super::Page;
use super::layout::{CONTEXTS, Field, FieldKind, HEADER_BYTES, REGISTER_NAMES, context_offset};

/// Bytes in a row of the dump, and in one of a narrow dump.
const ROWS: [usize; 2] = [16, 8];

/// What names that stand below a row begin with.
const INDENT: &str = "          ";

/// A field of a page and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldValue {
    /// The kernel's name for it, or `threads[2].a0` for a register.
    pub name: String,
    /// First byte.
    pub offset: usize,
    /// Length in bytes.
    pub size: usize,
    /// What lies there.
    pub bytes: Vec<u8>,
}

impl FieldValue {
    fn new(name: String, offset: usize, size: usize, page: &[u8]) -> FieldValue {
        FieldValue {
            name,
            offset,
            size,
            bytes: page[offset..offset + size].to_vec(),
        }
    }

    /// The value of a byte or a word; none for longer fields.
    pub fn value(&self) -> Option<u32> {
        let little_endian = |value, &byte: &u8| value << 8 | u32::from(byte);
        (self.size <= 4).then(|| self.bytes.iter().rev().fold(0, little_endian))
    }
}

impl Page {
    /// Every field with its value, in the order of offsets; each thread context is given word by word.
    pub fn fields(&self) -> Vec<FieldValue> {
        let bytes = self.render();
        let header = self
            .layout
            .fields()
            .iter()
            .filter(|field| field.kind != FieldKind::Threads);
        let header = header
            .map(|field| FieldValue::new(field.name.to_owned(), field.offset, field.size, &bytes));
        header
            .chain(register_names().map(|(name, offset)| FieldValue::new(name, offset, 4, &bytes)))
            .collect()
    }

    /// The bytes in rows of 16, each with the names of the fields that begin or go on in it.
    ///
    /// A row equal to the one before is left out; `*` stands for any number of such rows. Where lines may not have as
    /// many characters as that takes, names stand below their row, and where even a row would be too wide, rows have
    /// 8 bytes. Nothing is narrower than that.
    pub fn hex_dump(&self, width: Option<usize>) -> String {
        let width = width.unwrap_or(usize::MAX);
        let row = ROWS.into_iter().find(|&row| row_width(row) <= width);
        let row = row.unwrap_or(ROWS[1]);
        let bytes = self.render();
        let mut dump = String::new();
        let mut skipping = false;
        for (number, chunk) in bytes.chunks_exact(row).enumerate() {
            let offset = number * row;
            let repeats = offset > HEADER_BYTES && chunk == &bytes[offset - row..offset];
            if !repeats {
                write_row(&mut dump, offset, chunk, &self.names_in(offset, row), width);
            } else if !skipping {
                dump.push_str("*\n");
            }
            skipping = repeats;
        }
        dump
    }

    fn names_in(&self, offset: usize, row: usize) -> Vec<String> {
        if offset >= HEADER_BYTES {
            let (tid, first) = (
                (offset - HEADER_BYTES) / 128,
                (offset - HEADER_BYTES) % 128 / 4,
            );
            let registers = REGISTER_NAMES[first..first + row / 4].iter();
            let thread = std::iter::once(format!("threads[{tid}]"));
            return thread.chain(registers.map(ToString::to_string)).collect();
        }
        let in_row = |field: &&Field| field.offset < offset + row && field.range().end > offset;
        let fields = self.layout.fields().iter().filter(in_row);
        fields.map(|field| field.name.to_owned()).collect()
    }
}

fn register_names() -> impl Iterator<Item = (String, usize)> {
    let of_thread = |tid: usize| {
        let named = move |(index, register): (usize, &&str)| {
            (
                format!("threads[{tid}].{register}"),
                context_offset(tid) + 4 * index,
            )
        };
        REGISTER_NAMES.iter().enumerate().map(named)
    };
    (0..CONTEXTS).flat_map(of_thread)
}

/// Characters of a row without names: the offset, then three for each byte.
fn row_width(bytes: usize) -> usize {
    "00000000:".len() + 3 * bytes
}

/// Writes a row and, behind or below it, its names.
fn write_row(dump: &mut String, offset: usize, bytes: &[u8], names: &[String], width: usize) {
    let _ = write!(dump, "{offset:08x}:");
    for byte in bytes {
        let _ = write!(dump, " {byte:02x}");
    }
    let behind = names.join(" ");
    if row_width(bytes.len()) + 2 + behind.len() <= width {
        let _ = writeln!(dump, "  {behind}");
        return;
    }
    let mut line = width;
    for name in names {
        let begins = line + 1 + name.len() > width;
        line = if begins { INDENT.len() } else { line + 1 } + name.len();
        let before = if begins {
            format!("\n{INDENT}")
        } else {
            " ".into()
        };
        let _ = write!(dump, "{before}{name}");
    }
    dump.push('\n');
}
