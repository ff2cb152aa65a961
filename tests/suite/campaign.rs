//! `campaign` on a made-up shop, `fixtures/campaign`, with amounts worked out by hand and with DuckDB and SciPy.
//!
//! On 1 June at 10:00 24 customers (t01 to t24) are sent a message of the campaign june and 21 (c01 to c21) are held
//! out; m01 is in both arms, and the seven days of u01 and u02, of 24 June, are not over on 30 June. t01 has two
//! messages. mid follows three days later, without a control, and t14 to t16 order once within both; tiny has a
//! customer on each side.

use super::common::{failure, run, stdout};

const FOLDER: &str = "fixtures/campaign";

fn asked(args: &[&str]) -> Vec<String> {
    let files = ["sends", "orders", "items", "customers"].map(|name| format!("{FOLDER}/{name}.csv"));
    let config = format!("{FOLDER}/ecrm.toml");
    let mut all = vec!["campaign".to_owned()];
    all.extend(files);
    all.extend(["--config".to_owned(), config]);
    all.extend(args.iter().map(|arg| (*arg).to_owned()));
    all
}

/// The rows of a table, some columns of each; numbers that are no whole ones with six decimals.
fn table(args: &[&str], columns: &str) -> Vec<String> {
    let all = asked(&[args, &["--format", "csv", "-q"]].concat());
    let text = stdout(&all.iter().map(String::as_str).collect::<Vec<_>>());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| {
        header.iter().position(|found| found == name).unwrap_or_else(|| panic!("{name} in {header:?}"))
    };
    let places: Vec<usize> = columns.split(',').map(place).collect();
    let round = |cell: &str| match cell.parse::<f64>() {
        Ok(number) if cell.contains('.') => format!("{}", (number * 1e6).round() / 1e6),
        _ => cell.to_owned(),
    };
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| places.iter().map(|place| round(&row[*place])).collect::<Vec<_>>().join(",")).collect()
}

/// By DuckDB. Of t01's two orders of 1 June one is at noon, of t02's one at nine, before the message; t03 orders in the
/// last minute of the seventh day, t04 in the first of the eighth. t06's went back as a whole, of t05's 100 a part of
/// 30. Messages of 16 cost 0.05, one of them twice, of 8 0.01: 0.85 + 0.08; one did not arrive. mid's cost is planned:
/// 0.02 each.
#[test]
fn arms_are_counted_by_each_customers_own_days() {
    assert_eq!(
        table(
            &[],
            "campaign_id,arm,customer_count,message_count,delivered_count,cost,buyer_count,order_count,net_amount,\
             unpaid_customer_count,unpaid_order_count,unpaid_amount"
        ),
        [
            "mid,a,2,2,,0.04,1,1,34,0,0,0",
            "mid,b,3,3,,0.06,3,3,83,0,0,0",
            "june,treatment,24,25,24,0.93,12,13,569,1,1,45",
            "june,control,21,0,,,2,2,70,1,1,33",
            "tiny,treatment,1,1,,,0,0,0,0,0,0",
            "tiny,control,1,0,,,0,0,0,0,0,0",
        ]
    );
    // 12 of 24 and 2 of 21 by statsmodels' proportion_confint(…, method="wilson"), 569 / 24 and 70 / 21 with SciPy's
    // t.interval; (569 - 0.93) / 0.93.
    assert_eq!(
        table(
            &["--campaign", "june"],
            "conversion_rate,rate_low,rate_high,aov,spend_per_customer,spend_low,spend_high,roi,return_on_spend"
        ),
        [
            "0.5,0.314274,0.685726,43.769231,23.708333,12.494417,34.92225,610.827957,611.827957",
            "0.095238,0.026519,0.289141,35,3.333333,-1.512583,8.179249,,",
        ]
    );
}

