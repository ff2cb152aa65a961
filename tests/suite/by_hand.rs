//! The analyses on a shop of six orders, `fixtures/by_hand`, whose every figure is worked out by hand.
//!
//! Ann: 100 on 10 January, 50 on 9 February (a gift of 50 % off), 100 on 11 March to Bob. Bob: 30 on 31 January and 30
//! on 31 March, both at half price. Cat: 200 on 1 March, of which 50 went back. Dan has not paid, Eve got all back.
//! As-of is 31 March, the day of the last row. The sum is 250 + 60 + 150 = 460.

use std::fs;

use super::common::{run, stdout};

const ORDERS: &str = "fixtures/by_hand/orders.csv";
const ITEMS: &str = "fixtures/by_hand/items.csv";
const EVENTS: &str = "fixtures/by_hand/events.csv";
const CUSTOMERS: &str = "fixtures/by_hand/customers.csv";

/// Runs a command and takes its CSV, numbers rounded to six decimals.
fn answer(args: &[&str]) -> Vec<String> {
    let text = stdout(&[args, &["--format", "csv", "-q"]].concat());
    let round = |cell: &str| match cell.parse::<f64>() {
        Ok(number) if cell.contains('.') => format!("{}", (number * 1e6).round() / 1e6),
        _ => cell.to_owned(),
    };
    text.lines().map(|line| line.split(',').map(round).collect::<Vec<_>>().join(",")).collect()
}

fn assert_rows(args: &[&str], expected: &str) {
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    assert_eq!(answer(args), expected, "{args:?}");
}

/// Days to the second order: Ann 30, Bob 59; Cat is watched for 30. On day 30 one of three orders again, so S = 2/3;
/// with Greenwood's sum 1 / (3 · 2) the spread is 1.959964 · √(1/6) / ln 1.5 = 1.97342, and S to the power of
/// e^±1.97342 gives 0.945206 and 0.054073. From day 59 on, when the one still at risk orders again, S is 0, and the
/// interval that of 1 of 1.
#[test]
fn the_curve_waits_for_those_who_have_not_had_the_time() {
    assert_rows(
        &["repurchase", ORDERS],
        "horizon_days,at_risk_count,repurchased_count,repurchase_rate,rate_low,rate_high
         30,3,1,0.333333,0.054794,0.945927
         60,0,2,1,0.025,1
         90,0,2,1,0.025,1
         180,0,2,1,0.025,1
         365,0,2,1,0.025,1",
    );
}

