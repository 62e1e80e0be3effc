//! The key that names a process when it connects: 16 bytes, given to its program in `XOUS_PROCESS_KEY`.

use std::fmt;
use std::str::FromStr;

/// A process key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub [u8; Key::BYTES]);

/// Text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a process key is 32 hexadecimal digits")]
pub struct NotAKey;

impl Key {
    /// What a client sends first.
    pub const BYTES: usize = 16;
    /// The key of PID 1, which no program can have: the library refuses it.
    pub const ZERO: Key = Key([0; Key::BYTES]);

    /// The key in the first four words of a CreateProcess, 32 bits each.
    #[must_use]
    pub fn from_words(words: [u64; 7]) -> Key {
        let mut key = Key::ZERO;
        for (bytes, word) in key.0.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&(word as u32).to_le_bytes());
        }
        key
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Key, NotAKey> {
        let digits = text.as_bytes();
        if digits.len() != 2 * Key::BYTES {
            return Err(NotAKey);
        }
        let mut key = Key::ZERO;
        for (byte, pair) in key.0.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex(pair[0])? << 4 | hex(pair[1])?;
        }
        Ok(key)
    }
}

fn hex(digit: u8) -> Result<u8, NotAKey> {
    let value = char::from(digit).to_digit(16).ok_or(NotAKey)?;
    Ok(value as u8)
}
