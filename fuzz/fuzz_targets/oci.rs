//! OCI layouts and docker archives: tar archives, and the JSON in them.
#![no_main]

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sqsh_prov::image::detect::{Compression, Form, detect};
use sqsh_prov::image::oci::{
    Archive, OciError, Platform, Store, archive, content, is_archive, is_layout, sha256, walk,
};
use sqsh_prov::limits::Limits;

/// JSON that names JSON: pieces separated by NUL, the first of which is the index; `@1` to
/// `@9` in a piece stand for the digest of a later one, which no fuzzer guesses.
struct Pieces(BTreeMap<String, Vec<u8>>);

impl Pieces {
    fn of(bytes: &[u8]) -> Self {
        let mut files = BTreeMap::new();
        let mut digests: BTreeMap<usize, String> = BTreeMap::new();
        let pieces: Vec<&[u8]> = bytes.split(|&byte| byte == 0).take(10).collect();
        for (number, piece) in pieces.iter().enumerate().rev() {
            let mut text = String::from_utf8_lossy(piece).into_owned();
            for (other, digest) in &digests {
                text = text.replace(&format!("@{other}"), digest);
            }
            let digest = sha256(text.as_bytes());
            let name = match number {
                0 => "index.json".to_owned(),
                _ => format!("blobs/{}", digest.replace(':', "/")),
            };
            files.insert(name, text.into_bytes());
            digests.insert(number, digest);
        }
        let manifest = files.get("index.json").cloned().unwrap_or_default();
        files.insert("manifest.json".to_owned(), manifest);
        files.insert(
            "oci-layout".to_owned(),
            b"{\"imageLayoutVersion\":\"1.0.0\"}".to_vec(),
        );
        Self(files)
    }
}

impl Store for Pieces {
    fn read(&self, name: &str, _: u64) -> Result<Option<Vec<u8>>, OciError> {
        Ok(self.0.get(name).cloned())
    }

    fn size(&self, name: &str) -> Option<u64> {
        self.0.get(name).map(|bytes| bytes.len() as u64)
    }

    fn each(
        &self,
        names: &[&str],
        give: &mut dyn FnMut(&str, &mut dyn Read) -> Result<(), OciError>,
    ) -> Result<(), OciError> {
        for name in names {
            let mut bytes = self.0.get(*name).map_or(&[][..], Vec::as_slice);
            give(name, &mut bytes)?;
        }
        Ok(())
    }
}

fuzz_target!(|data: &[u8]| {
    let limits = Limits {
        json_file: 1 << 20,
        listing_entries: 10_000,
        time: Some(Duration::from_secs(5)),
        ..Limits::default()
    };
    let Some((&which, bytes)) = data.split_first() else {
        return;
    };
    if which % 2 == 1 {
        return all(&Pieces::of(bytes), &limits);
    }
    let compression = match detect(bytes) {
        Form::Tar(compression) => compression,
        _ => Compression::None,
    };
    if let Ok(store) = Archive::open(bytes, compression, &limits) {
        all(&store, &limits);
    }
});

fn all(store: &dyn Store, limits: &Limits) {
    if is_archive(store) {
        let _ = archive(store, limits);
    }
    if is_layout(store) {
        for platform in [None, Platform::parse("linux/arm64")] {
            let walked = walk(store, limits);
            if let Ok(chosen) = walked.and_then(|walked| walked.choose(platform.as_ref())) {
                let _ = content(store, &chosen, limits);
            }
        }
    }
}
