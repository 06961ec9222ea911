//! The input and output of the readers of forms.

use crate::carriers::{Facts, Wanted};
use crate::image::Image;
use crate::image::layered::Layered;
use crate::image::oci::{Attachment, Platform};
use crate::image::rootfs::Rootfs;
use crate::limits::Limits;
use crate::lint::source::Asked;
use crate::provenance;

/// The reads of an inspection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Positional reads of the image file.
    pub count: u64,
    /// Bytes that they returned.
    pub bytes: u64,
}

impl Reads {
    pub(super) fn of(root: &Rootfs) -> Self {
        let (count, bytes) = root.cost();
        Self { count, bytes }
    }
}

/// The result of a form's reader.
#[derive(Default)]
pub(super) struct Opened<'i> {
    pub file: provenance::File,
    pub facts: Facts,
    /// The reads, if the input does not count them.
    pub reads: Reads,
    /// Opens the image again, if its files can be read.
    pub again: Option<Again<'i>>,
    /// Hashes the content of an image in layers.
    pub layers: Option<Layers<'i>>,
    /// Reads the files of an image in layers.
    pub unpack: Option<Unpack<'i>>,
    /// Statements and signatures that are attached to it.
    pub attached: Vec<Attachment>,
}

pub(super) type Again<'i> = Box<dyn Fn(&Limits) -> Result<Box<dyn Image + 'i>, String> + Sync + 'i>;

/// Reads files; a function says how many bytes of each are kept.
pub(super) type Unpack<'i> =
    Box<dyn Fn(&Limits, &dyn Fn(&[u8]) -> u64) -> Result<Layered, String> + 'i>;

pub(super) type Layers<'i> = Box<dyn Fn(&Limits) -> Result<String, String> + 'i>;

/// The arguments of a form's reader, in addition to the input.
#[derive(Clone)]
pub(super) struct Context {
    pub wanted: Wanted,
    pub limits: Limits,
    pub platform: Option<Platform>,
    pub bake: Asked,
    pub target: Option<String>,
}

/// Returns seconds since 1970 as RFC 3339 in UTC.
pub(super) fn timestamp(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds)
        .ok()
        .map(|time| time.to_string())
}
