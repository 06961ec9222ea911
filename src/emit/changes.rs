//! Finds files of a checkout that differ from Git's index. It compares sizes and times, as `git status` does
//! first, and reads no file.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path};

use crate::carriers::git_index::{self, Entry, Index, Tracked};
use crate::given;

/// The largest index, in bytes; one of 200,000 files with long names is smaller.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Returns a remark about the commit of a checkout; `None` if nothing was changed.
pub(super) fn remark(directory: &Path, git_directory: &Path) -> Option<String> {
    let bytes = given::read(&git_directory.join("index"), LONGEST).ok();
    let index = bytes.and_then(|bytes| git_index::parse(&bytes));
    let said = match index {
        None => "uncommitted changes are not seen, and may be in the image".to_owned(),
        Some(index) => changes(directory, &index)?,
    };
    Some(format!("the commit is the checkout's; {said}"))
}

/// The state of a file compared with its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Same,
    Changed,
    /// The file was written since, and has the same size.
    Perhaps,
}

/// Returns in words what was changed.
fn changes(directory: &Path, index: &Index) -> Option<String> {
    let mut found = [(State::Changed, 0_u32, None), (State::Perhaps, 0, None)];
    let mut above: Option<&[u8]> = None;
    for entry in &index.entries {
        // A conflict has up to three entries of one file, one after the other.
        if above.replace(entry.path.as_slice()) == Some(entry.path.as_slice()) {
            continue;
        }
        let state = state(directory, entry);
        for (_, count, first) in found.iter_mut().filter(|(kind, ..)| *kind == state) {
            *count = count.saturating_add(1);
            first.get_or_insert(entry.path.as_slice());
        }
    }
    let named = |count: u32, first: Option<&[u8]>| {
        let first = String::from_utf8_lossy(first.unwrap_or_default());
        match count {
            1 => format!("1 tracked file, {first},"),
            count => format!("{count} tracked files, {first} the first,"),
        }
    };
    let [(_, changed, first), (_, perhaps, other)] = found;
    let is = |count: u32, one: &'static str, several: &'static str| match count {
        1 => one,
        _ => several,
    };
    if changed > 0 {
        let verb = is(changed, "is", "are");
        let what = named(changed, first);
        return Some(format!(
            "{what} {verb} changed and not committed, and may be in the image"
        ));
    }
    if index.has_additions {
        let text = "something was added since: run git status to see whether it is committed";
        return Some(text.to_owned());
    }
    let verb = is(perhaps, "was", "were");
    (perhaps > 0).then(|| {
        let what = named(perhaps, other);
        format!(
            "{what} {verb} written since Git last looked: run git status to see whether it changed"
        )
    })
}

fn state(directory: &Path, entry: &Entry) -> State {
    let path = Path::new(OsStr::from_bytes(&entry.path));
    let is_below = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if entry.is_open {
        return State::Changed;
    }
    if entry.tracked == Tracked::Other || !is_below {
        return State::Same;
    }
    match std::fs::symlink_metadata(directory.join(path)) {
        Ok(file) => compared(entry, &file),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            State::Changed
        }
        Err(_) => State::Perhaps,
    }
}

fn compared(entry: &Entry, file: &Metadata) -> State {
    let is_same_kind = match entry.tracked {
        Tracked::Link => file.is_symlink(),
        _ => file.is_file(),
    };
    // The index has the lower 32 bits of a size.
    let lower = file.len() & u64::from(u32::MAX);
    match entry.size {
        _ if !is_same_kind => State::Changed,
        Some(size) if u64::from(size) != lower => State::Changed,
        None => State::Perhaps,
        Some(_) if has_its_time(entry.changed, file) => State::Same,
        Some(_) => State::Perhaps,
    }
}

/// Returns true if the file was last changed at the time in its entry. Some tools that copy a checkout drop
/// fractions of a second.
fn has_its_time((seconds, nanoseconds): (u32, u32), file: &Metadata) -> bool {
    let parts = file.mtime_nsec();
    let same_part = nanoseconds == 0 || parts == 0 || i64::from(nanoseconds) == parts;
    file.mtime() & i64::from(u32::MAX) == i64::from(seconds) && same_part
}
