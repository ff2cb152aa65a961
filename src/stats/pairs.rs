//! Counting pairs, in bounded memory.

use rayon::prelude::*;

/// Number of pairs held in memory at once; they take 128 MB.
const BUDGET: u64 = 16 << 20;

/// The number of times each pair occurs, for pairs that occur at least `least` times, in ascending order of the pairs.
/// `each` must call its argument with every occurrence of a pair. If there are more occurrences than fit into memory,
/// it is called several times, and each time only the pairs of some first members are counted.
///
/// ```
/// use ecrm::stats::pairs::count;
/// let pairs = [(1, 2), (3, 1), (1, 2)];
/// assert_eq!(count(|take| pairs.iter().for_each(|(a, b)| take(*a, *b)), 1), [(1, 2, 2), (3, 1, 1)]);
/// ```
pub fn count(each: impl Fn(&mut dyn FnMut(u32, u32)), least: u64) -> Vec<(u32, u32, u64)> {
    count_within(each, least, BUDGET)
}

fn count_within(each: impl Fn(&mut dyn FnMut(u32, u32)), least: u64, budget: u64) -> Vec<(u32, u32, u64)> {
    let mut occurrences = 0_u64;
    each(&mut |_, _| occurrences += 1);
    let passes = occurrences.div_ceil(budget).max(1) as u32;
    let mut counted = Vec::new();
    for pass in 0..passes {
        let mut keys: Vec<u64> = Vec::with_capacity((occurrences / u64::from(passes)) as usize);
        each(&mut |a, b| {
            if a % passes == pass {
                keys.push(u64::from(a) << 32 | u64::from(b));
            }
        });
        keys.par_sort_unstable();
        let runs = keys.chunk_by(|a, b| a == b).filter(|run| run.len() as u64 >= least);
        counted.extend(runs.map(|run| ((run[0] >> 32) as u32, run[0] as u32, run.len() as u64)));
    }
    counted.sort_unstable();
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_passes_changes_nothing() {
        let pairs: Vec<(u32, u32)> = (0..500_u32).map(|i| (i * i % 13, i % 7)).collect();
        let each = |take: &mut dyn FnMut(u32, u32)| pairs.iter().for_each(|(a, b)| take(*a, *b));
        let whole = count(each, 2);
        assert!(!whole.is_empty() && whole.iter().all(|(.., n)| *n >= 2));
        for budget in [1, 7, 100] {
            assert_eq!(count_within(each, 2, budget), whole);
        }
        // One pair occurs twice, two occur once.
        let few = |take: &mut dyn FnMut(u32, u32)| {
            [(1, 2), (3, 1), (1, 2), (1, 3)].iter().for_each(|(a, b)| take(*a, *b))
        };
        assert_eq!(count(few, 2), [(1, 2, 2)]);
        assert_eq!(count(few, 1), [(1, 2, 2), (1, 3, 1), (3, 1, 1)]);
    }

    /// With ten pairs, three at once, one call counts the pairs and four collect them.
    #[test]
    fn no_more_are_held_at_once_than_the_budget_says() {
        for (budget, expected) in [(3, 5), (5, 3), (10, 2), (11, 2)] {
            let calls = std::cell::Cell::new(0);
            let each = |take: &mut dyn FnMut(u32, u32)| {
                calls.set(calls.get() + 1);
                (0..10).for_each(|i| take(i, 0));
            };
            assert_eq!(count_within(each, 1, budget).len(), 10);
            assert_eq!(calls.get(), expected, "{budget}");
        }
    }
}
