//! Every platform's own export, with the sums worked out by hand from the rows of its fixture.

use std::collections::BTreeMap;
use std::path::Path;

use ecrm::schema::accounting::Rule;
use ecrm::schema::{Field, Status};
use polars::prelude::DataFrame;

use super::common::{buyers, ingest};

/// Net amounts in hundredths and order counts per customer, rows per rule, and rows quarantined.
type Reading = (Vec<(String, i64, u32)>, Vec<(Rule, u64)>, u64);

fn reading(file: &str) -> Reading {
    let (found, accounting) = buyers(&[file]);
    assert!(accounting.is_balanced(), "{file}");
    let customers =
        found.into_iter().map(|(id, (micros, orders))| (id, cents(micros, file), orders)).collect();
    (customers, accounting.excluded.iter().collect(), accounting.quarantined_total())
}

fn cents(micros: i64, file: &str) -> i64 {
    assert_eq!(micros % 10_000, 0, "{file}");
    micros / 10_000
}

fn named(customers: &[(&str, i64, u32)]) -> Vec<(String, i64, u32)> {
    customers.iter().map(|(id, net, orders)| ((*id).to_owned(), *net, *orders)).collect()
}

fn orders_of(file: &str) -> DataFrame {
    ingest(&[Path::new(file)]).unwrap().orders.parts.ask(|part| part).unwrap()
}

/// Valid orders and what they come to in hundredths, and all orders by status: for exports that name nobody.
fn totals(file: &str) -> ((usize, i64), BTreeMap<Status, usize>) {
    let orders = orders_of(file);
    let status = orders.column("status").unwrap().u8().unwrap();
    let paid = orders.column("paid_amount").unwrap().i64().unwrap();
    let refund = orders.column("refund_amount").unwrap().i64().unwrap();
    let (mut count, mut net) = (0, 0);
    let mut statuses = BTreeMap::new();
    for row in 0..orders.height() {
        let status = Status::ALL[usize::from(status.get(row).unwrap())];
        let kept = paid.get(row).unwrap() - refund.get(row).unwrap();
        *statuses.entry(status).or_insert(0) += 1;
        if status.is_paid() && kept > 0 {
            count += 1;
            net += cents(kept, file);
        }
    }
    ((count, net), statuses)
}

/// The days of all orders since 1970-01-01, sorted.
fn days(file: &str) -> Vec<i32> {
    let orders = orders_of(file);
    let days = orders.column("ordered_on").unwrap().as_materialized_series().clone();
    let mut days: Vec<i32> = days.date().unwrap().physical().iter().flatten().collect();
    days.sort_unstable();
    days
}

#[test]
fn taobao_workbook_with_date_cells_and_text_dates() {
    let (customers, excluded, quarantined) = reading("fixtures/taobao/orders_2020.xlsx");
    // As the CSV of the same orders. 茶客甲: 100.00, and 40.00 left of 60.00. 茶客乙: 55.50.
    assert_eq!(customers, named(&[("茶客乙", 5550, 1), ("茶客甲", 14_000, 2)]));
    // 茶客乙 has yet to pay one; 茶客丙 never paid one, and was given back 70.00 for the other.
    assert_eq!(excluded, [(Rule::Unpaid, 1), (Rule::ClosedUnpaid, 1), (Rule::Refunded, 1)]);
    assert_eq!(quarantined, 0);
    // The day of payment, not of creation, in the third: 2016-06-02 is day 16954.
    assert!(days("fixtures/taobao/orders_2020.xlsx").contains(&16_954));
}

