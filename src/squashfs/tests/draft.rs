//! A squashfs image, built byte by byte; nothing in it is compressed.

/// What an image will hold; every part may be made wrong before `finish`.
pub(super) struct Draft {
    pub(super) inodes: Vec<u8>,
    pub(super) listings: Vec<u8>,
    pub(super) data: Vec<u8>,
    /// Start and stored size of each fragment block.
    pub(super) fragments: Vec<(u64, u32)>,
    /// Overrides the root inode, which is otherwise the last one added.
    pub(super) root: Option<u64>,
    /// Puts the data behind the tables, not in front; file blocks then start at `FAR`.
    pub(super) far_data: bool,
    next_number: u32,
    last: u16,
}

pub(super) const DATA: u64 = 96;
/// The offset of the data with `far_data`: a fixed place after the tables.
pub(super) const FAR: u64 = 4096;

impl Draft {
    pub(super) fn new() -> Self {
        Self {
            inodes: Vec::new(),
            listings: Vec::new(),
            data: Vec::new(),
            fragments: Vec::new(),
            root: None,
            far_data: false,
            next_number: 1,
            last: 0,
        }
    }

    /// `/fifo`, `/link` → `sub/file`, `/sub/file`, `/tail`.
    pub(super) fn sample() -> Self {
        let mut draft = Self::new();
        let (start, size) = draft.raw(b"in a block");
        let file = draft.file(start as u32, u32::MAX, 0, 10, &[size]);
        let sub = draft.directory(&[("file", 2, file)]);
        let (start, size) = draft.raw(b"....in a fragment....");
        draft.fragments.push((start, size));
        let tail = draft.file(0, 0, 4, 13, &[]);
        let link = draft.link(b"sub/file");
        let fifo = draft.inode(6, &1u32.to_le_bytes());
        draft.directory(&[
            ("fifo", 6, fifo),
            ("link", 3, link),
            ("sub", 1, sub),
            ("tail", 2, tail),
        ]);
        draft
    }

    /// Returns an image with one file; `body` is its inode after the common head.
    pub(super) fn with_inode(kind: u16, body: &[u8]) -> Self {
        let mut draft = Self::new();
        let inode = draft.inode(kind, body);
        let basic = if kind > 7 { kind - 7 } else { kind };
        draft.directory(&[("it", basic, inode)]);
        draft
    }

    /// Returns an image with this listing of the root.
    pub(super) fn with_listing(listing: &[u8]) -> Self {
        let mut draft = Self::new();
        draft.file(0, u32::MAX, 0, 0, &[]);
        let size = listing.len();
        draft.listings = listing.to_vec();
        draft.directory_at(0, size as u16 + 3);
        draft
    }

