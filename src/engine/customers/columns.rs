//! The SQL of each column of the customer table.

use crate::engine::Ground;
use crate::metrics::calendar::first_day_of;
use crate::metrics::scope::ValidOrder;
use crate::schema::accounting::Rule;
use crate::schema::{Day, EventKind, names};

/// A table of the statement that columns come from, besides `everybody` and `buyers`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// Figures of the orders.
    Figures,
    /// Lifecycle segments.
    Segmented,
    /// RFM scores.
    Scored,
    /// Customer lists.
    Listed,
    /// Events.
    Seen,
    /// Messages.
    Contacted,
    /// What buyers contribute to the shop's net amount or margin.
    Contributed,
    /// Value classes, by contribution.
    Classed,
}

impl Source {
    /// Its name in the statement.
    pub fn name(self) -> &'static str {
        match self {
            Self::Figures => "figures",
            Self::Segmented => "segmented",
            Self::Scored => "scored",
            Self::Listed => "listed",
            Self::Seen => "seen",
            Self::Contacted => "contacted",
            Self::Contributed => "contributed",
            Self::Classed => "classed",
        }
    }
}

/// How a column is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    /// The table it comes from; none for columns of `everybody` and `buyers`.
    pub source: Option<Source>,
    /// For a figure of orders or events, the aggregate that computes it in its table, under its own name.
    pub added: Option<String>,
    /// The expression for a customer's value.
    pub sql: String,
}

/// The number of orders at a deep discount, and the number of orders whose full price is known.
pub(super) const DEEP_COUNT: &str = "deep_count";
pub(super) const PRICED_COUNT: &str = "priced_count";

/// What the export is known to lack; before it has been opened, nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lacks {
    pub amounts: bool,
    pub events: bool,
    pub sends: bool,
}

/// Makes the columns of the customer table.
pub(super) struct Maker<'a> {
    pub ground: &'a Ground,
    pub lacks: Lacks,
    /// The expression for the text of a segment's group, by the name of the column.
    pub segments: &'a dyn Fn(&str) -> String,
    /// The expression for the group of three scores.
    pub rfm_group: &'a str,
    /// The expression for the name of a class.
    pub class: &'a str,
}

/// What the column of a call counts.
pub(super) enum Called {
    /// The orders from one day to another.
    Orders(Day, Day),
    /// The net amount of the orders from one day to another.
    Net(Day, Day),
}

