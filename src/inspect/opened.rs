//! What the reader of a form takes and gives.

use crate::carriers::{Facts, Wanted};
use crate::image::Image;
use crate::image::layered::Layered;
use crate::image::oci::{Attachment, Platform};
use crate::limits::Limits;
use crate::lint::source::Asked;
use crate::provenance;

/// What an inspection cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Positional reads of the image file.
    pub count: u64,
    /// Bytes that they returned.
    pub bytes: u64,
}

/// What a form's reader gives.
pub(super) struct Opened<'i> {
    pub file: provenance::File,
    pub facts: Facts,
    /// What it cost, where the input itself does not know.
    pub reads: Reads,
    /// Opens the image once more, where its files can be read.
    pub again: Option<Again<'i>>,
    /// Hashes the content of what is made of layers.
    pub layers: Option<Layers<'i>>,
    /// Reads the files of what is made of layers.
    pub unpack: Option<Unpack<'i>>,
    /// Statements and signatures that are attached to it.
    pub attached: Vec<Attachment>,
}

pub(super) type Again<'i> = Box<dyn Fn(&Limits) -> Result<Box<dyn Image + 'i>, String> + Sync + 'i>;

/// Of each file as many bytes are kept as a function says.
pub(super) type Unpack<'i> =
    Box<dyn Fn(&Limits, &dyn Fn(&[u8]) -> u64) -> Result<Layered, String> + 'i>;

pub(super) type Layers<'i> = Box<dyn Fn(&Limits) -> Result<String, String> + 'i>;

/// Both ways to read what is made of layers.
pub(super) type Ways<'i> = (Layers<'i>, Unpack<'i>);

/// What a form's reader needs beside the input.
#[derive(Clone)]
pub(super) struct Context {
    pub wanted: Wanted,
    pub limits: Limits,
    pub platform: Option<Platform>,
    pub bake: Asked,
    pub target: Option<String>,
}

/// Seconds since 1970 as RFC 3339 in UTC.
pub(super) fn timestamp(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds)
        .ok()
        .map(|time| time.to_string())
}
