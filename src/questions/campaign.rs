//! What sent campaigns brought.

use serde_json::{Map, Value, json};

use super::{About, Answer, Asked, Question};
use crate::answer::{Kind, Spec, Table};
use crate::customers::listed;
use crate::error::{Error, Result, said};
use crate::locale::Remark;
use crate::metrics::campaign::{By, CampaignParams, Campaigns, Doubts, campaigns};
use crate::metrics::value::WHOLE;
use crate::reading::Ingested;
use crate::schema::day::date_of;
use crate::schema::{self, Wants, names};

/// Campaigns, their arms and what the arms differ by.
#[derive(Debug)]
pub struct Campaign {
    /// Which campaigns, and how long their orders are followed.
    pub params: CampaignParams,
    /// Whether those are listed who were sent something and have not ordered.
    pub lists_not_joined: bool,
}

impl Campaign {
    /// The tables, the main one first.
    pub const TABLES: [&str; 7] = ["arms", "reading", "lift", "groups", "validity", "customers", "products"];
}

impl Question for Campaign {
    const ABOUT: About = About { tables: &[schema::Table::Sends], ..About::of_buyers("campaign") };

    fn wants(&self) -> Wants {
        // Of customer lists who wants no messages and where they live.
        let mut tables = vec![schema::Table::Sends, schema::Table::Customers];
        tables.extend((!self.lists_not_joined).then_some(schema::Table::OrderItems));
        Wants {
            regions: self.params.by == Some(By::Province),
            // What unpaid orders come to, where only the price before discounts says it.
            extras: true,
            items: !self.lists_not_joined,
            details: true,
            people: true,
            tables,
            ..Wants::default()
        }
    }

    fn tables(&self) -> &'static [schema::Table] {
        match self.params.global {
            Some(_) => &[schema::Table::Orders],
            None => Self::ABOUT.tables,
        }
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { mut read, scope, shows, .. } = asked;
        let accounting = std::mem::take(&mut read.accounting);
        self.refuse(&read)?;
        let shows_products = !self.lists_not_joined && shows("products") && read.orders.has_items;
        let params = CampaignParams { has_products: shows_products, ..self.params.clone() };
        let found = campaigns(&read.shop(), &scope, &params, accounting)?;
        let tables = match self.lists_not_joined {
            true => {
                let frame = found.not_joined_frame(&read.shop())?;
                vec![Table::new("not_joined", "customers", not_joined_columns(), frame)]
            }
            false => self.tables_of(&found, &read, shows, shows_products)?,
        };
        let mut notes = self.remarks(&found.doubts());
        if !self.lists_not_joined && !read.orders.has_items && asks_for_products(shows) {
            notes.push(Remark::new("no_items"));
        }
        Ok(Answer {
            tables,
            parameters: self.parameters(&found),
            notes,
            as_of: scope.as_of,
            window: scope.window,
            customer_count: found.customer_count(),
            order_count: found.order_count(),
            accounting: found.accounting,
            ..Answer::default()
        })
    }
}

/// Whether the table of products is all that is wanted.
fn asks_for_products(shows: &dyn Fn(&str) -> bool) -> bool {
    shows("products") && !shows(Campaign::TABLES[0])
}

impl Campaign {
    /// Refuses inputs without orders, and campaigns of which there is no message.
    fn refuse(&self, read: &Ingested) -> Result<()> {
        /// Ids that a hint names at most.
        const MAX_NAMED: usize = 10;
        if !read.shop().has_orders {
            let (message, hint) = said("campaign_without_orders", &[]);
            return Err(Error::data(message, hint));
        }
        let Some(asked) = &self.params.campaign else { return Ok(()) };
        let mut ids: Vec<&str> = match read.frames.sends.as_ref() {
            Some(sends) => sends.table().words(names::CAMPAIGN_ID).iter().map(String::as_str).collect(),
            None => Vec::new(),
        };
        if ids.contains(&asked.as_str()) {
            return Ok(());
        }
        ids.sort_unstable();
        let all = match ids.len() {
            0 => "-".to_owned(),
            count if count > MAX_NAMED => format!("{} …", ids[..MAX_NAMED].join(", ")),
            _ => ids.join(", "),
        };
        let (message, hint) = said("campaign_unknown", &[("seen", format!("{asked:?}")), ("all", all)]);
        Err(Error::data(message, hint))
    }

