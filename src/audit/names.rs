//! Compares a file's name with the image in it.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::paths;
use super::record::OriginSummary;
use crate::provenance::PathText;
use crate::reference::Reference;

/// Returns how a file's name contradicts the content. It understands names of `enroot import`
/// (`owner+image+tag.sqsh`), and names with the publisher and a version.
pub(super) fn name_differs(path: &PathText, origin: &OriginSummary) -> Option<String> {
    let path = paths::to_path(path);
    let name = path.file_stem()?.to_str()?;
    let known: Vec<Reference> = [&origin.imported, &origin.public_reference, &origin.pull]
        .into_iter()
        .flatten()
        .filter_map(|text| Reference::parse(text).ok())
        .filter(|reference| reference.tag.is_some())
        .collect();
    if name.contains('+') && !known.is_empty() {
        let parts: Vec<&str> = name.split('+').collect();
        let (tag, repository) = parts.split_last()?;
        // A version such as torch-2.13.0+cu130 does not name an image: a name has an owner, or is that of
        // the image.
        let last = repository.last().copied().unwrap_or_default();
        let named = |reference: &Reference| reference.repository.rsplit('/').next() == Some(last);
        let names_an_image = !tag.is_empty() && (repository.len() > 1 || known.iter().any(named));
        let agrees = known.iter().any(|reference| {
            reference.tag.as_deref() == Some(*tag)
                && reference
                    .name()
                    .replace(':', "+")
                    .ends_with(&repository.join("/"))
        });
        if names_an_image && !agrees {
            let says = known.first().map(ToString::to_string).unwrap_or_default();
            return Some(format!("the name says {name}, the content {says}"));
        }
        return None;
    }
    version_differs(name, origin)
}

fn version_differs(name: &str, origin: &OriginSummary) -> Option<String> {
    static VERSION: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[-_.: ]?v?(\d+\.\d+(?:\.\d+)?)(?:[^.\d].*)?$").ok());
    let publisher = origin.publisher.as_deref()?;
    let version = origin.version.as_deref()?;
    let name = name.to_ascii_lowercase();
    let rest = name.strip_prefix(publisher)?;
    let said = VERSION.as_ref()?.captures(rest)?.get(1)?.as_str();
    let numbers = |text: &str| -> Vec<String> {
        text.trim_start_matches('v')
            .split('.')
            .map(|part| part.chars().take_while(char::is_ascii_digit).collect())
            .collect()
    };
    let (said_numbers, own) = (numbers(said), numbers(version));
    let mut pairs = said_numbers.iter().zip(&own).take(3);
    let agrees = pairs.all(|(one, other)| one == other);
    (!agrees && own.first().is_some_and(|number| !number.is_empty()))
        .then(|| format!("the name says {publisher} {said}, the content {version}"))
}
