//! Classifies the rows of a record.

use crate::carriers::{python, record};
use crate::image::shown;

/// Returns true if the package was installed only as a pointer to a source directory.
pub(super) fn is_editable(rows: &[record::Row], package: &str) -> bool {
    let package = python::normalise(package);
    let pointer = |path: &[u8]| {
        let name = shown(path);
        let stem = name.strip_suffix(".pth");
        name.starts_with("__editable__")
            || stem.is_some_and(|stem| python::normalise(stem.trim_start_matches('_')) == package)
    };
    let own = |row: &record::Row| {
        let first = row.path.split(|&byte| byte == b'/').next();
        let metadata = first.is_some_and(|name| name.ends_with(b".dist-info"));
        !metadata && !row.path.starts_with(b"..") && !is_compiled(&row.path)
    };
    let mut files = rows.iter().filter(|row| own(row)).peekable();
    files.peek().is_some() && files.all(|row| pointer(&row.path))
}

/// Returns true for a compiled file, which Python may write at any time.
pub(super) fn is_compiled(path: &[u8]) -> bool {
    path.ends_with(b".pyc")
        || path.ends_with(b".pyo")
        || path
            .split(|&byte| byte == b'/')
            .any(|name| name == b"__pycache__")
}
