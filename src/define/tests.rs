//! Definitions in both languages.

use unicode_width::UnicodeWidthStr;

use super::*;

const LANGS: [Lang; 2] = [Lang::En, Lang::Zh];

/// The full stops, one of which ends the first line of every text.
const STOPS: [char; 2] = ['.', '。'];

/// The most columns of a line.
const MAX_WIDTH: usize = 115;

#[test]
fn every_name_has_a_text_that_begins_with_a_sentence() {
    for lang in LANGS {
        for name in names() {
            let text = text(name, lang).expect("presets load").expect("a text");
            assert!(text.lines().next().is_some_and(|line| line.ends_with(STOPS)), "{name}");
            assert!(text.lines().all(|line| line.width() <= MAX_WIDTH), "{name}");
            assert!(text.ends_with('\n') && !text.contains('\t'), "{name}");
        }
        assert!(find("nonsense", lang).expect("presets load").is_none());
    }
}

#[test]
fn every_text_has_its_chinese_with_the_same_code_and_numbers() {
    let stems = |dir: &'static Dir<'static>| -> Vec<&'static str> {
        dir.files()
            .map(|file| file.path().file_stem().and_then(|stem| stem.to_str()).expect("a name"))
            .collect()
    };
    let chinese = TEXTS.get_dir("zh").expect("a folder");
    let (mut en, mut zh) = (stems(&TEXTS), stems(chinese));
    en.sort_unstable();
    zh.sort_unstable();
    assert!(en.len() > 30);
    assert_eq!(en, zh, "a text in one language alone");
    for name in en {
        let (english, chinese) = (written(name, Lang::En), written(name, Lang::Zh));
        assert_ne!(english, chinese, "{name}");
        pairs::hold(name, english.expect("a text"), chinese.expect("a text"));
    }
}

#[test]
fn the_limits_that_are_told_are_those_that_hold() {
    use std::collections::BTreeSet;

    use crate::limits as of;
    let mebi = |bytes: u64| bytes >> 20;
    let numbers = [
        mebi(of::MAX_RECORD_BYTES as u64),
        mebi(of::MAX_QUOTED_BYTES as u64),
        of::MAX_COLUMNS as u64,
        u64::from(of::MAX_SHEET_ROWS),
        of::MAX_EMPTY_CELLS,
        of::MAX_EMPTY_PER_CELL,
        mebi(of::MIN_WORKBOOK_BYTES),
        of::MAX_WORKBOOK_RATIO,
        mebi(of::MIN_UNFOLDED_BYTES),
        of::MAX_UNFOLDED_RATIO,
        of::MIN_UNFOLDED_ROWS,
        of::MIN_ROW_BYTES,
        of::MIN_GROUP_CELLS,
        of::MAX_GROUP_RATIO,
        mebi(of::MIN_GROUP_BYTES),
        of::MAX_GROUP_BYTES_RATIO,
        of::MIN_PARQUET_CELLS,
        of::MAX_PARQUET_RATIO,
        of::MAX_NESTING as u64,
        of::MAX_REJECTS as u64,
        of::MAX_STATUS_WORDS as u64,
        of::MAX_SAID_BYTES as u64,
        of::MAX_BASKET as u64,
    ];
    let wanted = BTreeSet::from(numbers);
    for lang in LANGS {
        let text = written("limits", lang).expect("a text");
        let numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
        assert_eq!(numbers.collect::<BTreeSet<u64>>(), wanted, "{lang:?}");
    }
    let products = text("products", Lang::En).expect("texts").expect("a text");
    assert!(products.contains(&format!("more than {} different items", of::MAX_BASKET)));
}

#[test]
fn every_column_is_defined_by_its_name_and_by_its_headings() {
    for spec in customers::columns() {
        assert!(text(spec.name, Lang::En).expect("texts").is_some(), "{}", spec.name);
    }
    for heading in ["客单价", "Per customer", "per CUSTOMER"] {
        let found = find(heading, Lang::En).expect("texts").expect("a column");
        assert!(found.starts_with("spend_per_customer: "), "{found}");
    }
    let found = find("cart_count_30d", Lang::En).expect("texts").expect("a column");
    assert!(found.contains("--where") && found.contains("event"), "{found}");
}

#[test]
fn a_heading_of_one_table_and_the_title_of_a_question_are_found() {
    // The table of arms has a heading of its own for the same column.
    let found = find("人均净支付", Lang::Zh).expect("texts").expect("a column");
    assert!(found.starts_with("spend_per_customer："), "{found}");
    let found = find("触点覆盖", Lang::En).expect("texts").expect("a question");
    assert_eq!(Some(found), text("touchpoints", Lang::En).expect("texts"));
    let found = find("标签管理", Lang::Zh).expect("texts").expect("a question");
    assert_eq!(Some(found), text("tags", Lang::Zh).expect("texts"));
    // `paid_on` is a field of files and no column of an answer, so it must not be taken for `on` in a table named
    // `paid`.
    assert_eq!(column_of("paid_on"), None);
    assert_eq!(column_of("customers_last_on"), Some("last_on"));
    assert_eq!(column_of("order_count_before"), Some("order_count_before"));
}

#[test]
fn a_column_is_defined_in_chinese() {
    let found = find("客单价", Lang::Zh).expect("texts").expect("a column");
    assert_eq!(
        found,
        "spend_per_customer：每位买家的净支付金额（客单价）；营销各组中为人均净支付金额，不论是否购买。\n\
         给人看的表中的列名：Per customer、客单价。\n"
    );
    let found = text("cart_count_30d", Lang::Zh).expect("texts").expect("a column");
    assert!(found.ends_with("输入中有行为文件时，由其填写。\n"), "{found}");
}

#[test]
fn meanings_stand_by_themselves() {
    for (name, meaning) in columns::ALL {
        let leans = ["Its ", "Their ", "Such ", "As that", "The same"];
        assert!(!leans.iter().any(|word| meaning.trim().starts_with(word)), "{name}: {meaning}");
    }
    for name in column_names() {
        let meaning = meanings::column(name, Lang::Zh).expect("a meaning");
        assert!(!["其中", "同上"].iter().any(|word| meaning.starts_with(word)), "{name}: {meaning}");
        assert!(meaning.ends_with('。'), "{name}: {meaning}");
    }
}

#[test]
fn a_question_says_what_it_needs() {
    let rfm = text("rfm", Lang::En).expect("texts").expect("a text");
    assert!(
        rfm.ends_with(
            "\nNeeds one of these:\n  an order export\nwhich must say who bought and what orders came to.\n"
        ),
        "{rfm}"
    );
    let rfm = text("rfm", Lang::Zh).expect("texts").expect("a text");
    assert!(rfm.ends_with("\n需要以下之一：\n  订单文件\n其中要写明买家是谁、订单金额。\n"), "{rfm}");
}

#[test]
fn codes_and_their_meanings_are_apart() {
    for (lang, meaning) in [(Lang::En, "The refund of an order"), (Lang::Zh, "整单退款")] {
        let rules = text("rules", lang).expect("texts").expect("a list");
        assert!(rules.contains(&format!("\nrefund_of_refunded  {meaning}")), "{rules}");
        assert!(rules.contains("\nunpaid              "), "{rules}");
    }
    let presets = text("presets", Lang::Zh).expect("presets load").expect("a list");
    assert!(
        presets.lines().any(|line| line.starts_with("jd") && line.ends_with("京东订单导出")),
        "{presets}"
    );
}
