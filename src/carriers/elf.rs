//! Reads the machine of an ELF program.

/// The number of bytes that [`machine`] needs.
pub const HEADER_BYTES: usize = 20;

/// Returns the machine in the spelling of `uname -m`. Returns `None` if the file is not ELF, or if no
/// container is built for the machine.
#[must_use]
pub fn machine(header: &[u8]) -> Option<&'static str> {
    let rest = header.strip_prefix(b"\x7fELF")?;
    let (&class, &order) = (rest.first()?, rest.get(1)?);
    let bytes = *header.get(18..)?.first_chunk()?;
    let little = order == 1;
    let number = match order {
        1 => u16::from_le_bytes(bytes),
        2 => u16::from_be_bytes(bytes),
        _ => return None,
    };
    let wide = class == 2;
    match (number, wide, little) {
        (3, false, true) => Some("i686"),
        (8, true, true) => Some("mips64el"),
        (21, true, true) => Some("ppc64le"),
        (21, true, false) => Some("ppc64"),
        (22, true, false) => Some("s390x"),
        (40, false, true) => Some("armv7l"),
        (62, true, true) => Some("x86_64"),
        (183, true, true) => Some("aarch64"),
        (243, true, true) => Some("riscv64"),
        (258, true, true) => Some("loongarch64"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(class: u8, order: u8, number: [u8; 2]) -> Vec<u8> {
        let mut bytes = b"\x7fELF".to_vec();
        bytes.extend([class, order, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
        bytes.extend(number);
        bytes
    }

    #[test]
    fn machines_are_named_as_uname_does() {
        for (class, order, number, expected) in [
            (2, 1, [62, 0], Some("x86_64")),
            (2, 1, [183, 0], Some("aarch64")),
            (2, 1, [21, 0], Some("ppc64le")),
            (2, 2, [0, 21], Some("ppc64")),
            (2, 1, [243, 0], Some("riscv64")),
            (2, 2, [0, 22], Some("s390x")),
            (2, 1, [2, 1], Some("loongarch64")),
            (1, 1, [3, 0], Some("i686")),
            (2, 3, [62, 0], None),
            (2, 1, [255, 255], None),
        ] {
            assert_eq!(
                machine(&header(class, order, number)),
                expected,
                "{number:?}"
            );
        }
    }

    #[test]
    fn other_files_are_not_programs() {
        let short = header(2, 1, [62, 0]);
        assert_eq!(machine(short.get(..19).unwrap()), None);
        assert_eq!(machine(b"#!/bin/sh\nexit 0\nxxxxxxx"), None);
        assert_eq!(machine(b""), None);
    }
}
