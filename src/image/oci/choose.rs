//! Chooses one of several images, and explains the choice.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::chosen::Level;
use super::error::OciError;
use super::model::{Descriptor, Platform};

/// A manifest that an index names, and the levels above it.
pub(super) struct Candidate {
    /// Shared, because an index is a level of every manifest that it names.
    pub levels: Vec<Rc<Level>>,
    pub descriptor: Descriptor,
    pub platform: Platform,
}

/// Returns the candidate to read, and an explanation of the choice.
pub(super) fn choose<'c>(
    candidates: &'c [Candidate],
    wanted: Option<&Platform>,
) -> Result<(&'c Candidate, Vec<String>), OciError> {
    let host = Platform::host();
    let asked = wanted.unwrap_or(&host);
    let shown = |candidate: &Candidate| match candidate.platform.is_known() {
        true => candidate.platform.to_string(),
        false => "an unknown platform".to_owned(),
    };
    let mut platforms: Vec<String> = Vec::new();
    for platform in candidates.iter().map(shown) {
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    let fits = |candidate: &&Candidate| asked.matches(&candidate.platform);
    let fitting: Vec<&Candidate> = candidates.iter().filter(fits).collect();
    let candidate = match (fitting.first().copied(), wanted) {
        (None, Some(wanted)) => {
            return Err(OciError::NoPlatform {
                wanted: wanted.to_string(),
                found: platforms,
            });
        }
        (first, _) => first.or(candidates.first()),
    };
    let none = || OciError::NoImage("its index lists none".to_owned());
    let candidate = candidate.ok_or_else(none)?;
    let mut notes = Vec::new();
    if platforms.len() > 1 && wanted.is_none() {
        let why = match fitting.is_empty() {
            false => "this host's platform",
            true => "the first, because none is for this host",
        };
        notes.push(format!(
            "it has images for {}; {} was read ({why}); --platform chooses another",
            platforms.join(", "),
            shown(candidate),
        ));
    }
    let digests = fitting.iter().map(|fit| &fit.descriptor.digest);
    let several = digests.collect::<BTreeSet<_>>().len();
    if several > 1 {
        notes.push(format!(
            "it has {several} different images for {}; the first was read",
            shown(candidate)
        ));
    }
    Ok((candidate, notes))
}
