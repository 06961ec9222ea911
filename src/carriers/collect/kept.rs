//! Says which files [`super::collect`] may read. They are kept while the layers of an image are streamed.

use super::checkouts::{MANY_LINES, ONE_LINE};
use super::packages::METADATA_START;
use super::paths::{BASE_LABELS, PROGRAMS};
use crate::carriers::Wanted;
use crate::carriers::elf::HEADER_BYTES;
use crate::carriers::system_packages::{LISTS, LONGEST_LIST, LONGEST_RPM, STATUS_D};

/// The most bytes of a small file.
const SMALL: u64 = 64 * 1024;

/// Databases of rpm.
const RPM: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];
/// Files of a checkout.
const GIT: [&str; 5] = ["HEAD", "FETCH_HEAD", "commondir", "config", "packed-refs"];

/// Returns how many bytes [`super::collect`] reads at most from the start of a file; 0 if it does not read
/// the file. `all` adds the package lists of systems and other languages.
#[must_use]
pub fn kept(path: &[u8], wanted: &Wanted, all: bool) -> u64 {
    let Ok(path) = std::str::from_utf8(path) else {
        return 0;
    };
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_metadata = directory.ends_with(".dist-info") || directory.ends_with(".egg-info");
    match name {
        _ if all && LISTS.iter().any(|(_, list)| *list == path) => LONGEST_LIST,
        _ if all && is_below(path, STATUS_D) => SMALL,
        _ if all && directory.ends_with("/rpm") && RPM.contains(&name) => LONGEST_RPM,
        _ if wanted.documents.contains_key(path) || BASE_LABELS.contains(&path) => LONGEST_LIST,
        "METADATA" | "PKG-INFO" if is_metadata => METADATA_START as u64,
        "direct_url.json" if is_metadata => SMALL,
        _ if name.ends_with(".egg-info") => METADATA_START as u64,
        "_version.py" | "version.py" | "os-release" | "pyvenv.cfg" => SMALL,
        // A `package.json` in another package is that of a dependency.
        "package.json" if all && directory.matches("/node_modules/").count() == 1 => SMALL,
        _ if name == ".git" || directory.contains("/.git/refs") => ONE_LINE as u64,
        _ if directory.ends_with("/.git") && GIT.contains(&name) => MANY_LINES as u64,
        _ if PROGRAMS.iter().any(|it| file_name(it) == name) => HEADER_BYTES as u64,
        _ => 0,
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn is_below(path: &str, directory: &str) -> bool {
    let rest = path.strip_prefix(directory);
    rest.is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_kept() {
        let site = "/usr/lib/python3/dist-packages";
        for (path, is_kept) in [
            (format!("{site}/a-1.dist-info/METADATA"), true),
            (format!("{site}/a-1.dist-info/RECORD"), false),
            (format!("{site}/a-1.egg-info"), true),
            (format!("{site}/a/METADATA"), false),
            ("/var/lib/dpkg/status".to_owned(), true),
            ("/usr/lib/os-release".to_owned(), true),
            ("/usr/lib/node_modules/@a/b/package.json".to_owned(), true),
            (
                "/usr/lib/node_modules/a/node_modules/b/package.json".to_owned(),
                false,
            ),
            ("/app/.git/refs/heads/main".to_owned(), true),
            ("/usr/bin/dash".to_owned(), true),
            ("/usr/bin/gcc".to_owned(), false),
        ] {
            let kept = |all| kept(path.as_bytes(), &Wanted::default(), all) > 0;
            assert_eq!(kept(true), is_kept, "{path}");
            let of_system = path.contains("dpkg") || path.contains("node_modules");
            assert_eq!(kept(false), is_kept && !of_system, "{path}");
        }
        assert_eq!(kept(b"/caf\xe9/METADATA", &Wanted::default(), true), 0);
        let references = kept(b"/app/.git/packed-refs", &Wanted::default(), false);
        assert_eq!(references, MANY_LINES as u64);
    }
}
