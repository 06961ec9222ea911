//! The header and the descriptors of a SIF file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sqsh_prov::image::sif::{DESCRIPTOR, descriptors, header, system};

fuzz_target!(|data: &[u8]| {
    // The file goes on behind what is here.
    let size = data.len() as u64 * 4;
    let Ok(header) = header(data, size) else {
        return;
    };
    let start = usize::try_from(header.table)
        .unwrap_or(usize::MAX)
        .min(data.len());
    let wanted = usize::try_from(header.total)
        .unwrap_or(usize::MAX)
        .saturating_mul(DESCRIPTOR);
    let end = start.saturating_add(wanted).min(data.len());
    let Ok(found) = descriptors(&data[start..end], &header, size) else {
        return;
    };
    for piece in &found {
        assert!(
            piece
                .offset
                .checked_add(piece.size)
                .is_some_and(|end| end <= size)
        );
    }
    let _ = system(&found);
});
