//! The shop's first page: the number of customers of each kind, and the sales, compared with the period before.

mod heavy;
mod rows;

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::coverage::{self, Coverage};
use super::histories::fold;
use super::interest::Interests;
use super::purchases::Purchases;
use super::scope::Scope;
use crate::error::Result;
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::{Customers, Day, Events, Shop, names};
use heavy::{Activity, Calendar, last};
pub use heavy::{People, Sales, Sums};
use rows::{Row, card_rows, finish, interest_row, people_rows, sales_rows};

/// The figures, in the order of the page.
pub const METRICS: [&str; 11] = [
    "interest_customers",
    "converted_customers",
    "returning_old_customers",
    "dormant_customers",
    "members",
    "card_holders",
    "buyers",
    "orders",
    "net_amount",
    "aov",
    "spend_per_customer",
];

/// The periods of the figures, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewParams {
    /// A customer with an interest within this many days up to as-of is an interest customer.
    pub interest_days: u32,
    /// A customer with a valid order within this many days up to as-of is a converted customer.
    pub converted_days: u32,
    /// A buyer is dormant if the last activity (an order or an event) was more than this many days before as-of.
    pub dormant_days: u32,
    /// Days of the period of the sales, up to as-of.
    pub window: u32,
}

impl Default for OverviewParams {
    fn default() -> Self {
        Self { interest_days: 30, converted_days: 365, dormant_days: 180, window: 30 }
    }
}

/// The periods, in days, for which new customers are counted: a day, a week, a month.
pub const NEW: [i32; 3] = [1, 7, 30];

/// The first page and what is said beside it.
#[derive(Debug)]
pub struct Overview {
    /// One row per key figure: `metric`, `unit` (customers, orders or amount), `period_days`, `value`,
    /// `previous_value`, `change`, `change_rate`, `new_count_1d`, `new_count_7d`, `new_count_30d`, `total`, `needs`
    /// (the input that a figure without a value lacks).
    pub frame: DataFrame,
    /// Where every row went.
    pub accounting: Accounting,
    /// Buyers of all time.
    pub customer_count: u64,
    /// Valid orders of all time.
    pub order_count: u64,
    /// Net amount in the sales' period of rows without a customer and of customers without a valid order in it, in
    /// micro-units; `None` if no customer is known.
    pub net_without_buyers: Option<i128>,
    /// The first day of the orders, if it is so late that a figure of the period before is left empty.
    pub orders_begin: Option<Day>,
    /// The first day of the events, if it is so late that a figure is left empty.
    pub events_begin: Option<Day>,
}

/// The days that the inputs cover. Without orders, `orders` is the coverage of the events.
#[derive(Debug, Clone, Copy)]
struct Covered {
    orders: Coverage,
    events: Coverage,
}

/// Makes the page. The scope's window is not used.
pub fn overview(
    shop: &Shop<'_>,
    scope: &Scope,
    params: &OverviewParams,
    mut accounting: Accounting,
) -> Result<Overview> {
    let as_of = scope.as_of;
    let all_time = scope.all_time();
    let calendar = Calendar::new(as_of, params);
    let activity = Activity::new(shop.events(), &calendar);
    let folded = fold(shop.orders, &all_time, false, |sums: &mut Sums, _, history| {
        sums.add(&calendar, &activity, history);
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Sums::default();
    folded.parts.into_iter().for_each(|part| sums.merge(part));
    // Every event up to as-of counts as activity of its customer.
    let days = shop.events().map_or(&[][..], Events::days);
    accounting.exclude(Rule::AfterAsOf, days.iter().filter(|day| Day::new(**day) > as_of).count() as u64);
    if let (false, Some(events)) = (shop.has_orders, shop.events()) {
        for purchases in Purchases::of_events(events, as_of).by_customer() {
            let days: Vec<Day> = purchases.iter().map(|(_, (day, _))| *day).collect();
            sums.people.add(&calendar, &activity, purchases[0].0, &days);
        }
    }
    let found = Found {
        sums,
        interest: shop.events().map(|events| InterestFigures::of(events, as_of, params)),
        cards: shop.customers().map_or_else(Cards::default, Cards::of),
        has_orders: shop.has_orders,
        has_buyers: shop.orders.has_buyers(),
        lacks_amounts: shop.orders.lacks_amounts,
        orders_begin: coverage::of_orders(shop.orders)?.first_day,
        events_begin: shop.events().and_then(|events| coverage::of_events(events).first_day),
    };
    of_found(&found, as_of, params, accounting)
}

/// The results of the heavy stages, whether computed here or by an engine.
#[derive(Debug, Default)]
pub struct Found {
    /// Sums of orders, or of purchase events if there are no orders.
    pub sums: Sums,
    /// Figures of events; `None` without events.
    pub interest: Option<InterestFigures>,
    /// Figures of customer lists.
    pub cards: Cards,
    /// Whether there are orders.
    pub has_orders: bool,
    /// Whether any order has a known buyer.
    pub has_buyers: bool,
    /// Whether no input has amounts of orders.
    pub lacks_amounts: bool,
    /// The first day of the orders.
    pub orders_begin: Option<Day>,
    /// The first day of the events.
    pub events_begin: Option<Day>,
}

/// Customers with an interest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InterestFigures {
    /// Customers with an interest in the period that ends with as-of.
    pub now: u64,
    /// Customers with an interest in the period before.
    pub before: u64,
    /// Customers with an interest in the last 1, 7 and 30 days up to as-of, but with none in the 30 days before that
    /// period.
    pub new: [u64; NEW.len()],
    /// Customers with an interest on any day up to as-of.
    pub ever: u64,
}

/// Figures on levels and cards in customer lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cards {
    /// Customers by the word for their level; `None` if no list has levels.
    pub levels: Option<Vec<(String, u64)>>,
    /// Customers by the day on which they claimed a card; `None` if no list has cards.
    pub claimed_on: Option<Vec<(Day, u64)>>,
}

