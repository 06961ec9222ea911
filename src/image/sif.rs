//! The Singularity Image Format: a header, a table of descriptors, and what they point to.
//!
//! Only what the table says is believed, and only where it can be: inside the file,
//! behind the table, no two pieces over each other.

/// Bytes of the header.
pub const HEADER: usize = 128;
/// Bytes of one descriptor.
pub const DESCRIPTOR: usize = 585;
/// Descriptors of one file; its tools make 48.
const MAX_DESCRIPTORS: u64 = 4096;

const MAGIC: &[u8] = b"SIF_MAGIC\0";

/// Why a file is no SIF that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SifError {
    /// The header is not there.
    #[error("it is not a complete SIF file: its header of {HEADER} bytes is truncated or missing")]
    Header,
    /// A version that nothing is known of.
    #[error("it is SIF of version {0}; only version 01 can be read")]
    Version(String),
    /// Its own table cannot be.
    #[error("the SIF header is damaged: {0}; copy or build the file again")]
    Table(String),
    /// A descriptor that cannot be.
    #[error("the SIF descriptor {id} is damaged: {reason}; copy or build the file again")]
    Descriptor {
        /// Its number, as the file says it.
        id: u32,
        /// What is wrong.
        reason: String,
    },
    /// Nothing to read in it.
    #[error("the SIF file has no squashfs partition with a root file system: {0}")]
    NoSystem(String),
}

/// What the header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Architecture of the whole file, as `uname -m` says it.
    pub architecture: Option<&'static str>,
    /// When the file was made, seconds since 1970.
    pub created: i64,
    /// When it was last changed.
    pub modified: i64,
    /// Where the table of descriptors starts.
    pub table: u64,
    /// How many descriptors it has room for.
    pub total: u64,
}

/// What a piece of the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The definition that it was built from.
    Definition,
    /// Environment variables.
    Environment,
    /// Labels, as JSON.
    Labels,
    /// A partition.
    Partition(Partition),
    /// A signature over other pieces.
    Signature,
    /// JSON of any kind.
    Json,
    /// Anything else.
    Other,
}

/// What is in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The file system.
    pub file_system: FileSystem,
    /// True for the one that a container runs from.
    pub primary: bool,
    /// As `uname -m` says it.
    pub architecture: Option<&'static str>,
}

/// A file system in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// Squashfs.
    Squashfs,
    /// Squashfs that is encrypted.
    Encrypted,
    /// Ext3, or anything else.
    Other,
}

/// One piece of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// What it is.
    pub kind: Kind,
    /// Its number.
    pub id: u32,
    /// Where it starts.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
    /// `oci-config.json`, `inspect-metadata.json`, …
    pub name: String,
}

/// Reads the header of a file of `file_size` bytes.
///
/// # Errors
/// If it is cut short, of another version, or names places outside of the file.
pub fn header(bytes: &[u8], file_size: u64) -> Result<Header, SifError> {
    let mut at = Fields(bytes.get(32..HEADER).ok_or(SifError::Header)?);
    let fields = (|| {
        let magic = at.bytes(10)?;
        let version = at.bytes(3)?;
        let machine = at.bytes(3)?;
        at.bytes(16)?;
        let times = (at.i64()?, at.i64()?);
        let counts = (at.i64()?, at.i64()?);
        Some((magic, version, machine, times, counts, at.i64()?))
    })();
    let (magic, version, machine, (created, modified), (free, total), table) =
        fields.ok_or(SifError::Header)?;
    if magic != MAGIC {
        return Err(SifError::Header);
    }
    if version != b"01\0" {
        return Err(SifError::Version(version.escape_ascii().to_string()));
    }
    let bad = |reason: String| SifError::Table(reason);
    let total = u64::try_from(total).map_err(|_| bad(format!("{total} descriptors")))?;
    if total > MAX_DESCRIPTORS || u64::try_from(free).is_ok_and(|free| free > total) {
        return Err(bad(format!(
            "it says {total} descriptors, {free} of them free; at most {MAX_DESCRIPTORS} are read"
        )));
    }
    let start = u64::try_from(table).map_err(|_| bad(format!("a table at {table}")))?;
    let end = start.checked_add(total.saturating_mul(DESCRIPTOR as u64));
    if start < HEADER as u64 || end.is_none_or(|end| end > file_size) {
        return Err(bad(format!(
            "its table of {total} descriptors at offset {start} is not inside the file of {file_size} bytes"
        )));
    }
    Ok(Header {
        architecture: architecture(machine),
        created,
        modified,
        table: start,
        total,
    })
}

