//! Tests which conditions are understood, which are refused, and where the error marks the text.

use polars::prelude::*;
use unicode_width::UnicodeWidthChar;

use super::*;
use crate::locale::Lang;
use crate::schema::{Day, Holds};

const AS_OF: Day = Day::new(20_634); // 2026-06-30

fn known() -> Vec<(&'static str, Holds)> {
    vec![
        ("customer_id", Holds::Text),
        ("province", Holds::Text),
        ("phone", Holds::Text),
        ("order_count", Holds::Whole),
        ("order_count_30d", Holds::Whole),
        ("net_amount", Holds::Amount),
        ("p_alive", Holds::Real),
        ("last_ordered_on", Holds::Date),
        ("is_opted_out", Holds::Flag),
        ("身高", Holds::Whole),
        ("skin type", Holds::Text),
        ("Level", Holds::Text),
        ("level", Holds::Text),
    ]
}

fn vocabulary() -> Vocabulary {
    Vocabulary::of(known()).with_functions([
        ("coupon_code", Holds::Text),
        ("payment_method", Holds::Text),
        ("shipping_fee", Holds::Amount),
    ])
}

fn understood(text: &str) -> Condition {
    Condition::parse(text, &vocabulary()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The parts of an error: the marked part of the text, the first line of the message, and the hint.
fn refusal(error: &crate::Error, lang: Lang) -> (String, String, String) {
    assert_eq!(error.exit_code(), 2);
    let (message, hint) = error.said(lang);
    let mut lines = message.lines();
    let said = lines.next().unwrap_or_default().to_owned();
    let (shown, carets) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let mut column = 0;
    let is_marked = |c: &char| {
        let at = column;
        column += c.width().unwrap_or(0);
        carets.chars().nth(at) == Some('^')
    };
    (shown.chars().filter(is_marked).collect(), said, hint.expect("a hint"))
}

fn refused(text: &str) -> (String, String, String) {
    let error = Condition::parse(text, &vocabulary()).expect_err(text);
    for lang in [Lang::En, Lang::Zh] {
        let (_, said, hint) = refusal(&error, lang);
        for sentence in [said, hint] {
            assert!(!sentence.contains("condition_") && !sentence.contains('{'), "{text}: {sentence}");
        }
    }
    refusal(&error, Lang::En)
}

#[track_caller]
fn assert_refused(text: &str, marked: &str, message: &str, hint: &str) {
    let (seen, said, hinted) = refused(text);
    assert_eq!(seen, marked, "{text}: {said}");
    assert!(said.contains(message), "{text}: {said}");
    assert!(hinted.contains(hint), "{text}: {hinted}");
}

#[test]
fn names_and_kinds_are_refused_at_their_place() {
    for (text, marked, message, hint) in [
        ("order_cuont > 3", "order_cuont", "no column order_cuont", "did you mean order_count?"),
        ("身高 > 170 AND 体重 > 60", "体重", "no column 体重", "columns are"),
        ("skin_type = 'dry'", "skin_type", "no column skin_type", "did you mean \"skin type\"?"),
        ("province = 浙江", "浙江", "no column 浙江", "'浙江'"),
        ("province = \"浙江\"", "\"浙江\"", "no column 浙江", "single quotes: '浙江'"),
        ("province IN (\"浙江\", '江苏')", "\"浙江\"", "no column 浙江", "single quotes: '浙江'"),
        ("LEVEL = 'VIP1'", "LEVEL", "several columns", "Level, level"),
        ("has_tag", "has_tag", "no column", "has_tag('x')"),
        ("customer_id = 123", "123", "text cannot be compared with a whole number", "'123'"),
        ("123 = customer_id", "123", "text cannot be compared with a whole number", "'123'"),
        ("order_count > '3'", "'3'", "a whole number cannot be compared with text", "without quotes: 3"),
        ("net_amount IN (1, 'x')", "'x'", "cannot be compared with text", "one kind"),
        ("is_opted_out = 1", "1", "true or false cannot be compared", "NOT is_opted_out"),
        ("is_opted_out > FALSE", "is_opted_out > FALSE", "not more or less", "alone"),
        ("last_ordered_on > 30", "30", "a date cannot be compared with a whole number", "as_of - 30"),
        ("last_ordered_on = province", "province", "a date cannot be compared with text", "one kind"),
        ("last_ordered_on >= '2026-02-30'", "'2026-02-30'", "2026-02-30 is not a date", "'2026-01-31'"),
        ("last_ordered_on >= '2026/1/31'", "'2026/1/31'", "is not a date", "'2026-01-31'"),
        ("last_ordered_on BETWEEN as_of - 30 AND '昨天'", "'昨天'", "昨天 is not a date", "'2026-01-31'"),
        ("order_count = NULL", "NULL", "nothing equals NULL", "IS NULL"),
        ("NULL <> order_count", "NULL", "nothing differs from NULL", "IS NOT NULL"),
        ("order_count", "order_count", "a whole number, and not yet a condition", "> 0"),
        ("province AND is_opted_out", "province", "text, and not yet", "compare it"),
        ("NOT last_ordered_on", "last_ordered_on", "a date, and not yet", "compare it"),
        ("1 < order_count < 5", "5", "not compared again", "BETWEEN"),
        ("order_count > 2 = TRUE", "TRUE", "not compared again", "BETWEEN"),
        ("order_count LIKE '1%'", "order_count", "a whole number, and LIKE takes text", "compare it"),
        ("province LIKE customer_id", "customer_id", "a text in single quotes", "name LIKE"),
        ("province LIKE 'a' ESCAPE 'xy'", "'xy'", "ESCAPE takes one sign", "'!'"),
        ("province LIKE 'a!b' ESCAPE '!'", "'a!b'", "cannot be used", "stands before"),
        ("province + 1 > 2", "province", "text, and + - * / take numbers", "whole days"),
        ("-province = 'a'", "province", "text, and + - * / take numbers", "whole days"),
        (
            "last_ordered_on + net_amount > as_of",
            "last_ordered_on + net_amount",
            "dates cannot",
            "whole days",
        ),
        ("last_ordered_on + as_of > 3", "last_ordered_on + as_of", "dates cannot", "whole days"),
        ("order_count > 1e400", "1e400", "no number is as large", "smaller"),
    ] {
        assert_refused(text, marked, message, hint);
    }
}

#[test]
fn functions_are_refused_at_their_place() {
    for (text, marked, message, hint) in [
        ("hastag('x')", "hastag", "no function hastag", "did you mean has_tag?"),
        ("upper(province) = 'X'", "upper", "no function upper", "functions are has_tag"),
        ("now() > last_ordered_on", "now", "no function now", "as_of"),
        ("net_amount_x(1) > 2", "net_amount_x", "no function", "did you mean net_amount?"),
        ("is_opted_out()", "is_opted_out", "no function", "is a column"),
        ("has_tag(x)", "x", "x is a name here", "'x'"),
        ("has_tag(\"x\")", "\"x\"", "x is a name here", "'x'"),
        ("has_tag()", "has_tag", "not the arguments", "has_tag('x')"),
        ("has_tag('')", "''", "not the arguments", "has_tag('x')"),
        ("bought('P1', 0)", "0", "not the arguments", "bought('P101', 30)"),
        ("bought('P1', 1.5)", "1.5", "not the arguments", "bought('P101', 30)"),
        ("bought('P1', 30, 2)", "bought", "not the arguments", "bought('P101', 30)"),
        ("order_count('2026-01-01') > 1", "order_count", "not the arguments", "order_count('2026"),
        ("order_count('2026-01-01', '2026-13-01') > 1", "'2026-13-01'", "is not a date", "'2026-01-31'"),
        ("order_count('2026-03-01', '2026-01-01') > 1", "'2026-01-01'", "ends before", "earlier"),
        ("net_amount(as_of, as_of - 30) > 1", "as_of", "ends before", "earlier"),
        ("net_amount(last_ordered_on, as_of) > 1", "last_ordered_on", "not the arguments", "net_amount("),
        ("first('cupon_code') = 'A'", "'cupon_code'", "orders have no column", "did you mean coupon_code?"),
        ("first('shipping_fee') = 'A'", "'A'", "a number cannot be compared with text", "one kind"),
        ("lower(order_count) = 'a'", "order_count", "lower takes text", "leave lower out"),
        ("lower() = 'a'", "lower", "not the arguments", "lower(x)"),
        ("coalesce(order_count, 'x') = 1", "'x'", "cannot be compared with text", "one kind"),
        ("count(*) > 1", "count", "no function count", "functions are"),
        ("lower(DISTINCT province) = 'a'", "DISTINCT", "no part of conditions", "a column called so"),
    ] {
        assert_refused(text, marked, message, hint);
    }
}

#[test]
fn syntax_is_refused_in_words_of_this_program() {
    for (text, marked, message, hint) in [
        ("", "", "is empty", "write one"),
        ("  ", "", "is empty", "write one"),
        ("province = '浙江", "'", "never closed", "close it with '"),
        ("\"skin type = 'dry'", "\"", "never closed", "close it with \""),
        ("(order_count > 2", "(", "never closed", ")"),
        ("order_count > 2)", ")", "never opened", "take it out"),
        ("order_count == 2", "==", "no operator", "write ="),
        ("order_count => 2", "=>", "no operator", "write >="),
        ("order_count =< 2", "=", "no operator", "write <="),
        ("order_count > 2 && is_opted_out", "&&", "no operator", "AND"),
        ("order_count > 2 || is_opted_out", "||", "no operator", "OR"),
        ("!is_opted_out", "!", "no operator", "NOT"),
        ("province ~ 'a'", "~", "no operator", "LIKE"),
        ("order_count ≥ 2", "≥", "no operator", ">="),
        ("province IN （'浙江'）", "（", "no operator", "write ("),
        ("province = ‘浙江’", "‘", "no operator", "'"),
        ("province = “浙江”", "“", "no operator", "'…'"),
        ("order_count > 100元", "100", "followed by a word", "single quotes"),
        ("7天内订单 > 1", "7", "followed by a word", "double quotes"),
        ("net_amount > 10%", "%", "no operator", "0.1"),
        ("order_count > 2 -- often", "-- often", "comments", "take it out"),
        ("order_count > 2 /* often */", "/* often */", "comments", "take it out"),
        ("orders.order_count > 2", "orders", "names of tables", "double quotes"),
        ("order_count > 2;", ";", "cannot stand here", "reads like"),
        ("order_count > 2 province = 'a'", "province", "cannot stand here", "reads like"),
        ("order_count > 2, is_opted_out", ",", "cannot stand here", "joined by AND"),
        ("order_count >", "", "missing at the end", "reads like"),
        ("order_count > 2 AND", "", "missing at the end", "reads like"),
        ("order_count > AND 2", "2", "cannot stand here", "reads like"),
        ("province IN '浙江'", "'浙江'", "cannot stand here", "IN takes a list"),
        ("province IN ()", ")", "cannot stand here", "IN takes a list"),
        ("order_count BETWEEN 2, 5", ",", "cannot stand here", "BETWEEN takes two"),
        ("order_count BETWEEN 2", "", "missing at the end", "BETWEEN takes two"),
        ("order_count IS 2", "2", "cannot stand here", "IS takes NULL"),
        ("order_count IN (SELECT 1)", "SELECT", "no part of conditions", "compares columns"),
        ("CASE WHEN TRUE THEN TRUE END", "CASE", "no part of conditions", "compares columns"),
        ("CAST(order_count AS text) = '1'", "CAST", "no part of conditions", "compares columns"),
        ("last_ordered_on > current_date", "current_date", "day of the clock", "as_of"),
        ("trim(province) = 'a'", "trim", "no part of conditions", "compares columns"),
        ("floor(net_amount) = 1", "floor", "no part of conditions", "compares columns"),
        ("created > timestamp '2026-01-31'", "created", "no column created", "columns are"),
        ("timestamp '2026-01-31' < last_ordered_on", "'2026-01-31'", "no part of conditions", "compares"),
        ("province COLLATE x = 'a'", "COLLATE", "no part of conditions", "compares columns"),
        ("order_count = ANY (1)", "ANY", "no part of conditions", "compares columns"),
        ("order_count::text = '1'", "::", "cannot stand here", "reads like"),
        ("(order_count, 1) = (1, 2)", "order_count", "no part of conditions", "compares columns"),
        ("province = N'a'", "N'a'", "cannot stand here", "reads like"),
        ("province = X'41'", "X'41'", "cannot stand here", "reads like"),
        ("order_count = $1", "$1", "cannot stand here", "reads like"),
        ("order_count % 2 = 1", "%", "no operator", "0.1"),
        ("tags[1] = 'a'", "[", "cannot stand here", "reads like"),
    ] {
        assert_refused(text, marked, message, hint);
    }
}

#[test]
fn what_would_outgrow_the_stack_is_refused() {
    let deep = format!("{}order_count > 1{}", "(".repeat(500), ")".repeat(500));
    assert!(refused(&deep).1.contains("inside each other"));
    let nots = format!("{}is_opted_out", "NOT ".repeat(500));
    assert!(refused(&nots).1.contains("inside each other"));
    let broken_nots = format!("{}is_opted_out >{}", "NOT (".repeat(18), ")".repeat(18));
    assert!(refused(&broken_nots).1.contains("cannot stand"));
    let sum = format!("order_count{} > 1", " + 1".repeat(500));
    assert!(refused(&sum).1.contains("inside each other"));
    let long = format!("order_count > 1{}", " OR order_count > 1".repeat(600));
    assert!(refused(&long).1.contains("more than 1,000 operators"));
    assert!(refused(&format!("province = '{}'", "x".repeat(200_000))).1.contains("200,000"));
    // Long lists, many alternatives and usual conditions are accepted.
    let ids: Vec<String> = (0..10_000).map(|id| format!("'C{id:05}'")).collect();
    understood(&format!("customer_id IN ({})", ids.join(", ")));
    assert!(kept(&format!("order_count > 1{}", " OR order_count > 1".repeat(450)))[0]);
    assert!(kept(&format!("{}order_count > 1{}", "(".repeat(35), ")".repeat(35)))[0]);
    assert!(kept(&format!("order_count{} = 63", " + 1".repeat(60)))[0]);
}

#[test]
fn a_condition_says_what_it_needs() {
    let condition = understood(
        "Order_Count > 2 AND order_count < 9 AND \"身高\" > 170 AND HAS_TAG('a''b') AND bought('P101', 30) \
         AND bought('P101',30) AND order_count('2026-01-01', as_of - 30) > 1 AND net_amount(as_of - 60 + 1, as_of) > 1 \
         AND first('Coupon_Code') = 'A' AND bought_category('茶')",
    );
    assert_eq!(condition.asked().columns().collect::<Vec<_>>(), ["order_count", "身高"]);
    let calls: Vec<String> = condition.asked().calls().iter().map(Call::to_string).collect();
    assert_eq!(
        calls,
        [
            "has_tag('a''b')",
            "bought('P101', 30)",
            "order_count('2026-01-01', as_of - 30)",
            "net_amount(as_of - 59, as_of)",
            "first('coupon_code')",
            "bought_category('茶')"
        ]
    );
    assert_eq!(condition.asked().calls()[0], Call::HasTag("a'b".to_owned()));
    assert_eq!(
        condition.asked().calls()[2],
        Call::OrderCount(DayArgument::On(Day::new(20_454)), DayArgument::AfterAsOf(-30))
    );
    assert_eq!(DayArgument::AfterAsOf(-30).at(AS_OF), AS_OF.minus_days(30));
    assert!(!condition.asked().is_open());
}

#[test]
fn names_of_files_that_are_not_read_yet_are_left_open() {
    let open = Vocabulary::of(known()).with_functions([("coupon_code", Holds::Text)]).open();
    let text = "体重 / 2 > 60 AND first('导购') = 体重 AND order_count > 1 AND coalesce(体重, 1) IN (1, 2)";
    let condition = Condition::parse(text, &open).expect("a condition");
    assert!(condition.asked().is_open());
    assert_eq!(condition.asked().columns().collect::<Vec<_>>(), ["体重", "order_count"]);
    assert!(condition.keeps(&frame(), AS_OF).is_err());
    // Faults that can be found without the files are found at once.
    for text in ["体重 > 60 AND order_count = 'x'", "体重 > 60 AND hastag('x')", "体重 ++"] {
        assert!(Condition::parse(text, &open).is_err(), "{text}");
    }
    // With all columns the condition is resolved or refused.
    let all = |kind| Vocabulary::of(known().into_iter().chain([("体重", kind)]));
    let bound = all(Holds::Whole).with_functions([("导购", Holds::Whole)]);
    assert!(!Condition::parse(text, &bound).expect("a condition").asked().is_open());
    let error = Condition::parse("体重 > 60", &all(Holds::Text)).expect_err("text");
    assert!(error.to_string().contains("text cannot be compared with a whole number"));
    assert!(Condition::parse(text, &vocabulary()).is_err());
}

#[test]
fn every_column_is_named_without_quotes() {
    let people = crate::customers::columns().map(|spec| spec.name);
    let orders = crate::schema::Field::ALL.iter().map(|field| field.name());
    for name in people.chain(orders).chain([
        "position",
        "floor",
        "date",
        "user",
        "left",
        "value",
        "近30天订单",
        "नाम",
    ]) {
        let vocabulary = Vocabulary::of([(name, Holds::Text)]);
        for text in [format!("{name} = 'x'"), format!("lower({name}) LIKE 'x%' AND NOT {name} IS NULL")] {
            let condition =
                Condition::parse(&text, &vocabulary).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(condition.asked().columns().collect::<Vec<_>>(), [name]);
        }
    }
}

#[test]
fn another_table_has_no_functions_on_customers() {
    let orders = Vocabulary::of([("payment_method", Holds::Text), ("source", Holds::Text)]);
    for text in ["payment_method <> 'cod'", "source = '抖音'", "lower(source) = 'x'"] {
        Condition::parse(text, &orders).expect("a condition");
    }
    let error = Condition::parse("has_tag('x')", &orders).expect_err("no such function");
    let (marked, said, hint) = refusal(&error, Lang::En);
    assert_eq!((marked.as_str(), said.as_str()), ("has_tag", "there is no function has_tag"));
    assert!(hint.contains("lower, coalesce") && !hint.contains("bought"), "{hint}");
}

fn frame() -> DataFrame {
    let micros = Int128Chunked::from_iter_options(
        "net_amount".into(),
        [Some(300_300_000), Some(99_990_000), None, Some(i128::MAX / 4)].into_iter(),
    );
    df!(
        "customer_id" => ["C1", "C2", "C3", "C4"],
        "order_count" => [Some(3_u32), Some(0), None, Some(1)],
        "is_opted_out" => [Some(true), Some(false), None, None],
        "has_tag('x')" => [true, false, false, true],
        "order_count(as_of - 30, as_of)" => [1_i64, 0, 0, 2],
        "last_ordered_on" => Series::new_null("".into(), 4),
    )
    .and_then(|mut frame| frame.with_column(micros.into_decimal_unchecked(38, 6).into_column()).cloned())
    .expect("a frame")
}

fn kept(text: &str) -> Vec<bool> {
    let keeps = understood(text).keeps(&frame(), AS_OF).unwrap_or_else(|error| panic!("{text}: {error}"));
    keeps.iter().map(|keeps| keeps.expect("never NULL")).collect()
}

#[test]
fn calls_are_columns_by_the_name_of_the_call() {
    assert_eq!(kept("has_tag('x')"), [true, false, false, true]);
    assert_eq!(kept("NOT has_tag('x') OR order_count(as_of - 30, as_of) > 1"), [false, true, true, true]);
}

#[test]
fn division_is_exact_and_by_zero_unknown() {
    assert_eq!(kept("net_amount / order_count = 100.1"), [true, false, false, false]);
    assert_eq!(kept("net_amount / order_count IS NULL"), [false, true, true, false]);
    assert_eq!(kept("order_count / 0.0 IS NULL"), [true, true, true, true]);
}

#[test]
fn a_column_without_any_value_is_of_its_kind() {
    assert_eq!(kept("last_ordered_on IS NULL"), [true; 4]);
    assert_eq!(kept("last_ordered_on >= '2026-01-01' OR as_of - last_ordered_on < 3"), [false; 4]);
}

#[test]
fn what_becomes_too_large_is_an_error_at_its_place() {
    for (text, marked) in [
        ("order_count >= 0 AND net_amount * 10 > 1", "net_amount * 10"),
        (
            "net_amount + net_amount + net_amount + net_amount + net_amount > 1",
            "net_amount + net_amount + ne",
        ),
        ("as_of + order_count * 9999999999 > as_of", "as_of + order_count * 9999999999"),
        ("p_alive * 1e300 * 1e300 > 1", "p_alive * 1e300 * 1e300"),
    ] {
        let real = Column::new("p_alive".into(), [1.0, 2.0, 3.0, 4.0]);
        let frame = frame().with_column(real).expect("a frame").clone();
        let error = understood(text).keeps(&frame, AS_OF).expect_err(text);
        let (seen, said, _) = refusal(&error, Lang::En);
        assert!(seen.starts_with(marked), "{text}: {seen}");
        assert!(said.contains("too large"), "{said}");
    }
}

#[test]
fn no_rows_and_one_row_are_kept_as_many() {
    for rows in [0, 1] {
        let frame = frame().head(Some(rows));
        for text in [
            "TRUE",
            "NULL OR TRUE",
            "order_count IN (3, NULL)",
            "coalesce(order_count, 1) > 0",
            "as_of > '2026-01-01'",
        ] {
            assert_eq!(understood(text).keeps(&frame, AS_OF).expect(text).len(), rows, "{text}");
        }
    }
}

#[test]
fn a_frame_that_is_not_what_was_promised_is_a_defect() {
    let frame = frame();
    for text in ["province = 'x'", "phone LIKE 'x'"] {
        let error = understood(text).keeps(&frame, AS_OF).expect_err("no such column");
        assert!(matches!(error, crate::Error::Internal(_)));
    }
}

fn order(text: &str) -> Vec<u32> {
    let sorting = Sorting::parse(text, &vocabulary()).unwrap_or_else(|error| panic!("{text}: {error}"));
    sorting.order(&frame(), AS_OF).expect(text).into_no_null_iter().collect()
}

#[test]
fn rows_are_sorted_by_columns_and_calculations_with_nulls_last() {
    for (text, wanted) in [
        ("net_amount desc, customer_id", [3, 0, 1, 2]),
        ("net_amount", [1, 0, 3, 2]),
        ("order_count ASC NULLS FIRST", [2, 1, 3, 0]),
        ("is_opted_out desc, customer_id desc", [0, 1, 3, 2]),
        ("is_opted_out", [1, 0, 2, 3]),
        ("-order_count", [0, 3, 1, 2]),
        ("has_tag('x') desc, order_count", [3, 0, 1, 2]),
        ("last_ordered_on", [0, 1, 2, 3]),
    ] {
        assert_eq!(order(text), wanted, "{text}");
    }
    let sorting =
        Sorting::parse("net_amount / order_count desc, has_tag('x')", &vocabulary()).expect("an order");
    assert_eq!(sorting.asked().columns().collect::<Vec<_>>(), ["net_amount", "order_count"]);
    assert_eq!(sorting.asked().calls(), [Call::HasTag("x".to_owned())]);
}

#[test]
fn orders_are_refused_at_their_place() {
    for (text, marked, message) in [
        ("net_amuont desc", "net_amuont", "no column"),
        ("net_amount down", "down", "cannot stand here"),
        ("net_amount,", "", "missing at the end"),
        ("", "", "is empty"),
        ("1", "1", "same for every row"),
        ("net_amount desc; customer_id", ";", "cannot stand here"),
    ] {
        let error = Sorting::parse(text, &vocabulary()).expect_err(text);
        let (seen, said, _) = refusal(&error, Lang::En);
        assert_eq!(seen, marked, "{text}: {said}");
        assert!(said.contains(message), "{text}: {said}");
    }
}
