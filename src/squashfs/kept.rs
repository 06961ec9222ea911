//! What is kept of an image while it is open.

use std::thread::JoinHandle;

use super::decompress::Stream;
use super::disk::Piece;
use super::touched::Touched;

/// A decoded metadata block: its offset, that of the block behind it, and its bytes.
pub(super) struct Block {
    pub at: u64,
    pub next: u64,
    pub data: Vec<u8>,
}

/// A fragment block, decoded as far as it was needed.
pub(super) struct Kept {
    pub start: u64,
    pub decoded: Piece,
    /// How to go on, while only the start of the block is decoded.
    pub rest: Option<Rest>,
}

pub(super) enum Rest {
    /// From the start: the stored bytes, or their start.
    Stored(Piece),
    /// From where it stopped, and the bytes that the decoder may take.
    Stream(Stream, usize),
}

impl Kept {
    /// Returns true if its decoder is kept.
    pub(super) fn is_going(&self) -> bool {
        matches!(self.rest, Some(Rest::Stream(..)))
    }

    pub(super) fn len(&self) -> usize {
        let rest = match &self.rest {
            Some(Rest::Stored(stored)) => stored.len(),
            Some(Rest::Stream(_, size)) => *size,
            None => 0,
        };
        self.decoded.len() + rest
    }
}

/// The times of all inodes, and how many bytes were decoded for them; none where anything is wrong.
pub(super) type Found = Option<(Vec<Touched>, u64)>;

/// A pass over all inodes, in a thread of its own.
pub(super) struct Pass(pub JoinHandle<Found>);
