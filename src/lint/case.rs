//! What the checks look at.

use super::expect::Expected;
use super::survey::{Image, Level, Survey};
use crate::attribution::reading::{Carrier, Reading};
use crate::contracts::{Contracts, Registries};
use crate::redact::{self, Known};

/// The longest value that a message repeats, in characters.
const LONGEST_SHOWN: usize = 120;

/// Everything that the checks look at.
pub(super) struct Case<'a> {
    pub survey: &'a Survey,
    pub contracts: &'a Contracts,
    pub registries: Registries,
    pub mirrors: &'a [(String, String)],
    pub expected: Option<&'a Expected>,
    pub subjects: Vec<Subject<'a>>,
    pub secrets: Known,
}

/// One image, with what its stamps say.
pub(super) struct Subject<'a> {
    pub image: &'a Image,
    /// Labels that come from a base: the key, and the name of the base.
    pub inherited: Vec<(String, &'static str)>,
    /// Values of stamps in environment, labels and files, without the base's.
    pub stamps: Vec<Reading>,
    /// True if it was built on a publisher's image, and has no stamp of its own.
    pub derived: bool,
}

impl Subject<'_> {
    /// Returns the level of a stamp's value.
    pub fn level(&self, reading: &Reading) -> Level {
        match reading.carrier {
            Carrier::Environment if self.image.known.configuration => Level::Env,
            Carrier::Environment => Level::BuildArg,
            Carrier::Label | Carrier::File => Level::Label,
        }
    }
}

impl Case<'_> {
    /// Returns a value as a message may repeat it: masked, and not too long.
    pub fn shown(&self, key: &str, value: &str) -> String {
        let masked = self.secrets.mask(&redact::value(key, value));
        let mut text: String = masked.chars().take(LONGEST_SHOWN).collect();
        if text.len() < masked.len() {
            text.push('…');
        }
        text
    }

    /// Returns true if a message would show the value as it is.
    pub fn is_open(&self, key: &str, value: &str) -> bool {
        self.secrets.mask(&redact::value(key, value)) == value
    }
}
