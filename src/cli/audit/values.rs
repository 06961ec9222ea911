//! What the flags of an audit take: a list of files, a shard, a time.

use std::io::Read as _;
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use sqsh_prov::audit::record::Shard;
use sqsh_prov::given;

use crate::cli::exit::usage;

/// How statements about images are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Attested {
    /// Beside the image, and in --attestations by its name and the digest that it declares
    Near,
    /// Also by the digest of the file; hashes each image for which it found no trusted statement
    Digest,
}

/// The most threads: more would wait for each other.
const MOST_THREADS: usize = 4096;
/// The most bytes of a list of files, enough for ten million files.
const LONGEST_LIST: u64 = 1024 * 1024 * 1024;

/// Reads a list of files. NULs separate them if there are any, else newlines.
pub(super) fn list(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        let most = LONGEST_LIST.saturating_add(1);
        let read = std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
        if u64::try_from(read).unwrap_or(u64::MAX) > LONGEST_LIST {
            let message = format!("--files-from: the list is longer than {LONGEST_LIST} bytes");
            return Err(usage(message));
        }
    } else {
        let named = || format!("--files-from {}", path.display());
        bytes = given::read(path, LONGEST_LIST).with_context(named)?;
    }
    let between = if bytes.contains(&0) { 0 } else { b'\n' };
    Ok(bytes
        .split(|byte| *byte == between)
        .filter(|name| !name.is_empty())
        .map(|name| PathBuf::from(std::ffi::OsString::from_vec(name.to_vec())))
        .collect())
}

pub(super) fn shard(text: &str) -> Result<Shard, String> {
    Shard::parse(text).map_err(|error| error.to_string())
}

pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    let midnight = || format!("{text}T00:00:00Z").parse();
    text.parse()
        .or_else(|_| midnight())
        .map_err(|_: jiff::Error| {
            "write a date, or a time in RFC 3339, up to 9999-12-30".to_owned()
        })
}

pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse::<NonZeroUsize>().ok();
    let number = number.filter(|number| number.get() <= MOST_THREADS);
    number.ok_or_else(|| format!("write a number of threads, from 1 to {MOST_THREADS}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_thread_is_no_number_of_threads() {
        assert_eq!(threads("16").map(NonZeroUsize::get), Ok(16));
        for bad in ["0", "-1", "many", "99999999"] {
            let error = threads(bad).unwrap_err();
            assert!(error.starts_with("write a number of threads"), "{error}");
        }
    }

    #[test]
    fn a_time_is_a_date_or_rfc_3339() {
        assert_eq!(
            time("2026-09-20").unwrap().to_string(),
            "2026-09-20T00:00:00Z"
        );
        assert_eq!(
            time("2026-09-20T01:00:00+01:00").unwrap().to_string(),
            "2026-09-20T00:00:00Z"
        );
        assert!(time("yesterday").is_err());
        let error = time("9999-12-31").unwrap_err();
        assert!(error.contains("up to 9999-12-30"), "{error}");
    }
}
