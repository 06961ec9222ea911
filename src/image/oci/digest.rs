//! Digests of the OCI image specification.

/// A digest, `sha256:…` or `sha512:…`, in lower-case hex.
pub(super) struct Digest<'a> {
    pub algorithm: &'a str,
    pub hex: &'a str,
}

impl<'a> Digest<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (algorithm, hex) = text.split_once(':')?;
        let digits = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return None,
        };
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (hex.len() == digits && hex.bytes().all(is_hex)).then_some(Self { algorithm, hex })
    }

    pub(super) fn path(&self) -> String {
        format!("blobs/{}/{}", self.algorithm, self.hex)
    }

    /// Returns the digest of bytes, by the same algorithm.
    pub(super) fn of(&self, bytes: &[u8]) -> String {
        use sha2::Digest as _;
        if self.algorithm == "sha512" {
            format!("sha512:{}", hex(&sha2::Sha512::digest(bytes)))
        } else {
            sha256(bytes)
        }
    }
}

/// Returns `sha256:<64hex>` for bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    named(&sha2::Sha256::digest(bytes))
}

/// Returns `sha256:<64hex>` for a hash.
#[must_use]
pub fn named(hash: &[u8]) -> String {
    format!("sha256:{}", hex(hash))
}

/// Returns the hex digits of bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
