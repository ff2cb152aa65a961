//! The time from placing an order to paying it.

use super::{Ask, PAYMENT_DELAYS, Part, Rows};
use crate::metrics::scope::KEPT;
use crate::schema::accounting::Rule;
use crate::schema::{Day, Micros, orders};

/// The upper limits, in seconds, of the first four classes of [`PAYMENT_DELAYS`].
const MOST_SECONDS: [i64; 4] = [60, 10 * 60, 60 * 60, 24 * 60 * 60];

/// The class of orders that are never paid.
const NEVER: usize = PAYMENT_DELAYS.len() - 1;

/// The class of a delay in seconds.
fn delay(seconds: i64) -> usize {
    MOST_SECONDS.iter().take_while(|most| seconds > **most).count()
}

impl Ask<'_> {
    /// Counts an order by the time between placing and paying it. An unpaid order of the as-of day is left out, since
    /// it may still be paid. An order whose times are not known, or that was paid before it was placed, is counted as
    /// untimed.
    pub(super) fn time_payment(&self, part: &mut Part, rows: &Rows, rules: &[u8], row: usize) {
        let (Ok(days), Ok(paid), Ok(refund)) =
            (rows.amounts.day(), rows.amounts.paid(), rows.amounts.refund())
        else {
            return;
        };
        let (day, as_of) = (Day::new(days[row]), self.scope.as_of);
        let is_record_of_refund = paid[row] < 0 || rows.status.get(row) == Some(orders::REFUND_OF_REFUNDED);
        // The rules exclude an unpaid or refunded order before they look at its day, so the days are checked here.
        if is_record_of_refund || day < self.scope.first_day() || day > as_of {
            return;
        }
        let is = |rule: Rule| rules[row] == rule as u8;
        let times = self.moment(rows, 0, row).zip(self.moment(rows, 1, row));
        let place = match times {
            Some(((day, Some(second)), (paid_day, Some(paid_second))))
                if rules[row] == KEPT || is(Rule::Refunded) || is(Rule::Cancelled) =>
            {
                let days = i64::from(day.days_until(paid_day));
                let seconds = days * (24 * 60 * 60) + i64::from(paid_second) - i64::from(second);
                part.has_times |= paid_second > 0;
                if seconds < 0 {
                    part.untimed.paid_before += 1;
                    return;
                }
                delay(seconds)
            }
            None if is(Rule::ClosedUnpaid) || (is(Rule::Unpaid) && day < as_of) => NEVER,
            None if is(Rule::Cancelled) && self.moment(rows, 0, row).is_some() => NEVER,
            _ => {
                let is_paid = rules[row] == KEPT || is(Rule::Refunded) || is(Rule::Cancelled);
                part.untimed.without_times += u64::from(is_paid);
                return;
            }
        };
        let cost = Micros::new(paid[row].max(refund[row]));
        let full_price = || rows.columns.full_price(row).filter(|full| full.is_positive());
        let cost = Some(cost).filter(|cost| cost.is_positive()).or_else(full_price);
        let band = cost.map(|cost| self.price_bands.partition_point(|limit| cost >= *limit));
        part.payments.entry(band).or_insert([0; PAYMENT_DELAYS.len()])[place] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_ends_with_its_last_second() {
        let names = |seconds| PAYMENT_DELAYS[delay(seconds)];
        assert_eq!([0, 60].map(names), ["up_to_1_minute"; 2]);
        assert_eq!([61, 600].map(names), ["1_to_10_minutes"; 2]);
        assert_eq!([601, 3_600].map(names), ["10_to_60_minutes"; 2]);
        assert_eq!([3_601, 86_400].map(names), ["1_to_24_hours"; 2]);
        assert_eq!(names(86_401), "later");
        assert_eq!(PAYMENT_DELAYS[NEVER], "never");
    }
}