/// Makes the page from the results of the heavy stages.
///
/// # Errors
/// Those of polars.
pub fn of_found(
    found: &Found,
    as_of: Day,
    params: &OverviewParams,
    accounting: Accounting,
) -> Result<Overview> {
    let sums = &found.sums;
    let events = Coverage { first_day: found.events_begin };
    let of_orders = Coverage { first_day: found.orders_begin };
    let covered = Covered { orders: if found.has_orders { of_orders } else { events }, events };
    let interest = interest_row(found.interest.as_ref(), &covered, as_of, params.interest_days);
    let people = people_rows(found, &covered, as_of, params);
    let sales = sales_rows(found, &covered, as_of, params.window);
    let is_cut = |rows: &[Row]| rows.iter().any(Row::lacks_days);
    let (is_interest_cut, are_others_cut) =
        (is_cut(std::slice::from_ref(&interest)), is_cut(&people) || is_cut(&sales));
    // Without orders, the figures of customers come from purchase events.
    let are_orders_cut = found.has_orders && are_others_cut;
    let are_events_cut = is_interest_cut || (!found.has_orders && are_others_cut);
    let mut rows = vec![interest];
    rows.extend(people);
    rows.extend(card_rows(&found.cards, as_of));
    rows.extend(sales);
    debug_assert!(rows.iter().map(|row| row.metric).eq(METRICS));
    let [now, ..] = &sums.sales;
    Ok(Overview {
        frame: finish(&rows)?,
        net_without_buyers: (found.has_buyers && !found.lacks_amounts).then_some(now.net - now.known_net),
        orders_begin: covered.orders.first_day.filter(|_| are_orders_cut),
        events_begin: covered.events.first_day.filter(|_| are_events_cut),
        accounting,
        customer_count: sums.people.total,
        order_count: sums.sales[2].orders,
    })
}

impl InterestFigures {
    fn of(events: &Events, as_of: Day, params: &OverviewParams) -> Self {
        let interests = Interests::new(events, None, as_of);
        let before = as_of.minus_days(params.interest_days);
        let [one, seven, thirty] = NEW.map(|days| days as u32);
        let totals = interests.totals(as_of, &[one, seven, thirty, params.interest_days]);
        Self {
            now: totals[NEW.len()].interested,
            before: interests.total(before, params.interest_days).interested,
            new: std::array::from_fn(|place| totals[place].new),
            ever: interests.ever(),
        }
    }
}