    /// Stores data. Returns its offset and its size field.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> (u64, u32) {
        let start = DATA + self.data.len() as u64;
        self.data.extend_from_slice(bytes);
        (start, bytes.len() as u32 | 1 << 24)
    }

    pub(super) fn inode(&mut self, kind: u16, body: &[u8]) -> u16 {
        self.last = self.inodes.len() as u16;
        for field in [kind, 0o644, 0, 0] {
            self.inodes.extend(field.to_le_bytes());
        }
        self.inodes.extend(77u32.to_le_bytes());
        self.inodes.extend(self.next_number.to_le_bytes());
        self.inodes.extend_from_slice(body);
        self.next_number += 1;
        self.last
    }

    pub(super) fn file(
        &mut self,
        start: u32,
        fragment: u32,
        offset: u32,
        size: u32,
        blocks: &[u32],
    ) -> u16 {
        let fields = [start, fragment, offset, size]
            .into_iter()
            .chain(blocks.iter().copied());
        let body: Vec<u8> = fields.flat_map(u32::to_le_bytes).collect();
        self.inode(2, &body)
    }

    pub(super) fn link(&mut self, target: &[u8]) -> u16 {
        let mut body = [1u32.to_le_bytes(), (target.len() as u32).to_le_bytes()].concat();
        body.extend_from_slice(target);
        self.inode(3, &body)
    }

    pub(super) fn directory(&mut self, entries: &[(&str, u16, u16)]) -> u16 {
        let offset = self.listings.len() as u16;
        let mut listing = listing(entries);
        // The differences of the inodes' numbers to that of the header, which is 1.
        let mut at = 12;
        for (name, _, inode) in entries {
            let number = usize::from(*inode) + 12;
            let number = self.inodes.get(number).copied();
            listing[at + 2] = number.unwrap_or(1) - 1;
            at += 8 + name.len();
        }
        self.listings.extend_from_slice(&listing);
        self.directory_at(offset, listing.len() as u16 + 3)
    }

    pub(super) fn directory_at(&mut self, offset: u16, size: u16) -> u16 {
        let mut body = [0u32.to_le_bytes(), 2u32.to_le_bytes()].concat();
        body.extend(size.to_le_bytes());
        body.extend(offset.to_le_bytes());
        body.extend(0u32.to_le_bytes());
        self.inode(1, &body)
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut image = vec![0; 96];
        image.extend_from_slice(&self.data);
        let inode_table = metadata(&mut image, &self.inodes);
        let directory_table = metadata(&mut image, &self.listings);
        let fragments: Vec<u8> = self
            .fragments
            .iter()
            .flat_map(|(start, size)| {
                [&start.to_le_bytes()[..], &size.to_le_bytes(), &[0; 4]].concat()
            })
            .collect();
        let fragment_table = table(&mut image, &fragments);
        let id_table = table(&mut image, &1000u32.to_le_bytes());
        if self.far_data {
            // The first file's block moves behind everything else.
            image.resize(FAR as usize, 0);
            let start = (inode_table + 2 + 16) as usize;
            image[start..start + 4].copy_from_slice(&(FAR as u32).to_le_bytes());
            image.extend_from_slice(&self.data[..10]);
        }
        let mut head = b"hsqs".to_vec();
        for field in [
            self.next_number - 1,
            88,
            131_072,
            self.fragments.len() as u32,
        ] {
            head.extend(field.to_le_bytes());
        }
        for field in [1u16, 17, 0x1 | 0x2 | 0x8, 1, 4, 0] {
            head.extend(field.to_le_bytes());
        }
        let root = self.root.unwrap_or(u64::from(self.last));
        let used = image.len() as u64;
        for field in [
            root,
            used,
            id_table,
            u64::MAX,
            inode_table,
            directory_table,
            fragment_table,
            u64::MAX,
        ] {
            head.extend(field.to_le_bytes());
        }
        image[..96].copy_from_slice(&head);
        image
    }
}

/// A listing with one header.
pub(super) fn listing(entries: &[(&str, u16, u16)]) -> Vec<u8> {
    if entries.is_empty() {
        return Vec::new();
    }
    let header = [entries.len() as u32 - 1, 0, 1];
    let mut bytes: Vec<u8> = header.into_iter().flat_map(u32::to_le_bytes).collect();
    for (name, kind, offset) in entries {
        for field in [*offset, 0, *kind, name.len() as u16 - 1] {
            bytes.extend(field.to_le_bytes());
        }
        bytes.extend_from_slice(name.as_bytes());
    }
    bytes
}

fn metadata(image: &mut Vec<u8>, bytes: &[u8]) -> u64 {
    let start = image.len() as u64;
    for block in bytes.chunks(8192) {
        image.extend((block.len() as u16 | 0x8000).to_le_bytes());
        image.extend_from_slice(block);
    }
    start
}

fn table(image: &mut Vec<u8>, bytes: &[u8]) -> u64 {
    let block = metadata(image, bytes);
    let index = image.len() as u64;
    if !bytes.is_empty() {
        image.extend(block.to_le_bytes());
    }
    index
}

/// Overwrites bytes of a finished image.
pub(super) fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    image[at..at + bytes.len()].copy_from_slice(bytes);
}
