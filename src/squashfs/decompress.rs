//! The six codecs, each given the most bytes it may put out.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, Cursor, Read};
use std::thread::LocalKey;

use super::bytes::add_zeros;
use super::disk::Piece;

/// Memory that an xz or lzma stream may ask for, in KiB: four times the largest dictionary that squashfs allows.
const LZMA_MEMORY_KIB: u32 = 4 * 1024;
/// The largest window that a block of at most 1 MiB can need.
const ZSTD_WINDOW_LOG: u32 = 20;

/// How the blocks of an image are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compressor {
    /// zlib streams.
    Gzip,
    /// LZMA streams with the 13-byte header.
    Lzma,
    /// LZO1X.
    Lzo,
    /// xz streams, with branch filters where the packer found them to help.
    Xz,
    /// LZ4 blocks.
    Lz4,
    /// zstd frames.
    Zstd,
}

impl Compressor {
    pub(super) fn from_id(id: u16) -> Option<Self> {
        Some(match id {
            1 => Self::Gzip,
            2 => Self::Lzma,
            3 => Self::Lzo,
            4 => Self::Xz,
            5 => Self::Lz4,
            6 => Self::Zstd,
            _ => return None,
        })
    }

    /// The name that `mksquashfs -comp` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Lzma => "lzma",
            Self::Lzo => "lzo",
            Self::Xz => "xz",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// Decodes all of a block; more than `max` bytes are an error.
    pub(super) fn decode(self, block: &Piece, max: usize) -> Result<Vec<u8>, String> {
        let whole: fn(&[u8], &mut [u8]) -> Result<usize, String> = match self {
            Self::Lzo => |block, out| lzokay::decompress::decompress(block, out).map_err(told),
            Self::Lz4 => |block, out| lz4_flex::block::decompress_into(block, out).map_err(told),
            Self::Gzip => zlib,
            Self::Zstd => zstd,
            Self::Lzma | Self::Xz => {
                let mut stream = self.stream(block)?.ok_or("it has no stream")?;
                let mut out = Vec::new();
                stream.go_on(&mut out, max, max)?;
                return Ok(out);
            }
        };
        let mut out = vec![0; max];
        let count = whole(block, &mut out)?;
        out.truncate(count);
        Ok(out)
    }

    /// Decodes at least `wanted` of at most `max` bytes, and not much more where the codec allows.
    /// The flag says whether the block was decoded to its end; only then there may be fewer.
    pub(super) fn decode_start(
        self,
        block: &Piece,
        wanted: usize,
        max: usize,
    ) -> Result<(Vec<u8>, bool), String> {
        if self == Self::Lz4 || wanted >= max {
            return Ok((self.decode(block, max)?, true));
        }
        if self == Self::Lzo {
            return match lzo_start(block, wanted, max)? {
                (bytes, false) if bytes.len() < wanted => Ok((self.decode(block, max)?, true)),
                start => Ok(start),
            };
        }
        if let Some(mut stream) = self.stream(block)? {
            let mut out = Vec::new();
            let whole = stream.go_on(&mut out, wanted, max)?;
            return Ok((out, whole));
        }
        let mut out = vec![0; wanted];
        let count = zstd_start(block, &mut out)?;
        out.truncate(count);
        Ok((out, count < wanted))
    }

    /// The block as a stream, for a codec that can go on where it stopped.
    pub(super) fn stream(self, block: &Piece) -> Result<Option<Stream>, String> {
        use lzma_rust2::{LzmaReader, XzReader};
        let block = Cursor::new(block.clone());
        let stream: Box<dyn Read + Send> = match self {
            Self::Gzip => Box::new(flate2::bufread::ZlibDecoder::new(block)),
            Self::Lzma => {
                Box::new(LzmaReader::new_mem_limit(block, LZMA_MEMORY_KIB, None).map_err(told)?)
            }
            Self::Xz => Box::new(XzReader::new_mem_limit(block, false, LZMA_MEMORY_KIB)),
            Self::Lzo | Self::Lz4 | Self::Zstd => return Ok(None),
        };
        Ok(Some(Stream(stream)))
    }
}

/// A block that is being decoded.
pub(super) struct Stream(Box<dyn Read + Send>);

