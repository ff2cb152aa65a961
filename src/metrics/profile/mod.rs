//! What kind of people customers are: age, gender, level, source and place, and how they buy.

mod decision;
mod finish;
mod heavy;
mod people;
mod subjects;

use polars::prelude::DataFrame;

pub use decision::{COLUMNS as DECISION_COLUMNS, Decision, LOOK_DELAYS, PAYMENT_DELAYS, Untimed};
use finish::{band_rows, finish, hours_frame, role_rows};
use heavy::{Bought, Part, Person, usual_recipients, weekday_and_hour};
pub(super) use heavy::{majority, usual_recipient};
pub use people::{AGE_BANDS, GENDERS};
pub(crate) use people::{age, gender};
use subjects::Subjects;

use super::histories::fold;
use super::scope::Scope;
use crate::error::Result;
use crate::schema::accounting::Accounting;
use crate::schema::{Micros, Shop, names};

/// The customers whose portrait is made.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// Everyone whom any input names in the period: by an order, whether it counts or not, or an event; without a
    /// window also everyone in the customer list.
    #[default]
    All,
    /// Who made the shop or an item a favourite or put one into the cart.
    Interest,
    /// Who bought.
    Converted,
    /// Who scanned a code.
    Scan,
}

impl Of {
    /// The name of the column that counts orders or events by weekday and hour.
    pub fn counted(self) -> &'static str {
        match self {
            Self::All | Self::Converted => names::ORDER_COUNT,
            Self::Interest | Self::Scan => names::EVENT_COUNT,
        }
    }
}

/// The dimensions by which customers are grouped.
pub const DIMENSIONS: [&str; 7] =
    ["age_band", "gender", "level", "source", "province", "purchase_role", "price_band"];

/// The roles of an order: sent to the buyer's usual recipient, or to somebody else.
pub const ROLES: [&str; 2] = ["self", "gift"];

/// The place, after those of [`ROLES`], of orders whose role is not known.
const NO_ROLE: usize = ROLES.len();

/// The default limits of the price bands, in units of the currency.
pub const PRICE_BANDS: [&str; 5] = ["50", "100", "200", "500", "1000"];

/// The portrait of a group of customers.
#[derive(Debug)]
pub struct Profile {
    /// One row per dimension and group: `dimension`, `key` (null for customers of whom it is not known),
    /// `customer_count`, `customer_share` (of all customers of the portrait), `order_count`, `net_amount`. Dimensions
    /// in which no group is known are left out.
    pub frame: DataFrame,
    /// One row per weekday (1 is Monday) and hour, with the number of orders or, for interest and scans, of events:
    /// `weekday`, `hour`, `order_count` or `event_count`. Without times of day there are no rows.
    pub hours: DataFrame,
    /// The dimensions that were left out because no group is known.
    pub unknown: Vec<&'static str>,
    /// Customers of the portrait.
    pub customer_count: u64,
    /// Their valid orders in the period.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
    subjects: Subjects,
}