impl Cards {
    fn of(customers: &Customers) -> Self {
        let table = customers.table();
        let levels = table.numbers(names::LEVEL).map(|numbers| {
            let words = table.words(names::LEVEL);
            let mut counts = vec![0; words.len()];
            let known = numbers.iter().flatten();
            known
                .for_each(|number| counts.get_mut(number as usize).into_iter().for_each(|count| *count += 1));
            words.iter().cloned().zip(counts).collect()
        });
        let claimed_on = table.days(names::CARD_CLAIMED_ON).map(|days| {
            let mut counts = BTreeMap::new();
            days.iter().flatten().for_each(|day| *counts.entry(Day::new(day)).or_default() += 1);
            counts.into_iter().collect()
        });
        Self { levels, claimed_on }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{Read, on, orders, read, rows};

    fn page(read: &Read, scope: &Scope, params: &OverviewParams) -> Overview {
        overview(&read.shop(), scope, params, read.ingested.accounting.clone()).expect("a page")
    }

    fn figures(page: &Overview, columns: &[&str]) -> Vec<String> {
        rows(&page.frame, &[&["metric"], columns].concat())
    }

    /// The period is the ten days from 11 to 20 June; the period before is 1 to 10 June.
    #[test]
    fn a_period_before_that_the_orders_do_not_cover_is_empty() {
        let of = |first: &str| {
            let read = orders(&format!(
                "order_id,customer_id,order_date,amount;1,a,{first},7;2,a,2026-06-10,5;3,a,2026-06-20,9"
            ));
            let params = OverviewParams { window: 10, ..OverviewParams::default() };
            let page = page(&read, &read.up_to("2026-06-20"), &params);
            (figures(&page, &["value", "previous_value"]), page.orders_begin)
        };
        let (rows, begin) = of("2026-06-01");
        // All days of the period before are covered, but not the 365 days before the last 365.
        assert_eq!(rows[8], "net_amount,9.00,12.00");
        assert_eq!(rows[6], "buyers,1.00,1.00");
        assert_eq!(rows[1], "converted_customers,1.00,");
        assert_eq!(begin, Some(on("2026-06-01")));
        // The orders begin on the second day of the period before, so that the sales of its first day are not known.
        let (rows, begin) = of("2026-06-02");
        let empty =
            ["buyers,1.00,", "orders,1.00,", "net_amount,9.00,", "aov,9.00,", "spend_per_customer,9.00,"];
        assert_eq!(rows[6..], empty);
        assert_eq!(begin, Some(on("2026-06-02")));
        // The orders begin long before: every figure is known, and the page names no first day.
        let (rows, begin) = of("2020-01-01");
        assert_eq!(rows[1], "converted_customers,1.00,0.00");
        assert_eq!(begin, None);
    }

    /// The customers of 180 days ago are judged by the 180 days before that: 2 × 180 days before 31 December is 5
    /// January.
    #[test]
    fn how_customers_stood_half_a_year_ago_needs_the_half_year_before() {
        for (first, previous) in [("2026-01-05", "1.00"), ("2026-01-06", "")] {
            let read =
                orders(&format!("order_id,customer_id,order_date,amount;1,a,{first},7;2,b,2026-12-31,5"));
            let page = page(&read, &read.up_to("2026-12-31"), &OverviewParams::default());
            assert_eq!(
                figures(&page, &["value", "previous_value"])[2],
                format!("returning_old_customers,1.00,{previous}")
            );
        }
    }

    /// Somebody with no order for 180 days is not yet dormant; after 181 days they are.
    #[test]
    fn dormant_is_more_than_half_a_year() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-01-01,5;2,b,2026-01-02,5;3,c,2025-06-30,5",
        );
        // 30 June is 180 days after 1 January.
        let of = |day: &str| {
            let page = page(&read, &read.up_to(day), &OverviewParams::default());
            figures(&page, &["value"])[1..4].to_vec()
        };
        assert_eq!(
            of("2026-06-30"),
            ["converted_customers,2.00", "returning_old_customers,2.00", "dormant_customers,1.00"]
        );
        assert_eq!(
            of("2026-07-01"),
            ["converted_customers,2.00", "returning_old_customers,1.00", "dormant_customers,2.00"]
        );
        // An order of 365 days ago is outside the last 365 days. c's order was on 30 June 2025, so 29 June 2026 is the
        // last day on which it is inside.
        assert_eq!(of("2026-06-29")[0], "converted_customers,3.00");
    }

    /// The last 30 days hold Ann's 100 less 30, 8 of an unknown customer, 25 given back to Zoe, who has no order here,
    /// and 10 given back to Bob, whose order is older. The shop's books say 43.
    #[test]
    fn the_shops_totals_are_those_of_the_books() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,ann,2026-06-10,100;2,ann,2026-06-11,-30;3,,2026-06-12,8;
             4,zoe,2026-06-13,-25;5,bob,2026-05-01,40;6,bob,2026-06-14,-10",
        );
        let page = page(&read, &read.up_to("2026-06-14"), &OverviewParams::default());
        let found = figures(&page, &["value", "total"]);
        // In the last 30 days 100 − 30 + 8 − 25 − 10 = 43; of all time, Bob's 40 more.
        assert_eq!(found[8], "net_amount,43.00,83.00");
        assert_eq!(found[7], "orders,2.00,3.00");
        assert_eq!(found[6], "buyers,1.00,2.00");
        // The only buyer of the last 30 days is Ann, who spent 70: Bob's order is older. Of all time it is (70 + 30) /
        // 2.
        assert_eq!(found[10], "spend_per_customer,70.00,50.00");
        assert_eq!(page.net_without_buyers, Some(-27_000_000));
        assert_eq!(page.accounting.excluded.of(Rule::NoValidOrder), 0);
        assert!(page.accounting.is_balanced());
        assert_eq!((page.customer_count, page.order_count), (2, 3));
    }

    #[test]
    fn a_log_that_begins_late_tells_neither_who_is_new_nor_of_the_days_before() {
        let events = |first: &str| {
            let read = read(&[(
                "events.csv",
                &format!("customer_id,occurred_at,kind;z,{first},view;a,2026-06-30,cart"),
            )]);
            let page = page(&read, &read.up_to("2026-06-30"), &OverviewParams::default());
            (
                figures(&page, &["value", "previous_value", "new_count_1d", "new_count_7d", "new_count_30d"])
                    [0]
                .clone(),
                page.events_begin,
            )
        };
        // The 30 days up to as-of begin on 1 June, the 30 days before on 2 May.
        assert_eq!(
            events("2026-05-02"),
            ("interest_customers,1.00,0.00,1,1,1".into(), Some(on("2026-05-02")))
        );
        // If the log begins on 3 May, neither the previous figure nor the new customers of 30 days are known. The new
        // customers of 1 day need the events from 31 May on.
        assert_eq!(events("2026-05-03"), ("interest_customers,1.00,,1,1,".into(), Some(on("2026-05-03"))));
        assert_eq!(events("2026-05-31"), ("interest_customers,1.00,,1,,".into(), Some(on("2026-05-31"))));
        assert_eq!(events("2026-06-01"), ("interest_customers,1.00,,,,".into(), Some(on("2026-06-01"))));
    }

    /// Cards were claimed on the as-of day, 29 and 30 days before it, and on the day after it. Customer e, without a
    /// day, has claimed none.
    #[test]
    fn card_holders_are_those_up_to_as_of() {
        let read = read(&[(
            "customers.csv",
            "customer_id,registered_at,level,card_claimed_at;a,2026-01-01,VIP1,2026-06-30;b,2026-01-01,VIP0,2026-06-01;
             c,2026-01-01,VIP2,2026-05-31;d,2026-01-01,VIP3,2026-07-01;e,2026-01-01,,",
        )]);
        let page = page(&read, &read.up_to("2026-06-30"), &OverviewParams::default());
        let columns =
            ["value", "previous_value", "new_count_1d", "new_count_7d", "new_count_30d", "total", "needs"];
        let found = figures(&page, &columns);
        assert_eq!(found[4..6], ["members,3.00,,,,,3.00,", "card_holders,3.00,1.00,1,1,2,3.00,"]);
    }

    #[test]
    fn figures_say_what_they_lack() {
        let read = orders("order_id,customer_id,order_date,amount;1,a,2026-06-10,5");
        let page = page(&read, &read.up_to("2026-06-30"), &OverviewParams::default());
        let found = figures(&page, &["value", "needs"]);
        assert_eq!(found[0], "interest_customers,,events");
        assert_eq!(found[4..6], ["members,,customers_level", "card_holders,,customers_card"]);
    }

    /// The new customers of the last 30 days are known only from the events of the 30 days before, although the figure
    /// itself only needs its ten days and the ten days before.
    #[test]
    fn days_of_events_that_new_ones_are_told_by_are_missed_too() {
        for (first, begin) in [("2026-05-02", None), ("2026-05-03", Some(on("2026-05-03")))] {
            let text = format!("customer_id,occurred_at,kind;z,{first},cart;a,2026-06-30,cart");
            let orders = "order_id,customer_id,order_date,amount;1,a,2026-06-10,5";
            let read = read(&[("events.csv", &text), ("orders.csv", orders)]);
            let params = OverviewParams { interest_days: 10, ..OverviewParams::default() };
            let page = page(&read, &read.up_to("2026-06-30"), &params);
            assert_eq!(figures(&page, &["value", "previous_value"])[0], "interest_customers,1.00,0.00");
            assert_eq!(page.events_begin, begin, "{first}");
        }
    }
}
