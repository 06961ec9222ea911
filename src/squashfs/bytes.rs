//! Little-endian fields off the front of a slice, and zeros for bytes to come.

/// Takes fields one after the other; `None` once the bytes run out.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*head)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

/// Adds zeros, to be read over. `Vec::resize` writes them one by one in a program that is optimised for
/// its size.
pub(super) fn add_zeros(bytes: &mut Vec<u8>, count: usize) {
    let zeros = vec![0; count];
    if bytes.is_empty() {
        *bytes = zeros;
    } else {
        bytes.extend_from_slice(&zeros);
    }
}