    fn tables_of(
        &self,
        found: &Campaigns,
        read: &Ingested,
        shows: &dyn Fn(&str) -> bool,
        shows_products: bool,
    ) -> Result<Vec<Table>> {
        /// Rows of lists that people see beside the arms.
        const LISTED: usize = 5;
        let ids = &read.orders.customers;
        let mut tables = vec![
            Table::new("arms", "arms", arm_columns(), found.arms_frame()?),
            Table::new("reading", "arms", reading_columns(), found.reading_frame()?),
            Table::new("lift", "arms", lift_columns(), found.lift_frame()?),
        ];
        if let Some(by) = self.params.by {
            tables.push(Table::new("groups", "groups", group_columns(by), found.groups_frame()?));
        }
        tables.push(Table::new("validity", "arms", validity_columns(), found.validity_frame()?));
        if shows("customers") {
            let frame = found.customers_frame(ids)?;
            let table = Table::new("customers", "customers", customer_columns(), frame);
            tables.push(table.with_rows(LISTED));
        }
        if shows_products || asks_for_products(shows) {
            let frame = found.products_frame(&read.orders.items)?;
            tables.push(Table::new("products", "products", product_columns(), frame).with_rows(LISTED));
        }
        Ok(tables)
    }

    /// What the user should know beside the tables.
    fn remarks(&self, doubts: &Doubts) -> Vec<Remark> {
        let counted = |code: &'static str, n: u64| (n > 0).then(|| Remark::new(code).with("n", n));
        let mut notes = Vec::new();
        notes.extend((doubts.campaign_count == 0).then(|| Remark::new("no_campaigns")));
        let until = doubts.finished_on.and_then(date_of).map(|date| date.to_string()).unwrap_or_default();
        notes.extend(
            counted("campaign_unfinished", doubts.unfinished_count).map(|remark| remark.with("day", until)),
        );
        if !doubts.broken_splits.is_empty() {
            notes.push(Remark::new("campaign_split").with("campaigns", doubts.broken_splits.join(", ")));
        }
        let mixed = if self.params.global.is_some() { "campaign_reached" } else { "campaign_mixed" };
        notes.extend(counted(mixed, doubts.mixed_count));
        notes.extend(counted("campaign_overlap", doubts.overlap_count));
        notes.extend(counted("campaign_outside_days", doubts.outside_days_count));
        notes.extend(counted("campaign_armless", doubts.armless_count));
        notes.extend(counted("campaign_costless", doubts.costless_count));
        notes
    }

    fn parameters(&self, found: &Campaigns) -> Map<String, Value> {
        let within: Map<String, Value> =
            found.within_days().map(|(id, days)| (id.unwrap_or_default().to_owned(), json!(days))).collect();
        let date = |day: i32| date_of(day).map(|date| date.to_string());
        let global = self.params.global.map(|standing| {
            json!({
                "share": f64::from(standing.share) / f64::from(WHOLE),
                "from": date(standing.from),
                "to": standing.to.and_then(date),
            })
        });
        let mut parameters = Map::from_iter([
            ("campaign".to_owned(), json!(self.params.campaign)),
            ("within_days".to_owned(), Value::Object(within)),
            ("by".to_owned(), json!(self.params.by.map(By::column))),
            ("global".to_owned(), json!(global)),
        ]);
        if self.params.by == Some(By::Segment) {
            let segments = &self.params.segments;
            let days = [segments.just_bought_days, segments.active_days, segments.lapsing_days];
            parameters.insert("segment_days".to_owned(), json!(days));
            parameters.insert("loyal_orders".to_owned(), json!(segments.loyal_orders));
        }
        parameters
    }
}

const ARM: Kind = Kind::LabelOr("arm");

fn named() -> [Spec; 2] {
    [Spec::new(names::CAMPAIGN_ID, Kind::Named, 0), Spec::new(names::ARM, ARM, 0)]
}

