//! Who is held out of a message, so that it can be measured: decided by the ids alone, so that it is the same whatever
//! else a list holds, and independent from one campaign to the next.

use sha2::{Digest, Sha256};

use super::value::WHOLE;

/// What stands in for the campaign's id in the standing holdout, whom no campaign reaches.
pub const GLOBAL: &str = "global";

/// Between the two ids, so that no two pairs of them run into the same text: the unit separator, which no id has.
const SEPARATOR: u8 = 0x1F;

/// Whether a customer is held out of a campaign that holds out `share` of all, in units of [`WHOLE`]: whether the first
/// 64 bits of SHA-256(campaign's id, 0x1F, customer's id), as a fraction of 2^64, are below it.
///
/// ```
/// use ecrm::metrics::holdout::is_held_out;
/// // SHA-256("june" 0x1F "1002") begins with 38c407fa7ec4c7b4, which is 0.2217 of the way.
/// assert!(is_held_out("june", "1002", 2_218));
/// assert!(!is_held_out("june", "1002", 2_217));
/// ```
pub fn is_held_out(campaign_id: &str, customer_id: &str, share: u32) -> bool {
    let digest = Sha256::new()
        .chain_update(campaign_id.as_bytes())
        .chain_update([SEPARATOR])
        .chain_update(customer_id.as_bytes())
        .finalize();
    let first = digest.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    // Both sides times WHOLE and 2^64, so that nothing is rounded.
    u128::from(first) * u128::from(WHOLE) < u128::from(share) << 64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shares are those of Python's hashlib: 0.48277 and 0.93696 of the way, in hundredths of a percent.
    #[test]
    fn a_customer_is_held_out_below_the_share_of_the_hash() {
        for (campaign, customer, at) in [("june", "1001", 4_827), (GLOBAL, "1001", 9_369)] {
            assert!(!is_held_out(campaign, customer, at), "{campaign} {customer}");
            assert!(is_held_out(campaign, customer, at + 1), "{campaign} {customer}");
        }
        assert!(!is_held_out("june", "1002", 0));
        assert!(is_held_out("june", "1001", WHOLE));
    }

    /// Counted with Python's hashlib: of the ids 0 to 9999, 1,020 are in the standing holdout of a tenth.
    #[test]
    fn the_share_of_many_is_held_out() {
        let held = (0..10_000).filter(|id| is_held_out(GLOBAL, &id.to_string(), 1_000));
        assert_eq!(held.count(), 1_020);
    }
}
