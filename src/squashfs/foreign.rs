//! What a file is that is no squashfs image: by the marks that other formats put into their first bytes.

use super::error::LooksLike;

/// Enough of a file to find the mark that lies furthest in, that of btrfs.
pub(super) const ENOUGH: u64 = 65_608;

/// A mark: its offset, its bytes, and what has it.
type Mark = (usize, &'static [u8], LooksLike);

const EXT: LooksLike = LooksLike::Foreign("an ext2, ext3 or ext4 file system");
const SWAP: LooksLike = LooksLike::Foreign("swap space");
const FAT: LooksLike = LooksLike::Foreign("a FAT file system");
const DISK: LooksLike =
    LooksLike::Foreign("an image of a whole disk, with a partition table (MBR or GPT)");
const VMDK: LooksLike = LooksLike::Foreign("a disk of a virtual machine (VMDK)");

/// Marks in the first sector. The sources are those of the formats' own authors.
const FIRST: &[Mark] = &[
    // This squashfs of before 4.0, and variants of vendors (binwalk's list of signatures).
    (0, b"sqsh", LooksLike::BigEndian),
    (0, b"qshs", LooksLike::VendorSquashfs),
    (0, b"shsq", LooksLike::VendorSquashfs),
    (0, b"sqlz", LooksLike::VendorSquashfs),
    // SIF: sylabs/sif, pkg/sif/sif.go. tar: POSIX ustar.
    (32, b"SIF_MAGIC", LooksLike::Sif),
    (257, b"ustar", LooksLike::Tar),
    // RFC 1952; RFC 8878; the .xz file format 1.2; bzip2's and 7-Zip's own descriptions; APPNOTE 4.3.7.
    (0, b"\x1f\x8b", LooksLike::Gzip),
    (0, b"\x28\xb5\x2f\xfd", LooksLike::Zstd),
    (0, b"\xfd7zXZ\0", LooksLike::Xz),
    (0, b"7z\xbc\xaf\x27\x1c", LooksLike::Foreign("a 7z archive")),
    (0, b"PK\x03\x04", LooksLike::Zip),
    (0, b"\x7fELF", LooksLike::Elf),
    // Linux: XFS_SB_MAGIC in fs/xfs/libxfs/xfs_format.h, CRAMFS_MAGIC in include/uapi/linux/magic.h.
    (0, b"XFSB", LooksLike::Foreign("an XFS file system")),
    (
        0,
        b"\x45\x3d\xcd\x28",
        LooksLike::Foreign("a cramfs file system"),
    ),
    // cryptsetup, docs/on-disk-format.pdf (LUKS 1) and docs/on-disk-format-luks2.pdf.
    (
        0,
        b"LUKS\xba\xbe",
        LooksLike::Foreign("a volume that is encrypted with LUKS"),
    ),
    // QEMU, docs/interop/qcow2.rst, block/vmdk.c, block/vdi.c and block/vhdx.h.
    (
        0,
        b"QFI\xfb",
        LooksLike::Foreign("a disk of a virtual machine (qcow2)"),
    ),
    (0, b"KDMV", VMDK),
    (0, b"# Disk DescriptorFile", VMDK),
    (
        64,
        b"\x7f\x10\xda\xbe",
        LooksLike::Foreign("a disk of a virtual machine (VDI)"),
    ),
    (
        0,
        b"vhdxfile",
        LooksLike::Foreign("a disk of a virtual machine (VHDX)"),
    ),
    // Linux, include/uapi/linux/msdos_fs.h and fs/ntfs3/ntfs.h; Microsoft's exFAT specification, 3.1.2.
    (3, b"NTFS    ", LooksLike::Foreign("an NTFS file system")),
    (3, b"EXFAT   ", LooksLike::Foreign("an exFAT file system")),
    (54, b"FAT12   ", FAT),
    (54, b"FAT16   ", FAT),
    (82, b"FAT32   ", FAT),
];

/// Marks behind the first bytes, and those that more than one format has: they are asked last.
const FURTHER_IN: &[Mark] = &[
    // ECMA-119, 8.1: sector 16.
    (
        32_769,
        b"CD001",
        LooksLike::Foreign("an ISO 9660 file system"),
    ),
    // Linux: BTRFS_SUPER_INFO_OFFSET in fs/btrfs/fs.h, BTRFS_MAGIC in include/uapi/linux/btrfs_tree.h.
    (
        65_600,
        b"_BHRfS_M",
        LooksLike::Foreign("a btrfs file system"),
    ),
    // Linux, include/uapi/linux/magic.h and fs/erofs/erofs_fs.h; include/linux/f2fs_fs.h.
    (
        1024,
        b"\xe2\xe1\xf5\xe0",
        LooksLike::Foreign("an EROFS file system"),
    ),
    (
        1024,
        b"\x10\x20\xf5\xf2",
        LooksLike::Foreign("an F2FS file system"),
    ),
    // Linux, include/linux/swap.h: at the end of a page, of 4 KiB, 16 KiB or 64 KiB.
    (4086, b"SWAPSPACE2", SWAP),
    (16_374, b"SWAPSPACE2", SWAP),
    (65_526, b"SWAPSPACE2", SWAP),
    // LVM2, lib/format_text/layout.h: in one of the first four sectors, as a rule the second.
    (512, b"LABELONE", LooksLike::Foreign("a volume of LVM")),
    // Linux, fs/ext4/ext4.h: s_magic at 56 of the superblock at 1024.
    (1080, b"\x53\xef", EXT),
    // UEFI 2.10, 5.3 and 5.2.
    (512, b"EFI PART", DISK),
    (510, b"\x55\xaa", DISK),
];

fn of(marks: &[Mark], head: &[u8]) -> Option<LooksLike> {
    let has = |offset: usize, magic: &[u8]| {
        head.get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    let mark = marks.iter().find(|(offset, magic, _)| has(*offset, magic));
    mark.map(|(_, _, found)| *found)
}

/// Returns what a file is whose first bytes say nothing, by its first [`ENOUGH`] bytes.
pub(super) fn further_in(head: &[u8]) -> Option<LooksLike> {
    of(FURTHER_IN, head)
}

/// Returns what a file is, by its first bytes.
pub(super) fn looks_like(head: &[u8]) -> LooksLike {
    if let Some(found) = of(FIRST, head) {
        return found;
    }
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'{' | b'[') => LooksLike::Json,
        Some(b'#') if head.starts_with(b"#!") => LooksLike::Script,
        Some(0) if head.len() >= 4 && head.iter().all(|byte| *byte == 0) => LooksLike::Zeros,
        _ if is_text(head) => LooksLike::Text,
        _ => LooksLike::Unknown,
    }
}

