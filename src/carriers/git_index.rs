//! Parses the index of a Git checkout: the tracked files, with the sizes and times that Git last saw (git
//! `Documentation/gitformat-index.txt`).

/// The most tracked files of an index that is read.
const MOST_ENTRIES: u32 = 200_000;

/// The bits for the type of a file, in the mode of an entry.
const KIND: u32 = 0o170_000;
/// The size of an entry before its path.
const HEAD: usize = 62;
/// The size of the checksum at the end of the file. It is longer with SHA-256; such an index is not read.
const HASH: usize = 20;
/// The hash of an empty file's object.
const EMPTY: [u8; HASH] = [
    0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6, 0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a, 0xd8, 0xc2,
    0xe4, 0x8c, 0x53, 0x91,
];

/// The type of a tracked file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// Another type, such as a submodule, or a file that Git was told to ignore.
    Other,
}

/// One tracked file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path, relative to the checkout's directory.
    pub path: Vec<u8>,
    /// The type of the file.
    pub tracked: Tracked,
    /// The lower 32 bits of its size; `None` if Git does not know it.
    pub size: Option<u32>,
    /// The time of the last change, in seconds since 1970, and its nanoseconds, or 0 if these are not
    /// known.
    pub changed: (u32, u32),
    /// True for a conflict in a merge, and after `git add --intent-to-add`.
    pub is_open: bool,
}

/// The content of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The tracked files, sorted by path.
    pub entries: Vec<Entry>,
    /// True if something may have been added since the last commit or checkout.
    pub has_additions: bool,
}

fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*field))
}

fn u16_be(bytes: &[u8], at: usize) -> Option<u16> {
    let field = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_be_bytes(*field))
}

/// Parses an index of version 2, 3 or 4. Returns `None` if it has another version, is damaged, has too many
/// entries, or needs another file.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Index> {
    let body = bytes.get(..bytes.len().checked_sub(HASH)?)?;
    let version = u32_be(body, 4).filter(|version| (2..=4).contains(version))?;
    let count = u32_be(body, 8).filter(|count| *count <= MOST_ENTRIES)?;
    let mut at = body.starts_with(b"DIRC").then_some(12)?;
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..count {
        let before = entries.last().map_or(&[][..], |entry| &entry.path);
        let (entry, end) = entry(body, at, version, before)?;
        // During a merge, adjacent entries may have the same path.
        if entry.path.is_empty() || entry.path.as_slice() < before {
            return None;
        }
        at = end;
        entries.push(entry);
    }
    Some(Index {
        has_additions: has_additions(body.get(at..)?)?,
        entries,
    })
}

/// Returns the entry at an offset, and the offset of the next one.
fn entry(body: &[u8], start: usize, version: u32, before: &[u8]) -> Option<(Entry, usize)> {
    let head = body.get(start..start.checked_add(HEAD)?)?;
    let field = |number: usize| u32_be(head, number.checked_mul(4)?);
    let (mode, size) = (field(6)?, field(9)?);
    let flags = u16_be(head, 60)?;
    let is_extended = flags & 0x4000 != 0;
    let mut at = start.checked_add(HEAD)?;
    let mut more = 0;
    if is_extended {
        more = u16_be(body, at).filter(|_| version > 2)?;
        at = at.checked_add(2)?;
    }
    let mut path = Vec::new();
    if version == 4 {
        let (cut, end) = number(body, at)?;
        path.extend(before.get(..before.len().checked_sub(cut)?)?);
        at = end;
    }
    let rest = body.get(at..)?;
    let length = rest.iter().position(|byte| *byte == 0)?;
    path.extend(rest.get(..length)?);
    at = at.checked_add(length)?;
    let end = match version {
        4 => at.checked_add(1)?,
        // One to eight zeros pad the entry to a multiple of eight bytes.
        _ => start.checked_add(at.checked_sub(start)?.checked_add(8)? & !7)?,
    };
    let is_left_out = flags & 0x8000 != 0 || more & 0x4000 != 0;
    let tracked = match mode & KIND {
        _ if is_left_out => Tracked::Other,
        0o100_000 => Tracked::File,
        0o120_000 => Tracked::Link,
        _ => Tracked::Other,
    };
    // Git writes no size for a file that may have changed in the second when Git wrote the index.
    let is_empty = head.get(40..60)? == EMPTY;
    let entry = Entry {
        path,
        tracked,
        size: (size > 0 || is_empty).then_some(size),
        changed: (field(2)?, field(3)?),
        is_open: flags & 0x3000 != 0 || more & 0x2000 != 0,
    };
    Some((entry, end))
}

