//! Parses the `RECORD` of a `.dist-info` directory: the files of a package with their hashes, as the
//! installer wrote them.
//!
//! It is a CSV file of path, `ALGORITHM=HASH` (urlsafe base64 without padding) and size. `RECORD` itself and
//! compiled files have no hash.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The longest path that Linux opens, in bytes.
const LONGEST_PATH: usize = 4096;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The path as written: relative to the directory that contains `.dist-info`, or absolute.
    pub path: Vec<u8>,
    /// The hash of its content.
    pub hash: Hash,
    /// The size in bytes, if the row has one.
    pub size: Option<u64>,
}

/// The hash in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hash {
    /// A SHA-256.
    Sha256([u8; 32]),
    /// No hash: the file is `RECORD` itself, or was compiled during the installation.
    Absent,
    /// A hash of another algorithm, or one that cannot be read.
    Other(String),
}

/// The reason why a `RECORD` cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A quote is never closed.
    #[error("line {line}: a quoted field never ends")]
    OpenQuote {
        /// The line, from 1.
        line: u32,
    },
    /// A path is too long.
    #[error("line {line}: a path of more than {LONGEST_PATH} bytes")]
    LongPath {
        /// The line, from 1.
        line: u32,
    },
    /// It has too many rows.
    #[error("it lists more files than the limit record_rows of {limit}")]
    TooManyRows {
        /// The limit.
        limit: u64,
    },
}

/// Returns all rows in their order, at most `limit`.
///
/// # Errors
/// If it is not CSV, or over a limit.
pub fn parse(bytes: &[u8], limit: u64) -> Result<Vec<Row>, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut fields = Fields {
        rest: bytes,
        line: 1,
    };
    let mut rows = Vec::new();
    while let Some([path, digest, size]) = fields.row()? {
        if path.is_empty() {
            continue;
        }
        if rows.len() as u64 >= limit {
            return Err(Error::TooManyRows { limit });
        }
        let size = std::str::from_utf8(&size).ok();
        rows.push(Row {
            path,
            hash: hash(&digest),
            size: size.and_then(|size| size.trim().parse().ok()),
        });
    }
    Ok(rows)
}

fn hash(text: &[u8]) -> Hash {
    let text = String::from_utf8_lossy(text);
    let text = text.trim();
    if text.is_empty() {
        return Hash::Absent;
    }
    let (algorithm, value) = text.split_once('=').unwrap_or((text, ""));
    let algorithm = algorithm.to_ascii_lowercase();
    let decoded = (algorithm == "sha256")
        .then(|| BASE64.decode(value).ok())
        .flatten();
    match decoded.and_then(|bytes| bytes.try_into().ok()) {
        Some(digest) => Hash::Sha256(digest),
        None => Hash::Other(algorithm.chars().take(16).collect()),
    }
}

struct Fields<'b> {
    rest: &'b [u8],
    line: u32,
}