/// By SciPy and statsmodels on what DuckDB has of each customer: confint_proportions_2indep (newcomb), fisher_exact,
/// ttest_ind (equal_var=False), the same of y - theta · before with theta of OLS(y ~ arm + before) = -0.0845107, and of
/// spends up to 79.56, numpy.quantile of all 45 at 0.999; the rise at which power_proportions_2indep is 0.8. The ends
/// of incremental sums are those of one customer times 24; 489 - 0.93 over 0.93.
#[test]
fn the_lift_is_that_of_scipy() {
    let june = |columns: &str| table(&["--campaign", "june", "--table", "lift"], columns);
    assert_eq!(
        june(
            "customer_count,control_count,rate_difference,rate_difference_low,rate_difference_high,rate_p_value,\
             rate_p_value_holm,relative_lift,detectable_difference"
        ),
        ["24,21,0.404762,0.136261,0.602793,0.004245,0.004245,4.25,0.367255"]
    );
    assert_eq!(
        june("spend_difference,spend_difference_low,spend_difference_high,spend_p_value,spend_p_value_holm"),
        ["20.375,8.346928,32.403072,0.001616,0.001616"]
    );
    assert_eq!(
        june(
            "cuped_spend_difference,cuped_spend_difference_low,cuped_spend_difference_high,cuped_spend_p_value,spend_cap,\
             capped_spend_difference,capped_spend_difference_low,capped_spend_difference_high,capped_spend_p_value"
        ),
        ["20.712037,8.85782,32.566253,0.001194,79.56,20.356667,8.344413,32.368921,0.00161"]
    );
    assert_eq!(
        june(
            "incremental_buyers,incremental_buyers_low,incremental_buyers_high,incremental_net_amount,\
             incremental_net_amount_low,incremental_net_amount_high,incremental_roi,result"
        ),
        ["9.714286,3.270273,14.467037,489,200.326276,777.673724,524.806452,more"]
    );
}

