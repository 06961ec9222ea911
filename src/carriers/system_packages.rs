//! Reads names and versions of packages from the databases of dpkg, apk, conda and npm. A full bill
//! of materials is the task of other tools.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::image::json;

/// The most packages of one database; the largest systems have 5,000.
pub(super) const MOST: usize = 50_000;

/// The lists of dpkg and apk: the package manager, and the path. The largest real lists have 8 MB.
pub const LISTS: [(&str, &str); 3] = [
    ("dpkg", "/var/lib/dpkg/status"),
    ("apk", "/lib/apk/db/installed"),
    ("apk", "/usr/lib/apk/db/installed"),
];
/// The longest list that is read, in bytes.
pub const LONGEST_LIST: u64 = 32 * 1024 * 1024;
/// The directory with a file for each package, in images without the program dpkg.
pub const STATUS_D: &str = "/var/lib/dpkg/status.d";
/// The longest database of rpm that is read, in bytes. The largest images have 80 MB.
pub const LONGEST_RPM: u64 = 128 * 1024 * 1024;

/// A package in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The name, as the database spells it.
    pub name: String,
    /// The version, with its revision.
    pub version: String,
}

/// The database has more packages than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it lists more than {MOST} packages")]
pub struct TooMany;

/// Returns dpkg's packages, from `/var/lib/dpkg/status` or a file of `/var/lib/dpkg/status.d`:
/// stanzas of `Field: value` lines (deb822(5)). It leaves out packages that were removed but kept
/// their configuration.
///
/// # Errors
/// If there are more packages than the limit.
pub fn dpkg(status: &[u8]) -> Result<Vec<Installed>, TooMany> {
    stanzas(status, |stanza| {
        // The files in `status.d` have no `Status`.
        let status = stanza.get("Status");
        let is_installed = status.is_none_or(|status| status.ends_with(" installed"));
        let name = stanza.get("Package").filter(|_| is_installed)?;
        Some((name.clone(), stanza.get("Version")?.clone()))
    })
}

/// Returns apk's packages, from `/lib/apk/db/installed`: stanzas of `P:name` and `V:version`
/// (<https://wiki.alpinelinux.org/wiki/Apk_spec>).
///
/// # Errors
/// If there are more packages than the limit.
pub fn apk(installed: &[u8]) -> Result<Vec<Installed>, TooMany> {
    stanzas(installed, |stanza| {
        Some((stanza.get("P")?.clone(), stanza.get("V")?.clone()))
    })
}

fn stanzas(
    bytes: &[u8],
    package: impl Fn(&BTreeMap<String, String>) -> Option<(String, String)>,
) -> Result<Vec<Installed>, TooMany> {
    const FIELDS: [&str; 5] = ["Package", "Version", "Status", "P", "V"];
    let mut found = Vec::new();
    let mut stanza = BTreeMap::new();
    let lines = bytes.split(|&byte| byte == b'\n').chain([&b""[..]]);
    for line in lines {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches('\r');
        if !text.is_empty() {
            // A line that starts with a space continues the field above.
            let field = text
                .split_once(':')
                .filter(|(name, _)| FIELDS.contains(name));
            if let Some((name, value)) = field {
                stanza.insert(name.to_owned(), value.trim().to_owned());
            }
            continue;
        }
        if let Some((name, version)) = package(&stanza).filter(|(name, _)| !name.is_empty()) {
            if found.len() >= MOST {
                return Err(TooMany);
            }
            found.push(Installed { name, version });
        }
        stanza.clear();
    }
    Ok(found)
}

/// Returns a conda package from the name of its record in `conda-meta`: `name-version-build.json`.
/// Only the name may contain hyphens.
#[must_use]
pub fn conda(file_name: &[u8]) -> Option<Installed> {
    let text = std::str::from_utf8(file_name).ok()?;
    let (rest, _build) = text.strip_suffix(".json")?.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let is_one = !name.is_empty() && !version.is_empty();
    is_one.then(|| Installed {
        name: name.to_owned(),
        version: version.to_owned(),
    })
}

/// Returns an npm package from its `package.json`.
#[must_use]
pub fn npm(package_json: &[u8]) -> Option<Installed> {
    let document: Value = json::parse(package_json).ok()?;
    let text = |key: &str| Some(document.get(key)?.as_str()?.to_owned());
    Some(Installed {
        name: text("name")?,
        version: text("version")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: Vec<Installed>) -> Vec<String> {
        let found = found.into_iter();
        found
            .map(|it| format!("{} {}", it.name, it.version))
            .collect()
    }

    #[test]
    fn dpkg_lists_what_is_installed() {
        let status = b"Package: libc6\nStatus: install ok installed\nVersion: 2.39-0ubuntu8.6\nDescription: GNU\n \
            Version: 9\n .\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: base-files\n\
            Version: 12\r\n";
        assert_eq!(
            told(dpkg(status).unwrap()),
            ["libc6 2.39-0ubuntu8.6", "base-files 12"]
        );
        assert_eq!(
            told(dpkg(b"\n\n\xff\xfe: x\nPackage:\nVersion: 1\n").unwrap()),
            [""; 0]
        );
        assert_eq!(
            dpkg(&b"Package: a\nVersion: 1\n\n".repeat(MOST + 1)),
            Err(TooMany)
        );
    }

    #[test]
    fn apk_lists_what_is_installed() {
        let installed = b"C:Q1x=\nP:musl\nV:1.2.5-r9\nA:x86_64\nF:lib\nR:ld-musl-x86_64.so.1\n\nP:busybox\nV:1.37.0-r12\n\n";
        assert_eq!(
            told(apk(installed).unwrap()),
            ["musl 1.2.5-r9", "busybox 1.37.0-r12"]
        );
    }

    #[test]
    fn conda_and_npm_name_theirs() {
        let of = |name: &str| conda(name.as_bytes()).map(|it| (it.name, it.version));
        let both = |name: &str, version: &str| Some((name.to_owned(), version.to_owned()));
        assert_eq!(
            of("cuda-cudart-12.8.90-h3f2d84a_1.json"),
            both("cuda-cudart", "12.8.90")
        );
        assert_eq!(
            of("python-3.12.7-h2628c8c_0_cpython.json"),
            both("python", "3.12.7")
        );
        for bad in ["history", "a-b.json", "-1-b.json", "x.json"] {
            assert_eq!(of(bad), None, "{bad}");
        }
        let package = npm(br#"{"name": "@scope/x", "version": "1.2.3", "scripts": {}}"#).unwrap();
        assert_eq!(
            (package.name.as_str(), package.version.as_str()),
            ("@scope/x", "1.2.3")
        );
        assert_eq!(npm(b"[]"), None);
        assert_eq!(npm(br#"{"name": 1, "version": "1"}"#), None);
    }
}
