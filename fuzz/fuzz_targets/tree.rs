//! A package whose list of files is what the fuzzer says, in a tree that stays.

use std::collections::BTreeMap;

use sqsh_prov::carriers::PackageFact;
use sqsh_prov::image::{Error, FileKind, Image, Listing, Stat};
use sqsh_prov::integrity::{Surroundings, check};
use sqsh_prov::limits::Limits;

const RECORD: &str = "/usr/lib/python3/site-packages/acme-1.0.dist-info/RECORD";
const FILES: [(&str, &[u8]); 6] = [
    ("/usr/lib/python3/site-packages/acme/a.py", b"a"),
    ("/usr/lib/python3/site-packages/acme/sub/b.py", b"bb"),
    ("/usr/lib/python3/site-packages/acme/__pycache__/a.pyc", b""),
    ("/usr/lib/python3/site-packages/x.pth", b"import x"),
    ("/usr/lib/python3/site-packages/beta-1.dist-info/RECORD", b"acme/a.py,,\n"),
    ("/usr/bin/acme", b"#!/usr/bin/python3\n"),
];

/// Files by path, without links.
#[derive(Debug)]
struct Files<'r>(BTreeMap<&'static str, &'r [u8]>);

fn not_found(path: &[u8]) -> Error {
    Error::NotFound {
        path: String::from_utf8_lossy(path).into_owned(),
    }
}

impl Files<'_> {
    fn bytes(&self, path: &[u8]) -> Result<&[u8], Error> {
        let found = std::str::from_utf8(path).ok().and_then(|path| self.0.get(path));
        found.copied().ok_or_else(|| not_found(path))
    }
}

impl Image for &Files<'_> {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        let bytes = self.bytes(path)?;
        match bytes.len() as u64 <= limit {
            true => Ok(bytes.to_vec()),
            false => Err(not_found(path)),
        }
    }

    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let bytes = self.bytes(path)?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let end = start.saturating_add(length).min(bytes.len());
        Ok(bytes[start..end].to_vec())
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        let prefix = [path, b"/"].concat();
        let below = |file: &&'static str| file.as_bytes().strip_prefix(&prefix[..]);
        let names: BTreeMap<&[u8], FileKind> = self
            .0
            .keys()
            .filter_map(below)
            .map(|rest| match rest.split(|&byte| byte == b'/').next() {
                Some(name) if name.len() < rest.len() => (name, FileKind::Directory),
                _ => (rest, FileKind::File),
            })
            .collect();
        match names.is_empty() {
            true => Err(not_found(path)),
            false => Ok(names.into_iter().collect()),
        }
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        Ok(Stat {
            kind: FileKind::File,
            size: self.bytes(path)?.len() as u64,
            mtime: 0,
            shared: None,
        })
    }
}

/// Compares the tree with this list of the package's files, as `--deep` does.
pub fn compare(record: &[u8]) {
    let files = Files(FILES.into_iter().chain([(RECORD, record)]).collect());
    let package = |name: &str, version: &str| PackageFact {
        name: name.to_owned(),
        version: version.to_owned(),
        path: format!("/usr/lib/python3/site-packages/{name}-{version}.dist-info"),
        has_record: true,
        ..PackageFact::default()
    };
    let packages = [package("acme", "1.0"), package("beta", "1")];
    let around = Surroundings {
        packages: &packages,
        search: vec!["/usr/bin"],
    };
    // Small, so that the fuzzer meets them.
    let limits = Limits {
        record_bytes: 4096,
        record_rows: 50,
        finding_bytes: 500,
        ..Limits::default().deep()
    };
    let open = || Ok(Box::new(&files) as Box<dyn Image>);
    let found = check(&open, &[&packages[0]], &around, &limits, None);
    let names = found.packages.iter().flat_map(|package| {
        let all = [&package.changed, &package.missing, &package.extra];
        all.into_iter().flatten()
    });
    let bytes: usize = names.map(String::len).sum();
    assert!(bytes as u64 <= limits.finding_bytes, "{bytes}");
    // A comparison that was not made is said.
    let acme = found.packages.iter().find(|it| it.package == "acme");
    assert!(acme.is_some() || !found.losses.is_empty());
}
