//! Splits the change of a sum into the effects of its factors.

/// A sum as the product of customers, orders per customer and amount per order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// Number of customers.
    pub customers: u64,
    /// Number of their orders; at least as many.
    pub orders: u64,
    /// The amount of these orders together.
    pub amount: i128,
}

/// Splits the change from `before` to `after` into the effects of the number of customers, of orders per customer and
/// of the amount per order, in this order. The effects are whole multiples of `unit` and add up to the change exactly,
/// which must itself be a multiple of `unit`.
///
/// The effects are those of the logarithmic mean Divisia index (Ang, "The LMDI approach to decomposition analysis: a
/// practical guide", Energy Policy 33, 2005): ln(factor after / factor before) × L, where L is the logarithmic mean of
/// the two amounts. They are rounded by the largest remainder. If one amount is 0, the limits of the formula are taken:
/// if there are no customers, the whole change is due to their number, else to the amount per order. `None` if an
/// amount is negative, as it has no logarithm, or if there is an amount without an order.
///
/// ```
/// use ecrm::stats::split::{Product, split};
/// // Twice the customers, who order half as often, for as much each: the two cancel out.
/// let before = Product { customers: 10, orders: 40, amount: 400 };
/// let after = Product { customers: 20, orders: 40, amount: 400 };
/// assert_eq!(split(before, after, 1), Some([277, -277, 0])); // 400 ln 2 = 277.26
/// ```
pub fn split(before: Product, after: Product, unit: i128) -> Option<[i128; 3]> {
    let change = after.amount - before.amount;
    let is_sound = |of: Product| of.amount >= 0 && (of.amount == 0 || (of.customers > 0 && of.orders > 0));
    if !is_sound(before) || !is_sound(after) {
        return None;
    }
    if before.amount == 0 || after.amount == 0 {
        let nobody = before.customers == 0 || after.customers == 0;
        return Some(if nobody { [change, 0, 0] } else { [0, 0, change] });
    }
    let ratio = |of: fn(Product) -> f64| (of(after) / of(before)).ln();
    let logarithms = [
        ratio(|of| of.customers as f64),
        ratio(|of| of.orders as f64 / of.customers as f64),
        ratio(|of| of.amount as f64 / of.orders as f64),
    ];
    let mean = logarithmic_mean(before.amount as f64, after.amount as f64);
    let units = logarithms.map(|logarithm| mean * logarithm / unit as f64);
    Some(rounded(units, change / unit).map(|part| part * unit))
}

/// The logarithmic mean of two positive numbers: (b − a) / ln(b / a), or a if b equals it.
fn logarithmic_mean(a: f64, b: f64) -> f64 {
    let logarithm = (b / a).ln();
    // If the two are so close, their difference has lost its digits, and the arithmetic mean equals the logarithmic one
    // in all digits.
    const NEAR: f64 = 1e-8;
    if logarithm.abs() < NEAR { f64::midpoint(a, b) } else { (b - a) / logarithm }
}

/// Rounds the parts to whole numbers that add up to `total`: all are rounded down, and what is then missing is given,
/// one each, to those that lost most; of those that lost equally, to the first.
fn rounded(parts: [f64; 3], total: i128) -> [i128; 3] {
    let mut whole = parts.map(|part| part.floor() as i128);
    let missing = total - whole.iter().sum::<i128>();
    let mut order = [0, 1, 2];
    let lost = |place: usize| parts[place] - parts[place].floor();
    order.sort_by(|a, b| lost(*b).total_cmp(&lost(*a)));
    // More than one each is missing only if floating point numbers cannot hold the digits of an amount.
    let (each, rest) = (missing.div_euclid(3), missing.rem_euclid(3));
    for (rank, place) in order.into_iter().enumerate() {
        whole[place] += each + i128::from((rank as i128) < rest);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(customers: u64, orders: u64, amount: i128) -> Product {
        Product { customers, orders, amount }
    }

    /// L = 300 / ln 4 = 216.404. The effect of customers is ln 2 · L = 150, that of frequency ln 1 = 0, and that of the
    /// amount per order ln 2 · L = 150.
    #[test]
    fn what_doubles_twice_is_halved() {
        assert_eq!(split(of(10, 20, 100), of(20, 40, 400), 1), Some([150, 0, 150]));
        // Back again.
        assert_eq!(split(of(20, 40, 400), of(10, 20, 100), 1), Some([-150, 0, -150]));
    }

    /// From 3 customers with 4 orders of 100 to 5 customers with 9 orders of 250: L = 150 / ln 2.5 = 163.7035, and the
    /// three effects are 83.62, 49.13 and 17.25. Rounded down they are 83 + 49 + 17 = 149; the one missing goes to the
    /// first, which lost most.
    #[test]
    fn parts_add_up_to_the_change() {
        assert_eq!(split(of(3, 4, 100), of(5, 9, 250), 1), Some([84, 49, 17]));
        // In units of ten, 8.36 + 4.91 + 1.73 = 15 are rounded to 8 + 5 + 2.
        assert_eq!(split(of(3, 4, 100), of(5, 9, 250), 10), Some([80, 50, 20]));
        for amount in [1, 7, 99, 12_345, 987_654_321_987_654_321] {
            let parts = split(of(3, 4, 1_000), of(7, 11, amount), 1).expect("parts");
            assert_eq!(parts.iter().sum::<i128>(), amount - 1_000);
        }
    }

    #[test]
    fn nothing_before_is_all_new() {
        assert_eq!(split(of(0, 0, 0), of(2, 3, 50), 1), Some([50, 0, 0]));
        assert_eq!(split(of(2, 3, 50), of(0, 0, 0), 1), Some([-50, 0, 0]));
        assert_eq!(split(of(0, 0, 0), of(0, 0, 0), 1), Some([0; 3]));
        // The orders were refunded completely.
        assert_eq!(split(of(2, 3, 50), of(2, 3, 0), 1), Some([0, 0, -50]));
    }

    #[test]
    fn what_is_below_nothing_has_no_parts() {
        assert_eq!(split(of(1, 1, 5), of(1, 1, -5), 1), None);
        assert_eq!(split(of(0, 0, -5), of(1, 1, 5), 1), None);
        assert_eq!(split(of(0, 0, 5), of(1, 1, 5), 1), None);
    }

    #[test]
    fn the_mean_of_two_equals_is_both() {
        assert!((logarithmic_mean(5.0, 5.0) - 5.0).abs() < 1e-12);
        // (3 − 1) / ln 3.
        assert!((logarithmic_mean(1.0, 3.0) - 1.820_478_453_253_675).abs() < 1e-12);
        let near = logarithmic_mean(1e6, 1e6 + 1e-3);
        assert!((near - 1e6).abs() < 1e-2, "{near}");
    }
}
