//! The format of a file with the index of known images; docs/reference/fingerprint.md specifies it.
//!
//! The parts follow each other; the trailer at the end has their positions. All numbers are little
//! endian.

use super::lookup::Text;

pub(super) const MAGIC: [u8; 8] = *b"sqshknow";
/// The version. Increase it with every change of the format.
const VERSION: u32 = 1;
/// The size of the trailer, in bytes: the magic, version, keys of each image, images, a hash of all (128 bits),
/// and offset and length of each part.
pub(super) const TRAILER: usize = 8 + 3 * 4 + 16 + PARTS * 16;
const PARTS: usize = 5 + Text::ALL.len();
/// The number of keys in a page of 4 KiB.
pub(super) const PAGE: usize = 512;
/// The size of a key, in bytes.
pub(super) const KEY: usize = 8;
/// The size of an image's entry in `held`, in bytes: keys (16 bits), reach and files (32 bits).
pub(super) const HELD: usize = 10;
/// The size of a line's place, in bytes: offset (64 bits) and length (32 bits).
pub(super) const PLACE: usize = 12;
/// The size of a table's entry, in bytes: hash (64 bits) and image (32 bits).
pub(super) const ENTRY: usize = 12;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub offset: u64,
    pub length: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trailer {
    /// The most keys of an image.
    pub each: u32,
    pub images: u32,
    /// The hash of the lines.
    pub digest: u128,
    /// The lines of the images.
    pub lines: Part,
    /// The keys, sorted.
    pub keys: Part,
    /// The first key of each page.
    pub pages: Part,
    /// The number of keys, the reach and the number of files of each image.
    pub held: Part,
    /// The position of each image's line in the file.
    pub places: Part,
    /// A table for each text by which images are found.
    pub tables: [Part; Text::ALL.len()],
}

impl Trailer {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for number in [VERSION, self.each, self.images] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.digest.to_le_bytes());
        let parts = [self.lines, self.keys, self.pages, self.held, self.places];
        for part in parts.into_iter().chain(self.tables) {
            bytes.extend(part.offset.to_le_bytes());
            bytes.extend(part.length.to_le_bytes());
        }
        bytes
    }

    /// Parses the trailer of a file with this size. Checks that its parts match, and are in the file.
    pub(super) fn parse(bytes: &[u8], size: u64) -> Result<Self, String> {
        let mut rest = bytes
            .strip_prefix(&MAGIC)
            .ok_or("its end is missing; make it again")?;
        let mut number = || take(&mut rest).map(u32::from_le_bytes);
        let version = number()?;
        if version != VERSION {
            return Err(format!(
                "it has version {version}, and this program knows version {VERSION}; make it again"
            ));
        }
        let (each, images) = (number()?, number()?);
        let digest = u128::from_le_bytes(take(&mut rest)?);
        let mut part = || -> Result<Part, String> {
            let offset = u64::from_le_bytes(take(&mut rest)?);
            let length = u64::from_le_bytes(take(&mut rest)?);
            match offset.checked_add(length).is_some_and(|end| end <= size) {
                true => Ok(Part { offset, length }),
                false => Err("a part of it is outside of the file; make it again".to_owned()),
            }
        };
        let trailer = Self {
            each,
            images,
            digest,
            lines: part()?,
            keys: part()?,
            pages: part()?,
            held: part()?,
            places: part()?,
            tables: [part()?, part()?, part()?],
        };
        trailer.check()?;
        Ok(trailer)
    }

    fn check(&self) -> Result<(), String> {
        let images = u64::from(self.images);
        let of = |part: Part, each: usize| {
            let each = u64::try_from(each).unwrap_or(u64::MAX);
            let is_whole = part.length.is_multiple_of(each);
            is_whole.then_some(part.length / each)
        };
        let pages = u64::try_from(PAGE).unwrap_or(u64::MAX);
        let keys = of(self.keys, KEY);
        let fits = images <= u64::from(super::search::MOST_IMAGES)
            && keys.is_some_and(|keys| keys <= super::index::MOST_KEYS as u64 * 2)
            && of(self.pages, KEY) == keys.map(|keys| keys.div_ceil(pages))
            && of(self.held, HELD) == Some(images)
            && of(self.places, PLACE) == Some(images)
            && self.tables.iter().all(|part| of(*part, ENTRY).is_some());
        match fits {
            true => Ok(()),
            false => Err("its parts do not match; make it again".to_owned()),
        }
    }
}

/// Takes bytes from the front.
fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], String> {
    let (first, others) = rest.split_first_chunk().ok_or("it is cut off")?;
    *rest = others;
    Ok(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailer_whose_parts_do_not_fit_is_refused() {
        let part = |offset, length| Part { offset, length };
        let good = Trailer {
            each: 128,
            images: 2,
            digest: 7,
            lines: part(8, 100),
            keys: part(108, 8 * 600),
            pages: part(4908, 16),
            held: part(4924, 20),
            places: part(4944, 24),
            tables: [part(4968, 24), part(4992, 0), part(4992, 12)],
        };
        let bytes = good.write();
        assert_eq!(bytes.len(), TRAILER);
        assert_eq!(Trailer::parse(&bytes, 5004), Ok(good));
        assert!(Trailer::parse(&bytes, 5003).is_err());
        for cut in 0..bytes.len() {
            let cut = bytes.get(..cut).unwrap();
            assert!(Trailer::parse(cut, 5004).is_err());
        }
        let of = |change: &dyn Fn(&mut Trailer)| {
            let mut trailer = good;
            change(&mut trailer);
            Trailer::parse(&trailer.write(), 5004)
        };
        for change in [
            &|it: &mut Trailer| it.images = 3,
            &|it: &mut Trailer| it.images = u32::MAX,
            &|it: &mut Trailer| it.keys.length = 8 * 1200,
            &|it: &mut Trailer| it.keys.length = 7,
            &|it: &mut Trailer| it.lines.offset = u64::MAX,
            &|it: &mut Trailer| it.held.length = 10,
            &|it: &mut Trailer| it.tables = [part(0, 1); 3],
        ] as [&dyn Fn(&mut Trailer); 7]
        {
            assert!(of(change).is_err());
        }
    }
}
