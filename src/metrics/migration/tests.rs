use super::*;
use crate::metrics::ScopeRequest;
use crate::metrics::group_map::GroupMap;
use crate::metrics::rfm::Grouping;
use crate::metrics::testing::{Read, on, orders, rows};
use crate::schema::accounting::Rule;

fn params(by: By, since: &str) -> MigrationParams {
    MigrationParams {
        by,
        since: Some(on(since)),
        segment: SegmentParams::default(),
        rfm: RfmParams {
            scoring: Scoring::Quantile,
            bins: 5,
            grouping: Grouping::Map(GroupMap::standard(5)),
        },
        value: ValueParams::default(),
    }
}

fn ask(read: &Read, scope: &Scope, params: &MigrationParams) -> Migration {
    migration(&read.ingested.orders, scope, params, read.ingested.accounting.clone()).expect("movements")
}

/// The rows of the matrix with somebody in them.
fn filled(moved: &Migration) -> Vec<String> {
    let columns = ["from", "to", "customer_count", "from_customer_count", "share", "net_amount"];
    let all = rows(&moved.matrix().expect("a matrix"), &columns);
    all.into_iter().filter(|row| row.split(',').nth(2) != Some("0")).collect()
}

fn flows(moved: &Migration) -> Vec<String> {
    let columns = ["flow", "from", "to", "customer_count", "share", "net_amount", "net_amount_since"];
    rows(&moved.flows().expect("flows"), &columns)
}

fn list(moved: &Migration, read: &Read) -> Vec<String> {
    let columns = [
        "customer_id",
        "from",
        "to",
        "flow",
        "recency_days",
        "order_count",
        "net_amount",
        "net_amount_since",
    ];
    rows(&moved.customers(&read.ingested.orders.customers).expect("a list"), &columns)
}

/// The days are 31 May and 30 June 2026. Up: u has a first order in May and a second one in June. Down: e's order of 31
/// March is 61 days old on the earlier day and 91 on the later; d's, a day later, is 90 days old on the later day,
/// which is still active. Lost: m's order of 29 June 2025 is 336 and 366 days old; l's, a day later, is 365 days old,
/// which is not lost. Won back: b's order of 30 May 2025 is 366 days old on the earlier day, and b has another one on
/// 10 June; k's is 365 days old on the earlier day. Lost on both days: g. New: n. A credit note of June takes 3 from s,
/// who stays.
const SHOP: &str = "order_id,customer_id,order_date,amount;1,u,2026-05-20,10;2,u,2026-06-20,20;3,d,2026-04-01,30;4,e,2026-03-31,40;
    5,l,2025-06-30,50;6,m,2025-06-29,60;7,b,2025-05-30,70;8,b,2026-06-10,80;9,k,2025-05-31,90;10,k,2026-06-10,1;
    11,g,2025-01-01,15;12,n,2026-06-29,25;13,s,2026-05-10,35;14,s,2026-06-01,-3;15,u,2026-07-01,99";

#[test]
fn segments_on_two_days() {
    let read = orders(SHOP);
    let moved = ask(&read, &read.up_to("2026-06-30"), &params(By::Segment, "2026-05-31"));
    assert_eq!(
        filled(&moved),
        [
            "new_customer,just_bought,1,1,1,25.00",
            "active_new,active_new,2,4,0.5,62.00",
            "active_new,active_loyal,1,4,0.25,30.00",
            "active_new,lapsing_new,1,4,0.25,40.00",
            "lapsing_new,active_loyal,1,3,0.333333,91.00",
            "lapsing_new,lapsing_new,1,3,0.333333,50.00",
            "lapsing_new,lost,1,3,0.333333,60.00",
            "lost,lost,1,2,0.5,15.00",
            "returned_from_lost,active_loyal,1,2,0.5,150.00",
        ]
    );
    assert_eq!(
        flows(&moved),
        [
            // b is one of the two customers who were lost.
            "won_back,returned_from_lost,active_loyal,1,0.5,150.00,80.00",
            "up,lapsing_new,active_loyal,1,0.333333,91.00,1.00",
            "lost,lapsing_new,lost,1,0.333333,60.00,0.00",
            "down,active_new,lapsing_new,1,0.25,40.00,0.00",
            "up,active_new,active_loyal,1,0.25,30.00,20.00",
        ]
    );
    assert_eq!(
        list(&moved, &read),
        [
            "b,returned_from_lost,active_loyal,won_back,20,2,150.00,80.00",
            "k,lapsing_new,active_loyal,up,20,2,91.00,1.00",
            "m,lapsing_new,lost,lost,366,1,60.00,0.00",
            "e,active_new,lapsing_new,down,91,1,40.00,0.00",
            "u,active_new,active_loyal,up,10,2,30.00,20.00",
            "n,new_customer,just_bought,new,1,1,25.00,25.00",
        ]
    );
    // Every pair is there: eight places by six. Without a window, no place is outside it.
    assert_eq!(moved.matrix().expect("a matrix").height(), 48);
    assert_eq!((moved.customer_count, moved.order_count), (10, 13));
    assert!(moved.accounting.is_balanced());
    assert_eq!(moved.accounting.excluded.of(Rule::AfterAsOf), 1);
    assert_eq!(moved.begins_later, None);
    // Wilson's interval of one of two: statsmodels 0.15, proportion_confint(1, 2, method="wilson").
    let ends = rows(&moved.flows().expect("flows"), &["share_low", "share_high"]);
    assert_eq!(ends[0], "0.094531,0.905469");
}

