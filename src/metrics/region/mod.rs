//! Where orders go: orders, customers and amounts by country, province or city, and where interest becomes orders.

mod groups;
mod heavy;
mod quotients;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use polars::prelude::*;

use groups::UNKNOWN;
pub use groups::{Groups, Level, level_of, usual_level};
use heavy::Sums;
pub use heavy::{Found, Sum};
pub use quotients::{By, Quotients, quotients};

use super::finish::{amounts, counts, flags, frame, ranged, rates, ratios, share};
use super::histories::Histories;
use super::interest::{Counts, Interests};
use super::places::Places;
use super::purchases::Purchases;
use super::scope::Scope;
use crate::error::Result;
use crate::schema::accounting::Accounting;
use crate::schema::customers::REGION;
use crate::schema::events::Event;
use crate::schema::{CustomerCode, Orders, Shop, money, names, ranges};
use crate::stats::proportion::{Proportion, is_comparable, ratio_to_whole_interval};

/// Days up to as-of in which an interest counts for the conversion of a region, if the scope has no window.
pub const INTEREST_DAYS: u32 = 30;

/// The figures of all regions.
#[derive(Debug)]
pub struct Regions {
    /// One row per region, the one with the greatest net amount first. Orders without a known region form the last row.
    ///
    /// Columns: `country`, and `province` and `city` if the level includes them (null if not known), `order_count`,
    /// `customer_count` (null if no buyer is known), `net_amount`, `share` (of the net amount), `aov`,
    /// `spend_per_customer`, `repeat_rate` (the share of the region's customers with at least two orders there, with
    /// its interval) and `is_reliable` (whether the counts are large enough to compare it with that of all regions);
    /// and, if there are events, `interest_customer_count`, `converted_count`, `conversion_rate`, `conversion_index`
    /// (the rate divided by that of the shop), both with their intervals, and `is_index_reliable`.
    pub frame: DataFrame,
    /// Where every row went.
    pub accounting: Accounting,
    /// Distinct customers of all regions.
    pub customer_count: u64,
    /// Valid orders of all regions.
    pub order_count: u64,
    /// Net amount of rows without a customer and of customers without a valid order, in micro-units; `None` if no buyer
    /// is known.
    pub net_without_buyers: Option<i128>,
}

/// Computes the figures of all regions. If no customer is known, those that depend on customers are null.
pub fn region(shop: &Shop<'_>, scope: &Scope, level: Level, mut accounting: Accounting) -> Result<Regions> {
    let places = Places::new(&shop.into(), level);
    let (mut lasts, wants_lasts) = (Vec::new(), shop.events().is_some());
    let sums =
        Sums::of(shop.orders, scope, &places.groups, wants_lasts.then_some(&mut lasts), &mut accounting)?;
    let conversions = conversions(shop, scope, &places, lasts, &mut accounting)?;
    regions(&places.groups, &sums, conversions.as_ref(), shop.orders.lacks_amounts, accounting)
}

/// Computes the figures of all regions from the orders only, which need not be sorted.
pub fn region_of_orders<P>(
    orders: &Orders<P>,
    scope: &Scope,
    level: Level,
    mut accounting: Accounting,
) -> Result<Regions>
where
    Orders<P>: Histories,
{
    let groups = Groups::new(&orders.regions, level);
    let sums = Sums::of(orders, scope, &groups, None, &mut accounting)?;
    of_found(&groups, &sums, orders.lacks_amounts, accounting)
}

/// The finish stage for figures from the orders only.
///
/// # Errors
/// Those of polars.
pub fn of_found(
    groups: &Groups,
    sums: &Found,
    lacks_amounts: bool,
    accounting: Accounting,
) -> Result<Regions> {
    regions(groups, sums, None, lacks_amounts, accounting)
}