#[test]
fn what_cannot_be_said_stands_in_the_table() {
    assert_eq!(
        table(&["--table", "lift"], "campaign_id,arm,result,rate_difference,explanation")
            .iter()
            .map(|row| row.as_str())
            .map(|row| row.split(',').take(4).collect::<Vec<_>>().join(","))
            .collect::<Vec<_>>(),
        [
            "mid,a,not_causal,",
            "mid,b,not_causal,",
            "june,treatment,more,0.404762",
            "tiny,treatment,too_few,0"
        ]
    );
    let all = asked(&["--table", "reading", "--format", "csv", "-q"]);
    let said = stdout(&all.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(said.contains("mid,a,\"Not causal: nobody was held out"), "{said}");
    assert!(
        said.contains("50.0 % bought against 9.5 % of those held out: about 10 buyers (3 to 14) and 489.00 (200.33 to 777.67)"),
        "{said}"
    );
    assert!(
        said.contains("Too few: 1 treated and 1 held out have had their 7 days, and it takes 20 of each"),
        "{said}"
    );
    let chinese = asked(&["--table", "reading", "--format", "csv", "-q", "--lang", "zh"]);
    let said = stdout(&chinese.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(said.contains("没有控制组，不能说明是营销带来的"), "{said}");
}

/// Three orders are of june and of mid. t05's 30 and t06's 90 went back, t20 and c05 want no messages. Without m01,
/// who is in both arms, 25 and 22 are no proof against half and half: chi-square 2 × 1.5² / 23.5 = 9/47, by Python's
/// erfc(sqrt(9/94)) p 0.66168.
#[test]
fn validity_says_what_was_left_out() {
    assert_eq!(
        table(
            &["--campaign", "june", "--table", "validity"],
            "arm,assigned_count,assigned_share,planned_share,split_p_value,is_split_as_planned,mixed_count,unfinished_count,\
             customer_count,opted_out_count,refunded_order_count,refund_amount,overlap_customer_count,overlap_order_count"
        ),
        [
            "treatment,26,0.541667,0.5,0.66168,true,1,1,24,1,2,120,3,3",
            "control,22,0.458333,0.5,0.66168,true,0,1,21,1,0,0,0,0",
        ]
    );
    let all = asked(&["--campaign", "june", "--format", "csv"]);
    let output = run(&all.iter().map(String::as_str).collect::<Vec<_>>());
    let notes = String::from_utf8(output.stderr).unwrap();
    for note in [
        "2 customers are left out of every rate, whose days are not over before 2026-07-01",
        "1 customer is in several arms",
        "3 orders count for several campaigns",
        "2 messages are of days on which [[campaign]] does not plan their campaign",
    ] {
        assert!(notes.contains(note), "{note}: {notes}");
    }
}

/// The segments of 1 June: t01 to t12 and c05 to c10 bought in the year before, t13 the last time 366 days before, c01
/// to c04 twelve days before; the others never. t02 orders that morning, which makes it just bought.
#[test]
fn groups_are_those_of_the_first_message() {
    assert_eq!(
        table(
            &["--campaign", "june", "--by", "segment", "--table", "groups"],
            "segment,customer_count,control_count,result"
        ),
        [
            "no_order,11,11,too_few",
            "just_bought,1,0,too_few",
            "active_new,0,4,too_few",
            "lapsing_new,11,6,too_few",
            "lost,1,0,too_few",
        ]
    );
    // Rates of 12/16 … are not asked here: c01 to c14 and t01 to t16 by SMS.
    assert_eq!(
        table(
            &["--campaign", "june", "--by", "channel", "--table", "groups"],
            "channel,customer_count,control_count,result"
        ),
        ["email,8,7,too_few", "sms,16,14,too_few"]
    );
    // Odd numbers are of 广东, even of 浙江; t13's is 四川, of the list c20's and t21's 北京.
    assert_eq!(
        table(
            &["--campaign", "june", "--by", "province", "--table", "groups"],
            "province,customer_count,control_count"
        ),
        ["北京,1,1", "四川,1,0", "广东,6,5", "浙江,6,5", ",10,10"]
    );
}

#[test]
fn those_who_have_not_ordered_are_listed_for_a_second_notice() {
    let rows = table(
        &["--campaign", "june", "--not-joined"],
        "customer_id,sent_on,last_on,message_count,unpaid_order_count,is_opted_out",
    );
    // Of 24 twelve have not ordered within the days, of whom t04 did on the eighth; m01 and u01 have ordered.
    assert_eq!(rows.len(), 11, "{rows:?}");
    assert!(!rows.iter().any(|row| row.starts_with("t04")), "{rows:?}");
    assert_eq!(rows[0], "t02,2026-06-01,2026-06-08,1,0,");
    assert!(rows.contains(&"t21,2026-06-01,2026-06-08,1,0,false".to_owned()), "{rows:?}");
    assert!(rows.contains(&"t07,2026-06-01,2026-06-08,1,1,".to_owned()), "{rows:?}");
    assert_eq!(table(&["--campaign", "mid", "--not-joined"], "customer_id"), ["t09"]);
}

/// t01's 80 is of 13 June orders the dearest; of Tea t01, t05, t08 and t14 to t20 have one each.
#[test]
fn customers_and_products_are_the_detail() {
    let rows = table(
        &["--campaign", "june", "--table", "customers"],
        "arm,customer_id,is_in_figures,message_count,order_count,net_amount,first_ordered_on,net_amount_year_before",
    );
    assert_eq!(rows.len(), 48);
    assert_eq!(rows[0], "treatment,m01,false,1,1,99,2026-06-02,0");
    assert_eq!(rows[1], "treatment,t01,true,2,1,80,2026-06-01,10");
    // What t02 bought that morning is of the time before.
    assert!(rows.contains(&"treatment,t02,true,1,0,0,,90".to_owned()), "{rows:?}");
    assert!(rows.contains(&"treatment,t13,true,1,0,0,,0".to_owned()), "{rows:?}");
    assert_eq!(
        table(
            &["--campaign", "june", "--table", "products"],
            "arm,product_id,title,order_count,customer_count,quantity"
        ),
        [
            "treatment,P1,Tea,10,10,10",
            "treatment,P2,Cup,3,3,3",
            "control,P1,Tea,1,1,1",
            "control,P2,Cup,1,1,1",
        ]
    );
}

#[test]
fn the_days_come_from_the_flag_then_the_plan() {
    // t04 orders on the eighth day.
    let rows = table(&["--campaign", "june", "--within", "8"], "arm,buyer_count");
    assert_eq!(rows, ["treatment,13", "control,2"]);
    let rows = table(&["--campaign", "june", "--within", "3"], "arm,buyer_count");
    // t03's and c02's are later; the three days of u01 are over, who ordered on the second.
    assert_eq!(rows, ["treatment,12", "control,1"]);
}

#[test]
fn what_is_missing_is_said() {
    let sends = format!("{FOLDER}/sends.csv");
    let (code, said) = failure(&["campaign", &sends]);
    assert!(code == 1 && said.contains("campaign needs orders"), "{said}");
    let all = asked(&["--campaign", "jun"]);
    let (code, said) = failure(&all.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(
        code == 1 && said.contains("no message of a campaign \"jun\"") && said.contains("june, mid, tiny"),
        "{said}"
    );
    let all = asked(&["--global"]);
    let (code, said) = failure(&all.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(code == 2 && said.contains("[holdout]"), "{said}");
}