#[test]
fn jd_amounts_of_an_order_count_once_and_balance_is_money() {
    let (customers, excluded, quarantined) = reading("fixtures/jd/orders_gbk.csv");
    // 茶友甲: 140.00 once for two rows; 50.00 + 30.00 of the balance.
    // 茶友乙: 0.00 + 45.00 of the balance.
    assert_eq!(customers, named(&[("茶友乙_jd", 4500, 1), ("茶友甲_jd", 22_000, 2)]));
    // 茶**丁 is masked; 茶友丙 has not paid; one order is marked as deleted; one sample was free.
    let expected =
        [(Rule::MaskedCustomer, 1), (Rule::Unpaid, 1), (Rule::Cancelled, 1), (Rule::ZeroAmount, 1)];
    assert_eq!(excluded, expected);
    assert_eq!(quarantined, 0);
}

#[test]
fn pdd_without_buyers_still_has_orders() {
    let file = "fixtures/pdd/orders_23_gbk.csv";
    // Nobody is named, so the orders themselves: 32.90 + 19.90 + 66.00 (after-sale under way) + 10.00 = 128.80.
    let (valid, statuses) = totals(file);
    assert_eq!(valid, (4, 12_880));
    // Given back twice: one says so in both columns, one in the after-sale column alone.
    let expected = [
        (Status::Pending, 1),
        (Status::Cancelled, 1),
        (Status::Refunded, 2),
        (Status::Paid, 1),
        (Status::Shipped, 1),
        (Status::Completed, 2),
    ];
    assert_eq!(statuses, BTreeMap::from(expected));
    // Day of the order number where there is no time: 2026-05-25, twice 05-26 and 05-30; 2026-05-23 is day 20596.
    assert_eq!(days(file), [20_596, 20_596, 20_597, 20_597, 20_598, 20_599, 20_599, 20_603]);
    let ingested = ingest(&[Path::new(file)]).unwrap();
    // An after-sale word that nobody knows.
    let rejects: Vec<_> = ingested.rejects.iter().map(|r| (r.record, r.column.as_deref())).collect();
    assert_eq!(rejects, [(9, Some("售后状态"))]);
    assert_eq!(ingested.accounting.rows_read, 9);
}

#[test]
fn pdd_with_all_columns_names_buyers_by_phone() {
    let (customers, excluded, quarantined) = reading("fixtures/pdd/orders_all_fields_utf8_bom.csv");
    // 50.00 + 20.50.
    assert_eq!(customers, named(&[("10000000011", 7050, 2)]));
    // No phone; a masked one; given back 40.00 and a free draw, both of the other phone.
    let expected =
        [(Rule::NoCustomer, 1), (Rule::MaskedCustomer, 1), (Rule::Refunded, 1), (Rule::ZeroAmount, 1)];
    assert_eq!(excluded, expected);
    assert_eq!(quarantined, 0);
}

#[test]
fn douyin_sub_orders_make_orders() {
    let file = "fixtures/douyin/orders_utf8_bom.csv";
    // Nobody is named. 59.00 and a gift at 0.00 are one order; of 30.00 + 20.00 the 20.00 went back; 99.00 waits for
    // a decision: 59.00 + 30.00 + 99.00 = 188.00.
    let (valid, statuses) = totals(file);
    assert_eq!(valid, (3, 18_800));
    // Completed: the first two and a sample at 0.00. Closed: one never paid (45.00), one given back (70.00).
    let expected = [
        (Status::Pending, 1),
        (Status::ClosedUnpaid, 1),
        (Status::Refunded, 1),
        (Status::Shipped, 1),
        (Status::Completed, 3),
    ];
    assert_eq!(statuses, BTreeMap::from(expected));
    let ingested = ingest(&[Path::new(file)]).unwrap();
    assert_eq!((ingested.accounting.rows_read, ingested.accounting.quarantined_total()), (9, 0));
    // Recipients are masked: no key at all.
    assert!(ingested.orders.customers.is_empty());
}

