//! Chooses one of several images, and explains the choice.

use std::rc::Rc;

use super::chosen::Level;
use super::error::OciError;
use super::model::{Descriptor, Platform};

/// A manifest that an index names, and the levels above it.
pub(super) struct Candidate {
    /// Shared, because an index is a level of every manifest that it names.
    pub levels: Vec<Rc<Level>>,
    pub descriptor: Descriptor,
    pub platform: Option<Platform>,
}

/// Returns the candidate to read, and an explanation of the choice.
pub(super) fn choose<'c>(
    candidates: &'c [Candidate],
    wanted: Option<&Platform>,
) -> Result<(&'c Candidate, Vec<String>), OciError> {
    let host = Platform::host();
    let asked = wanted.unwrap_or(&host);
    let fits = |candidate: &Candidate| {
        let platform = candidate.platform.as_ref();
        platform.is_some_and(|platform| asked.matches(platform))
    };
    let shown = |candidate: &Candidate| match &candidate.platform {
        Some(platform) if platform.is_known() => platform.to_string(),
        _ => "an unknown platform".to_owned(),
    };
    let mut platforms: Vec<String> = Vec::new();
    for candidate in candidates {
        let platform = shown(candidate);
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    let at = candidates.iter().position(fits);
    let at = match (at, wanted) {
        (None, Some(wanted)) => {
            return Err(OciError::NoPlatform {
                wanted: wanted.to_string(),
                found: platforms,
            });
        }
        (at, _) => at.unwrap_or(0),
    };
    let mut notes = Vec::new();
    let same = |candidate: &&Candidate| fits(candidate);
    let mut digests: Vec<&str> = candidates
        .iter()
        .filter(same)
        .map(|candidate| candidate.descriptor.digest.as_str())
        .collect();
    digests.sort_unstable();
    digests.dedup();
    let several = digests.len();
    let any_fits = candidates.iter().any(fits);
    let none = || OciError::NoImage("its index names none".to_owned());
    let candidate = candidates.get(at).ok_or_else(none)?;
    if platforms.len() > 1 && wanted.is_none() {
        let why = if any_fits {
            "this host's platform"
        } else {
            "the first, because none is for this host"
        };
        notes.push(format!(
            "it has images for {}; {} was read ({why}); --platform chooses another",
            platforms.join(", "),
            shown(candidate),
        ));
    }
    if several > 1 {
        notes.push(format!(
            "it has {several} different images for {}; the first was read",
            shown(candidate)
        ));
    }
    Ok((candidate, notes))
}
