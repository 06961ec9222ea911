use super::*;

const FIXTURE: &[u8] = include_bytes!("../../fixtures/carriers/s-singularity-layout.sif");

fn read(file: &[u8]) -> Result<Vec<Descriptor>, SifError> {
    let size = file.len() as u64;
    let header = header(file, size)?;
    let table = &file[header.table as usize..][..header.total as usize * DESCRIPTOR];
    descriptors(table, &header, size)
}

fn patched(changes: &[(usize, i64)]) -> Vec<u8> {
    let mut file = FIXTURE.to_vec();
    for (offset, value) in changes {
        file[*offset..offset + 8].copy_from_slice(&value.to_le_bytes());
    }
    file
}

#[test]
fn the_pieces_of_a_file_are_found() {
    let header = header(FIXTURE, FIXTURE.len() as u64).unwrap();
    assert_eq!(header.architecture, Some("x86_64"));
    let all = read(FIXTURE).unwrap();
    let kinds: Vec<_> = all.iter().map(|it| (it.kind, it.name.as_str())).collect();
    let partition = Partition {
        file_system: FileSystem::Squashfs,
        primary: true,
        architecture: Some("x86_64"),
    };
    assert_eq!(
        kinds,
        [
            (Kind::Definition, "Singularity.def"),
            (Kind::Json, "oci-config.json"),
            (Kind::Partition(partition), "rootfs.squashfs"),
        ]
    );
    assert_eq!(system(&all).unwrap().0.offset, 36864);
}

#[test]
fn descriptors_that_cannot_be_are_refused() {
    // Offsets of the fields of the third descriptor, the partition.
    let (offset, size) = (4096 + 2 * DESCRIPTOR + 17, 4096 + 2 * DESCRIPTOR + 25);
    for (changes, part) in [
        (&[(offset, 1 << 40)][..], "not inside the file"),
        (&[(size, i64::MAX)], "not inside the file"),
        (&[(offset, -1)], "offset -1"),
        (&[(offset, 32200)], "overlaps descriptor"),
        (&[(offset, 64)], "overlap the header"),
        (&[(offset, 5000)], "overlap the header or the table"),
        (&[(0x58, 1 << 40)], "at most 4096"),
        (&[(0x58, -1)], "-1 descriptors"),
        (&[(0x60, 65000)], "not inside the file"),
        (&[(0x60, 8)], "not inside the file"),
    ] {
        let error = read(&patched(changes)).unwrap_err().to_string();
        assert!(error.contains(part), "{error}, expected {part}");
    }
    assert_eq!(header(&FIXTURE[..100], 100), Err(SifError::Header));
    let mut other = FIXTURE.to_vec();
    other[0x2b] = b'9';
    assert!(matches!(read(&other), Err(SifError::Version(_))));
    let used = 4096 + 2 * DESCRIPTOR + 4;
    let mut none = FIXTURE.to_vec();
    none[used] = 0;
    assert!(matches!(
        system(&read(&none).unwrap()),
        Err(SifError::NoSystem(_))
    ));
}
