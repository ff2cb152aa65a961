//! Why a person has these scores, this group, segment, class and due date.

use polars::prelude::Column;

use super::Person;
use crate::answer::{Kind, Spec, Table};
use crate::customers::expected;
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, dates, frame, integers, ratios, texts};
use crate::metrics::repurchase::DueReason;
use crate::metrics::rfm::{GroupReason, ScoreReason, rfm};
use crate::metrics::segment::{SegmentReason, segment};
use crate::metrics::value::{ClassReason, WHOLE, value};
use crate::schema::{money, names};

/// The values of a column that has one row for a buyer and none for anybody else.
type Rows<T> = Option<T>;

fn text<T>(name: &str, rows: &Rows<T>, of: impl Fn(&T) -> &str) -> Column {
    texts(name, rows.iter().map(|row| Some(of(row).to_owned())))
}

fn whole<T>(name: &str, rows: &Rows<T>, of: impl Fn(&T) -> Option<u64>) -> Column {
    counts(name, rows.iter().map(of))
}

fn real<T>(name: &str, rows: &Rows<T>, of: impl Fn(&T) -> Option<f64>) -> Column {
    ratios(name, rows.iter().map(of))
}

fn exact<T>(name: &str, rows: &Rows<T>, of: impl Fn(&T) -> Option<i128>) -> Column {
    amounts(name, rows.iter().map(of))
}

