//! Why bytes are no process page.
//!
//! Models nothing of Xous, which never reads a page back: each error names the offset, the value that lies
//! there and what was expected.

use super::layout::PAGE_BYTES;

/// Bytes that no kernel can have written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Not 4,096 bytes.
    #[error("a process page has {PAGE_BYTES} bytes, these are {found}")]
    WrongLength {
        /// How many there are.
        found: usize,
    },
    /// A field holds a value that it cannot have.
    #[error("offset {offset} ({field}) holds {value}, expected {expected}")]
    OutOfRange {
        /// The field's name.
        field: &'static str,
        /// First byte of the value.
        offset: usize,
        /// What lies there.
        value: u32,
        /// What could lie there.
        expected: &'static str,
    },
    /// A byte that nothing uses is not zero.
    #[error(
        "offset {offset} ({field}) holds {value:#04x}, expected 0: nothing uses this byte; is it the other layout?"
    )]
    PaddingNotZero {
        /// The field's name.
        field: &'static str,
        /// Where.
        offset: usize,
        /// What lies there.
        value: u8,
    },
}