/// Reads the table of descriptors; unused ones are left out.
///
/// # Errors
/// If one points outside of the file or into the header or the table, or where two
/// pieces overlap.
pub fn descriptors(
    table: &[u8],
    header: &Header,
    file_size: u64,
) -> Result<Vec<Descriptor>, SifError> {
    let table_end = header
        .table
        .saturating_add(header.total.saturating_mul(DESCRIPTOR as u64));
    let mut all = Vec::new();
    for bytes in table.chunks_exact(DESCRIPTOR) {
        let Some(raw) = descriptor(bytes) else {
            continue;
        };
        let (descriptor, offset, size) = raw;
        let id = descriptor.id;
        let bad = |reason: String| SifError::Descriptor { id, reason };
        let (Ok(offset), Ok(size)) = (u64::try_from(offset), u64::try_from(size)) else {
            return Err(bad(format!("offset {offset}, size {size}")));
        };
        let end = offset.checked_add(size);
        if end.is_none_or(|end| end > file_size) {
            return Err(bad(format!(
                "{size} bytes at offset {offset} are not inside the file of {file_size} bytes"
            )));
        }
        let over =
            |start: u64, stop: u64| size > 0 && offset < stop && end.is_some_and(|end| end > start);
        if over(0, HEADER as u64) || over(header.table, table_end) {
            return Err(bad(format!(
                "{size} bytes at offset {offset} overlap the header or the table"
            )));
        }
        all.push(Descriptor {
            offset,
            size,
            ..descriptor
        });
    }
    let mut sorted: Vec<&Descriptor> = all.iter().filter(|it| it.size > 0).collect();
    sorted.sort_unstable_by_key(|it| (it.offset, it.id));
    for pair in sorted.windows(2) {
        if let [a, b] = pair
            && b.offset < a.offset.saturating_add(a.size)
        {
            return Err(SifError::Descriptor {
                id: b.id,
                reason: format!("it overlaps descriptor {}", a.id),
            });
        }
    }
    Ok(all)
}

/// Returns the partition that a container runs from.
///
/// # Errors
/// If there is none, or none that can be read.
pub fn system(descriptors: &[Descriptor]) -> Result<(&Descriptor, Partition), SifError> {
    let partitions = || {
        descriptors.iter().filter_map(|it| match it.kind {
            Kind::Partition(partition) => Some((it, partition)),
            _ => None,
        })
    };
    let squashfs = |partition: Partition| partition.file_system == FileSystem::Squashfs;
    let mut primary = partitions().filter(|(_, partition)| partition.primary);
    if let (Some(first), None) = (primary.next(), primary.next()) {
        return if squashfs(first.1) {
            Ok(first)
        } else if first.1.file_system == FileSystem::Encrypted {
            Err(SifError::NoSystem("its partition is encrypted".to_owned()))
        } else {
            Err(SifError::NoSystem(
                "its partition has another file system".to_owned(),
            ))
        };
    }
    let mut any = partitions().filter(|(_, partition)| squashfs(*partition));
    match (any.next(), any.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(SifError::NoSystem(format!(
            "none of its {} parts is one",
            descriptors.len()
        ))),
        (Some(_), Some(_)) => Err(SifError::NoSystem(
            "several partitions are possible, and not exactly one is marked as primary".to_owned(),
        )),
    }
}

/// Parses a used descriptor. Returns it with its raw offset and size.
fn descriptor(bytes: &[u8]) -> Option<(Descriptor, i64, i64)> {
    let mut at = Fields(bytes);
    let kind = at.i32()?;
    if at.bytes(1)? == [0] {
        return None;
    }
    let id = at.u32()?;
    at.bytes(8)?;
    let (offset, size) = (at.i64()?, at.i64()?);
    at.bytes(8 + 4 * 8)?;
    let name = at.bytes(128)?;
    let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
    let mut extra = Fields(at.0);
    let kind = match kind {
        0x4001 => Kind::Definition,
        0x4002 => Kind::Environment,
        0x4003 => Kind::Labels,
        0x4004 => Kind::Partition(Partition {
            file_system: match extra.i32()? {
                1 => FileSystem::Squashfs,
                5 => FileSystem::Encrypted,
                _ => FileSystem::Other,
            },
            primary: extra.i32()? == 2,
            architecture: architecture(extra.bytes(3)?),
        }),
        0x4005 => Kind::Signature,
        0x4006 => Kind::Json,
        _ => Kind::Other,
    };
    let name = String::from_utf8_lossy(name).into_owned();
    let descriptor = Descriptor {
        kind,
        id,
        offset: 0,
        size: 0,
        name,
    };
    Some((descriptor, offset, size))
}

/// The machine of a code, as `uname -m` says it.
fn architecture(code: &[u8]) -> Option<&'static str> {
    Some(match code.get(..2)? {
        b"01" => "i386",
        b"02" => "x86_64",
        b"03" => "arm",
        b"04" => "aarch64",
        b"05" => "ppc64",
        b"06" => "ppc64le",
        b"07" => "mips",
        b"08" => "mipsel",
        b"09" => "mips64",
        b"10" => "mips64el",
        b"11" => "s390x",
        b"12" => "riscv64",
        _ => return None,
    })
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }
}

#[cfg(test)]
#[path = "sif_tests.rs"]
mod tests;
