//! Opens the files that a user names in addition to an image: policies, recipes, reports, lists. Opening never
//! blocks, and a file larger than its limit is an error.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::noatime;
use crate::wording;

/// The reason why such a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GivenError {
    /// Reading it could block or never end.
    #[error("it is a directory, a pipe, a device or a socket; give a file")]
    NoFile,
    /// It is over the limit.
    #[error("it is longer than {0} bytes, the limit for such a file")]
    TooLong(u64),
    /// The system cannot read it.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is not text.
    #[error("it cannot be read: it is not UTF-8")]
    NotText,
}

impl From<GivenError> for io::Error {
    fn from(error: GivenError) -> Self {
        match error {
            GivenError::Io(error) => error,
            other => Self::new(io::ErrorKind::InvalidInput, other.to_string()),
        }
    }
}

/// Returns a message with the system's errors in plain words, and without the numbers that the standard library
/// adds: `permission denied` for `Permission denied (os error 13)`.
#[must_use]
pub fn without_numbers(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, after)) = rest.split_once(" (os error ") {
        let digits = after.trim_start_matches(|c: char| c.is_ascii_digit());
        match digits.strip_prefix(')') {
            Some(after) => {
                let mut known = wording::SYSTEM.into_iter();
                let known =
                    known.find_map(|(theirs, ours)| Some((before.strip_suffix(theirs)?, ours)));
                let (before, words) = known.unwrap_or((before, ""));
                out.push_str(before);
                out.push_str(words);
                rest = after;
            }
            None => {
                out.push_str(before);
                out.push_str(" (os error ");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Opens a regular file of at most `limit` bytes. Does not wait for a pipe or device: it checks the type before and
/// after it opens the file.
///
/// # Errors
/// If it is not a regular file, is longer, or cannot be opened.
pub fn open(path: &Path, limit: u64) -> Result<File, GivenError> {
    if !fs::metadata(path)?.is_file() {
        return Err(GivenError::NoFile);
    }
    let file = noatime::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(GivenError::NoFile);
    }
    if metadata.len() > limit {
        return Err(GivenError::TooLong(limit));
    }
    Ok(file)
}

/// Reads the bytes of such a file.
///
/// # Errors
/// As [`open`], and if the file grows beyond the limit or cannot be read.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, GivenError> {
    let mut bytes = Vec::new();
    open(path, limit)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(GivenError::TooLong(limit));
    }
    Ok(bytes)
}

/// Reads the text of such a file.
///
/// # Errors
/// As [`read`], and if it is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, GivenError> {
    String::from_utf8(read(path, limit)?).map_err(|_| GivenError::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_system_error_is_left_out() {
        let error = io::Error::from_raw_os_error(13).to_string();
        assert_eq!(without_numbers(&error), "permission is denied");
        let named = format!("a: {error}; b: {error}.");
        assert_eq!(
            without_numbers(&named),
            "a: permission is denied; b: permission is denied."
        );
        assert_eq!(without_numbers("a (os error x)"), "a (os error x)");
    }

    #[test]
    fn what_is_no_file_or_too_long_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("file"), "12345").unwrap();
        fs::write(at("latin"), b"\xe9").unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("fifo"), rustix::fs::Mode::RWXU).unwrap();
        assert_eq!(read(&at("file"), 5).unwrap(), b"12345");
        assert!(matches!(read(&at("file"), 4), Err(GivenError::TooLong(4))));
        assert!(matches!(
            read_text(&at("latin"), 4),
            Err(GivenError::NotText)
        ));
        for name in ["fifo", ""] {
            assert!(matches!(read(&at(name), 5), Err(GivenError::NoFile)));
        }
        for device in ["/dev/zero", "/dev/null"] {
            assert!(matches!(
                read(Path::new(device), 5),
                Err(GivenError::NoFile)
            ));
        }
        assert!(matches!(read(&at("none"), 5), Err(GivenError::Io(_))));
    }
}
