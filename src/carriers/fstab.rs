//! Parses `/etc/fstab` as enroot writes it: each line is one declared volume.

/// Returns the volumes, in the order of the file. Lines of any other form are not the importer's.
#[must_use]
pub fn volumes(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let volumes = text.split('\n').filter_map(volume);
    volumes.map(str::to_owned).collect()
}

fn volume(line: &str) -> Option<&str> {
    // The form of enroot 1.0.
    if let Some(rest) = line.strip_prefix("tmpfs ") {
        return rest.strip_suffix(" tmpfs x-create=dir,rw,nosuid,nodev");
    }
    let both = line
        .strip_prefix("${ENROOT_ROOTFS}")?
        .strip_suffix(" none x-create=dir,bind,rw,nosuid,nodev")?;
    // The rest is `P P`. P may have spaces of its own.
    let (source, rest) = both.split_at_checked(both.len().checked_sub(1)?.checked_div(2)?)?;
    let target = rest.strip_prefix(' ')?;
    (source == target && !target.is_empty()).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let current = b"${ENROOT_ROOTFS}/data /data none x-create=dir,bind,rw,nosuid,nodev\n\
            ${ENROOT_ROOTFS}/var/lib/acme cache /var/lib/acme cache none x-create=dir,bind,rw,nosuid,nodev\n";
        assert_eq!(volumes(current), ["/data", "/var/lib/acme cache"]);
        let old = b"tmpfs /data tmpfs x-create=dir,rw,nosuid,nodev\n\
            tmpfs /var/lib/acme cache tmpfs x-create=dir,rw,nosuid,nodev\n";
        assert_eq!(volumes(old), ["/data", "/var/lib/acme cache"]);
    }

    #[test]
    fn other_lines_are_no_volumes() {
        for text in [
            "",
            "# UNCONFIGURED FSTAB FOR BASE SYSTEM\n",
            "proc /proc proc defaults 0 0\n",
            "tmpfs /tmp tmpfs defaults\n",
            "${ENROOT_ROOTFS}/a /b none x-create=dir,bind,rw,nosuid,nodev\n",
            "${ENROOT_ROOTFS} none x-create=dir,bind,rw,nosuid,nodev\n",
            "${ENROOT_ROOTFS}é é none x-create=dir,bind,rw\n",
        ] {
            assert!(volumes(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