/// Returns a number of variable length, and its end (git `varint.c`).
fn number(body: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut bytes = (start..).zip(body.get(start..)?);
    let (mut at, mut byte) = bytes.next()?;
    let mut value = usize::from(byte & 127);
    while byte & 128 != 0 {
        (at, byte) = bytes.next()?;
        value = value.checked_add(1)?.checked_mul(128)?;
        value = value.checked_add(usize::from(byte & 127))?;
    }
    Some((value, at.checked_add(1)?))
}

/// Reads the extensions. One has the tree of the last commit. Git marks it as out of date when something
/// is added, until the next commit.
fn has_additions(mut rest: &[u8]) -> Option<bool> {
    let mut found = false;
    while !rest.is_empty() {
        let name = rest.get(..4)?;
        // A reader must understand this extension: the entries are in another file, or are directories.
        if !name.first()?.is_ascii_uppercase() {
            return None;
        }
        let end = usize::try_from(u32_be(rest, 4)?).ok()?.checked_add(8)?;
        let data = rest.get(8..end)?;
        found |= name == b"TREE" && data.starts_with(b"\0-1 ");
        rest = rest.get(end..)?;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry of version 2 or 4, as Git writes it.
    fn written(out: &mut Vec<u8>, version: u8, path: &[u8], size: u32) {
        let start = out.len();
        for field in [1, 2, 3, 4, 5, 6, 0o100_644, 7, 8, size] {
            out.extend(u32::to_be_bytes(field));
        }
        out.extend([0x11; HASH]);
        out.extend(u16::try_from(path.len()).unwrap().to_be_bytes());
        if version == 4 {
            out.push(0);
        }
        out.extend(path);
        out.push(0);
        while version < 4 && !(out.len() - start).is_multiple_of(8) {
            out.push(0);
        }
    }

    fn index(version: u8, paths: &[&[u8]], extensions: &[u8]) -> Vec<u8> {
        let mut out = b"DIRC\0\0\0".to_vec();
        out.push(version);
        out.extend(u32::try_from(paths.len()).unwrap().to_be_bytes());
        for path in paths {
            written(&mut out, version, path, 9);
        }
        out.extend(extensions);
        out.extend([0; HASH]);
        out
    }

    #[test]
    fn entries_of_each_version_are_read() {
        for version in [2, 3] {
            let found = parse(&index(version, &[b"a", b"bb/c"], b"")).unwrap();
            let paths: Vec<_> = found.entries.iter().map(|it| it.path.as_slice()).collect();
            assert_eq!(paths, [&b"a"[..], b"bb/c"]);
            assert_eq!(found.entries[1].changed, (3, 4));
            assert_eq!(found.entries[1].size, Some(9));
            assert!(!found.has_additions);
        }
        // In version 4 a name continues the name before it.
        let mut bytes = index(4, &[b"dir/a"], b"");
        bytes.truncate(bytes.len() - HASH);
        bytes[11] = 2;
        written(&mut bytes, 4, b"b", 9);
        let cut = bytes.len() - 3;
        bytes[cut] = 1;
        bytes.extend([0; HASH]);
        assert_eq!(parse(&bytes).unwrap().entries[1].path, b"dir/b");
    }

    #[test]
    fn what_was_added_since_the_commit_shows_in_the_tree() {
        let tree = |data: &[u8]| {
            let length = u32::try_from(data.len()).unwrap().to_be_bytes();
            [&b"TREE"[..], &length, data].concat()
        };
        let of = |extensions: &[u8]| parse(&index(2, &[b"a"], extensions));
        assert!(of(&tree(b"\0-1 0\n")).unwrap().has_additions);
        assert!(
            !of(&tree(b"\x001 0\n...................."))
                .unwrap()
                .has_additions
        );
        // Without what another file has, nothing can be told.
        assert_eq!(of(b"link\0\0\0\0"), None);
        assert_eq!(of(b"sdir\0\0\0\0"), None);
    }

    #[test]
    fn a_damaged_index_tells_nothing() {
        let whole = index(2, &[b"a", b"b"], b"");
        for length in 0..whole.len() {
            assert_eq!(parse(&whole[..length]), None, "{length}");
        }
        assert_eq!(parse(&index(5, &[b"a"], b"")), None);
        assert_eq!(parse(&index(2, &[b"b", b"a"], b"")), None);
        assert_eq!(parse(&index(2, &[b""], b"")), None);
        let mut many = whole;
        many[8] = 1;
        assert_eq!(parse(&many), None);
    }
}