fn arm_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.extend([
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::MESSAGE_COUNT, Kind::Count, 6),
        Spec::new(names::DELIVERED_COUNT, Kind::Count, 9),
        Spec::new(names::COST, Kind::Amount, 4),
        Spec::new(names::BUYER_COUNT, Kind::Count, 1),
        Spec::new(names::CONVERSION_RATE, Kind::Share, 0),
        Spec::new(names::RATE_LOW, Kind::Share, 5),
        Spec::new(names::RATE_HIGH, Kind::Share, 5),
        Spec::new(names::ORDER_COUNT, Kind::Count, 7),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::UNPAID_CUSTOMER_COUNT, Kind::Count, 12),
        Spec::new(names::UNPAID_ORDER_COUNT, Kind::Count, 11),
        Spec::new(names::UNPAID_AMOUNT, Kind::Amount, 10),
        Spec::new(names::AOV, Kind::Amount, 8),
        Spec::new(names::SPEND_PER_CUSTOMER, Kind::Amount, 2),
        Spec::new(names::SPEND_LOW, Kind::Amount, 13),
        Spec::new(names::SPEND_HIGH, Kind::Amount, 13),
        Spec::new(names::ROI, Kind::Number, 3),
        Spec::new(names::RETURN_ON_SPEND, Kind::Number, 14),
    ]);
    columns
}

fn reading_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.push(Spec::new(names::EXPLANATION, Kind::Sentence("campaign"), 0));
    columns
}

fn result_columns() -> [Spec; 1] {
    [Spec::new(names::RESULT, Kind::Label("campaign_result"), 0)]
}

/// What both the whole and its groups are compared by.
fn compared_columns() -> [Spec; 10] {
    [
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 5),
        Spec::new(names::CONTROL_COUNT, Kind::Count, 5),
        Spec::new(names::RATE_DIFFERENCE, Kind::Share, 0),
        Spec::new(names::RATE_DIFFERENCE_LOW, Kind::Share, 1),
        Spec::new(names::RATE_DIFFERENCE_HIGH, Kind::Share, 1),
        Spec::new(names::RATE_P_VALUE, Kind::Chance, 2),
        Spec::new(names::SPEND_DIFFERENCE, Kind::Amount, 3),
        Spec::new(names::SPEND_DIFFERENCE_LOW, Kind::Amount, 6),
        Spec::new(names::SPEND_DIFFERENCE_HIGH, Kind::Amount, 6),
        Spec::new(names::SPEND_P_VALUE, Kind::Chance, 4),
    ]
}

fn lift_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.extend(compared_columns());
    columns.extend([
        Spec::new(names::RATE_P_VALUE_HOLM, Kind::Chance, 11),
        Spec::new(names::SPEND_P_VALUE_HOLM, Kind::Chance, 11),
        Spec::new(names::RELATIVE_LIFT, Kind::Share, 9),
        Spec::new(names::INCREMENTAL_BUYERS, Kind::Number, 7),
        Spec::new(names::INCREMENTAL_BUYERS_LOW, Kind::Number, 13),
        Spec::new(names::INCREMENTAL_BUYERS_HIGH, Kind::Number, 13),
        Spec::new(names::INCREMENTAL_NET_AMOUNT, Kind::Amount, 3),
        Spec::new(names::INCREMENTAL_NET_AMOUNT_LOW, Kind::Amount, 12),
        Spec::new(names::INCREMENTAL_NET_AMOUNT_HIGH, Kind::Amount, 12),
        Spec::new(names::INCREMENTAL_ROI, Kind::Number, 8),
        Spec::new(names::DETECTABLE_DIFFERENCE, Kind::Share, 10),
        Spec::new(names::CUPED_SPEND_DIFFERENCE, Kind::Amount, 14),
        Spec::new(names::CUPED_SPEND_DIFFERENCE_LOW, Kind::Amount, 15),
        Spec::new(names::CUPED_SPEND_DIFFERENCE_HIGH, Kind::Amount, 15),
        Spec::new(names::CUPED_SPEND_P_VALUE, Kind::Chance, 14),
        Spec::new(names::SPEND_CAP, Kind::Amount, 17),
        Spec::new(names::CAPPED_SPEND_DIFFERENCE, Kind::Amount, 16),
        Spec::new(names::CAPPED_SPEND_DIFFERENCE_LOW, Kind::Amount, 18),
        Spec::new(names::CAPPED_SPEND_DIFFERENCE_HIGH, Kind::Amount, 18),
        Spec::new(names::CAPPED_SPEND_P_VALUE, Kind::Chance, 16),
    ]);
    columns.extend(result_columns());
    let told = Kind::Phrase { section: "campaign_result_of", of: "campaign_result" };
    columns.push(Spec::new(names::EXPLANATION, told, 0));
    columns
}

