//! Parses the header of a package in a database. It lacks the magic bytes of the header in a
//! package's file (<https://rpm-software-management.github.io/rpm/manual/format_header.html>).

use super::bytes::{Unreadable, big, damaged, piece};
use crate::carriers::system_packages::Installed;

/// The size of the fields before the entries: their number, and the bytes of their data.
const INTRODUCTION: usize = 8;
/// The size of an entry: tag, type, offset into the data, count.
const ENTRY: usize = 16;

const NAME: usize = 1000;
const VERSION: usize = 1001;
const RELEASE: usize = 1002;
const EPOCH: usize = 1003;

const INT32: usize = 4;
const STRING: usize = 6;

/// Returns the package that a header describes. Its version is `epoch:version-release`, or
/// `version-release` without an epoch.
///
/// `at` is the offset of the header in the database, for messages.
///
/// # Errors
/// If the entries reach beyond the header, or it has no name, version or release.
pub(super) fn package(header: &[u8], at: usize) -> Result<Installed, Unreadable> {
    let damaged = |what| damaged(what, at);
    let parts = || {
        let entries = big(header, 0)?.checked_mul(ENTRY)?;
        let data = big(header, 4)?;
        let index = piece(header, INTRODUCTION, entries)?;
        Some((
            index,
            piece(header, INTRODUCTION.checked_add(entries)?, data)?,
        ))
    };
    let (index, data) = parts().ok_or_else(|| damaged("lengths of a header"))?;
    let text = |tag| {
        let bytes = data.get(offset(index, tag, STRING)?..)?;
        let end = bytes.iter().position(|&byte| byte == 0)?;
        Some(String::from_utf8_lossy(bytes.get(..end)?).into_owned())
    };
    let name = text(NAME).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| damaged("a header without a name"))?;
    let version = text(VERSION).ok_or_else(|| damaged("a header without a version"))?;
    let release = text(RELEASE).ok_or_else(|| damaged("a header without a release"))?;
    let epoch = offset(index, EPOCH, INT32).and_then(|at| big(data, at));
    let epoch = epoch.map_or_else(String::new, |epoch| format!("{epoch}:"));
    Ok(Installed {
        name,
        version: format!("{epoch}{version}-{release}"),
    })
}

/// Returns the offset of a tag's data.
fn offset(index: &[u8], tag: usize, kind: usize) -> Option<usize> {
    let mut entries = index.chunks_exact(ENTRY);
    let entry = entries.find(|entry| big(entry, 0) == Some(tag))?;
    (big(entry, 4) == Some(kind)).then(|| big(entry, 8))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of entries with their type and data.
    fn header(entries: &[(usize, usize, &[u8])]) -> Vec<u8> {
        let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
        let (mut index, mut data) = (Vec::new(), Vec::new());
        for (tag, kind, bytes) in entries {
            for field in [*tag, *kind, data.len(), 1] {
                index.extend(number(field));
            }
            data.extend_from_slice(bytes);
        }
        [
            &number(entries.len())[..],
            &number(data.len()),
            &index,
            &data,
        ]
        .concat()
    }

    fn told(entries: &[(usize, usize, &[u8])]) -> Result<String, Unreadable> {
        package(&header(entries), 7).map(|it| format!("{} {}", it.name, it.version))
    }

    #[test]
    fn a_header_names_its_package() {
        let name: (usize, usize, &[u8]) = (NAME, STRING, b"bind\0");
        let version: (usize, usize, &[u8]) = (VERSION, STRING, b"9.16\0");
        let release: (usize, usize, &[u8]) = (RELEASE, STRING, b"18.el9\0");
        let epoch: (usize, usize, &[u8]) = (EPOCH, INT32, &[0, 0, 0, 32]);
        let damaged = |what| Err(Unreadable::Damaged { what, at: 7 });
        for (entries, expected) in [
            (&[name, version, release][..], Ok("bind 9.16-18.el9")),
            (&[name, version, release, epoch], Ok("bind 32:9.16-18.el9")),
            // Another type is not that tag.
            (
                &[name, version, release, (EPOCH, STRING, b"1\0")],
                Ok("bind 9.16-18.el9"),
            ),
            (
                &[(NAME, STRING, b"\xff\0"), version, release],
                Ok("\u{fffd} 9.16-18.el9"),
            ),
            (&[version, release], damaged("a header without a name")),
            (
                &[(NAME, STRING, b"\0"), version, release],
                damaged("a header without a name"),
            ),
            (&[name, release], damaged("a header without a version")),
            // No end of the text.
            (
                &[name, version, (RELEASE, STRING, b"1")],
                damaged("a header without a release"),
            ),
        ] {
            assert_eq!(told(entries), expected.map(str::to_owned), "{entries:?}");
        }
    }

    #[test]
    fn lengths_beyond_the_header_are_refused() {
        let sound = header(&[
            (NAME, STRING, b"a\0"),
            (VERSION, STRING, b"1\0"),
            (RELEASE, STRING, b"1\0"),
        ]);
        assert!(package(&sound, 0).is_ok());
        for end in 0..sound.len() {
            assert!(package(sound.get(..end).unwrap(), 0).is_err(), "{end}");
        }
        for at in [0, 4] {
            let mut broken = sound.clone();
            broken[at] = 0xff;
            assert!(package(&broken, 0).is_err(), "{at}");
        }
    }
}
