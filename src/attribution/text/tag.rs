//! Tags: what they mean in a publisher's repositories, and when two name the same image.

use crate::contracts::{Contract, Registries, TagRule};
use crate::provenance::Kind;

const ARCHITECTURES: [&str; 5] = ["x86_64", "x86", "aarch64", "amd64", "arm64"];

/// Returns true if the two tags name the same image, the differences being the architecture
/// (published tags have it before the variant, stamps have none), the order of the parts,
/// and the publisher's alias suffixes.
pub(crate) fn same_image(contract: &Contract, a: &str, b: &str) -> bool {
    let parts = |tag: &str| {
        let mut parts: Vec<String> = tag
            .split('-')
            .filter(|part| !ARCHITECTURES.contains(part))
            .map(str::to_owned)
            .collect();
        parts.sort_unstable();
        parts
    };
    if a == b || parts(a) == parts(b) {
        return true;
    }
    parts(&without_alias(contract, a)) == parts(&without_alias(contract, b))
}

/// The tag without the suffix that only makes another name of it.
fn without_alias(contract: &Contract, tag: &str) -> String {
    let named = contract.alias_suffixes.iter().find_map(|suffix| {
        let (front, back) = tag.split_once(suffix.as_str())?;
        (back.is_empty() || back.starts_with('-')).then(|| format!("{front}{back}"))
    });
    named.unwrap_or_else(|| tag.to_owned())
}

/// Returns true when both tags name the same variant: what is left of them without version, commit,
/// date, channel and architecture (`cu129`, `ubuntu2404`, `runtime`).
pub(crate) fn same_variant(contract: &Contract, a: &str, b: &str) -> bool {
    const CHANNELS: [&str; 7] = [
        "latest", "nightly", "dev", "edge", "main", "stable", "staging",
    ];
    let variant = |tag: &str| {
        let tag = without_alias(contract, tag);
        let mut parts: Vec<String> = tag
            .split('-')
            .filter(|part| {
                let number = part.strip_prefix('v').unwrap_or(part);
                let version = number.starts_with(|c: char| c.is_ascii_digit());
                let hex = part.len() >= 7 && part.bytes().all(|b| b.is_ascii_hexdigit());
                !version && !hex && !CHANNELS.contains(part) && !ARCHITECTURES.contains(part)
            })
            .map(str::to_owned)
            .collect();
        parts.sort_unstable();
        parts
    };
    variant(a) == variant(b)
}

/// Returns true if the tag is one that is moved to new images, by the publisher's rules or everybody's.
pub(crate) fn is_moving(rule: Option<&TagRule>, registries: &Registries, tag: &str) -> bool {
    rule.is_some_and(|rule| rule.moving)
        || registries
            .moving
            .iter()
            .any(|pattern| pattern.is_match(tag))
}

/// Returns true if the rule means a published image.
pub(crate) fn is_published(rule: Option<&TagRule>) -> bool {
    rule.is_some_and(|rule| matches!(rule.kind, Kind::Release | Kind::Nightly))
}
