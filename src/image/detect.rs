//! Detects the form of a file by its first bytes, never by its name.

/// The number of bytes that [`detect`] needs.
pub const HEAD: usize = 1024;

/// A form that an image has on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Squashfs, or an unknown form. The reader of squashfs then says what is wrong.
    Squashfs,
    /// A Singularity Image Format file.
    Sif,
    /// A directory with a root file system.
    Rootfs,
    /// A directory with an OCI layout.
    OciLayout,
    /// A directory as skopeo's `dir:` writes it.
    SkopeoDirectory,
    /// A tar archive.
    Tar(Compression),
    /// JSON: an image's configuration, or what `docker inspect` prints.
    Json,
}

/// The compression of a tar archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// No compression.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// Returns the form of a file that starts with these bytes.
#[must_use]
pub fn detect(head: &[u8]) -> Form {
    let at = |offset: usize, magic: &[u8]| {
        head.get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if at(0, b"hsqs") {
        Form::Squashfs
    } else if at(32, b"SIF_MAGIC") {
        Form::Sif
    } else if at(0, b"\x1f\x8b") {
        Form::Tar(Compression::Gzip)
    } else if at(0, b"\x28\xb5\x2f\xfd") {
        Form::Tar(Compression::Zstd)
    } else if at(257, b"ustar") || head.get(..512).is_some_and(super::tar::is_header) {
        // A header from before 1988 has no magic, only a checksum.
        Form::Tar(Compression::None)
    } else if matches!(first, Some(b'{' | b'[')) || is_encoded(text) {
        Form::Json
    } else {
        Form::Squashfs
    }
}

/// Returns true for the base64 of a JSON object, the form of build sources in an image's
/// configuration.
fn is_encoded(text: &[u8]) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte);
    text.starts_with(b"eyJ") && text.iter().all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_says_what_a_file_is() {
        let mut sif = b"#!/usr/bin/env run-singularity\n\0".to_vec();
        sif.extend_from_slice(b"SIF_MAGIC\x0001\0");
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, form) in [
            (&b"hsqs..."[..], Form::Squashfs),
            (&b"eyJzb3VyY2VzIjpbXX0=\n"[..], Form::Json),
            (&b"eyJ is no base64"[..], Form::Squashfs),
            (&sif, Form::Sif),
            (&tar, Form::Tar(Compression::None)),
            (b"\x1f\x8b\x08", Form::Tar(Compression::Gzip)),
            (b"\x28\xb5\x2f\xfd\x04", Form::Tar(Compression::Zstd)),
            (b" \n{\"config\":", Form::Json),
            (b"\xef\xbb\xbf[{", Form::Json),
            (b"", Form::Squashfs),
            (b"#!/bin/sh\n", Form::Squashfs),
            (&[0; 512], Form::Squashfs),
        ] {
            assert_eq!(detect(head), form, "{}", head.escape_ascii());
        }
    }
}
