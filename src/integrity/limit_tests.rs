use super::tests::{INFO, image, package, row};
use super::*;
use crate::image::Image;

/// Every limit is named where it is passed, and what was found so far stays.
#[test]
fn each_limit_of_hashing_is_named_when_it_is_passed() {
    let record = [
        row("acme/a.py", b"aaaa"),
        row("acme/b.py", b"bbbb"),
        row("acme/gone.py", b""),
        row("acme/lost.py", b""),
    ];
    let files = image(
        &[("acme/a.py", b"aaaa"), ("acme/b.py", b"bbbb")],
        &record.concat(),
    );
    let base = Limits::default();
    for (limits, named) in [
        (
            Limits {
                record_bytes: 8,
                ..base
            },
            "record_bytes of 8",
        ),
        (
            Limits {
                record_rows: 3,
                ..base
            },
            "record_rows of 3",
        ),
        (
            Limits {
                finding_bytes: 50,
                ..base
            },
            "finding_bytes of 50",
        ),
        (
            Limits {
                hashed_file_bytes: 3,
                ..base
            },
            "hashed_file_bytes of 3",
        ),
        (
            Limits {
                hashed_bytes: 5,
                ..base
            },
            "hashed_bytes of 5",
        ),
        (
            Limits {
                listing_entries: 1,
                ..base
            },
            "listing_entries of 1",
        ),
    ] {
        let open = || Ok(Box::new(&files) as Box<dyn Image>);
        let package = package(INFO);
        let findings = check(&open, &[&package], &Surroundings::default(), &limits, None);
        let mut losses = findings.losses.iter();
        let said = losses.any(|loss| loss.partial && loss.message.contains(named));
        assert!(said, "{named}: {:?}", findings.losses);
    }
    let limits = Limits {
        finding_bytes: 1,
        ..base
    };
    let open = || Ok(Box::new(&files) as Box<dyn Image>);
    let package = package(INFO);
    let findings = check(&open, &[&package], &Surroundings::default(), &limits, None);
    assert_eq!(findings.packages[0].missing, ["acme/gone.py"]);
}

#[test]
fn only_the_limit_that_is_passed_is_named() {
    let base = Limits::default();
    let deep = format!("acme/{}b.py", "d/".repeat(70));
    let own = row("acme/a.py", b"a");
    let more = image(
        &[
            ("acme/a.py", b"a"),
            ("acme/x/z.py", b"z"),
            (deep.as_str(), b"b"),
        ],
        &own,
    );
    for (limits, named, other) in [
        (
            Limits {
                listing_entries: 1,
                ..base
            },
            "listing_entries of 1 entries",
            "kept_bytes",
        ),
        (
            Limits {
                kept_bytes: 1,
                ..base
            },
            "kept_bytes of 1 bytes",
            "listing_entries",
        ),
        (base, "more than 64 deep", "kept_bytes"),
    ] {
        let open = || Ok(Box::new(&more) as Box<dyn Image>);
        let package = package(INFO);
        let findings = check(&open, &[&package], &Surroundings::default(), &limits, None);
        let messages = findings.losses.iter().map(|loss| loss.message.as_str());
        let messages: Vec<&str> = messages.collect();
        assert!(messages.iter().any(|it| it.contains(named)), "{messages:?}");
        assert!(
            !messages.iter().any(|it| it.contains(other)),
            "{messages:?}"
        );
    }
}
