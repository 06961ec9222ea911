//! The Singularity Image Format: a header, a table of descriptors, and the parts that these point to.
//!
//! Each part must be inside of the file and after the table, and no two parts may overlap.

/// The size of the header, in bytes.
pub const HEADER: usize = 128;
/// The size of a descriptor, in bytes.
pub const DESCRIPTOR: usize = 585;
/// The most descriptors of a file; the format's tools make 48.
const MAX_DESCRIPTORS: u64 = 4096;

const MAGIC: &[u8] = b"SIF_MAGIC\0";

/// The reason why a file cannot be read as SIF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SifError {
    /// The header is missing or cut short.
    #[error("it is not a complete SIF file: its header of {HEADER} bytes is truncated or missing")]
    Header,
    /// The version is unknown.
    #[error("it is SIF of version {0}; only version 01 can be read")]
    Version(String),
    /// The table of descriptors is damaged.
    #[error("the SIF header is damaged: {0}; copy or build the file again")]
    Table(String),
    /// A descriptor is damaged.
    #[error("the SIF descriptor {id} is damaged: {reason}; copy or build the file again")]
    Descriptor {
        /// The descriptor's number in the file.
        id: u32,
        /// What is wrong.
        reason: String,
    },
    /// There is no root file system to read.
    #[error("the SIF file has no squashfs partition with a root file system: {0}")]
    NoSystem(String),
}

/// The header of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The architecture of the whole file, in the spelling of `uname -m`.
    pub architecture: Option<&'static str>,
    /// The time when the file was made, in seconds since 1970.
    pub created: i64,
    /// The time of the last change, in seconds since 1970.
    pub modified: i64,
    /// The offset of the table of descriptors.
    pub table: u64,
    /// The number of descriptors in the table, used or not.
    pub total: u64,
}

/// The type of a part.
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
    /// A signature over other parts.
    Signature,
    /// JSON of any kind.
    Json,
    /// Anything else.
    Other,
}

/// A partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The file system.
    pub file_system: FileSystem,
    /// True for the one that a container runs from.
    pub primary: bool,
    /// The architecture, in the spelling of `uname -m`.
    pub architecture: Option<&'static str>,
}

/// A file system in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// Squashfs.
    Squashfs,
    /// Encrypted squashfs.
    Encrypted,
    /// Ext3 or another file system.
    Other,
}

/// One part of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The type of the part.
    pub kind: Kind,
    /// The number of the part.
    pub id: u32,
    /// The offset of the part in the file.
    pub offset: u64,
    /// The size of the part, in bytes.
    pub size: u64,
    /// The name: `oci-config.json`, `inspect-metadata.json`, …
    pub name: String,
}

/// Parses the header of a file of `file_size` bytes.
///
/// # Errors
/// If it is cut short, has another version, or its table is outside of the file.
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

/// Parses the table of descriptors, without unused ones.
///
/// # Errors
/// If a part is outside of the file, or overlaps the header, the table or another part.
pub fn descriptors(
    table: &[u8],
    header: &Header,
    file_size: u64,
) -> Result<Vec<Descriptor>, SifError> {
    let table_end = header
        .table
        .saturating_add(header.total.saturating_mul(DESCRIPTOR as u64));
    let mut all = Vec::new();
    let used = table.chunks_exact(DESCRIPTOR).filter_map(descriptor);
    for (descriptor, offset, size) in used {
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
    let mut primary = partitions().filter(|(_, partition)| partition.primary);
    let none = |reason: &str| Err(SifError::NoSystem(reason.to_owned()));
    if let (Some(first), None) = (primary.next(), primary.next()) {
        return match first.1.file_system {
            FileSystem::Squashfs => Ok(first),
            FileSystem::Encrypted => none("its partition is encrypted"),
            FileSystem::Other => none("its partition has another file system"),
        };
    }
    let is_squashfs = |partition: &Partition| partition.file_system == FileSystem::Squashfs;
    let mut any = partitions().filter(|(_, partition)| is_squashfs(partition));
    match (any.next(), any.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => none(&format!(
            "it has {} parts, and none is a root file system",
            descriptors.len()
        )),
        (Some(_), Some(_)) => {
            none("several partitions are possible, and not exactly one is marked as primary")
        }
    }
}

/// Parses a used descriptor. Returns it, and its offset and size, which are not checked.
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

/// Returns the architecture of a code, in the spelling of `uname -m`.
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