#[test]
fn youzan_refunds_are_taken_off_what_was_paid() {
    let (customers, excluded, quarantined) = reading("fixtures/youzan/orders_utf8_bom.csv");
    // 128.00 + (66.60 − 16.60); 45.00.
    assert_eq!(customers, named(&[("10000000021", 17_800, 2), ("10000000023", 4500, 1)]));
    // A sale over the counter; one of 10000000022 unpaid, one closed without payment, one closed and given back.
    let expected = [(Rule::NoCustomer, 1), (Rule::Unpaid, 1), (Rule::ClosedUnpaid, 1), (Rule::Refunded, 1)];
    assert_eq!(excluded, expected);
    assert_eq!(quarantined, 0);
}

#[test]
fn shopify_across_the_change_to_summer_time() {
    let file = "fixtures/shopify/orders_offsets.csv";
    let (customers, excluded, quarantined) = reading(file);
    // Anna, in either case: 50.00 (two rows) + 30.00 − 10.00. Ben: 20.00.
    assert_eq!(customers, named(&[("anna@shop.example", 7000, 2), ("ben@shop.example", 2000, 1)]));
    // Cara's waits for payment; of Ben's one was cancelled after payment and one given back.
    assert_eq!(excluded, [(Rule::Unpaid, 1), (Rule::Cancelled, 1), (Rule::Refunded, 1)]);
    assert_eq!(quarantined, 0);
    // The shop's own days: 2026-03-28 is day 20540, the change was on the 29th.
    assert_eq!(days(file)[..3], [20_540, 20_541, 20_541]);
}

#[test]
fn shopify_without_any_e_mail_knows_buyers_by_phone() {
    let (customers, excluded, quarantined) = reading("fixtures/shopify/orders_phone_only.csv");
    // 30.00 (two rows) + 5.00, the number written in two ways; 18.50 with a billing phone only.
    assert_eq!(customers, named(&[("+15550101", 3500, 2), ("+15550102", 1850, 1)]));
    assert_eq!(excluded, [(Rule::Unpaid, 1), (Rule::ClosedUnpaid, 1)]);
    assert_eq!(quarantined, 0);
}

#[test]
fn woo_analytics_adds_refund_rows_up() {
    // Names only. 2899 + 1150 + (800 − 200) = 4649; 400 − 400 is an order given back.
    let (valid, statuses) = totals("fixtures/woo/analytics_orders.csv");
    assert_eq!(valid, (3, 464_900));
    let expected = [
        (Status::Pending, 1),
        (Status::ClosedUnpaid, 1),
        (Status::Cancelled, 1),
        (Status::Refunded, 1),
        (Status::Paid, 1),
        (Status::Completed, 2),
    ];
    assert_eq!(statuses, BTreeMap::from(expected));
}

#[test]
fn woo_guests_are_not_one_customer() {
    let (customers, excluded, quarantined) = reading("fixtures/woo/orders_plugin.csv");
    // Ann: 60.00 + 15.50. Bob, a guest with customer_id 0: 33.00; Cem is another one.
    assert_eq!(customers, named(&[("ann@shop.example", 7550, 2), ("bob@shop.example", 3300, 1)]));
    // Bob's order on hold; Cem's failed, cancelled and given back.
    let expected = [(Rule::Unpaid, 1), (Rule::ClosedUnpaid, 1), (Rule::Cancelled, 1), (Rule::Refunded, 1)];
    assert_eq!(excluded, expected);
    assert_eq!(quarantined, 0);
}

#[test]
fn magento_with_am_and_pm_behind_24_hours() {
    let file = "fixtures/magento/orders.csv";
    let (customers, excluded, quarantined) = reading(file);
    // Ann: 100.00 + 50.00 − 20.00. Bob: 25.50. Cem: 8.00.
    let expected =
        [("ann@shop.example", 13_000, 2), ("bob@shop.example", 2550, 1), ("cem@shop.example", 800, 1)];
    assert_eq!(customers, named(&expected));
    // Pending and on hold; canceled; closed with all 40.00 given back.
    assert_eq!(excluded, [(Rule::Unpaid, 2), (Rule::Cancelled, 1), (Rule::Refunded, 1)]);
    assert_eq!(quarantined, 0);
    // "2026-05-23 14:31:00 PM" is day 20596, "2026-05-31 00:10:00 AM" day 20604.
    let days = days(file);
    assert_eq!((days[0], days[7]), (20_596, 20_604));
}

