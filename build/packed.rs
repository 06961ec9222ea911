//! Texts that the program carries compressed, since most runs never show them; see src/packed.rs.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use miniz_oxide::deflate::compress_to_vec_zlib;

/// Directories and files; of a directory every file that is directly in it.
const TEXTS: [&str; 7] = [
    "contracts",
    "schema",
    "src/report/audit/page.css",
    "src/report/audit/page.html",
    "src/report/audit/page.js",
    "src/report/audit/tree.css",
    "src/report/audit/tree.js",
];
/// 0 to 10; the last is slow, and small.
const LEVEL: u8 = 10;

/// Writes each of them below `packed` in the directory of what is built, under its own path.
pub fn write() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?).join("packed");
    for text in TEXTS {
        println!("cargo:rerun-if-changed={text}");
        let text = Path::new(text);
        if text.is_dir() {
            for entry in fs::read_dir(text)? {
                pack(&entry?.path(), &out)?;
            }
        } else {
            pack(text, &out)?;
        }
    }
    Ok(())
}

fn pack(text: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let packed = out.join(text);
    fs::create_dir_all(packed.parent().unwrap_or(out))?;
    fs::write(packed, compress_to_vec_zlib(&fs::read(text)?, LEVEL))?;
    Ok(())
}