impl Stream {
    /// Adds to what was decoded until there are `upto` of at most `max` bytes. True at the block's end.
    pub(super) fn go_on(
        &mut self,
        out: &mut Vec<u8>,
        upto: usize,
        max: usize,
    ) -> Result<bool, String> {
        let mut filled = out.len();
        add_zeros(out, upto.saturating_sub(filled));
        while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.0.read(rest).map_err(told)? {
                0 => {
                    out.truncate(filled);
                    return Ok(true);
                }
                count => filled += count,
            }
        }
        // Behind the last byte that there may be comes the end, with its checksum.
        match filled >= max {
            true if self.0.read(&mut [0]).map_err(told)? > 0 => Err(too_long(max)),
            ended => Ok(ended),
        }
    }
}

impl fmt::Display for Compressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn too_long(max: usize) -> String {
    format!("it holds more than the {max} bytes that it may")
}

/// Runs this thread's decoder: a new one for each block takes as long as a small block does.
fn with_kept<D, T>(
    kept: &'static LocalKey<RefCell<Option<D>>>,
    new: impl FnOnce() -> io::Result<D>,
    run: impl FnOnce(&mut D) -> Result<T, String>,
) -> Result<T, String> {
    kept.with_borrow_mut(|kept| {
        run(match kept {
            Some(decoder) => decoder,
            None => kept.insert(new().map_err(told)?),
        })
    })
}

fn zstd(block: &[u8], out: &mut [u8]) -> Result<usize, String> {
    use zstd::bulk::Decompressor;
    thread_local! {
        static DECODER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
    }
    with_kept(&DECODER, Decompressor::new, |decoder| {
        decoder.decompress_to_buffer(block, out).map_err(told)
    })
}

/// As much as there is room for.
fn zstd_start(block: &[u8], out: &mut [u8]) -> Result<usize, String> {
    use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation as _, OutBuffer};
    thread_local! {
        static DECODER: RefCell<Option<Decoder<'static>>> = const { RefCell::new(None) };
    }
    let new = || {
        let mut new = Decoder::new()?;
        new.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
        Ok(new)
    };
    with_kept(&DECODER, new, |decoder| {
        decoder.reinit().map_err(told)?;
        let (mut from, mut to) = (InBuffer::around(block), OutBuffer::around(out));
        let mut left = 0;
        while to.pos() < to.capacity() && (from.pos() < block.len() || left > 0) {
            let before = (from.pos(), to.pos());
            left = decoder.run(&mut from, &mut to).map_err(told)?;
            if before == (from.pos(), to.pos()) {
                return Err("it was cut".to_owned());
            }
        }
        Ok(to.pos())
    })
}

/// At once, without the window that a stream keeps.
fn zlib(block: &[u8], out: &mut [u8]) -> Result<usize, String> {
    let mut decoder = flate2::Decompress::new(true);
    let status = decoder.decompress(block, out, flate2::FlushDecompress::Finish);
    let count = usize::try_from(decoder.total_out()).unwrap_or(usize::MAX);
    match status.map_err(told)? {
        flate2::Status::StreamEnd => Ok(count),
        _ if count == out.len() => Err(too_long(count)),
        _ => Err("it was cut".to_owned()),
    }
}

fn told(error: impl fmt::Display) -> String {
    error.to_string()
}

/// The start of an LZO block. The decoder stops where its output is full or its input ends, and does not say how far it
/// came. It writes from the front, so everything up to the last byte that is not 0 was written. Where that is not
/// enough, it runs once more on another ground: what is the same afterwards was written.
fn lzo_start(block: &[u8], wanted: usize, max: usize) -> Result<(Vec<u8>, bool), String> {
    use lzokay::Error;
    // The decoder does not start a run that exceeds the buffer.
    let length = wanted.saturating_add(512).min(max);
    let mut out = vec![0; length];
    match lzokay::decompress::decompress(block, &mut out) {
        Ok(count) => {
            out.truncate(count);
            return Ok((out, true));
        }
        Err(Error::OutputOverrun | Error::InputOverrun) => {}
        Err(error) => return Err(told(error)),
    }
    let mut written = out
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    if written < wanted {
        let mut other = vec![0xff; length];
        let _ = lzokay::decompress::decompress(block, &mut other);
        let same = out.iter().zip(&other).take_while(|(a, b)| a == b);
        written = same.count();
    }
    out.truncate(written);
    Ok((out, false))
}
