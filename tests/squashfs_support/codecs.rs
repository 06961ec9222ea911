//! What backhand decodes with.

use std::io::Read as _;

use backhand::compression::{CompressionAction, Compressor, DefaultCompressor};
use backhand::{BackhandError, FilesystemCompressor, SuperBlock};

/// backhand's codecs, and for the two that it has not without GPL or C code: ours.
pub struct Codecs;

impl CompressionAction for Codecs {
    type Error = BackhandError;
    type Compressor = Compressor;
    type FilesystemCompressor = FilesystemCompressor;
    type SuperBlock = SuperBlock;

    fn decompress(
        &self,
        bytes: &[u8],
        out: &mut Vec<u8>,
        codec: Compressor,
    ) -> Result<(), BackhandError> {
        match codec {
            Compressor::Lzo => {
                out.resize(out.capacity().max(1 << 20), 0);
                let len = lzokay::decompress::decompress(bytes, out)
                    .map_err(|_| BackhandError::CorruptedOrInvalidSquashfs)?;
                out.truncate(len);
                Ok(())
            }
            Compressor::Lzma => {
                lzma_rust2::LzmaReader::new_mem_limit(bytes, u32::MAX, None)?.read_to_end(out)?;
                Ok(())
            }
            other => DefaultCompressor.decompress(bytes, out, other),
        }
    }

    fn compress(
        &self,
        bytes: &[u8],
        fc: FilesystemCompressor,
        block_size: u32,
    ) -> Result<Vec<u8>, BackhandError> {
        DefaultCompressor.compress(bytes, fc, block_size)
    }
}

/// For `Kind::new_v4`, which keeps it.
pub static CODECS: Codecs = Codecs;