#[test]
fn amazon_order_report_with_stray_quotes() {
    let (customers, excluded, quarantined) = reading("fixtures/amazon/new_orders_cp1252.txt");
    // x1a: (20.00 + 3.99 − 2.00) + (10.00 − 1.00) = 30.99 in one order, and 15.50 for two items in another.
    // y2b: 12.00 + 4.00 − 4.00.
    assert_eq!(customers, named(&[("x1a@shop.example", 4649, 2), ("y2b@shop.example", 1200, 1)]));
    // 5.00 less a promotion of 5.00.
    assert_eq!(excluded, [(Rule::ZeroAmount, 1)]);
    assert_eq!(quarantined, 0);
}

#[test]
fn amazon_all_orders_names_nobody() {
    // (1200 + 350 − 350) + 800 = 2000 in one order; 990 + 100 − 90 = 1000.
    let (valid, statuses) = totals("fixtures/amazon/all_orders_cp932.txt");
    assert_eq!(valid, (2, 300_000));
    let expected = [
        (Status::Pending, 1),
        (Status::Cancelled, 1),
        (Status::Refunded, 1),
        (Status::Shipped, 1),
        (Status::Completed, 1),
    ];
    assert_eq!(statuses, BTreeMap::from(expected));
}

#[test]
fn quotes_that_never_close_and_order_names_read_like_any_other_file() {
    for file in ["unbalanced_quotes.tsv", "order_names.csv", "epoch_and_serials.csv"] {
        let (customers, excluded, quarantined) = reading(&format!("fixtures/quirks/{file}"));
        assert_eq!(customers, named(&[("ann", 1500, 2), ("bob", 2000, 1)]), "{file}");
        assert_eq!((excluded.len(), quarantined), (0, 0), "{file}");
    }
}

#[test]
fn a_cell_with_two_phones_names_the_first() {
    let (customers, ..) = reading("fixtures/quirks/several_values_in_one_cell.csv");
    // 30.00 and 20.00; 5.00; 7.00. Titles of several items are left as they are.
    let expected = [("10000000001", 5000, 2), ("10000000002", 500, 1), ("10000000003", 700, 1)];
    assert_eq!(customers, named(&expected));
}

#[test]
fn epochs_serials_and_offsets_give_the_shop_its_days() {
    // Serials 46144 and 46146.75 are 2026-05-02 and 05-04; the third is not paid, and its epoch is 2026-05-03.
    assert_eq!(days("fixtures/quirks/epoch_and_serials.csv"), [20_575, 20_576, 20_577]);
    // Without a zone every day is the one written: 2019-10-01, twice 2026-03-29, twice 04-05, and 04-06.
    let expected = [18_170, 20_541, 20_541, 20_548, 20_548, 20_549];
    assert_eq!(days("fixtures/quirks/offsets.csv"), expected);
}

#[test]
fn addresses_and_provinces_do_not_disturb_the_sums() {
    let (customers, excluded, quarantined) = reading("fixtures/quirks/addresses.csv");
    // 10 + 20; 30 + 40; 50 + 60; 70 + 80; 90.
    let expected =
        [("ann", 3000, 2), ("bob", 7000, 2), ("cem", 11_000, 2), ("dan", 15_000, 2), ("eve", 9000, 1)];
    assert_eq!((customers, excluded.len(), quarantined), (named(&expected), 0, 0));
    let (customers, excluded, quarantined) = reading("fixtures/quirks/provinces.csv");
    // One order each of 1 to 19: 19 × 20 / 2.
    let net: i64 = customers.iter().map(|(_, net, _)| net).sum();
    assert_eq!((customers.len(), net, excluded.len(), quarantined), (19, 19_000, 0, 0));
}