/// Makes the portrait. `price_bands` are the ascending limits of order amounts in micro-units.
pub fn profile(
    shop: &Shop<'_>,
    scope: &Scope,
    of: Of,
    price_bands: &[Micros],
    mut accounting: Accounting,
) -> Result<Profile> {
    let mut subjects = Subjects::new(shop, scope, of, &mut accounting)?;
    let usuals = usual_recipients(shop, scope)?;
    let folded = fold(shop.orders, scope, true, |part: &mut Part, columns, history| {
        if let Some(customer) = history.customer.filter(|customer| subjects.takes_buyer(*customer)) {
            let usual = match &usuals {
                Some(usuals) => usuals.get(&customer).copied(),
                None => usual_recipient(columns, history),
            };
            part.add(customer, columns, history, usual, price_bands, of);
        }
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Part::default();
    folded.parts.into_iter().for_each(|part| sums.merge(part));
    sums.people.extend(subjects.others(&sums.people));
    if matches!(of, Of::Interest | Of::Scan) {
        (sums.hours, sums.has_times) = (std::mem::take(&mut subjects.hours), subjects.has_times);
    }
    let people = people::Groups::new(shop, scope.as_of, &sums.people);
    let mut rows: Vec<(&'static str, Vec<people::Row>)> = people.dimensions();
    rows.push(("purchase_role", if shop.orders.has_recipient { role_rows(&sums) } else { Vec::new() }));
    let bands = if shop.orders.lacks_amounts { Vec::new() } else { band_rows(&sums, price_bands) };
    rows.push(("price_band", bands));
    let is_unknown = |rows: &[people::Row]| rows.iter().all(|row| row.key.is_none());
    let unknown = rows.iter().filter(|(_, rows)| is_unknown(rows)).map(|(name, _)| *name).collect();
    rows.retain(|(_, rows)| !is_unknown(rows));
    let customer_count = sums.people.len() as u64;
    Ok(Profile {
        frame: finish(&rows, customer_count, shop.has_orders)?,
        hours: hours_frame(&sums, of)?,
        unknown,
        customer_count,
        order_count: sums.orders.total(),
        accounting,
        subjects,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::metrics::testing::{orders, read, rows};

    fn portrait(read: &crate::metrics::testing::Read, scope: &Scope, of: Of) -> Profile {
        profile(&read.shop(), scope, of, &[Micros::units(50)], read.ingested.accounting.clone())
            .expect("a portrait")
    }

    fn dimension(profile: &Profile, name: &str, columns: &[&str]) -> Vec<String> {
        let all = rows(&profile.frame, &[&["dimension"], columns].concat());
        all.iter().filter_map(|row| row.strip_prefix(&format!("{name},"))).map(str::to_owned).collect()
    }

    /// Ann orders twice for herself and once for Bob; Bob orders once for himself and once for Ann; Cat orders once for
    /// somebody whose name is masked.
    #[test]
    fn without_a_usual_recipient_the_role_is_unknown() {
        let read = orders(
            "order_id,customer_id,status,paid_at,paid_amount,refund_amount,recipient;1,ann,paid,2026-06-10,10,0,Ann;
             2,ann,paid,2026-06-11,20,0,Ann;3,ann,paid,2026-06-12,40,0,Bob;4,bob,paid,2026-06-10,1,0,Bob;
             5,bob,paid,2026-06-11,2,0,Ann;6,cat,paid,2026-06-11,4,0,C**",
        );
        let columns = ["key", "customer_count", "order_count", "net_amount"];
        let all_time = portrait(&read, &read.up_to("2026-06-30"), Of::Converted);
        assert_eq!(
            dimension(&all_time, "purchase_role", &columns),
            ["self,1,2,30.00", "gift,1,1,40.00", ",2,3,7.00"]
        );
        // The window holds only Ann's order for Bob. Her usual recipient is known from the orders before it.
        let window = portrait(&read, &read.window(19, "2026-06-30"), Of::Converted);
        assert_eq!(dimension(&window, "purchase_role", &columns), ["gift,1,1,40.00"]);
    }

    #[test]
    fn withheld_genders_are_unknown_and_codes_stay() {
        let read = read(&[
            ("orders.csv", "order_id,customer_id,order_date,amount;1,a,2026-06-10,5"),
            (
                "customers.csv",
                "customer_id,gender,level;a,女,1;b,F,1;c,未知,1;d,保密,1;e,U,1;f,,1;g,2,1;h,其他,1;i,not specified,1",
            ),
        ]);
        let all = portrait(&read, &read.up_to("2026-06-30"), Of::All);
        assert_eq!(
            dimension(&all, "gender", &["key", "customer_count"]),
            ["female,2", "other,1", "2,1", ",5"]
        );
    }

    /// Ann paid and Bob did not, Cat looked at something, Gil scanned a code, Dan is only in the customer list, and Eve
    /// ordered before the window.
    #[test]
    fn all_are_those_whom_any_input_names() {
        let read = read(&[
            (
                "orders.csv",
                "order_id,customer_id,status,paid_at,paid_amount,refund_amount;1,ann,paid,2026-06-10,5,0;
                 2,bob,pending,2026-06-11,5,0;3,eve,cancelled,2026-01-01,5,0;4,fay,paid,2026-07-01,5,0",
            ),
            ("events.csv", "customer_id,occurred_at,kind;cat,2026-06-12,view;gil,2026-06-12,scan"),
            ("customers.csv", "customer_id,gender,level;dan,男,1"),
        ]);
        let count = |scope: &Scope, of| portrait(&read, scope, of).customer_count;
        let (all_time, window) = (read.up_to("2026-06-30"), read.window(30, "2026-06-30"));
        // Fay's order is after as-of.
        assert_eq!(count(&all_time, Of::All), 6);
        assert_eq!(count(&window, Of::All), 4);
        assert_eq!(count(&all_time, Of::Converted), 1);
        assert_eq!(count(&all_time, Of::Scan), 1);
        assert_eq!(count(&all_time, Of::Interest), 0);
        assert!(portrait(&read, &all_time, Of::All).accounting.is_balanced());
    }

    /// An amount equal to a limit belongs to the upper band.
    #[test]
    fn price_bands_begin_with_their_limit() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-06-10,49.99;2,a,2026-06-10,50;3,b,2026-06-10,51",
        );
        let all = portrait(&read, &read.up_to("2026-06-30"), Of::Converted);
        assert_eq!(
            dimension(&all, "price_band", &["key", "customer_count", "order_count"]),
            ["0-50,1,1", "50+,2,2"]
        );
    }
}
