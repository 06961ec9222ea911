//! What speaks against an official image, and what is missing.

/// The codes of both.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub against: Vec<&'static str>,
    pub missing: Vec<&'static str>,
}

impl Findings {
    pub(super) fn against(&mut self, holds: bool, code: &'static str) {
        self.against.extend(holds.then_some(code));
    }

    pub(super) fn missing(&mut self, holds: bool, code: &'static str) {
        self.missing.extend(holds.then_some(code));
    }
}