/// A month before 31 March is 28 February, when there are no orders yet.
#[test]
fn without_a_day_it_is_a_month_before() {
    let read = orders("order_id,customer_id,order_date,amount;1,a,2026-03-05,10;2,b,2026-03-31,20");
    let params = MigrationParams { since: None, ..params(By::Segment, "2026-01-01") };
    let moved = ask(&read, &read.up_to("2026-03-31"), &params);
    assert_eq!((moved.since, moved.begins_later), (Some(on("2026-02-28")), Some(on("2026-03-05"))));
    assert_eq!(
        filled(&moved),
        ["new_customer,just_bought,1,2,0.5,20.00", "new_customer,active_new,1,2,0.5,10.00"]
    );
    assert!(flows(&moved).is_empty());
}

/// The thirty days up to 31 May have orders of a and b, those up to 30 June of a, of c, who also bought in April, and
/// of d, who is new. e bought in neither.
#[test]
fn a_window_has_those_outside_it() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,a,2026-05-20,10;2,a,2026-06-20,20;3,b,2026-05-20,30;4,c,2026-04-01,40;
         5,c,2026-06-05,50;6,d,2026-06-06,60;7,e,2026-04-05,70",
    );
    let moved = ask(&read, &read.window(30, "2026-06-30"), &params(By::Segment, "2026-05-31"));
    assert_eq!(
        filled(&moved),
        [
            "new_customer,active_new,1,1,1,60.00",
            "active_new,active_loyal,1,2,0.5,20.00",
            "active_new,outside_window,1,2,0.5,0.00",
            "outside_window,active_loyal,1,1,1,50.00",
        ]
    );
    assert_eq!(moved.matrix().expect("a matrix").height(), 9 * 7);
    // Neither e's order nor c's order of April is used.
    assert_eq!(moved.accounting.excluded.of(Rule::OutsideWindow), 2);
    assert_eq!(
        list(&moved, &read),
        [
            "d,new_customer,active_new,new,24,1,60.00,60.00",
            "c,outside_window,active_loyal,other,25,1,50.00,50.00",
            "a,active_new,active_loyal,up,10,1,20.00,20.00",
            "b,active_new,outside_window,other,41,0,0.00,0.00",
        ]
    );
}

/// On 31 May a has 30 and b 10. The mean is 20, and they have 75 and 25 % of all 40. In June b reaches 50 of 80 and a
/// stays at 30: the mean is 40, so b is high and a is low.
#[test]
fn values_and_classes_are_of_each_day() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,a,2026-05-20,30;2,b,2026-05-20,10;3,b,2026-06-20,40",
    );
    let of = |by: By| filled(&ask(&read, &read.up_to("2026-06-30"), &params(by, "2026-05-31")));
    assert_eq!(of(By::Value), ["high,low,1,1,1,30.00", "low,high,1,1,1,50.00"]);
    // Both are core on both days: on 31 May b's part begins at 75 % and on 30 June a's at 62.5 %, which is within the
    // first 80 %.
    assert_eq!(of(By::Class), ["core,core,2,2,1,80.00"]);
    let strict = MigrationParams {
        value: ValueParams { core: 5_000, potential: 9_500, ..ValueParams::default() },
        ..params(By::Class, "2026-05-31")
    };
    let moved = ask(&read, &read.up_to("2026-06-30"), &strict);
    assert_eq!(filled(&moved), ["core,potential,1,1,1,30.00", "potential,core,1,1,1,50.00"]);
    assert_eq!(flows(&moved), ["up,potential,core,1,1,50.00,40.00", "down,core,potential,1,1,30.00,0.00"]);
}

