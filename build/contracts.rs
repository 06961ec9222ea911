//! Converts the contracts to JSON. Every run reads all of them, and JSON is ten times as fast as TOML.

use std::error::Error;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::{env, fs};

const CONTRACTS: &str = "contracts";

/// Writes each contract as JSON to the build's output directory, under its own name.
pub fn write() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={CONTRACTS}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    for entry in fs::read_dir(CONTRACTS)? {
        let path = entry?.path();
        let Some(name) = path
            .file_name()
            .filter(|_| path.extension() == Some(OsStr::new("toml")))
        else {
            continue;
        };
        let mut value: toml::Table = toml::from_str(&fs::read_to_string(&path)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        // Only `contracts check` needs them, and it reads the file.
        value.remove("example");
        fs::write(out.join(name), serde_json::to_string(&value)?)?;
    }
    Ok(())
}
