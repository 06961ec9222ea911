//! What hashing may take.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use super::*;

/// Shows an image in less than 256 MB of memory, or is killed: what it says.
fn in_little_memory(image: &Path) -> String {
    let output = Command::new("sh")
        .args(["-c", "ulimit -d 262144; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["show", "--deep", "--format", "json"])
        .arg(image)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn records_as_large_as_they_can_be_take_little_memory() {
    let text = in_little_memory(&fixture("hostile", "deep-memory.sqsh"));
    assert!(text.contains("limit record_bytes of"), "{text}");

    let Some(edited) = Edited::new(RELEASE) else {
        return;
    };
    let mut record = String::new();
    for number in 0.. {
        let path = format!("vllm/{number}/{}.py,,\n", "x".repeat(3900));
        if record.len() + path.len() > 16 * 1024 * 1024 {
            break;
        }
        record.push_str(&path);
    }
    edited.write("vllm-0.29.0.dist-info/RECORD", record.as_bytes());
    let first = edited.tree("vllm-0.29.0.dist-info");
    for copy in (1..4)
        .map(|number| format!("vllm-0.29.{number}.dist-info"))
        .chain((0..8).map(|number| format!("other{number}-1.dist-info")))
    {
        let copy = edited.tree(&copy);
        fs::create_dir(&copy).unwrap();
        for name in ["RECORD", "METADATA"] {
            fs::hard_link(first.join(name), copy.join(name)).unwrap();
        }
    }
    edited.pack();
    let text = in_little_memory(&edited.directory.path().join("image.sqsh"));
    assert!(text.contains("limit finding_bytes of"), "{text}");
}

#[test]
fn a_file_with_many_names_is_hashed_once() {
    let Some(edited) = Edited::new(RELEASE) else {
        return;
    };
    let size = 1 << 20;
    edited.write("vllm/0.bin", &vec![7; size]);
    for number in 1..100 {
        let link = edited.tree(&format!("vllm/{number}.bin"));
        fs::hard_link(edited.tree("vllm/0.bin"), link).unwrap();
    }
    let digest = sqsh_prov::image::oci::sha256(&vec![7; size]);
    let digest = BASE64URL.encode(unhex(digest.strip_prefix("sha256:").unwrap()));
    let rows: String = (0..100)
        .map(|number| format!("vllm/{number}.bin,sha256={digest},{size}\n"))
        .collect();
    edited.record(|old| old + &rows);
    let limits = Limits {
        time: None,
        hashed_bytes: 20 << 20,
        ..Limits::default()
    };
    let document = with_limits(&edited.pack(), limits);
    assert!(!warns(&document, "over-limit"), "{:?}", document.warnings);
    let checked = only(&document);
    assert!(
        checked.files >= 100 && checked.changed.is_empty(),
        "{checked:?}"
    );
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    let digits = pairs.map(|pair| std::str::from_utf8(pair).unwrap());
    digits
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}