impl Fields<'_> {
    /// Returns path, hash and size of the next row. It skips further columns.
    fn row(&mut self) -> Result<Option<[Vec<u8>; 3]>, Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        let [mut path, mut hash, mut size] = <[Vec<u8>; 3]>::default();
        let mut has_more = self.field(&mut path)?;
        if path.len() > LONGEST_PATH {
            return Err(Error::LongPath { line });
        }
        for column in [&mut hash, &mut size] {
            has_more = has_more && self.field(column)?;
        }
        while has_more {
            has_more = self.field(&mut Vec::new())?;
        }
        Ok(Some([path, hash, size]))
    }

    /// Reads one field. Returns true if another one follows in its row.
    fn field(&mut self, out: &mut Vec<u8>) -> Result<bool, Error> {
        let line = self.line;
        let mut quoted = false;
        if let Some(rest) = self.rest.strip_prefix(b"\"") {
            self.rest = rest;
            quoted = true;
        }
        loop {
            let stop = |byte: &u8| match byte {
                b'"' => quoted,
                b',' | b'\n' | b'\r' => !quoted,
                _ => false,
            };
            let at = self.rest.iter().position(stop);
            let (plain, rest) = self.rest.split_at(at.unwrap_or(self.rest.len()));
            out.extend_from_slice(plain);
            if quoted {
                self.count_lines(plain);
            }
            let Some((&byte, rest)) = rest.split_first() else {
                self.rest = &[];
                return match quoted {
                    true => Err(Error::OpenQuote { line }),
                    false => Ok(false),
                };
            };
            self.rest = rest;
            match byte {
                b'"' => match rest.strip_prefix(b"\"") {
                    Some(rest) => {
                        out.push(b'"');
                        self.rest = rest;
                    }
                    None => quoted = false,
                },
                b',' => return Ok(true),
                _ => {
                    if byte == b'\r' {
                        self.rest = rest.strip_prefix(b"\n").unwrap_or(rest);
                    }
                    self.line = self.line.saturating_add(1);
                    return Ok(false);
                }
            }
        }
    }

    fn count_lines(&mut self, bytes: &[u8]) {
        let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
        self.line = self
            .line
            .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u64 = 500_000;

    const EMPTY: &str = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    const EMPTY_DIGEST: [u8; 32] = [
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ];

    fn row(path: &str, hash: Hash, size: Option<u64>) -> Row {
        Row {
            path: path.as_bytes().to_vec(),
            hash,
            size,
        }
    }

    #[test]
    fn rows_are_path_hash_and_size() {
        let sha = || Hash::Sha256(EMPTY_DIGEST);
        for (text, expected) in [
            (String::new(), vec![]),
            ("\n\r\n,,\n".to_owned(), vec![]),
            (
                format!("a/b.py,{EMPTY},0\n"),
                vec![row("a/b.py", sha(), Some(0))],
            ),
            (
                format!("a,{EMPTY},0\r\nb,,\r\nc"),
                vec![
                    row("a", sha(), Some(0)),
                    row("b", Hash::Absent, None),
                    row("c", Hash::Absent, None),
                ],
            ),
            (format!("a,{EMPTY}=,x,y,z\n"), vec![row("a", sha(), None)]),
            (
                format!("\"a,\"\"b\"\"\nc.py\",{EMPTY},5\n"),
                vec![row("a,\"b\"\nc.py", sha(), Some(5))],
            ),
            ("a\"b,,\n".to_owned(), vec![row("a\"b", Hash::Absent, None)]),
            (
                format!("../../../bin/x,SHA256={},7\n", &EMPTY[7..]),
                vec![row("../../../bin/x", sha(), Some(7))],
            ),
            (
                "a,sha512=abc,1\nb,md5=,1\nc,sha256=AAAA,1\nd,sha256=*,1\ne,what,1\n".to_owned(),
                vec![
                    row("a", Hash::Other("sha512".into()), Some(1)),
                    row("b", Hash::Other("md5".into()), Some(1)),
                    row("c", Hash::Other("sha256".into()), Some(1)),
                    row("d", Hash::Other("sha256".into()), Some(1)),
                    row("e", Hash::Other("what".into()), Some(1)),
                ],
            ),
        ] {
            assert_eq!(parse(text.as_bytes(), MOST), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn a_path_need_not_be_utf_8() {
        let rows = parse(b"caf\xe9/\x1b[31m.py,,\n", MOST).unwrap();
        assert_eq!(rows[0].path, b"caf\xe9/\x1b[31m.py");
    }

    #[test]
    fn what_is_no_record_is_an_error() {
        assert_eq!(
            parse(b"a,,\n\"b,,\n", MOST),
            Err(Error::OpenQuote { line: 2 })
        );
        let long = vec![b'x'; LONGEST_PATH + 1];
        assert_eq!(parse(&long, MOST), Err(Error::LongPath { line: 1 }));
        let many = b"x,,\n".repeat(500_001);
        assert_eq!(parse(&many, MOST), Err(Error::TooManyRows { limit: MOST }));
    }

    #[test]
    fn a_hundred_thousand_rows_are_read() {
        let text: String = (0..100_000)
            .map(|n| format!("package/module_{n}.py,{EMPTY},0\n"))
            .collect();
        assert_eq!(parse(text.as_bytes(), MOST).unwrap().len(), 100_000);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes, MOST);
        }

        #[test]
        fn a_quoted_path_is_read_as_it_was_written(path in "[^\r\u{0}]{1,50}") {
            let text = format!("\"{}\",,\n", path.replace('"', "\"\""));
            let rows = parse(text.as_bytes(), MOST).unwrap();
            proptest::prop_assert_eq!(&rows[0].path, path.as_bytes());
        }
    }
}