/// On 31 May a scores 5 and b scores 1 in everything: the cut points of days are 11.8 to 14.2, between 11 and 15. On 30
/// June b has 0 days, 2 orders and an amount of 60, which all score 5. a's 41 days are more than 15, so a's R is 1,
/// while F and M stay 5.
#[test]
fn groups_go_by_the_cut_points_of_the_earlier_day() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,a,2026-05-20,30;2,a,2026-05-20,30;3,b,2026-05-16,10;4,b,2026-06-30,50",
    );
    let by_group = params(By::RfmGroup, "2026-05-31");
    let moved = ask(&read, &read.up_to("2026-06-30"), &by_group);
    assert_eq!(filled(&moved), ["champions,cant_lose,1,1,1,60.00", "hibernating,champions,1,1,1,60.00"]);
    assert_eq!(
        flows(&moved),
        ["up,hibernating,champions,1,1,60.00,50.00", "down,champions,cant_lose,1,1,60.00,0.00"]
    );
    let cuts = moved.cuts.expect("cut points");
    assert_eq!(cuts.r, [11_800_000, 12_600_000, 13_400_000, 14_200_000]);
    // Without a buyer on the earlier day, the later day has cut points of its own.
    let early = ask(&read, &read.up_to("2026-05-31"), &params(By::RfmGroup, "2026-04-30"));
    assert_eq!(early.cuts, None);
    assert_eq!(
        filled(&early),
        ["new_customer,champions,1,2,0.5,60.00", "new_customer,hibernating,1,2,0.5,10.00"]
    );
    // Ranks hold for one day only.
    let ranks = RfmParams { scoring: Scoring::Ntile, ..by_group.rfm.clone() };
    let ranks = MigrationParams { rfm: ranks, ..by_group };
    let refused =
        migration(&read.ingested.orders, &read.up_to("2026-06-30"), &ranks, read.ingested.accounting.clone());
    assert!(refused.is_err());
}

#[test]
fn the_earlier_day_is_earlier() {
    let read = orders(SHOP);
    for since in ["2026-06-30", "2026-07-01"] {
        let refused = migration(
            &read.ingested.orders,
            &read.up_to("2026-06-30"),
            &params(By::Segment, since),
            read.ingested.accounting.clone(),
        );
        let error = refused.expect_err("no earlier day").to_string();
        assert!(error.contains(since), "{error}");
    }
}

#[test]
fn nothing_moves_where_nobody_is() {
    let read = orders("order_id,customer_id,order_date,amount");
    let params = MigrationParams { since: None, ..params(By::Segment, "2026-01-01") };
    let moved = ask(&read, &ScopeRequest::default().on(None), &params);
    assert_eq!((moved.since, moved.as_of), (None, None));
    assert!(filled(&moved).is_empty() && flows(&moved).is_empty() && list(&moved, &read).is_empty());
}

/// a's only order is 336 days old on the earlier day and 366 on the later; c was lost and is back. Both are high on
/// both days, above means of 170 / 3 and 57. So a stays in its group but becomes lost, and went nowhere else.
#[test]
fn who_is_lost_went_to_the_lost_whatever_the_group() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,a,2025-06-29,60;2,b,2026-05-20,10;3,c,2025-05-01,100;4,c,2026-06-10,1",
    );
    let moved = ask(&read, &read.up_to("2026-06-30"), &params(By::Value, "2026-05-31"));
    assert_eq!(
        filled(&moved),
        ["high,high,1,2,0.5,60.00", "low,low,1,1,1,10.00", "returned_from_lost,high,1,1,1,101.00"]
    );
    assert_eq!(
        flows(&moved),
        ["won_back,returned_from_lost,high,1,1,101.00,1.00", "lost,high,lost,1,0.5,60.00,0.00"]
    );
    assert_eq!(
        list(&moved, &read),
        ["c,returned_from_lost,high,won_back,20,2,101.00,1.00", "a,high,lost,lost,366,1,60.00,0.00"]
    );
    // If nobody has bought yet, no remark says that the orders begin too late.
    let early = ask(&read, &read.up_to("2025-01-31"), &params(By::Value, "2024-12-31"));
    assert_eq!((early.begins_later, early.customer_count), (None, 0));
}