impl Maker<'_> {
    /// How a column is computed; none for a column that engines do not have.
    pub fn made(&self, name: &str) -> Option<Made> {
        let of_amounts = self.lacks.amounts && crate::customers::rests_on_amounts(name);
        let made = self.of_buyers(name).or_else(|| self.of_orders(name)).or_else(|| self.of_others(name))?;
        let null = || format!("CAST(NULL AS {})", sql_type(name));
        Some(if of_amounts { Made { source: None, added: None, sql: null() } } else { made })
    }

    /// How the column of a call is computed, under the given name.
    pub fn called(&self, name: &str, call: &Called) -> Made {
        match call {
            Called::Orders(from, to) => counted(name, self.orders_of(*from, *to)),
            Called::Net(..) if self.lacks.amounts => {
                Made { source: None, added: None, sql: "CAST(NULL AS BIGINT)".to_owned() }
            }
            Called::Net(from, to) => counted(name, self.net_of(*from, *to)),
        }
    }

    fn of_buyers(&self, name: &str) -> Option<Made> {
        let plain = |sql: &str| Some(Made { source: None, added: None, sql: sql.to_owned() });
        let of = |source: Source, sql: String| Some(Made { source: Some(source), added: None, sql });
        match name {
            names::CUSTOMER_ID => plain("everybody.customer_id"),
            names::LAST_ORDERED_ON => plain("buyers.last_ordered_on"),
            names::RECENCY_DAYS => plain("buyers.recency_days"),
            names::ORDER_COUNT => plain("COALESCE(buyers.order_count, 0)"),
            names::NET_AMOUNT => plain("COALESCE(buyers.net_amount, 0)"),
            names::SEGMENT | names::VALUE | names::MODE => of(Source::Segmented, (self.segments)(name)),
            names::R_SCORE | names::F_SCORE | names::M_SCORE => of(Source::Scored, format!("scored.{name}")),
            names::CLASS => of(Source::Classed, self.class.to_owned()),
            DEEP_COUNT | PRICED_COUNT => of(Source::Contributed, format!("contributed.{name}")),
            names::RFM_GROUP => of(Source::Scored, self.rfm_group.to_owned()),
            _ => None,
        }
    }

    fn of_orders(&self, name: &str) -> Option<Made> {
        let is_order = self.is_order();
        let refunded = format!("rule = '{}'", Rule::Refunded.code());
        let (unpaid, closed) = (Rule::Unpaid.code(), Rule::ClosedUnpaid.code());
        let is_recent = self.is_recent();
        // A refund row of its own that belongs to a wholly refunded order is not counted, since the order counts it.
        let given_back = format!(
            "CASE WHEN rule IS NULL AND paid_amount < 0 THEN CAST(refund_amount AS DECIMAL(38, 0)) - paid_amount \
             WHEN rule IS NULL THEN CAST(refund_amount AS DECIMAL(38, 0)) \
             WHEN {refunded} AND {is_recent} THEN GREATEST(paid_amount, refund_amount) ELSE 0 END"
        );
        let first = || format!("MIN(CASE WHEN rule IS NULL AND {is_order} THEN ordered_on END)");
        let is_unpaid = format!("rule IN ('{unpaid}', '{closed}') AND {is_recent}");
        let last = |days| self.orders_of(self.first_day(days), self.as_of());
        let net = |days| self.net_of(self.first_day(days), self.as_of());
        Some(match name {
            names::STATUS => {
                let outside = Rule::OutsideWindow.code();
                let has_bought = format!("(rule IS NULL OR rule = '{outside}') AND {is_order}");
                let added = format!("MAX(CASE WHEN {has_bought} THEN 1 ELSE 0 END)");
                let [converted, interested, other] = crate::customers::STATUSES;
                let sql = format!(
                    "CASE WHEN figures.status = 1 THEN '{converted}' WHEN everybody.is_seen = 1 THEN '{interested}' \
                     ELSE '{other}' END"
                );
                Made { source: Some(Source::Figures), added: Some(added), sql }
            }
            names::FIRST_ORDERED_ON => figure(name, first()),
            names::TENURE_DAYS => {
                let sql = format!("{} - figures.{name}", self.ground.as_of());
                Made { sql, ..figure(name, first()) }
            }
            names::ORDER_COUNT_7D => counted(name, last(7)),
            names::ORDER_COUNT_30D => counted(name, last(30)),
            names::ORDER_COUNT_90D => counted(name, last(90)),
            names::ORDER_COUNT_365D => counted(name, last(365)),
            names::NET_AMOUNT_30D => counted(name, net(30)),
            names::NET_AMOUNT_90D => counted(name, net(90)),
            names::NET_AMOUNT_365D => counted(name, net(365)),
            names::MAX_ORDER_AMOUNT => {
                figure(name, format!("MAX(CASE WHEN rule IS NULL AND {is_order} THEN net_amount END)"))
            }
            names::REFUND_AMOUNT => counted(name, format!("CAST(SUM({given_back}) AS BIGINT)")),
            names::REFUNDED_ORDER_COUNT => {
                counted(name, format!("COUNT(CASE WHEN {given_back} > 0 AND paid_amount > 0 THEN 1 END)"))
            }
            names::UNPAID_ORDER_COUNT => counted(name, format!("COUNT(CASE WHEN {is_unpaid} THEN 1 END)")),
            names::LAST_UNPAID_ON => figure(name, format!("MAX(CASE WHEN {is_unpaid} THEN ordered_on END)")),
            _ => return None,
        })
    }

    fn of_others(&self, name: &str) -> Option<Made> {
        let listed = |sql: String| Made { source: Some(Source::Listed), added: None, sql };
        let made = match name {
            names::REGISTERED_ON | names::CARD_CLAIMED_ON | names::GENDER | names::LEVEL => {
                return Some(listed(format!("listed.{name}")));
            }
            names::DAYS_SINCE_CONTACT => {
                self.contacted(format!("{} - contacted.last_sent_on", self.ground.as_of()))
            }
            names::CONTACT_COUNT_30D => self.contacted("COALESCE(contacted.recent_count, 0)".to_owned()),
            _ => return self.of_events(name),
        };
        Some(made)
    }

    fn contacted(&self, sql: String) -> Made {
        match self.lacks.sends {
            true => Made { source: None, added: None, sql: "CAST(NULL AS INT)".to_owned() },
            false => Made { source: Some(Source::Contacted), added: None, sql },
        }
    }

    fn of_events(&self, name: &str) -> Option<Made> {
        let recent_from = self.first_day(super::RECENT_DAYS).number();
        let count = |kind: EventKind| {
            let kind = kind.name();
            format!("COUNT(CASE WHEN kind = '{kind}' AND occurred_on >= {recent_from} THEN 1 END)")
        };
        let interests = EventKind::INTEREST.map(|kind| format!("'{}'", kind.name())).join(", ");
        let last_interest = || format!("MAX(CASE WHEN kind IN ({interests}) THEN occurred_on END)");
        let (added, sql) = match name {
            names::LAST_EVENT_ON => ("MAX(occurred_on)".to_owned(), format!("seen.{name}")),
            names::IS_SHOP_FAVOURITE => {
                let (fav, unfav) = (EventKind::FavShop.name(), EventKind::Unfav.name());
                let added =
                    format!("SUM(CASE WHEN kind = '{fav}' THEN 1 WHEN kind = '{unfav}' THEN -1 ELSE 0 END)");
                (added, format!("CASE WHEN COALESCE(seen.{name}, 0) > 0 THEN 1 ELSE 0 END"))
            }
            names::LAST_INTEREST_ON => (last_interest(), format!("seen.{name}")),
            names::DAYS_SINCE_INTEREST => (last_interest(), format!("{} - seen.{name}", self.ground.as_of())),
            names::FAV_SHOP_COUNT_30D => (count(EventKind::FavShop), format!("COALESCE(seen.{name}, 0)")),
            names::FAV_ITEM_COUNT_30D => (count(EventKind::FavItem), format!("COALESCE(seen.{name}, 0)")),
            names::CART_COUNT_30D => (count(EventKind::Cart), format!("COALESCE(seen.{name}, 0)")),
            names::VIEW_COUNT_30D => (count(EventKind::View), format!("COALESCE(seen.{name}, 0)")),
            _ => return None,
        };
        Some(match self.lacks.events {
            true => Made { source: None, added: None, sql: "CAST(NULL AS INT)".to_owned() },
            false => Made { source: Some(Source::Seen), added: Some(added), sql },
        })
    }

    fn as_of(&self) -> Day {
        self.ground.scope.as_of
    }

    /// The first of `days` days that end with the as-of day.
    fn first_day(&self, days: u32) -> Day {
        first_day_of(self.as_of(), days)
    }

    fn is_order(&self) -> String {
        ValidOrder::is_order_sql(self.ground.scope.include_zero_orders)
    }

    /// A condition that an order lies within the window and not after the as-of day. It is needed where a rule leaves
    /// an order out without looking at its day.
    fn is_recent(&self) -> String {
        let up_to = format!("ordered_on <= {}", self.ground.as_of());
        self.ground.first_day().map_or(up_to.clone(), |first| format!("{up_to} AND ordered_on >= {first}"))
    }

    fn orders_of(&self, from: Day, to: Day) -> String {
        let is_order = self.is_order();
        format!("COUNT(CASE WHEN rule IS NULL AND {is_order} AND {} THEN 1 END)", within(from, to))
    }

    fn net_of(&self, from: Day, to: Day) -> String {
        let within = within(from, to);
        format!(
            "CAST(SUM(CASE WHEN rule IS NULL AND {within} THEN CAST(net_amount AS DECIMAL(38, 0)) ELSE 0 END) AS BIGINT)"
        )
    }
}

fn within(from: Day, to: Day) -> String {
    format!("ordered_on BETWEEN {} AND {}", from.number(), to.number())
}

/// A figure that is null for customers without orders.
fn figure(name: &str, added: String) -> Made {
    Made { source: Some(Source::Figures), added: Some(added), sql: format!("figures.{name}") }
}

/// A figure that is 0 for customers without orders.
fn counted(name: &str, added: String) -> Made {
    Made { sql: format!("COALESCE(figures.{name}, 0)"), ..figure(name, added) }
}

/// The SQL type of a column's values.
fn sql_type(name: &str) -> &'static str {
    use crate::schema::Holds;
    match crate::customers::find(name).map(|(_, spec)| Holds::from(spec.kind)) {
        Some(Holds::Amount | Holds::Whole) => "BIGINT",
        Some(Holds::Date | Holds::Flag) => "INT",
        _ => "STRING",
    }
}