fn regions(
    groups: &Groups,
    sums: &Found,
    conversions: Option<&Conversions>,
    lacks_amounts: bool,
    accounting: Accounting,
) -> Result<Regions> {
    let frame = finish(groups, sums, conversions, lacks_amounts)?;
    let net: i128 = sums.groups.iter().map(|sum| sum.net).sum();
    Ok(Regions {
        frame,
        accounting,
        customer_count: sums.customers,
        order_count: sums.orders,
        net_without_buyers: (sums.customers > 0 && !lacks_amounts).then_some(net - sums.known_net),
    })
}

/// The counts of interest and conversion of each group, and those of the shop.
struct Conversions {
    groups: BTreeMap<u32, Counts>,
    shop: Counts,
}

/// Counts the conversions of each region; `None` if there are no events. An event without a region counts for the
/// region of the customer's last order or, if that is not known, for the region in the customer list.
fn conversions(
    shop: &Shop<'_>,
    scope: &Scope,
    places: &Places,
    lasts: Vec<(CustomerCode, u32)>,
    accounting: &mut Accounting,
) -> Result<Option<Conversions>> {
    let Some(events) = shop.events() else { return Ok(None) };
    let (bought, _) = Purchases::of_orders(shop.orders, scope)?;
    let as_of = scope.as_of;
    let interests = Interests::new(events, Some(bought), as_of);
    interests.account(accounting);
    let lasts: HashMap<CustomerCode, u32> = lasts.into_iter().collect();
    let home = |customer: CustomerCode| {
        let list = shop.customers()?;
        places.of_customer(list.table().numbers(REGION)?.get(list.row(customer)?)?)
    };
    let group = |event: &Event| {
        let last = || lasts.get(&event.customer).copied().filter(|group| *group != UNKNOWN);
        places.of_event(event.region).or_else(last).or_else(|| home(event.customer)).unwrap_or(UNKNOWN)
    };
    let days = scope.window.unwrap_or(INTEREST_DAYS);
    Ok(Some(Conversions { groups: interests.counts(as_of, days, group), shop: interests.total(as_of, days) }))
}