impl Person<'_> {
    /// The cut points between which each of the three values lies, and the score that follows.
    pub(super) fn scores(&self) -> Result<Table> {
        let (ground, params) = (self.ground, &self.ground.settings.rfm);
        let mut reasons: Rows<[ScoreReason; 3]> = None;
        if let Some(row) = self.buyer()? {
            let scored = rfm(&ground.facts, ground.ids, params)?;
            reasons = Some(scored.score_reasons(&ground.facts, ground.ids, params, row)?);
        }
        let of = || reasons.iter().flatten();
        let exact = |name, value: fn(&ScoreReason) -> Option<i64>| {
            amounts(name, of().map(|of| value(of).map(i128::from)))
        };
        let columns = vec![
            texts(names::MEASURE, of().map(|of| Some(of.measure.to_owned()))),
            exact(names::VALUE, |of| Some(of.value)),
            exact(names::ABOVE, |of| of.above),
            exact(names::UP_TO, |of| of.up_to),
            counts(names::RANK, of().map(|of| of.rank)),
            exact(names::MEAN_SCORE, |of| of.mean_score),
            counts(names::SCORE, of().map(|of| Some(u64::from(of.score)))),
        ];
        let specs = vec![
            Spec::new(names::MEASURE, Kind::Label("columns"), 0),
            Spec::new(names::VALUE, Kind::Number, 0),
            Spec::new(names::ABOVE, Kind::Number, 0),
            Spec::new(names::UP_TO, Kind::Number, 0),
            Spec::new(names::RANK, Kind::Count, 2),
            Spec::new(names::MEAN_SCORE, Kind::Number, 1),
            Spec::new(names::SCORE, Kind::Count, 0),
        ];
        Ok(Table::new("scores", "scores", specs, frame(columns)?))
    }

    /// The rule that turns the scores into the group.
    pub(super) fn group(&self) -> Result<Table> {
        let (ground, params) = (self.ground, &self.ground.settings.rfm);
        let reason: Rows<GroupReason> = match self.buyer()? {
            Some(row) => Some(rfm(&ground.facts, ground.ids, params)?.group_reason(params, row)?),
            None => None,
        };
        let columns = vec![
            text(names::RFM_GROUP, &reason, |of| &of.group),
            text(names::RFM_RULE, &reason, |of| &of.rule),
        ];
        let specs = vec![
            Spec::new(names::RFM_GROUP, Kind::Label("rfm_group"), 0),
            Spec::new(names::RFM_RULE, Kind::Text, 0),
        ];
        Ok(Table::new("rfm_group", "groups", specs, frame(columns)?).as_record())
    }

    /// The limits between which recency, number of orders and net amount lie.
    pub(super) fn segment(&self) -> Result<Table> {
        let (facts, params) = (&self.ground.facts, &self.ground.settings.segment);
        let reason: Rows<SegmentReason> = match self.buyer()? {
            Some(row) => Some(segment(facts, params)?.reason(facts, params, row)?),
            None => None,
        };
        let mean = money::mean(facts.net_total, facts.customer_count);
        let days = |days: Option<u32>| days.map(u64::from);
        let columns = vec![
            integers(names::RECENCY_DAYS, reason.iter().map(|of| Some(i64::from(of.recency_days)))),
            whole(names::ABOVE_DAYS, &reason, |of| days(of.above_days)),
            whole(names::UP_TO_DAYS, &reason, |of| days(of.up_to_days)),
            whole(names::ORDER_COUNT_EVER, &reason, |of| Some(u64::from(of.order_count))),
            whole(names::LOYAL_ORDERS, &reason, |_| Some(u64::from(params.loyal_orders))),
            exact(names::NET_AMOUNT, &reason, |of| Some(of.net_amount.into())),
            exact(names::HIGH_VALUE, &reason, |of| Some(of.high_value.into())),
            exact(names::SPEND_PER_CUSTOMER, &reason, |_| mean),
            text(names::SEGMENT, &reason, |of| of.segment),
            text(names::VALUE, &reason, |of| of.value),
            text(names::MODE, &reason, |of| of.mode),
            text(names::ADVICE, &reason, |of| of.segment),
        ];
        let specs = vec![
            Spec::new(names::RECENCY_DAYS, Kind::Days, 0),
            Spec::new(names::ABOVE_DAYS, Kind::Days, 0),
            Spec::new(names::UP_TO_DAYS, Kind::Days, 0),
            Spec::new(names::ORDER_COUNT_EVER, Kind::Count, 0),
            Spec::new(names::LOYAL_ORDERS, Kind::Count, 0),
            Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
            Spec::new(names::HIGH_VALUE, Kind::Amount, 0),
            Spec::new(names::SPEND_PER_CUSTOMER, Kind::Amount, 0),
            Spec::new(names::SEGMENT, Kind::Label("segment"), 0),
            Spec::new(names::VALUE, Kind::Label("value"), 0),
            Spec::new(names::MODE, Kind::Label("mode"), 0),
            Spec::new(names::ADVICE, Kind::Phrase { section: "advice", of: "segment" }, 0),
        ];
        Ok(Table::new("segment", "segments", specs, frame(columns)?).as_record())
    }

    /// The person's rank by contribution, and the share of the total that the customers up to that rank bring.
    pub(super) fn class(&self) -> Result<Table> {
        let (ground, params) = (self.ground, &self.ground.settings.value);
        let ranked = value(ground.in_order()?, &ground.scope, params, ground.accounting.clone())?;
        let reason: Rows<ClassReason> = ranked.reason(self.code);
        let limit = |share: u32| Some(f64::from(share) / f64::from(WHOLE));
        let contribution = if ranked.basis.by_margin { names::MARGIN } else { names::NET_AMOUNT };
        let columns = vec![
            whole(names::RANK, &reason, |of| Some(of.rank)),
            whole(names::CUSTOMER_COUNT, &reason, |_| Some(ranked.customer_count())),
            exact(contribution, &reason, |of| Some(of.amount.into())),
            real(names::SHARE_BEFORE, &reason, |of| of.share_before),
            real(names::CUMULATIVE_SHARE, &reason, |of| of.cumulative_share),
            real(names::CORE_SHARE, &reason, |_| limit(params.core)),
            real(names::POTENTIAL_SHARE, &reason, |_| limit(params.potential)),
            text(names::CLASS, &reason, |of| of.class),
            whole(names::DEEP_DISCOUNT_ORDER_COUNT, &reason, |of| Some(u64::from(of.deep_discount?.0))),
            whole(names::PRICED_ORDER_COUNT, &reason, |of| Some(u64::from(of.deep_discount?.1))),
        ];
        let specs = vec![
            Spec::new(names::RANK, Kind::Count, 0),
            Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
            Spec::new(contribution, Kind::Amount, 0),
            Spec::new(names::SHARE_BEFORE, Kind::Share, 0),
            Spec::new(names::CUMULATIVE_SHARE, Kind::Share, 0),
            Spec::new(names::CORE_SHARE, Kind::Share, 0),
            Spec::new(names::POTENTIAL_SHARE, Kind::Share, 0),
            Spec::new(names::CLASS, Kind::Label("class"), 0),
            Spec::new(names::DEEP_DISCOUNT_ORDER_COUNT, Kind::Count, 0),
            Spec::new(names::PRICED_ORDER_COUNT, Kind::Count, 0),
        ];
        Ok(Table::new("class", "classes", specs, frame(columns)?).as_record())
    }

    /// The gaps from which the next order is expected, and the limits between one due status and the next.
    pub(super) fn due(&self) -> Result<Table> {
        let ground = self.ground;
        let (due, params) = expected(ground)?;
        let reason: Rows<DueReason> = due.reason(self.code, &params);
        let recency = |of: &DueReason| Some(i64::from(of.last_day.days_until(ground.as_of())));
        let columns = vec![
            dates(names::LAST_ORDERED_ON, reason.iter().map(|of| Some(of.last_day))),
            real(names::OWN_GAP_DAYS, &reason, |of| of.own_gap),
            whole(names::OWN_GAP_COUNT, &reason, |of| Some(u64::from(of.own_gap_count))),
            real(names::USUAL_GAP_DAYS, &reason, |of| Some(of.usual_gap)),
            text(names::USUAL_GAP_OF, &reason, |of| if of.is_of_product { "product" } else { "shop" }),
            whole(names::WEIGHT, &reason, |_| Some(u64::from(params.weight))),
            integers(names::EXPECTED_GAP_DAYS, reason.iter().map(|of| Some(i64::from(of.expected.gap_days)))),
            dates(names::NEXT_EXPECTED_ON, reason.iter().map(|of| Some(of.expected.next_on))),
            integers(names::RECENCY_DAYS, reason.iter().map(recency)),
            whole(names::DUE_DAYS, &reason, |_| Some(u64::from(params.due_days))),
            real(names::CHURN_LINE_DAYS, &reason, |of| of.churn_line_days),
            real(names::LOST_AFTER_DAYS, &reason, |of| of.lost_after_days),
            text(names::DUE_STATUS, &reason, |of| of.expected.status),
            texts(
                names::NEXT_PRODUCT,
                reason.iter().map(|of| of.expected.product.and_then(|product| ground.product(product))),
            ),
        ];
        let specs = vec![
            Spec::new(names::LAST_ORDERED_ON, Kind::Date, 0),
            Spec::new(names::OWN_GAP_DAYS, Kind::Days, 0),
            Spec::new(names::OWN_GAP_COUNT, Kind::Count, 0),
            Spec::new(names::USUAL_GAP_DAYS, Kind::Days, 0),
            Spec::new(names::USUAL_GAP_OF, Kind::Label("gap_of"), 0),
            Spec::new(names::WEIGHT, Kind::Count, 0),
            Spec::new(names::EXPECTED_GAP_DAYS, Kind::Days, 0),
            Spec::new(names::NEXT_EXPECTED_ON, Kind::Date, 0),
            Spec::new(names::RECENCY_DAYS, Kind::Days, 0),
            Spec::new(names::DUE_DAYS, Kind::Days, 0),
            Spec::new(names::CHURN_LINE_DAYS, Kind::Number, 0),
            Spec::new(names::LOST_AFTER_DAYS, Kind::Number, 0),
            Spec::new(names::DUE_STATUS, Kind::Label("due_status"), 0),
            Spec::new(names::NEXT_PRODUCT, Kind::Title, 0),
        ];
        Ok(Table::new("due", "customers", specs, frame(columns)?).as_record())
    }
}
