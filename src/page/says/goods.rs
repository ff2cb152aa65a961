//! Sentences about who brings most of the sales, what is bought together, what campaigns brought, and data quality.

use super::Saying;
use crate::error::Result;
use crate::locale::grouped;
use crate::schema::names;

pub(super) fn value(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    /// The least number of customers. Among fewer, the top tenth is only one or two people.
    const MIN_CUSTOMERS: f64 = 20.0;
    let Some(sheet) = saying.table("concentration")? else { return Ok(saying) };
    let of = |measure: &str| {
        let row = sheet.row_of(names::MEASURE, measure)?;
        sheet.number(names::VALUE, row).map(|_| sheet.shown(names::VALUE, row))
    };
    let customers = saying.table("classes")?.map_or(0.0, |classes| classes.sum(names::CUSTOMER_COUNT));
    if let (Some(ten), Some(twenty)) = (of("top_10_share"), of("top_20_share"))
        && customers >= MIN_CUSTOMERS
    {
        saying.says("value", &[("ten", ten), ("twenty", twenty)]);
    }
    let Some(classes) = saying.table("classes")? else { return Ok(saying) };
    let core = classes.row_of(names::CLASS, "core");
    let core =
        core.filter(|row| classes.number(names::CUSTOMER_COUNT, *row).is_some_and(|count| count > 0.0));
    if let Some(core) = core {
        let values = [
            ("customers", classes.shown(names::CUSTOMER_COUNT, core)),
            ("rate", classes.shown(names::CUSTOMER_SHARE, core)),
            ("part", classes.shown(names::NET_SHARE, core)),
        ];
        saying.says("value_core", &values);
        saying.todo("value", &[]);
    }
    Ok(saying)
}

pub(super) fn products(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    if let Some(sheet) = saying.table("products")?
        && let Some(row) = sheet.greatest(names::ORDER_COUNT)
    {
        let values =
            [("title", sheet.shown(names::TITLE, row)), ("orders", sheet.shown(names::ORDER_COUNT, row))];
        saying.says("products", &values);
    }
    // Pairs are sorted by number of orders. The first may occur together by chance, just because everybody buys both.
    let pairs = saying.table("together")?;
    let best = pairs.as_ref().and_then(|sheet| {
        // A pair that chance explains is not worth offering as a set, however high its lift is.
        let is_beyond_chance =
            |row: &usize| sheet.flag(names::IS_RELIABLE, *row) && sheet.number(names::LIFT, *row) > Some(1.0);
        let lift = |row: usize| sheet.number(names::LIFT, row).unwrap_or(0.0);
        let rows = (0..sheet.height()).filter(is_beyond_chance);
        Some((sheet, rows.reduce(|best, row| if lift(row) > lift(best) { row } else { best })?))
    });
    let Some((sheet, row)) = best else {
        saying.says("products_no_pairs", &[]);
        return Ok(saying);
    };
    let pair = [("title", sheet.shown(names::TITLE, row)), ("other", sheet.shown(names::OTHER_TITLE, row))];
    let how = [("orders", sheet.shown(names::ORDER_COUNT, row)), ("lift", sheet.shown(names::LIFT, row))];
    saying.says("products_together", &[&pair[..], &how].concat());
    saying.todo("products", &pair);
    Ok(saying)
}

pub(super) fn campaign(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    /// The most campaigns that get a sentence each.
    const MAX_SAID: usize = 8;
    let Some(sheet) = saying.table("reading")? else { return Ok(saying) };
    let rows = sheet.height();
    for row in 0..rows.min(MAX_SAID) {
        let values =
            [("campaign", sheet.shown(names::CAMPAIGN_ID, row)), ("arm", sheet.shown(names::ARM, row))];
        saying
            .says("campaign", &[&values[..], &[("reading", sheet.shown(names::EXPLANATION, row))]].concat());
    }
    if rows > MAX_SAID {
        saying.says("campaign_more", &[("count", grouped(&(rows - MAX_SAID).to_string()))]);
    }
    // The text of a sentence begins with its key, followed by a tab and its values.
    let reading = |row: usize| sheet.key(names::EXPLANATION, row).and_then(|text| text.split('\t').next());
    let has = |keys: &[&str]| (0..rows).filter_map(reading).any(|key| keys.contains(&key));
    let todo = match () {
        () if has(&["not_causal", "not_drawn"]) => "campaign",
        () if has(&["too_few", "too_early", "no_difference_at_all"]) => "campaign_few",
        () if has(&["more", "more_spend", "more_buyers"]) => "campaign_worked",
        () => "campaign_failed",
    };
    saying.todo(todo, &[]);
    Ok(saying)
}

pub(super) fn quality(mut saying: Saying<'_>) -> Result<Saying<'_>> {
    let Some(report) = saying.reports.first() else { return Ok(saying) };
    let accounting = &report.accounting;
    let values = [
        ("used", accounting.rows_used),
        ("excluded", accounting.excluded.total()),
        ("unreadable", accounting.quarantined_total()),
    ];
    let values = values.map(|(name, rows)| (name, grouped(&rows.to_string())));
    saying.says("quality", &[&values[..], &[("rows", accounting.rows_read.to_string())]].concat());
    match accounting.quarantined_total() {
        0 => saying.todo("quality_fine", &[]),
        _ => saying.todo("quality", &[]),
    }
    Ok(saying)
}