/// Returns true for words of a person: printable, with a line break or a space between them.
fn is_text(head: &[u8]) -> bool {
    let printable = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    head.iter().all(printable)
        && head.iter().any(u8::is_ascii_whitespace)
        // The last character may be cut.
        && String::from_utf8_lossy(head).matches('\u{fffd}').count() < 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_is_found_where_it_is_and_nowhere_else() {
        for (offset, magic, named) in FIRST.iter().chain(FURTHER_IN) {
            let mut head = vec![0; 66_000];
            head[*offset..offset + magic.len()].copy_from_slice(magic);
            let found = of(FIRST, &head).or_else(|| further_in(&head));
            assert_eq!(found, Some(*named), "{offset}");
            head.insert(0, b'x');
            let found = of(FIRST, &head).or_else(|| further_in(&head));
            assert_eq!(found, None, "{offset} + 1");
            assert!(offset + magic.len() <= usize::try_from(ENOUGH).unwrap());
        }
    }

    #[test]
    fn text_is_told_from_damage() {
        for (head, expected) in [
            (&b"FROM ubuntu:24.04\n"[..], LooksLike::Text),
            ("services:\n  app: \u{e4}".as_bytes(), LooksLike::Text),
            (b"anything", LooksLike::Unknown),
            (b"a b\x01", LooksLike::Unknown),
            (b"a \xff\xfe\xff", LooksLike::Unknown),
            (b"", LooksLike::Unknown),
        ] {
            assert_eq!(looks_like(head), expected, "{head:?}");
        }
    }

    #[test]
    fn a_first_sector_of_fat_is_no_disk_and_sif_is_no_script() {
        let mut head = vec![0; 1024];
        head[510..512].copy_from_slice(b"\x55\xaa");
        assert_eq!(further_in(&head), Some(DISK));
        head[82..90].copy_from_slice(b"FAT32   ");
        assert_eq!(looks_like(&head), FAT);
        let mut head = b"#!/usr/bin/env run-singularity\n\0".to_vec();
        assert_eq!(looks_like(&head), LooksLike::Script);
        head.extend_from_slice(b"SIF_MAGIC");
        assert_eq!(looks_like(&head), LooksLike::Sif);
    }
}
