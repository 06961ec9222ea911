//! Sums of sizes and counts. A sparse file may claim any size, and an old report any number.

/// Adds to a number, which stays at the largest if it would be larger.
pub fn add(total: &mut u64, more: u64) {
    *total = total.saturating_add(more);
}

/// Returns the sum, at most the largest number.
pub fn sum(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_sizes_does_not_overflow() {
        let mut total = u64::MAX - 1;
        add(&mut total, 1);
        add(&mut total, u64::MAX);
        assert_eq!(total, u64::MAX);
        assert_eq!(sum([u64::MAX, 1, 2]), u64::MAX);
        assert_eq!(sum([1, 2, 3]), 6);
    }
}
