//! The decoders: bounds, streams, and decoders that are kept.

use crate::squashfs::Compressor;
use crate::squashfs::disk::Piece;
use proptest::prelude::*;
use std::io::Write;

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn packed() -> Vec<(Compressor, Vec<u8>)> {
    let data = [b'a'; 5000];
    vec![
        (Compressor::Gzip, zlib(&data)),
        (Compressor::Lz4, lz4_flex::block::compress(&data)),
        (Compressor::Zstd, zstd::bulk::compress(&data, 3).unwrap()),
        (
            Compressor::Lzo,
            vec![0x12, 0, 0x20, 0, 0xdf, 0, 0, 0x11, 0, 0],
        ),
    ]
}

/// 70,000 zeros, as xz and lzma write them with a dictionary of 8 KiB.
const XZ: &str = "fd377a585a0000016922de360200210102000000bcef9e7ce1116f004d5d00006ffdffffa3b7ff473e481572396151b89228e6a38607f9eee41e82d32fc53a3c014bb17ec98a8a4d2fa30dd97fa6e38c231153e05918c5758ae277f8b6947f0c6ac0de744964e2618ab9260000000000dcc8a9a6000165f0a20400003b6333333e300d8b020000000001595a";
const LZMA: &str = "5d00200000ffffffffffffffff00006ffdffffa3b7ff473e481572396151b89228e6a38607f9eee41e82d32fc53a3c014bb17ec98a8a4d2fa30dd97fa6e38c231153e05918c5758ae277f8b6947f0c6ac0de744964e2618b0a038ffffff05d0000";

fn unhex(text: &str) -> Vec<u8> {
    let digits = text
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    digits
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

/// Blocks that hold far more than they have bytes, of every codec, and how much they hold.
fn bombs() -> Vec<(Compressor, Vec<u8>, usize)> {
    const LEN: usize = 1 << 24;
    let data = vec![0; LEN];
    let mut bombs = vec![
        (Compressor::Gzip, zlib(&data), LEN),
        (Compressor::Lz4, lz4_flex::block::compress(&data), LEN),
        (
            Compressor::Zstd,
            zstd::bulk::compress(&data, 3).unwrap(),
            LEN,
        ),
        (Compressor::Xz, unhex(XZ), 70_000),
        (Compressor::Lzma, unhex(LZMA), 70_000),
    ];
    // One byte, then a match with an endless length.
    let mut lzo = vec![0x12, 0, 0x20];
    lzo.extend([0; 4000]);
    lzo.extend([0xdf, 0, 0, 0x11, 0, 0]);
    bombs.push((Compressor::Lzo, lzo, 4001 * 255));
    bombs
}

#[test]
fn a_block_that_holds_more_than_its_bound_is_an_error() {
    for (codec, block) in packed() {
        let block = Piece::owned(block);
        assert!(codec.decode(&block, 500).is_err(), "{codec}");
        assert!(codec.decode(&block, 5000).is_ok(), "{codec}");
    }
    for (codec, block, len) in bombs() {
        assert!(block.len() * 100 < len, "{codec}: {} bytes", block.len());
        let block = Piece::owned(block);
        for max in [1, 8192, 65_536] {
            assert!(codec.decode(&block, max).is_err(), "{codec} {max}");
            // Stopping early may not notice, and gives no more than the block may hold.
            let start = codec.decode_start(&block, max / 2, max);
            assert!(
                start.is_err() || start.unwrap().0.len() <= max,
                "{codec} {max}"
            );
        }
    }
}

#[test]
fn only_the_start_is_decoded_where_the_codec_can_stop() {
    for (codec, block) in packed() {
        let block = Piece::owned(block);
        let (bytes, whole) = codec.decode_start(&block, 100, 5000).unwrap();
        assert!(bytes.len() >= 100, "{codec}");
        // The two that copy in long runs may come to their ends.
        let runs = matches!(codec, Compressor::Lzo | Compressor::Lz4);
        assert_eq!(whole, runs, "{codec}");
    }
}

#[test]
fn a_stream_goes_on_where_it_stopped() {
    let zeros = zlib(&[0; 70_000]);
    for (codec, block) in [
        (Compressor::Gzip, zeros),
        (Compressor::Xz, unhex(XZ)),
        (Compressor::Lzma, unhex(LZMA)),
    ] {
        let block = Piece::owned(block);
        for max in [70_000, 80_000] {
            let mut stream = codec.stream(&block).unwrap().unwrap();
            let mut bytes = Vec::new();
            for upto in [1, 100, 100, 50, 30_000, 69_999] {
                assert!(
                    !stream.go_on(&mut bytes, upto, max).unwrap(),
                    "{codec} {upto}"
                );
                assert!(bytes.len() >= upto, "{codec} {upto}");
            }
            assert!(stream.go_on(&mut bytes, max, max).unwrap(), "{codec} {max}");
            assert!(bytes == vec![0; 70_000], "{codec} {max}: {}", bytes.len());
        }
        let mut stream = codec.stream(&block).unwrap().unwrap();
        let mut bytes = Vec::new();
        stream.go_on(&mut bytes, 10, 60_000).unwrap();
        assert!(stream.go_on(&mut bytes, 60_000, 60_000).is_err(), "{codec}");
    }
}

#[test]
fn a_bad_block_leaves_nothing_behind_in_a_decoder_that_is_kept() {
    let (codec, block) = packed()
        .into_iter()
        .find(|(codec, _)| *codec == Compressor::Zstd)
        .unwrap();
    let cut = &block[..block.len() / 2];
    let whole = Piece::owned(block.clone());
    for bad in [cut, &[], &[0; 40], b"\x28\xb5\x2f\xfd\xff\xff\xff\xff"] {
        let start = codec.decode_start(&Piece::owned(bad.to_vec()), 100, 5000);
        assert!(start.is_err() || start.unwrap().0.len() < 100, "{bad:?}");
        let (bytes, _) = codec.decode_start(&whole, 100, 5000).unwrap();
        assert_eq!(bytes, [b'a'; 100], "{bad:?}");
        assert_eq!(codec.decode(&whole, 5000).unwrap(), [b'a'; 5000]);
    }
}

#[test]
fn a_cut_block_is_never_taken_for_a_whole_one() {
    for (codec, block) in packed() {
        let cut = Piece::owned(block[..block.len() - 4].to_vec());
        let cut = codec.decode(&cut, 5000);
        assert!(cut.is_err() || cut.unwrap().len() < 5000, "{codec}");
    }
}

#[test]
fn unknown_compressors_have_no_name() {
    assert_eq!(Compressor::from_id(0), None);
    assert_eq!(Compressor::from_id(7), None);
}

proptest! {
    /// Zeros are also what the output holds before anything is written.
    #[test]
    fn the_start_of_an_lzo_block_is_what_was_packed(
        runs in prop::collection::vec((0_u8..3, 1_usize..700), 1..12),
        wanted in 1_usize..3000,
    ) {
        let runs = runs.iter().map(|(byte, length)| vec![*byte; *length]);
        let packed = runs.collect::<Vec<_>>().concat();
        let block = lzokay::compress::compress(&packed).unwrap();
        let max = packed.len().max(wanted);
        let (bytes, whole) = Compressor::Lzo.decode_start(&Piece::owned(block), wanted, max).unwrap();
        prop_assert!(packed.starts_with(&bytes));
        prop_assert!(bytes.len() >= wanted.min(packed.len()));
        prop_assert!(!whole || bytes.len() == packed.len());
    }
}