fn group_columns(by: By) -> Vec<Spec> {
    let kind = match by {
        By::Segment => Kind::LabelOr("segment"),
        By::Channel => Kind::LabelOr("channel"),
        By::Province => Kind::Named,
    };
    let mut columns = named().to_vec();
    columns.push(Spec::new(by.column(), kind, 0));
    columns.extend(compared_columns());
    columns.extend([
        Spec::new(names::RATE_INTERACTION_P_VALUE, Kind::Chance, 7),
        Spec::new(names::SPEND_INTERACTION_P_VALUE, Kind::Chance, 8),
    ]);
    columns.extend(result_columns());
    columns
}

fn validity_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.extend([
        Spec::new(names::ASSIGNED_COUNT, Kind::Count, 0),
        Spec::new(names::ASSIGNED_SHARE, Kind::Share, 3),
        Spec::new(names::PLANNED_SHARE, Kind::Share, 3),
        Spec::new(names::SPLIT_P_VALUE, Kind::Chance, 4),
        Spec::new(names::IS_SPLIT_AS_PLANNED, Kind::Flag, 1),
        Spec::new(names::MIXED_COUNT, Kind::Count, 1),
        Spec::new(names::UNFINISHED_COUNT, Kind::Count, 1),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::OPTED_OUT_COUNT, Kind::Count, 6),
        Spec::new(names::REFUNDED_ORDER_COUNT, Kind::Count, 5),
        Spec::new(names::REFUND_AMOUNT, Kind::Amount, 7),
        Spec::new(names::OVERLAP_CUSTOMER_COUNT, Kind::Count, 8),
        Spec::new(names::OVERLAP_ORDER_COUNT, Kind::Count, 2),
    ]);
    columns
}

fn of_customer_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.extend([
        listed(names::CUSTOMER_ID, 0),
        Spec::new(names::SENT_ON, Kind::Date, 1),
        Spec::new(names::LAST_ON, Kind::Date, 4),
    ]);
    columns
}

fn customer_columns() -> Vec<Spec> {
    let mut columns = of_customer_columns();
    columns.extend([
        Spec::new(names::IS_IN_FIGURES, Kind::Flag, 5),
        Spec::new(names::MESSAGE_COUNT, Kind::Count, 6),
        Spec::new(names::IS_DELIVERED, Kind::Flag, 7),
        Spec::new(names::COST, Kind::Amount, 8),
        listed(names::ORDER_COUNT, 0),
        listed(names::NET_AMOUNT, 0),
        listed(names::FIRST_ORDERED_ON, 2),
        listed(names::UNPAID_ORDER_COUNT, 3),
        Spec::new(names::NET_AMOUNT_BEFORE, Kind::Amount, 9),
    ]);
    columns
}

fn not_joined_columns() -> Vec<Spec> {
    let mut columns = of_customer_columns();
    columns.extend([
        Spec::new(names::MESSAGE_COUNT, Kind::Count, 2),
        Spec::new(names::IS_DELIVERED, Kind::Flag, 3),
        listed(names::UNPAID_ORDER_COUNT, 0),
        Spec::new(names::IS_OPTED_OUT, Kind::Flag, 1),
    ]);
    columns
}

fn product_columns() -> Vec<Spec> {
    let mut columns = named().to_vec();
    columns.extend([
        Spec::new(names::PRODUCT_ID, Kind::Named, 1),
        Spec::new(names::TITLE, Kind::Title, 0),
        Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 2),
        Spec::new(names::QUANTITY, Kind::Number, 4),
        Spec::new(names::AMOUNT, Kind::Amount, 3),
    ]);
    columns
}
