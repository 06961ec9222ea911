//! The pipeline that built the image.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::generic::Generic;
use crate::attribution::readings::reading::Reading;
use crate::attribution::text::{is_uuid, parse_url, repository_owner};
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::Field;
use crate::provenance::Pipeline;

pub(crate) fn pipeline(case: &Case, ownership: &Ownership) -> Option<Pipeline> {
    if ownership.derived {
        return None;
    }
    let stamped = ownership
        .family
        .or(ownership.fork_of.filter(|_| !ownership.upstream_stamp));
    if let Some(found) = stamped.and_then(family_pipeline) {
        return Some(found);
    }
    if ownership.family.is_some() {
        return None;
    }
    case.builds.run().or_else(|| generic_pipeline(case))
}

fn family_pipeline(family: &Family) -> Option<Pipeline> {
    let id = family.value(Field::Pipeline);
    let mut found = match family.value(Field::Url).and_then(parse_url) {
        Some(found) => found,
        None => {
            let build = family.reading(Field::BuildId)?;
            Pipeline {
                system: Some(build.system.clone()?),
                id: Some(build.value.trim().to_owned()),
                ..Pipeline::default()
            }
        }
    };
    if found.id.is_none() {
        found.id = id.filter(|id| is_uuid(id)).map(str::to_owned);
    }
    Some(found)
}

fn generic_pipeline(case: &Case) -> Option<Pipeline> {
    let generic = &case.generic;
    if generic.disputed {
        return None;
    }
    let mut urls = generic.real(Field::Url);
    if let Some(mut page) = urls.find_map(|reading| parse_url(&reading.value)) {
        let id = generic
            .reading(Field::Pipeline)
            .map(|reading| &reading.value);
        page.id = page.id.or_else(|| id.filter(|id| is_uuid(id)).cloned());
        return Some(page);
    }
    let reading = generic
        .reading(Field::BuildId)
        .or_else(|| generic.reading(Field::BuildNumber))?;
    by_variables(generic, reading)
}

/// Returns the run that CI variables name without a page.
fn by_variables(generic: &Generic, reading: &Reading) -> Option<Pipeline> {
    let key = reading.source.key.as_deref().unwrap_or_default();
    let system = match key {
        _ if key.starts_with("GITHUB_") || key.starts_with("com.github.") => "github-actions",
        _ if key.starts_with("CI_") => "gitlab",
        _ if key.starts_with("BUILDKITE_") => "buildkite",
        _ if key.starts_with("CIRCLE_") => "circleci",
        "BUILD_NUMBER" => "jenkins",
        _ => return None,
    };
    let source = generic.source();
    let slug = source.as_deref().and_then(|url| url.rsplit('/').next());
    let job = generic.reading(Field::Pipeline);
    let job = job.filter(|_| system == "jenkins" || system == "buildkite");
    let number = reading.field == Field::BuildNumber;
    Some(Pipeline {
        system: Some(system.to_owned()),
        organization: source.as_deref().and_then(repository_owner),
        slug: job
            .map(|reading| reading.value.as_str())
            .or(slug)
            .map(str::to_owned),
        id: (!number).then(|| reading.value.trim().to_owned()),
        build: number.then(|| reading.value.trim().parse().ok()).flatten(),
        url: None,
    })
}
