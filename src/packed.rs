//! Texts that the program carries compressed: those that most runs never show.

use std::borrow::Cow;
use std::fmt;
use std::io::Read as _;

use flate2::read::ZlibDecoder;

/// A text of the repository as `build/packed.rs` compressed it: zlib, RFC 1950.
#[derive(Clone, Copy)]
pub struct Packed(&'static [u8]);

impl Packed {
    /// What `packed!` makes; the bytes are never an image's.
    pub(crate) const fn new(bytes: &'static [u8]) -> Self {
        Self(bytes)
    }

    /// The text. Of bytes that were not compressed so, what could be read of them.
    #[must_use]
    pub fn text(self) -> String {
        let mut text = String::new();
        // A test compares every text with its file.
        let _ = ZlibDecoder::new(self.0).read_to_string(&mut text);
        text
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packed({} bytes)", self.0.len())
    }
}

/// A text that was read, or one that the program carries.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    /// It was read.
    Read(String),
    /// The program carries it.
    Carried(Packed),
}

impl Default for Text {
    fn default() -> Self {
        Self::Read(String::new())
    }
}

impl Text {
    pub(crate) fn get(&self) -> Cow<'_, str> {
        match self {
            Self::Read(text) => text.into(),
            Self::Carried(packed) => packed.text().into(),
        }
    }
}

/// The text of a file of the repository, by its path there.
macro_rules! packed {
    ($path:expr) => {
        $crate::packed::Packed::new(include_bytes!(concat!(env!("OUT_DIR"), "/packed/", $path)))
    };
}
pub(crate) use packed;