/// The fields beyond who, what and how much that a file's columns are read as, each with its headers.
fn further(file: &str) -> Vec<String> {
    const FURTHER: [Field; 13] = [
        Field::ShippedAt,
        Field::DeliveredAt,
        Field::CompletedAt,
        Field::ShippingFee,
        Field::Tax,
        Field::CouponCode,
        Field::PaymentMethod,
        Field::Staff,
        Field::Company,
        Field::Note,
        Field::RefundReason,
        Field::IsPresale,
        Field::District,
    ];
    let ingested = ingest(&[Path::new(file)]).unwrap();
    let layout = &ingested.sources[0].layout;
    let of = |field: Field| {
        let headers: Vec<&str> =
            layout.columns.get(&field)?.iter().map(|column| layout.headers[*column].as_str()).collect();
        Some(format!("{field}={}", headers.join("|")))
    };
    FURTHER.into_iter().filter_map(of).collect()
}

#[test]
fn platforms_name_the_further_columns_of_their_exports() {
    let cases: &[(&str, &[&str])] = &[
        (
            "fixtures/taobao/orders_2020_utf8_bom.csv",
            &[
                "completed_at=确认收货时间",
                "shipping_fee=买家应付邮费",
                "note=买家留言|订单备注",
                "is_presale=分阶段订单信息",
            ],
        ),
        (
            "fixtures/taobao/orders_2016_gbk.csv",
            &["shipping_fee=买家应付邮费", "note=买家留言|订单备注", "is_presale=分阶段订单信息"],
        ),
        (
            "fixtures/jd/orders_gbk.csv",
            &[
                "completed_at=订单完成时间",
                "shipping_fee=运费金额",
                "payment_method=支付方式",
                "note=订单备注|商家备注",
            ],
        ),
        (
            "fixtures/pdd/orders_23_gbk.csv",
            &["shipped_at=发货时间", "completed_at=确认收货时间", "shipping_fee=邮费(元)", "note=商家备注"],
        ),
        (
            "fixtures/pdd/orders_all_fields_utf8_bom.csv",
            &[
                "shipped_at=发货时间",
                "completed_at=确认收货时间",
                "shipping_fee=邮费(元)",
                "payment_method=支付方式",
                "note=买家留言|商家备注",
                "district=区",
            ],
        ),
        (
            "fixtures/douyin/orders_utf8_bom.csv",
            &[
                "shipped_at=发货时间",
                "completed_at=订单完成时间",
                "payment_method=支付方式",
                "note=买家留言|商家备注",
                "refund_reason=取消原因",
                "district=区",
            ],
        ),
        (
            "fixtures/youzan/orders_utf8_bom.csv",
            &[
                "completed_at=交易成功时间",
                "shipping_fee=运费",
                "payment_method=付款方式",
                "staff=销售导购|专属导购|收银员",
                "note=买家备注|商家订单备注",
                "district=收货人地区",
            ],
        ),
        (
            "fixtures/shopify/orders_offsets.csv",
            &[
                "shipped_at=Fulfilled at",
                "shipping_fee=Shipping",
                "tax=Taxes",
                "coupon_code=Discount Code",
                "payment_method=Payment Method",
                "staff=Employee",
                "company=Shipping Company|Billing Company",
                "note=Notes",
            ],
        ),
        (
            "fixtures/woo/orders_plugin.csv",
            &[
                "shipping_fee=shipping_total",
                "tax=tax_total",
                "coupon_code=coupons",
                "payment_method=payment_method",
                "company=billing_company|shipping_company",
                "note=customer_note|order_notes",
            ],
        ),
        ("fixtures/woo/analytics_orders.csv", &["coupon_code=Coupon(s)"]),
        (
            "fixtures/magento/orders.csv",
            &["shipping_fee=Shipping and Handling", "payment_method=Payment Method"],
        ),
    ];
    for (file, expected) in cases {
        assert_eq!(further(file), *expected, "{file}");
    }
}
