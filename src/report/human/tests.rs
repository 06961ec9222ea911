use super::*;
use crate::provenance::{PathText, Provenance};
use crate::report::escape::is_hostile;
use crate::report::{samples, terminal::columns};

fn at(width: usize, document: &Provenance) -> String {
    render(
        document,
        &Human {
            width,
            ..Human::default()
        },
    )
}

fn everything(width: usize) -> Human {
    Human {
        width,
        colour: false,
        evidence: true,
        packages: true,
        history: true,
        environment: true,
        labels: true,
    }
}

macro_rules! shows {
    ($($name:ident: $width:expr, $sample:ident;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(at($width, &samples::$sample()));
        }
    )*};
}

shows! {
    an_official_release_at_100: 100, release;
    an_official_release_at_80: 80, release;
    an_official_release_at_60: 60, release;
    an_official_release_at_40: 40, release;
    a_nightly_by_digest_at_100: 100, nightly;
    a_local_build_at_80: 80, local;
    a_staging_build_at_80: 80, staging;
    a_derived_image_at_100: 100, derived;
    a_derived_image_at_60: 60, derived;
    a_modified_image_at_80: 80, modified;
    an_unknown_image_at_80: 80, unknown;
    sources_that_conflict_at_80: 80, conflicting;
    another_registry_at_80: 80, ngc;
    a_hostile_image_at_80: 80, hostile;
}

#[test]
fn all_sections_at_100() {
    insta::assert_snapshot!(render(&samples::release(), &everything(100)));
}

#[test]
fn all_sections_at_60() {
    insta::assert_snapshot!(render(&samples::release(), &everything(60)));
}

#[test]
fn nothing_hostile_reaches_the_terminal_and_no_line_is_forged() {
    for width in 60..=120 {
        let text = render(&samples::hostile(), &everything(width));
        let bad: Vec<char> = text
            .chars()
            .filter(|&c| is_hostile(c) && c != '\n')
            .collect();
        assert!(bad.is_empty(), "{bad:?}");
        for row in text.lines().filter(|line| line.starts_with("  pull")) {
            assert!(row.starts_with("  pull       x/y:"), "{row}");
        }
        assert!(
            !text.contains("enroot import"),
            "no command for what is no reference"
        );
    }
}

#[test]
fn lines_fit_the_terminal_except_words_longer_than_one() {
    for width in [60, 73, 100, 120] {
        for document in [
            samples::release(),
            samples::nightly(),
            samples::derived(),
            samples::conflicting(),
            samples::hostile(),
        ] {
            for line in render(&document, &everything(width)).lines() {
                let whole = line.contains("enroot import")
                    || line.split("  ").any(|part| columns(part) > width / 2);
                assert!(columns(line) <= width || whole, "{width}: {line}");
            }
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for document in [
        samples::release(),
        samples::conflicting(),
        samples::derived(),
    ] {
        let plain = render(&document, &everything(100));
        let coloured = render(
            &document,
            &Human {
                colour: true,
                ..everything(100)
            },
        );
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    }
}

#[test]
fn a_derived_image_is_never_offered_as_its_base() {
    let text = at(100, &samples::derived());
    assert!(!text.contains("official"), "{text}");
    assert!(text.contains("pull base"), "{text}");
    assert!(
        !text.lines().any(|line| line.starts_with("  pull   ")),
        "{text}"
    );
}

#[test]
fn a_path_that_is_not_text_is_shown_by_its_bytes() {
    let mut document = samples::unknown();
    document.file.path = PathText::Bytes {
        bytes: "L2EvYv8uc3FzaA==".to_owned(),
    };
    assert!(at(80, &document).starts_with("/a/b\\xff.sqsh\n"));
}
