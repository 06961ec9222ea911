//! Tags: what they mean in a publisher's repositories, and when two name the same image.

use crate::contracts::{Contract, Registries, TagRule};
use crate::provenance::Kind;

const ARCHITECTURES: [&str; 5] = ["x86_64", "x86", "aarch64", "amd64", "arm64"];

/// Returns the sorted parts of a tag that `wanted` accepts, without the architecture.
fn parts(tag: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let parts = tag.split('-').filter(|part| !ARCHITECTURES.contains(part));
    let mut parts: Vec<String> = parts.filter(|it| wanted(it)).map(str::to_owned).collect();
    parts.sort_unstable();
    parts
}

/// Returns true if both tags name the same image. They may differ in the architecture (published tags have it,
/// stamps do not), in the order of the parts, and in the publisher's alias suffixes.
pub(crate) fn same_image(contract: &Contract, a: &str, b: &str) -> bool {
    let parts = |tag: &str| parts(tag, |_| true);
    a == b
        || parts(a) == parts(b)
        || parts(&without_alias(contract, a)) == parts(&without_alias(contract, b))
}

/// Returns the tag without an alias suffix.
fn without_alias(contract: &Contract, tag: &str) -> String {
    let named = contract.alias_suffixes.iter().find_map(|suffix| {
        let (front, back) = tag.split_once(suffix.as_str())?;
        (back.is_empty() || back.starts_with('-')).then(|| format!("{front}{back}"))
    });
    named.unwrap_or_else(|| tag.to_owned())
}

/// Returns true if both tags name the same variant: the rest of the tag without version, commit, date,
/// channel and architecture (`cu129`, `ubuntu2404`, `runtime`).
pub(crate) fn same_variant(contract: &Contract, a: &str, b: &str) -> bool {
    const CHANNELS: [&str; 7] = [
        "latest", "nightly", "dev", "edge", "main", "stable", "staging",
    ];
    let is_variant = |part: &str| {
        let number = part.strip_prefix('v').unwrap_or(part);
        let version = number.starts_with(|c: char| c.is_ascii_digit());
        let hex = part.len() >= 7 && part.bytes().all(|b| b.is_ascii_hexdigit());
        !version && !hex && !CHANNELS.contains(&part)
    };
    let variant = |tag: &str| parts(&without_alias(contract, tag), is_variant);
    variant(a) == variant(b)
}

/// Returns true if the tag moves to new images, by the publisher's rules or those for all registries.
pub(crate) fn is_moving(rule: Option<&TagRule>, registries: &Registries, tag: &str) -> bool {
    let mut moving = registries.moving.iter();
    rule.is_some_and(|rule| rule.moving) || moving.any(|pattern| pattern.is_match(tag))
}

/// Returns true for the rule of a published image.
pub(crate) fn is_published(rule: Option<&TagRule>) -> bool {
    rule.is_some_and(|rule| matches!(rule.kind, Kind::Release | Kind::Nightly))
}