/// The finish stage. Rows are sorted by net amount or, if the inputs have no amounts (`lacks_amounts`), by orders.
fn finish(
    groups: &Groups,
    sums: &Found,
    conversions: Option<&Conversions>,
    lacks_amounts: bool,
) -> Result<DataFrame> {
    let there = (0..).zip(&sums.groups).filter(|(_, sum)| sum.is_there);
    let mut order: Vec<u32> = there.map(|(group, _)| group).collect();
    order.extend(conversions.iter().flat_map(|conversions| conversions.groups.keys()));
    order.sort_unstable();
    order.dedup();
    let none = Sum::default();
    let sum = |group: &u32| sums.groups.get(*group as usize).unwrap_or(&none);
    order.sort_by_key(|group| {
        let size = if lacks_amounts { i128::from(sum(group).orders) } else { sum(group).net };
        (*group == UNKNOWN, Reverse(size), groups.names[*group as usize].clone())
    });
    let has_customers = sums.customers > 0;
    let total: i128 = sums.groups.iter().map(|sum| sum.net).sum();
    let rows = || order.iter().map(sum);
    let repeats = |sum: &Sum| Proportion::new(sum.repeaters, sum.customers);
    let all = sums.groups.iter().map(repeats).fold(Proportion::default(), Proportion::with);
    let mut columns = groups.columns(&order);
    columns.extend([
        counts(names::ORDER_COUNT, rows().map(|sum| Some(sum.orders))),
        counts(names::CUSTOMER_COUNT, rows().map(|sum| has_customers.then_some(sum.customers))),
        amounts(names::NET_AMOUNT, rows().map(|sum| Some(sum.net))),
        ratios(names::SHARE, rows().map(|sum| share(sum.net, total).filter(|_| !lacks_amounts))),
        amounts(names::AOV, rows().map(|sum| money::mean(sum.net, sum.orders))),
        amounts(names::SPEND_PER_CUSTOMER, rows().map(|sum| money::mean(sum.known_net, sum.customers))),
    ]);
    columns.extend(rates(ranges::REPEAT_RATE, rows().map(|sum| Some(repeats(sum)))));
    let reliable = |sum: &Sum| has_customers.then(|| is_comparable(repeats(sum), all));
    columns.push(flags(names::IS_RELIABLE, rows().map(reliable)));
    if let Some(conversions) = conversions {
        let none = Counts::default();
        let of = |group: &u32| conversions.groups.get(group).unwrap_or(&none);
        let rate = |group: &u32| of(group).conversions();
        let shop = conversions.shop.conversions();
        let index = |group: &u32| {
            let index = rate(group).rate().zip(shop.rate()).filter(|(_, shop)| *shop > 0.0);
            let ends = index.and_then(|_| ratio_to_whole_interval(rate(group), shop));
            (index.map(|(rate, shop)| rate / shop), ends)
        };
        columns.extend([
            counts(names::INTEREST_CUSTOMER_COUNT, order.iter().map(|group| Some(of(group).interested))),
            counts(names::CONVERTED_COUNT, order.iter().map(|group| Some(of(group).converted))),
        ]);
        columns.extend(rates(ranges::CONVERSION_RATE, order.iter().map(|group| Some(rate(group)))));
        columns.extend(ranged(ranges::CONVERSION_INDEX, order.iter().map(index)));
        let reliable = order.iter().map(|group| Some(is_comparable(rate(group), shop)));
        columns.push(flags(names::IS_INDEX_RELIABLE, reliable));
    }
    frame(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{Read, orders, read, rows};
    use crate::schema::accounting::Rule;

    fn ask(read: &Read, scope: &Scope, level: Level) -> Regions {
        region(&read.shop(), scope, level, read.ingested.accounting.clone()).expect("regions")
    }

    /// Zoe, who has no order, got 25 back in 浙江, where Ann bought for 100. Ann's credit note of 30 is from 广东, where
    /// Bob bought for 40.
    #[test]
    fn credit_notes_count_where_they_are_from() {
        let read = orders(
            "order_id,customer_id,order_date,amount,province;1,ann,2026-06-10,100,浙江;2,ann,2026-06-11,-30,广东;
             3,zoe,2026-06-12,-25,浙江;4,bob,2026-06-13,40,广东;5,,2026-06-13,8,",
        );
        let answer = ask(&read, &read.up_to("2026-06-14"), Level::Province);
        let columns =
            ["province", "order_count", "customer_count", "net_amount", "aov", "spend_per_customer"];
        assert_eq!(
            rows(&answer.frame, &columns),
            ["浙江,1,1,75.00,75.00,100.00", "广东,1,1,10.00,10.00,40.00", ",1,0,8.00,8.00,",]
        );
        // All rows add up to 93, and those of customers with an order to 110.
        assert_eq!(answer.net_without_buyers, Some(-17_000_000));
        assert_eq!(answer.accounting.excluded.of(Rule::NoValidOrder), 0);
        assert!(answer.accounting.is_balanced());
    }

    #[test]
    fn hong_kong_macao_and_taiwan_have_rows_of_their_own() {
        let read = orders(
            "order_id,customer_id,order_date,amount,country,province;1,a,2026-06-10,5,CN,广东;2,b,2026-06-10,4,HK,;
             3,c,2026-06-10,3,CN,香港;4,d,2026-06-10,2,Taiwan,;5,e,2026-06-10,1,Macau,",
        );
        let scope = read.up_to("2026-06-10");
        assert_eq!(
            rows(&ask(&read, &scope, Level::Country).frame, &["country", "net_amount"]),
            ["香港,7.00", "中国,5.00", "台湾,2.00", "澳门,1.00",]
        );
        assert_eq!(
            rows(&ask(&read, &scope, Level::Province).frame, &["country", "province", "net_amount"]),
            ["香港,香港,7.00", "中国,广东,5.00", "台湾,台湾,2.00", "澳门,澳门,1.00",]
        );
        let by_month = quotients(
            &read.ingested.orders,
            &scope,
            Level::Country,
            By::Month,
            read.ingested.accounting.clone(),
        );
        assert_eq!(
            rows(&by_month.expect("quotients").frame, &["country", "month", "order_count"]),
            ["香港,6,2", "中国,6,1", "台湾,6,1", "澳门,6,1",]
        );
    }

    /// Regions with equal amounts are sorted by name. Unknown places come last, whatever their amount.
    #[test]
    fn regions_come_by_amount_then_by_name() {
        let read = orders(
            "order_id,customer_id,order_date,amount,country,province;1,a,2026-06-10,5,US,Texas;2,b,2026-06-10,5,US,Ohio;
             3,c,2026-06-10,5,AU,Victoria;4,d,2026-06-10,6,US,Utah;5,e,2026-06-10,50,,;6,e,2026-06-11,1,US,Ohio;7,e,2026-06-12,-1,US,Ohio",
        );
        let answer = ask(&read, &read.up_to("2026-06-12"), Level::Province);
        assert_eq!(
            rows(&answer.frame, &["province", "net_amount"]),
            ["Utah,6.00", "Victoria,5.00", "Ohio,5.00", "Texas,5.00", ",50.00"]
        );
    }

    /// Somebody with two orders in one region is a repeater there; somebody with one order in each of two regions is
    /// not.
    #[test]
    fn a_repeater_has_two_orders_in_the_region() {
        let read = orders(
            "order_id,customer_id,order_date,amount,province;1,a,2026-06-10,5,广东;2,a,2026-06-11,5,广东;3,b,2026-06-10,5,广东;4,b,2026-06-10,5,浙江",
        );
        let answer = ask(&read, &read.up_to("2026-06-12"), Level::Province);
        assert_eq!(
            rows(&answer.frame, &["province", "customer_count", "repeat_rate"]),
            ["广东,2,0.5", "浙江,1,0"]
        );
    }

    /// Orders that name cities but no provinces are shown by city, unless fewer than half as many name a city as a
    /// country.
    #[test]
    fn cities_are_shown_where_provinces_are_not_known() {
        let with = |header: &str, rows: [&str; 4]| {
            let row = |(i, row): (usize, &&str)| format!(";{i},a,2026-06-10,5,{row}");
            let text: String = rows.iter().enumerate().map(row).collect();
            let text = format!("order_id,customer_id,order_date,amount,{header}{text}");
            usual_level(&read(&[("orders.csv", &text)]).ingested.orders).expect("a level")
        };
        assert_eq!(with("city", ["Oslo", "Bergen", "", ""]), Level::City);
        assert_eq!(with("country,city", ["NO,Oslo", "NO,Bergen", "SE,", "SE,"]), Level::City);
        assert_eq!(with("country,city", ["NO,Oslo", "NO,", "SE,", "SE,"]), Level::Country);
        assert_eq!(with("province,city", ["Viken,Oslo", "Vest,Bergen", ",Moss", ",Moss"]), Level::Province);
        assert_eq!(with("note", ["", "", "", ""]), Level::Province);
    }

    /// Countries are shown if fewer than half of the orders with a country have a province.
    #[test]
    fn the_usual_level_is_that_which_most_orders_say() {
        let with = |provinces: usize| {
            let row =
                |i: usize| format!(";{i},a,2026-06-10,5,US,{}", if i < provinces { "Utah" } else { "" });
            let text: String = (0..4).map(row).collect();
            let read = read(&[(
                "orders.csv",
                &format!("order_id,customer_id,order_date,amount,country,province{text}"),
            )]);
            usual_level(&read.ingested.orders).expect("a level")
        };
        assert_eq!([1, 2].map(with), [Level::Country, Level::Province]);
    }
}
