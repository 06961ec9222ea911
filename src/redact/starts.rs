//! How the words begin that are looked for in a text: few places in it begin so, and to see that is quick.

/// The first two bytes of some words, which are longer and of ASCII.
pub(super) struct Starts([u128; 128]);

impl Starts {
    pub(super) fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut seconds = [0; 128];
        for word in words {
            if let [first, second, ..] = word.as_bytes()
                && let Some(seconds) = seconds.get_mut(usize::from(*first))
            {
                *seconds |= bit(*second);
            }
        }
        Self(seconds)
    }

    /// True where one of the words begins with these two.
    pub(super) fn has(&self, first: u8, second: u8) -> bool {
        match self.0.get(usize::from(first)) {
            None | Some(0) => false,
            Some(seconds) => seconds & bit(second) != 0,
        }
    }

    /// True where a word may stand at this byte of the text.
    pub(super) fn at(&self, text: &str, at: usize) -> bool {
        let pair = text.as_bytes().get(at..at.saturating_add(2));
        matches!(pair, Some(&[first, second]) if self.has(first, second))
    }
}

/// None for a byte beyond ASCII.
fn bit(byte: u8) -> u128 {
    1_u128.checked_shl(u32::from(byte)).unwrap_or(0)
}
