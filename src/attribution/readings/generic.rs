//! Reads generic keys, which any image may have: OCI labels, CI variables, buildpacks.

use crate::carriers::Facts;
use crate::contracts::{Contract, Contracts, Field, Noise, Role};
use crate::provenance::Kind;

use super::reading::{Carrier, Reading, last_of, read_stamps};
use crate::attribution::text::{CommitText, repository_owner, repository_url};

/// The generic stamp of an image. Noise of the base is set aside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Generic {
    pub readings: Vec<Reading>,
    /// Readings that describe the base.
    pub inherited: Vec<Reading>,
    /// Readings of the base: the image's own build record or its import contradicts them.
    pub contradicted: Vec<Reading>,
    /// True if labels and variables name different sources, and nothing says which are the image's.
    pub disputed: bool,
    pub channel: Option<Kind>,
}

impl Generic {
    pub(crate) fn real(&self, field: Field) -> impl Iterator<Item = &Reading> {
        let readings = self.readings.iter();
        readings.filter(move |reading| reading.is_real(field))
    }

    pub(crate) fn reading(&self, field: Field) -> Option<&Reading> {
        self.real(field).next()
    }

    pub(crate) fn commit(&self) -> Option<(&Reading, CommitText)> {
        if self.disputed {
            return None;
        }
        let reading = self.reading(Field::Commit)?;
        Some((reading, CommitText::parse(&reading.value)?))
    }

    pub(crate) fn source(&self) -> Option<String> {
        let mut sources = self.real(Field::Source).filter(|_| !self.disputed);
        sources.find_map(|reading| repository_url(&reading.value))
    }

    /// Marks the values of this carrier as those of the base.
    pub(crate) fn set_aside(&mut self, carrier: Carrier) {
        let readings = std::mem::take(&mut self.readings).into_iter();
        let (aside, kept): (Vec<_>, _) = readings.partition(|reading| reading.carrier == carrier);
        self.contradicted.extend(aside);
        self.readings = kept;
        self.forget_channel();
    }

    /// Removes all values of the labels but the source, the commit, and the version if it is the image's own.
    pub(crate) fn keep_source(&mut self, with_version: bool) {
        let is_kept = |field: Field| match field {
            Field::Source | Field::Commit => true,
            Field::Version => with_version,
            _ => false,
        };
        self.readings
            .retain(|reading| reading.carrier != Carrier::Label || is_kept(reading.field));
        self.forget_channel();
    }

    fn forget_channel(&mut self) {
        if self.reading(Field::Channel).is_none() {
            self.channel = None;
        }
    }

    pub(crate) fn owner(&self) -> Option<String> {
        repository_owner(&self.source()?)
    }

    /// Returns true if the image says where it was built from.
    pub(crate) fn is_own(&self) -> bool {
        self.disputed || self.commit().is_some() || self.source().is_some()
    }
}

/// Reads every generic contract.
pub(crate) fn generic(facts: &Facts, contracts: &Contracts) -> Generic {
    let mut generic = Generic::default();
    let noise: Vec<&Noise> = contracts
        .all()
        .iter()
        .flat_map(|contract| &contract.noise)
        .collect();
    // UBI has a commit label, and every child copies it.
    let distribution = facts
        .labels
        .iter()
        .any(|label| label.key == "com.redhat.component" && label.value.starts_with("ubi"));
    // Keys of one builder come before the keys that everybody copies.
    let place = |contract: &Contract| match contract.id.as_str() {
        "buildpacks" | "openshift" => 0,
        "oci" => 1,
        _ => 2,
    };
    let ordered = (0..=2).flat_map(|wanted| {
        let generic = contracts.all().iter();
        generic.filter(move |it| it.role == Role::Generic && place(it) == wanted)
    });
    for contract in ordered {
        for reading in read_stamps(contract, facts) {
            let frozen = facts.base_labels.as_deref().is_some_and(|base| {
                reading.carrier == Carrier::Label
                    && reading.source.key.as_deref().is_some_and(|key| {
                        last_of(base, key).is_some_and(|pair| pair.value == reading.value)
                    })
            });
            let unfrozen =
                distribution && facts.base_labels.is_none() && is_distribution(&reading, facts);
            if frozen || unfrozen || noise.iter().any(|noise| is_noise(noise, &reading, facts)) {
                generic.inherited.push(reading);
                continue;
            }
            if reading.field == Field::Channel && !reading.placeholder {
                generic.channel = contract.channels.get(reading.value.trim()).copied();
            }
            generic.readings.push(reading);
        }
    }
    generic
}

/// Returns true for the commit labels of UBI. It writes one commit into both: another revision is the
/// child's own.
fn is_distribution(reading: &Reading, facts: &Facts) -> bool {
    match reading.source.key.as_deref() {
        Some("vcs-ref") => true,
        Some("org.opencontainers.image.revision") => {
            last_of(&facts.labels, "vcs-ref").is_some_and(|commit| commit.value == reading.value)
        }
        _ => false,
    }
}

fn is_noise(noise: &Noise, reading: &Reading, facts: &Facts) -> bool {
    reading.carrier == Carrier::Label
        && reading.source.key.as_deref() == Some(noise.label.as_str())
        && noise.with.as_deref().is_none_or(|with| {
            last_of(&facts.labels, with).map(|pair| pair.value.as_str()) == noise.value.as_deref()
        })
        && (!noise.equals_os_version
            || facts
                .os_release
                .get("VERSION_ID")
                .is_none_or(|version| *version == reading.value))
}
