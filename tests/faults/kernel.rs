//! What the kernel says.

use super::*;

/// Which read of the file fails, and what the system says.
fn injected(image: &Path, inject: &str) -> Option<Output> {
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-P"])
        .arg(image)
        .args(["-e", "trace=pread64", "-e"])
        .arg(format!("inject=pread64:{inject}"))
        .arg(PROGRAM)
        .args(["show", "--format", "json"])
        .arg(image)
        .output();
    // A container may forbid to trace.
    output
        .ok()
        .filter(|output| !said(output).contains("strace: "))
}

#[test]
fn the_program_bears_what_the_kernel_says() {
    let image = fixture("carriers", "a-vllm-release.gzip-uncompressed.sqsh");
    let Some(whole) = injected(&image, "error=EIO:when=65000") else {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "strace"
        );
        return;
    };
    assert!(whole.status.success(), "{}", said(&whole));
    for inject in ["error=EINTR:when=1", "error=EINTR:when=2+2"] {
        let answer = injected(&image, inject).unwrap();
        assert!(
            answer.status.success() && answer.stdout == whole.stdout,
            "{inject}: {}",
            said(&answer)
        );
    }
    let mut failed = 0;
    for error in ["EIO", "ESTALE"] {
        for read in 1..=12 {
            // A read ahead that fails is asked for again, and only then said.
            let once = injected(&image, &format!("error={error}:when={read}")).unwrap();
            assert!(
                read == 1 || once.stdout == whole.stdout,
                "{error} at {read}"
            );
            let answer = injected(&image, &format!("error={error}:when={read}+")).unwrap();
            if answer.stdout == whole.stdout {
                continue;
            }
            failed += 1;
            assert_eq!(
                answer.status.code(),
                Some(2),
                "{error} at {read}: {}",
                said(&answer)
            );
            let said = said(&answer) + &String::from_utf8_lossy(&answer.stdout);
            let words = ["Input/output error", "Stale file handle"];
            let told = words.iter().any(|word| said.contains(word));
            assert!(told, "{error} at {read}: {said}");
        }
    }
    assert!(failed >= 6, "{failed}");
}
