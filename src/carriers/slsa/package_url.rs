//! Package URLs of images.

use crate::carriers::build::pinned;
use crate::carriers::url;

/// Returns the reference in an image's package URL, `pkg:docker/debian@12-slim?platform=linux%2Famd64`
/// (github.com/package-url/purl-spec), with the digest that the build resolved it to.
pub(super) fn image(uri: &str, digest: Option<(&str, &str)>) -> Option<String> {
    let rest = uri
        .strip_prefix("pkg:docker/")
        .or_else(|| uri.strip_prefix("pkg:oci/"))?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (name, version) = match path.rsplit_once('@') {
        Some((name, version)) => (percent_decoded(name)?, Some(percent_decoded(version)?)),
        None => (percent_decoded(path)?, None),
    };
    let asked = |wanted: &str| {
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key == wanted).then(|| percent_decoded(value)).flatten()
        })
    };
    let name = asked("repository_url").unwrap_or(name);
    let tag = asked("tag").or_else(|| version.clone().filter(|v| !v.contains(':')));
    let reference = match tag {
        Some(tag) => format!("{name}:{tag}"),
        None => name,
    };
    let resolved = digest
        .filter(|(algorithm, _)| *algorithm == "sha256")
        .map(|(_, hex)| format!("sha256:{hex}"));
    let pin = resolved
        .or_else(|| asked("digest"))
        .or_else(|| version.filter(|v| v.starts_with("sha256:")));
    Some(pinned(&reference, pin.as_deref()))
}

/// Returns `None` for a wrong escape, and for text that is not UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        bytes.push(url::hex(rest.next()?, rest.next()?)?);
    }
    String::from_utf8(bytes).ok()
}
