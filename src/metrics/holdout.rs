//! Who is held out of a message, so that its effect can be measured. Only the ids of the campaign and the customer
//! decide this: it does not depend on who else is in a list, and campaigns are independent of one another.

use sha2::{Digest, Sha256};

use super::value::WHOLE;

/// Takes the place of a campaign's id for the standing holdout, which no campaign reaches.
pub const GLOBAL: &str = "global";

/// Stands between the two ids in the text that is hashed, so that no two pairs of ids give the same text: the ASCII
/// unit separator, which no id contains.
const SEPARATOR: u8 = 0x1F;

/// Whether a customer is held out of a campaign that holds out `share` of all customers, in units of [`WHOLE`]. That is
/// so if the first 64 bits of SHA-256(campaign's id, 0x1F, customer's id), as a fraction of 2^64, are below the share.
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
    // Both sides are multiplied by WHOLE and by 2^64, so that nothing is rounded.
    u128::from(first) * u128::from(WHOLE) < u128::from(share) << 64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected shares are computed with Python's hashlib: the hashes are 0.48277 and 0.93696 of 2^64. Shares are
    /// in hundredths of a percent.
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
