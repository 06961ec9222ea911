//! Reads the output of `skopeo copy … dir:PATH` as a layout. It has the manifest, and blobs named
//! by the hex of their digest.
//!
//! `version` identifies the format, `manifest.json` is the manifest or the index,
//! `<hex>.manifest.json` a manifest that an index names, `<hex>` a blob
//! (github.com/containers/image, `directory/directory_transport.go`).

use std::io::Read;

use serde_json::{Value, json};

use super::blob::parse;
use super::digest::sha256;
use super::error::OciError;
use super::store::{Give, Store};
use crate::limits::Limits;

/// The file by which such a directory is recognised.
pub const VERSION_FILE: &str = "version";
/// The start of that file.
pub const VERSION: &[u8] = b"Directory Transport Version: ";

const MANIFEST: &str = "manifest.json";
const INDEX: &str = "index.json";
const BLOBS: &str = "blobs/sha256/";

/// Such a directory, as a layout. Its index names the document in `manifest.json`.
#[derive(Debug)]
pub struct Directory<S> {
    files: S,
    /// The hexadecimal digits of the digest of `manifest.json`.
    manifest: String,
    index: Vec<u8>,
}

impl<S: Store> Directory<S> {
    /// Reads its manifest.
    ///
    /// # Errors
    /// If it is missing, is not JSON, or is over a limit.
    pub fn open(files: S, limits: &Limits) -> Result<Self, OciError> {
        let bytes = files.read(MANIFEST, limits.json_file)?;
        let bytes = bytes.ok_or_else(|| OciError::missing(MANIFEST, VERSION_FILE))?;
        let document: Value = parse(MANIFEST, &bytes)?;
        let kind = match document.get("manifests").is_some() {
            true => "index",
            false => "manifest",
        };
        let digest = sha256(&bytes);
        let descriptor = json!({
            "mediaType": format!("application/vnd.oci.image.{kind}.v1+json"),
            "digest": digest,
            "size": bytes.len(),
        });
        Ok(Self {
            files,
            manifest: digest.trim_start_matches("sha256:").to_owned(),
            index: json!({ "manifests": [descriptor] })
                .to_string()
                .into_bytes(),
        })
    }

    /// Returns the directory itself.
    pub fn files(&self) -> &S {
        &self.files
    }
}

impl<S: Store> Store for Directory<S> {
    fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, OciError> {
        match name {
            INDEX => Ok(Some(self.index.clone())),
            name if name.starts_with(BLOBS) => self.files.read(&self.place(name), limit),
            _ => Ok(None),
        }
    }

    fn size(&self, name: &str) -> Option<u64> {
        match name {
            INDEX => Some(self.index.len() as u64),
            name if name.starts_with(BLOBS) => self.files.size(&self.place(name)),
            _ => None,
        }
    }

    fn place(&self, name: &str) -> String {
        match name.strip_prefix(BLOBS) {
            Some(hex) if hex != self.manifest => match self.files.size(hex) {
                Some(_) => hex.to_owned(),
                None => format!("{hex}.{MANIFEST}"),
            },
            Some(_) | None => MANIFEST.to_owned(),
        }
    }

    fn each(&self, names: &[&str], give: Give<'_>) -> Result<(), OciError> {
        for name in names {
            let place = self.place(name);
            let mut renamed = |_: &str, source: &mut dyn Read| give(name, source);
            self.files.each(&[place.as_str()], &mut renamed)?;
        }
        Ok(())
    }
}
