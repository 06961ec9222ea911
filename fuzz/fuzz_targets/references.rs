//! Image references: what is parsed prints as something that parses to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sqsh_prov::reference::Reference;

fuzz_target!(|text: &str| {
    let Ok(reference) = Reference::parse(text) else {
        return;
    };
    let _ = (
        reference.name(),
        reference.owner().len(),
        reference.enroot_uri(),
    );
    let mirrors = [("harbor.example.org/hub".to_owned(), "docker.io".to_owned())];
    let _ = reference
        .unmirrored(&mirrors)
        .map(|other| reference.may_mirror(&other));
    assert!(reference.same_repository(&reference));
    let printed = reference.to_string();
    let again = Reference::parse(&printed).unwrap_or_else(|error| panic!("{printed:?}: {error}"));
    assert_eq!(again.to_string(), printed);
});
