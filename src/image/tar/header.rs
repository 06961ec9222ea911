//! Parses one header of a tar archive, and the extensions before it.

/// Fields of the next entry that are too long for its header.
#[derive(Debug, Default)]
pub(super) struct Extension {
    pub name: Option<Vec<u8>>,
    pub target: Option<Vec<u8>>,
    pub size: Option<u64>,
    pub sparse: bool,
}

impl Extension {
    /// Parses records such as `17 path=some/name\n`. The number is the size of the record in bytes.
    pub(super) fn records(&mut self, mut bytes: &[u8]) {
        while let Some(space) = bytes.iter().position(|&byte| byte == b' ') {
            let length = bytes.get(..space).and_then(digits::<10>);
            let length = length.and_then(|length| usize::try_from(length).ok());
            let Some((record, rest)) = length.and_then(|length| bytes.split_at_checked(length))
            else {
                return;
            };
            if record.len() <= space {
                return;
            }
            let record = record.get(space.saturating_add(1)..).unwrap_or_default();
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            if let Some(path) = record.strip_prefix(b"path=") {
                self.name = Some(path.to_vec());
            } else if let Some(target) = record.strip_prefix(b"linkpath=") {
                self.target = Some(target.to_vec());
            } else if record.starts_with(b"GNU.sparse.") {
                self.sparse = true;
            } else if let Some(size) = record.strip_prefix(b"size=") {
                self.size = digits::<10>(size);
            }
            bytes = rest;
        }
    }
}

pub(super) struct Header {
    pub name: Vec<u8>,
    pub target: Vec<u8>,
    pub size: u64,
    pub mode: u32,
    pub kind: u8,
}

impl Header {
    pub(super) fn parse(block: &[u8]) -> Option<Self> {
        let mut name = cut_at_nul(block.get(..100)?);
        let is_posix = block.get(257..263)? == b"ustar\0";
        let prefix = cut_at_nul(block.get(345..500)?);
        if is_posix && !prefix.is_empty() {
            name = [prefix.as_slice(), b"/", name.as_slice()].concat();
        }
        let mode = number(block.get(100..108)?).unwrap_or_default();
        Some(Self {
            name,
            target: cut_at_nul(block.get(157..257)?),
            size: number(block.get(124..136)?)?,
            mode: u32::try_from(mode & 0o7777).unwrap_or_default(),
            kind: *block.get(156)?,
        })
    }
}

pub(super) fn cut_at_nul(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.iter().position(|&byte| byte == 0);
    let text = bytes.get(..end.unwrap_or(bytes.len()));
    text.unwrap_or_default().to_vec()
}

/// Parses octal digits, or a binary number if the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    let (&first, rest) = field.split_first()?;
    if first & 0x80 == 0 {
        let text = field.split(|&byte| byte == 0).next()?.trim_ascii();
        return digits::<8>(text);
    }
    if first != 0x80 {
        return None;
    }
    rest.iter().try_fold(0_u64, |value, &byte| {
        value.checked_mul(256)?.checked_add(u64::from(byte))
    })
}

fn digits<const RADIX: u32>(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0_u64, |value, &byte| {
        let digit = char::from(byte).to_digit(RADIX)?;
        value
            .checked_mul(u64::from(RADIX))?
            .checked_add(u64::from(digit))
    })
}

/// Returns true if the block's checksum is right.
#[must_use]
pub fn is_header(block: &[u8]) -> bool {
    let Some(stated) = block.get(148..156).and_then(number) else {
        return false;
    };
    // The sum counts the bytes of the checksum itself as spaces.
    let bytes = block.iter().enumerate().map(|(at, &byte)| match at {
        148..156 => u64::from(b' '),
        _ => u64::from(byte),
    });
    bytes.sum::<u64>() == stated && block.iter().any(|&byte| byte != 0)
}