/// Gaps 30, 30, 59: of type 7 the 75 % quantile is 30 + 0.5 · 29, then 0.6 and 0.8 of 29. Open are Ann's 20 days, Bob's
/// 0 and Cat's 30: of four watched for 30 days half have ordered, and the last after 59.
#[test]
fn gaps_and_rates() {
    assert_rows(
        &["repurchase", ORDERS, "--table", "gaps"],
        "gap_count,p25,p50,p75,p80,p90,open_gap_count,watched_p25,watched_p50,watched_p75,watched_p80,watched_p90,cycle_days
         3,30,30,44.5,47.4,53.2,3,30,30,59,59,59,30",
    );
    // Nobody has been watched for long enough to say who does not come back.
    assert_rows(
        &["repurchase", ORDERS, "--table", "churn"],
        "buyers,customer_count,churn_line_days,return_chance,watched_count,lost_customer_count
         one,1,,,,0
         several,2,,,,0",
    );
    // Cat has been silent for 30 days, Ann for 20.
    assert_rows(
        &["repurchase", ORDERS, "--table", "churn", "--churn-days", "19"],
        "buyers,customer_count,churn_line_days,return_chance,watched_count,lost_customer_count
         one,1,19,,,1
         several,2,19,,,1",
    );
    let rates = answer(&["repurchase", ORDERS, "--table", "rates"]);
    let rates: Vec<String> =
        rates.iter().map(|row| row.split(',').take(6).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(
        rates,
        [
            "definition,rate,rate_low,rate_high,numerator,denominator",
            "repeat_customer_rate,0.666667,0.20766,0.938508,2,3",
            "repeat_day_rate,0.666667,0.20766,0.938508,2,3",
            "repeat_order_rate,0.5,0.187616,0.812384,3,6",
            "buyback_rate,,,,0,0",
        ]
    );
}

/// Ann expects 30 days after 11 March; Bob (59 + 2 · 30) / 3 = 39.67, so 40, after 31 March; Cat the shop's 30 after 1
/// March, which is today.
#[test]
fn the_next_order_is_expected_from_own_gaps_and_the_shops() {
    assert_rows(
        &["repurchase", ORDERS, ITEMS, "--due"],
        "customer_id,last_ordered_on,recency_days,order_count,own_gap_days,expected_gap_days,next_expected_on,due_status,product_id,title
         cat,2026-03-01,30,1,,30,2026-03-31,due,P3,Pot
         ann,2026-03-11,20,3,30,30,2026-04-10,in_cycle,P1,Tea
         bob,2026-03-31,0,2,59,40,2026-05-10,in_cycle,P2,Cup",
    );
}

/// Ann's orders are on 10 January, 9 February and 11 March, Bob's on 31 January and 31 March, Cat's on 1 March: after
/// the first 30 and 59 days, and 30 watched; after the second 30, and none watched; after the third 20 watched. First
/// orders come to 100, 30 and 150.
#[test]
fn from_order_to_order() {
    assert_rows(
        &["repurchase", ORDERS, "--ladder"],
        "order_number,customer_count,next_30d_rate,next_30d_rate_low,next_30d_rate_high,next_90d_rate,next_90d_rate_low,next_90d_rate_high,next_180d_rate,next_180d_rate_low,next_180d_rate_high,next_365d_rate,next_365d_rate_low,next_365d_rate_high,median_gap_days,aov
         1,3,0.333333,0.054794,0.945927,1,0.025,1,1,0.025,1,1,0.025,1,44.5,93.333333
         2,2,1,0.025,1,1,0.025,1,1,0.025,1,1,0.025,1,30,40
         3,1,,,,,,,,,,,,,,100",
    );
}

/// Of Ann's first order nothing went back, nor of Bob's; of Cat's a quarter. Bob's was at half price.
#[test]
fn curves_by_what_first_orders_were() {
    let at_30 = |by: &str| {
        let mut rows = answer(&["repurchase", ORDERS, "--by", by]);
        rows.retain(|row| row.contains(",30,"));
        rows
    };
    assert_eq!(at_30("refunded"), ["kept,30,2,1,0.5,0.08959,0.994017", "refunded,30,1,0,0,0,0.975"]);
    assert_eq!(at_30("discount"), ["none,30,2,1,0.5,0.08959,0.994017", "deep,30,1,0,0,0,0.975"]);
    // Bob's and Cat's orders name no source.
    assert_eq!(at_30("source"), ["search,30,1,1,1,0.025,1", ",30,2,0,0,0,0.841886"]);
}

/// On 30 January Ann alone had bought, twenty days before: by a cycle of 90 days, which is assumed, her next order was
/// expected on 10 April. It came on 9 February, 60 days sooner.
#[test]
fn what_came_of_an_earlier_list() {
    assert_rows(
        &["repurchase", ORDERS, "--due", "--holdout", "60", "--table", "holdout"],
        "due_status,customer_count,returned_count,return_rate,return_rate_low,return_rate_high,median_error_days,median_absolute_error_days
         due,0,0,,,,,
         overdue,0,0,,,,,
         in_cycle,1,1,1,0.206549,1,-60,60
         lost,0,0,,,,,",
    );
}

/// January's cohort is Ann and Bob: 130, then Ann's 50, then both again with 130, of two customers.
#[test]
fn cohorts() {
    assert_rows(
        &["cohort", ORDERS],
        "cohort,period,cohort_customer_count,customer_count,retention,retention_low,retention_high,net_amount,cumulative_per_customer,is_first_of_history
         2026-01-01,0,2,2,1,0.34238,1,130,65,true
         2026-01-01,1,2,1,0.5,0.094531,0.905469,50,90,true
         2026-01-01,2,2,2,1,0.34238,1,130,155,true
         2026-03-01,0,1,1,1,0.206549,1,150,150,false",
    );
    // On 30 March the month is not over.
    assert_rows(
        &["cohort", ORDERS, "--as-of", "2026-03-30"],
        "cohort,period,cohort_customer_count,customer_count,retention,retention_low,retention_high,net_amount,cumulative_per_customer,is_first_of_history
         2026-01-01,0,2,2,1,0.34238,1,130,65,true
         2026-01-01,1,2,1,0.5,0.094531,0.905469,50,90,true
         2026-01-01,2,2,,,,,,,true
         2026-03-01,0,1,,,,,,,false",
    );
}

/// Ann began with tea, Bob with a cup, Cat with a pot; all three are 30 days old, none 90. Within 30 days Ann came
/// again with 50 beside the 100, Bob and Cat did not.
#[test]
fn cohorts_by_what_they_began_with() {
    assert_rows(
        &["cohort", ORDERS, ITEMS, "--by", "first_category"],
        "category,horizon_days,cohort_customer_count,customer_count,repurchased_count,retention,retention_low,retention_high,order_count,net_amount,cumulative_per_customer
         ware,30,2,2,0,0,0,0.65762,2,180,90
         ware,90,2,,,,,,,,
         ware,180,2,,,,,,,,
         ware,365,2,,,,,,,,
         tea,30,1,1,1,1,0.206549,1,2,150,150
         tea,90,1,,,,,,,,
         tea,180,1,,,,,,,,
         tea,365,1,,,,,,,,",
    );
}

/// A column of coupons in which nobody has any says that none was used; without one that is not known, and said.
#[test]
fn a_first_order_without_a_coupon_used_none_where_a_column_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, header: &str, cell: &str| {
        let path = folder.path().join(name);
        let rows = format!(
            "order_id,customer_id,order_date,paid_amount{header}\n1,a,2025-01-01,10{cell}\n2,b,2025-01-02,20{cell}\n"
        );
        fs::write(&path, rows).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let groups = |path: &str| {
        let output = run(&["cohort", path, "--by", "first_coupon", "--format", "csv"]);
        let csv = String::from_utf8(output.stdout).unwrap();
        let first: Vec<String> =
            csv.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
        (first, String::from_utf8(output.stderr).unwrap())
    };
    let (first, said) = groups(&file("blank.csv", ",coupon_code", ","));
    assert!(!first.is_empty() && first.iter().all(|group| group == "none"), "{first:?}");
    assert!(!said.contains("coupon"), "{said}");
    let (first, said) = groups(&file("without.csv", "", ""));
    assert!(!first.is_empty() && first.iter().all(String::is_empty), "{first:?}");
    assert!(said.contains("no order names a coupon"), "{said}");
}

/// 80 % of 460 is 368: Ann (250) and Cat (who reaches 400) are core; Bob is within 95 % (437). Gini: 2 · (60 + 2 · 150
/// + 3 · 250) = 2220, less 4 · 460, over 3 · 460.
#[test]
fn value_by_net_amount() {
    assert_rows(
        &["value", ORDERS],
        "class,customer_count,customer_share,order_count,net_amount,net_share,aov,spend_per_customer,promotion_only_count
         core,2,0.666667,4,400,0.869565,100,200,0
         potential,1,0.333333,2,60,0.130435,30,60,1
         mass,0,0,0,0,0,,,0",
    );
    assert_rows(
        &["value", ORDERS, "--table", "concentration"],
        "measure,value,value_low,value_high
         gini,0.275362,0.070026,0.480699
         top_1_share,0.543478,,
         top_5_share,0.543478,,
         top_10_share,0.543478,,
         top_20_share,0.543478,,",
    );
}

/// Margins: Ann 250 − 160, Cat 150 − 120, Bob 60 − 40, together 140.
#[test]
fn value_by_margin_where_costs_are_given() {
    assert_rows(
        &["value", ORDERS, "--map", "cost=purchase price", "--list"],
        "customer_id,last_ordered_on,recency_days,order_count,net_amount,margin,class,cumulative_share,deep_discount_order_count,is_promotion_only
         ann,2026-03-11,20,3,250,90,core,0.642857,1,false
         cat,2026-03-01,30,1,150,30,core,0.857143,0,false
         bob,2026-03-31,0,2,60,20,potential,1,2,true",
    );
}

/// On 31 March Bob's cart (an hour before he pays) and Cat's favourite (after her order). In seven days also Ann's cart
/// of the 30th and Fay's; Fay had an interest on the 2nd, Ann's of February is more than 30 days before. In thirty days
/// Ann's February counts, and she bought on the 11th; who was there in the 30 days before nobody knows, since the log
/// begins on 8 February and they on 31 January.
#[test]
fn interest() {
    assert_rows(
        &["interest", EVENTS, ORDERS],
        "period_days,interest_customer_count,fav_shop,fav_item,cart,not_bought_in_period_count,not_yet_bought_count,new_customer_count,converted_count,conversion_rate,conversion_rate_low,conversion_rate_high,conversion_7d_rate,conversion_7d_rate_low,conversion_7d_rate_high
         1,2,1,0,1,1,0,2,1,0.5,0.094531,0.905469,,,
         7,4,1,0,3,3,1,3,1,0.25,0.045587,0.699358,,,
         30,4,1,1,3,2,1,,1,0.25,0.045587,0.699358,0.25,0.039451,0.872053",
    );
    assert_rows(
        &["interest", EVENTS, ORDERS, "--by", "source"],
        "source,period_days,interest_customer_count,fav_shop,fav_item,cart,not_bought_in_period_count,not_yet_bought_count,new_customer_count,converted_count,conversion_rate,conversion_rate_low,conversion_rate_high,conversion_7d_rate,conversion_7d_rate_low,conversion_7d_rate_high
         ads,30,3,1,1,2,2,1,,0,0,0,0.561497,0,0,0.975
         search,30,1,0,0,1,0,0,,1,1,0.206549,1,1,0.025,1",
    );
    assert_rows(
        &["interest", EVENTS, ORDERS, "--list", "--discount-days", "1"],
        "customer_id,last_interest_on,days_since_interest,fav_shop_count,fav_item_count,cart_count,has_bought,is_converted,is_past_discount_window
         bob,2026-03-31,0,0,0,1,true,true,false
         cat,2026-03-31,0,1,0,0,true,false,false
         ann,2026-03-30,1,0,0,1,true,false,false
         fay,2026-03-29,2,0,1,1,false,false,true",
    );
}

/// The thirty days before are 31 January to 1 March: of sales A2, B1 and C1, 230, against A3 and B2, 130. The log
/// begins in them and the orders in this year, so that other previous figures are not known.
#[test]
fn overview() {
    assert_rows(
        &["overview", ORDERS, EVENTS, CUSTOMERS],
        "metric,unit,period_days,value,previous_value,change,change_rate,new_count_1d,new_count_7d,new_count_30d,total,needs
         interest_customers,customers,30,4,,,,2,3,,4,
         converted_customers,customers,365,3,,,,0,0,0,3,
         returning_old_customers,customers,180,3,,,,,,,,
         dormant_customers,customers,180,0,,,,,,,,
         members,customers,,1,,,,,,,1,
         card_holders,customers,,2,1,1,1,0,1,1,2,
         buyers,customers,30,2,3,-1,-0.333333,,,,3,
         orders,orders,30,2,3,-1,-0.333333,,,,6,
         net_amount,amount,30,130,230,-100,-0.434783,,,,460,
         aov,amount,30,65,76.666667,-11.666667,-0.152174,,,,76.666667,
         spend_per_customer,amount,30,65,76.666667,-11.666667,-0.152174,,,,153.333333,",
    );
}

/// Events that do not say where: Ann's are in 广东 by her orders, Bob's and Cat's in 浙江, Fay's in 广东 by the customer
/// list. The shop converts one of four.
#[test]
fn regions_with_conversions() {
    assert_rows(
        &["region", ORDERS, EVENTS, CUSTOMERS],
        "country,province,order_count,customer_count,net_amount,share,aov,spend_per_customer,repeat_rate,repeat_rate_low,repeat_rate_high,is_reliable,interest_customer_count,converted_count,conversion_rate,conversion_rate_low,conversion_rate_high,conversion_index,conversion_index_low,conversion_index_high,is_index_reliable
         中国,广东,3,1,250,0.543478,83.333333,250,1,0.206549,1,false,2,0,0,0,0.65762,0,,,false
         中国,浙江,3,2,210,0.456522,70,105,0.5,0.094531,0.905469,false,2,1,0.5,0.094531,0.905469,2,0.750146,2,false",
    );
}

/// 广东 has tea in three of three orders, the shop in three of six; ware in one of three, the shop in four of six.
#[test]
fn quotients() {
    assert_rows(
        &["region", ORDERS, ITEMS, "--by", "category"],
        "country,province,category,order_count,region_order_count,region_share,shop_share,location_quotient,location_quotient_low,location_quotient_high,is_reliable
         中国,广东,tea,3,3,1,0.5,2,1.261406,2,false
         中国,广东,ware,1,3,0.333333,0.666667,0.5,0.150563,1.660437,false
         中国,浙江,ware,3,3,1,0.666667,1.5,1.005404,2,false
         中国,浙江,tea,0,3,0,0.5,0,,,false",
    );
    assert_rows(
        &["region", ORDERS, "--by", "month"],
        "country,province,month,order_count,region_order_count,region_share,shop_share,location_quotient,location_quotient_low,location_quotient_high,is_reliable
         中国,广东,1,1,3,0.333333,0.333333,1,0.322521,2,false
         中国,广东,2,1,3,0.333333,0.166667,2,0.729218,2,false
         中国,广东,3,1,3,0.333333,0.5,0.666667,0.202248,2,false
         中国,浙江,1,1,3,0.333333,0.333333,1,0.322521,2,false
         中国,浙江,2,0,3,0,0.166667,0,,,false
         中国,浙江,3,2,3,0.666667,0.5,1.333333,0.734389,2,false",
    );
}

/// Two of three buyers have two orders: a product that brings only such customers has an index of 1.5. The sample at no
/// price is not bought, nor is Dan's pot.
#[test]
fn products() {
    assert_rows(
        &["products", ORDERS, ITEMS],
        "product_id,title,category,order_count,customer_count,quantity,amount,repeat_customer_count,gap_count,cycle_days,entry_customer_count,loyal_count,loyal_rate,loyal_rate_low,loyal_rate_high,loyal_index
         P1,Tea,tea,3,1,3,210,1,2,30,1,1,1,0.206549,1,1.5
         P2,Cup,ware,3,2,4,100,1,1,59,1,1,1,0.206549,1,1.5
         P3,Pot,ware,1,1,1,200,0,0,,1,0,0,0,0.793451,0",
    );
    assert_rows(
        &["products", ORDERS, ITEMS, "--table", "together", "--min-count", "1"],
        "product_id,title,other_product_id,other_title,order_count,product_order_count,other_order_count,basket_count,support,confidence,lift,customer_count,p_value,is_reliable
         P1,Tea,P2,Cup,1,3,3,6,0.166667,0.333333,0.666667,1,1,false
         P2,Cup,P1,Tea,1,3,3,6,0.166667,0.333333,0.666667,1,1,false",
    );
    // Three orders were followed by another: A1, A2 and B1.
    assert_rows(
        &["products", ORDERS, ITEMS, "--table", "next", "--min-count", "1"],
        "product_id,title,other_product_id,other_title,order_count,product_order_count,other_order_count,basket_count,support,confidence,lift,customer_count,p_value,is_reliable
         P1,Tea,P1,Tea,2,2,2,3,0.666667,1,1.5,1,0.333333,false
         P1,Tea,P2,Cup,1,2,2,3,0.333333,0.5,0.75,1,1,false
         P2,Cup,P2,Cup,1,1,2,3,0.333333,1,1.5,1,1,false",
    );
}

/// On 31 March Ann turns 26 and Bob is still 35. Ann's order to Bob is a gift. Net amounts are 100, 50, 100, 30, 30,
/// 150.
#[test]
fn portraits() {
    assert_rows(
        &["profile", ORDERS, CUSTOMERS, "--of", "converted"],
        "dimension,key,customer_count,customer_share,order_count,net_amount
         age_band,25-34,1,0.333333,3,250
         age_band,35-44,1,0.333333,2,60
         age_band,,1,0.333333,1,150
         gender,female,1,0.333333,3,250
         gender,male,1,0.333333,2,60
         gender,,1,0.333333,1,150
         level,VIP0,1,0.333333,2,60
         level,VIP1,1,0.333333,3,250
         level,,1,0.333333,1,150
         source,search,1,0.333333,3,250
         source,,2,0.666667,3,210
         province,浙江,2,0.666667,3,210
         province,广东,1,0.333333,3,250
         purchase_role,self,3,1,5,360
         purchase_role,gift,1,0.333333,1,100
         price_band,0-50,1,0.333333,2,60
         price_band,50-100,1,0.333333,1,50
         price_band,100-200,2,0.666667,3,350",
    );
    let hours = answer(&["profile", ORDERS, "--table", "hours"]);
    let filled: Vec<&String> = hours.iter().filter(|row| !row.ends_with(",0")).collect();
    // Saturday 9, Monday 20, Wednesday 11, Saturday 10, Tuesday 10, Sunday 12.
    assert_eq!(
        filled,
        ["weekday,hour,order_count", "1,20,1", "2,10,1", "3,11,1", "6,9,1", "6,10,1", "7,12,1"]
    );
    assert_eq!(hours.len(), 1 + 7 * 24);
    assert_rows(
        &["profile", EVENTS, CUSTOMERS, ORDERS, "--of", "interest", "--window", "2"],
        "dimension,key,customer_count,customer_share,order_count,net_amount
         age_band,25-34,1,0.333333,0,0
         age_band,35-44,1,0.333333,1,30
         age_band,,1,0.333333,0,0
         gender,female,1,0.333333,0,0
         gender,male,1,0.333333,1,30
         gender,,1,0.333333,0,0
         level,VIP0,1,0.333333,1,30
         level,VIP1,1,0.333333,0,0
         level,,1,0.333333,0,0
         source,search,2,0.666667,1,30
         source,ads,1,0.333333,0,0
         province,广东,1,0.333333,0,0
         province,浙江,1,0.333333,1,30
         province,,1,0.333333,0,0
         purchase_role,self,1,0.333333,1,30
         price_band,0-50,1,0.333333,1,30",
    );
}

/// The first columns of each row.
fn first_columns(rows: &[String], count: usize) -> Vec<String> {
    rows.iter().map(|row| row.split(',').take(count).collect::<Vec<_>>().join(",")).collect()
}

/// A month before 31 March is 28 February: Ann's last order was 19 days ago, her second, and Bob's 28, his only one. On
/// 31 March Ann's is 20 days old, Bob just bought for the second time, and Cat, new, 30 days ago. Of one of one
/// Wilson's interval begins at 1 / (1 + 1.96²) = 0.206549.
#[test]
fn movements() {
    let matrix = answer(&["migration", ORDERS]);
    assert_eq!(matrix[0], "from,to,customer_count,from_customer_count,share,share_low,share_high,net_amount");
    assert_eq!(matrix.len(), 1 + 8 * 6);
    let filled: Vec<&String> = matrix[1..].iter().filter(|row| row.split(',').nth(2) != Some("0")).collect();
    assert_eq!(
        filled,
        [
            "new_customer,active_new,1,1,1,0.206549,1,150",
            "active_new,just_bought,1,1,1,0.206549,1,60",
            "active_loyal,active_loyal,1,1,1,0.206549,1,250",
        ]
    );
    assert_rows(
        &["migration", ORDERS, "--table", "flows"],
        "flow,from,to,customer_count,share,share_low,share_high,net_amount,net_amount_since
         up,active_new,just_bought,1,1,0.206549,1,60,30",
    );
    assert_rows(
        &["migration", ORDERS, "--list"],
        "customer_id,from,to,flow,last_ordered_on,recency_days,order_count,net_amount,net_amount_since
         cat,new_customer,active_new,new,2026-03-01,30,1,150,150
         bob,active_new,just_bought,up,2026-03-31,0,2,60,30",
    );
}

/// By 1 March 2027 the last orders are 355, 335 and 365 days old, by 1 April 386, 366 and 396: all are lost. The
/// interval of two of two begins at 2 / (2 + 1.96²).
#[test]
fn movements_into_the_lost() {
    assert_rows(
        &["migration", ORDERS, "--since", "2027-03-01", "--as-of", "2027-04-01", "--table", "flows"],
        "flow,from,to,customer_count,share,share_low,share_high,net_amount,net_amount_since
         lost,lapsing_loyal,lost,2,1,0.34238,1,310,0
         lost,lapsing_new,lost,1,1,0.206549,1,150,0",
    );
}

/// On 28 February Ann scores 5 of everything and Bob 1: cuts of days 20.8 to 26.2, of orders 1.2 to 1.8, of amounts 54
/// to 126. By these Bob is 5, 5, 2 on 31 March (60 is above 54), Ann stays 5, and Cat is 1, 1, 5. The means are 90 and
/// then 153.33; of 180 Ann has the first 144, of 460 Ann and Cat the first 368.
#[test]
fn movements_between_other_groups() {
    for (by, expected) in [
        (
            "rfm_group",
            &["new_customer,hibernating,1,150", "champions,champions,1,250", "hibernating,champions,1,60"][..],
        ),
        ("value", &["new_customer,low,1,150", "high,high,1,250", "low,low,1,60"]),
        ("class", &["new_customer,core,1,150", "core,core,1,250", "potential,potential,1,60"]),
    ] {
        let matrix = answer(&["migration", ORDERS, "--by", by]);
        let filled = matrix[1..].iter().filter(|row| row.split(',').nth(2) != Some("0"));
        let cells = filled.map(|row| row.split(',').collect::<Vec<_>>());
        let cells: Vec<String> = cells.map(|row| [row[0], row[1], row[2], row[7]].join(",")).collect();
        assert_eq!(cells, expected, "{by}");
    }
}

/// January begins with the files on the 10th. In February 120 were paid, Eve's 70 of which went back; in March 330, of
/// which 50 did. Ann and Bob come back, each on a later day than the first.
#[test]
fn the_trend() {
    let rows = answer(&["trend", ORDERS]);
    assert_eq!(
        first_columns(&rows, 14),
        [
            "period_on,is_unfinished,order_count,net_amount,aov,refund_rate,customer_count,new_customer_count,\
             new_order_count,new_net_amount,returning_customer_count,returning_order_count,returning_net_amount,previous_on",
            "2026-01-01,false,2,130,65,0,2,2,2,130,0,0,0,2025-01-01",
            "2026-02-01,false,1,50,50,0.583333,1,0,0,0,1,1,50,2025-02-01",
            "2026-03-01,false,3,280,93.333333,0.151515,3,1,1,150,2,2,130,2025-03-01",
        ]
    );
    // Of the year before nothing is known.
    assert!(rows[1..].iter().all(|row| row.contains(&",".repeat(16))), "{rows:?}");
    let quarter = answer(&["trend", ORDERS, "--by", "quarter", "--as-of", "2026-03-30"]);
    assert_eq!(first_columns(&quarter, 4)[1], "2026-01-01,true,5,430");
    // The week of 30 March, a Monday, has Bob's order of Tuesday alone.
    let weeks = answer(&["trend", ORDERS, "--by", "week"]);
    assert_eq!(first_columns(&weeks, 5).last().unwrap(), "2026-03-30,true,1,30,30");
}

/// From placing to paying: A1 and E1 ten minutes; A3 half an hour, A2, B1 and C1 an hour; B2 two; D1, of 30 March, has
/// not been paid. They cost 100 and 70; 100, 50, 30 and 200; 30; 80.
#[test]
fn time_to_payment() {
    let rows = answer(&["profile", ORDERS, "--table", "decision"]);
    assert_eq!(
        rows[0],
        "phase,dimension,key,delay,manner,decision_count,delay_share,delay_share_low,delay_share_high"
    );
    let some: Vec<String> =
        first_columns(&rows[1..], 7).into_iter().filter(|row| !row.ends_with(",0,0")).collect();
    assert_eq!(
        some,
        [
            "payment,all,,1_to_10_minutes,,2,0.25",
            "payment,all,,10_to_60_minutes,,4,0.5",
            "payment,all,,1_to_24_hours,,1,0.125",
            "payment,all,,never,,1,0.125",
            "payment,price_band,0-50,10_to_60_minutes,,1,0.5",
            "payment,price_band,0-50,1_to_24_hours,,1,0.5",
            "payment,price_band,50-100,1_to_10_minutes,,1,0.333333",
            "payment,price_band,50-100,10_to_60_minutes,,1,0.333333",
            "payment,price_band,50-100,never,,1,0.333333",
            "payment,price_band,100-200,1_to_10_minutes,,1,0.5",
            "payment,price_band,100-200,10_to_60_minutes,,1,0.5",
            "payment,price_band,200-500,10_to_60_minutes,,1,1",
        ]
    );
    // Every delay of every group: all, and four bands.
    assert_eq!(rows.len(), 1 + 5 * 6);
    // Eve and Dan have bought nothing.
    let bought = answer(&["profile", ORDERS, "--table", "decision", "--of", "converted"]);
    assert_eq!(first_columns(&bought, 7)[2], "payment,all,,1_to_10_minutes,,1,0.166667");
}
