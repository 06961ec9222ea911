//! Paths in an image, as bytes, and the paths that are read in every image.

/// Programs; every system has at least one of them.
pub(super) const PROGRAMS: [&str; 6] = [
    "/bin/sh",
    "/usr/bin/dash",
    "/usr/bin/bash",
    "/bin/busybox",
    "/usr/bin/env",
    "/usr/bin/python3",
];
/// The files in which Red Hat's builds keep the labels of the base image.
pub(super) const BASE_LABELS: [&str; 2] = [
    "/root/buildinfo/labels.json",
    "/usr/share/buildinfo/labels.json",
];

pub(super) fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/')
        .filter(|name| !name.is_empty())
}

pub(super) fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = directory.to_vec();
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// Returns the directory of a path; that of the root is the root.
pub(super) fn parent(path: &[u8]) -> &[u8] {
    let at = path.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
    path.get(..at)
        .filter(|parent| !parent.is_empty())
        .unwrap_or(b"/")
}

/// Returns an absolute path without `.`, `..` and empty components. A relative path starts at the
/// directory. The result never leaves the root.
pub(super) fn resolve(directory: &[u8], path: &[u8]) -> Vec<u8> {
    let base = match path.starts_with(b"/") {
        true => b"/",
        false => directory,
    };
    let mut names: Vec<&[u8]> = Vec::new();
    for name in components(base).chain(components(path)) {
        match name {
            b"." => {}
            b".." => {
                names.pop();
            }
            other => names.push(other),
        }
    }
    [b"/", names.join(&b'/').as_slice()].concat()
}
