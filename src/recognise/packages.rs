//! Computes one digest of a publisher's package, from its `RECORD`.

use sha2::{Digest as _, Sha256};

use crate::carriers::record::{self, Hash, Row};
use crate::carriers::{PackageFact, python};
use crate::image::Image;
use crate::image::oci::named;
use crate::limits::Limits;
use crate::provenance::PackageRecord;

/// Files that installers and signers write. They differ between two installs of one wheel.
const ADDED: [&str; 8] = [
    "RECORD",
    "RECORD.jws",
    "RECORD.p7s",
    "INSTALLER",
    "REQUESTED",
    "direct_url.json",
    "uv_build.json",
    "uv_cache.json",
];

/// Returns the records of these packages. An unreadable one is left out; it is reported elsewhere.
pub fn records<'p>(
    image: &dyn Image,
    packages: impl IntoIterator<Item = &'p PackageFact>,
    limits: &Limits,
) -> Vec<PackageRecord> {
    let mut found: Vec<PackageRecord> = packages
        .into_iter()
        .filter_map(|package| {
            let path = format!("{}/RECORD", package.path);
            let bytes = image.read(path.as_bytes(), limits.record_bytes).ok()?;
            let rows = record::parse(&bytes, limits.record_rows).ok()?;
            Some(PackageRecord {
                name: python::normalise(&package.name),
                version: package.version.clone(),
                record: digest(&rows)?,
            })
        })
        .collect();
    found.sort_unstable_by(|a, b| (&a.name, &a.record).cmp(&(&b.name, &b.record)));
    found
}

/// Returns the digest over the rows with a hash, sorted by path. It leaves out files that
/// installers add: launchers in `../../../bin` name the interpreter, and compiled files contain the
/// time. `None` if no row remains.
fn digest(rows: &[Row]) -> Option<String> {
    let mut kept: Vec<(&[u8], &[u8; 32])> = rows
        .iter()
        .filter_map(|row| match &row.hash {
            Hash::Sha256(hash) if !is_added(&row.path) => Some((row.path.as_slice(), hash)),
            _ => None,
        })
        .collect();
    if kept.is_empty() {
        return None;
    }
    kept.sort_unstable();
    kept.dedup();
    let mut sum = Sha256::new();
    for (path, hash) in kept {
        sum.update((path.len() as u64).to_be_bytes());
        sum.update(path);
        sum.update(hash);
    }
    Some(named(&sum.finalize()))
}

fn is_added(path: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    let first = path.split(|&byte| byte == b'/').next();
    let metadata = first.is_some_and(|first| first.ends_with(b".dist-info"));
    path.starts_with(b"..")
        || path.starts_with(b"/")
        || path.ends_with(b".pyc")
        || path.ends_with(b".pyo")
        || (metadata && ADDED.iter().any(|added| added.as_bytes() == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        digest(&record::parse(text.as_bytes(), 100).unwrap())
    }

    const ROW: &str = "acme/a.py,sha256=LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ,5\n";
    const OTHER: &str = "acme/b.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n";

    #[test]
    fn what_installers_add_and_the_order_of_rows_do_not_matter() {
        let one = of(&format!("{ROW}{OTHER}acme-1.dist-info/RECORD,,\n"));
        let hash = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0";
        let other = of(&format!(
            "../../../bin/acme,{hash}\n{OTHER}acme/__pycache__/a.cpython-312.pyc,,\n{ROW}\
             acme-1.dist-info/INSTALLER,{hash}\nacme-1.dist-info/direct_url.json,{hash}\n"
        ));
        assert!(one.is_some());
        assert_eq!(one, other);
    }

    #[test]
    fn another_file_is_another_record_and_no_file_is_none() {
        assert_ne!(of(ROW), of(&format!("{ROW}{OTHER}")));
        assert_ne!(of(ROW), of(OTHER));
        assert_eq!(of("acme-1.dist-info/RECORD,,\n"), None);
    }
}
