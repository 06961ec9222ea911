//! Builds of pull and merge requests.

use crate::attribution::readings::reading::Reading;
use crate::attribution::text::{is_among, pull_request_page};
use crate::contracts::Field;

use super::row::Asked;

/// The imported tag, or the version label, is one that request builds have.
pub(super) fn by_tag(asked: &Asked) -> bool {
    let is_request = |tag: &str| {
        let mut patterns = asked.case.registries.pull_request.iter();
        patterns.any(|pattern| pattern.is_match(tag))
    };
    asked.case.tag().is_some_and(is_request)
        || readings(asked).any(|(field, value)| field == Field::Version && is_request(value))
}

/// A variable or label names the request.
pub(super) fn by_key(asked: &Asked) -> bool {
    readings(asked).any(|(field, _)| field == Field::PullRequest)
}

/// The ref that was built is a request's.
pub(super) fn by_ref(asked: &Asked) -> bool {
    let built = asked.case.builds.reference();
    let requested = asked.built.requested_revision.as_deref();
    let refs = built.map(|pair| pair.value.as_str()).into_iter();
    refs.chain(requested).any(is_request_ref)
        || readings(asked).any(|(field, value)| field == Field::Ref && is_request_ref(value))
}

/// The stamp's build page is a request in the publisher's own source repository.
pub(super) fn by_publishers_page(asked: &Asked) -> bool {
    asked.family.is_some_and(|family| {
        family.real(Field::Url).any(|reading| {
            let url = reading.value.trim();
            pull_request_page(url).is_some() && is_among(&family.contract.source, url)
        })
    })
}

/// The build page is a request's.
pub(super) fn by_page(asked: &Asked) -> bool {
    readings(asked).any(|(field, value)| field == Field::Url && pull_request_page(value).is_some())
}

fn is_request_ref(reference: &str) -> bool {
    ["refs/pull/", "refs/merge-requests/", "pull/"]
        .iter()
        .any(|prefix| reference.starts_with(prefix))
}

/// Returns the image's own values. A value of an inner contract is inherited.
fn readings<'a>(asked: &'a Asked<'a>) -> impl Iterator<Item = (Field, &'a str)> {
    let inherited = |reading: &&Reading| {
        asked.family.is_some() && asked.case.belongs_to_inner(reading.field, &reading.value)
    };
    let generic = asked.case.generic.readings.iter();
    let generic = generic.filter(move |reading| !inherited(reading));
    let own = asked.family.into_iter().flat_map(|family| &family.readings);
    generic
        .chain(own)
        .filter(|reading| !reading.placeholder)
        .map(|reading| (reading.field, reading.value.trim()))
}
