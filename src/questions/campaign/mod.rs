//! What campaigns brought after they were sent.

mod columns;

use polars::prelude::DataFrame;
use serde_json::{Map, Value, json};

pub use columns::not_joined_columns;
use columns::{
    arm_columns, customer_columns, group_columns, lift_columns, product_columns, reading_columns,
    validity_columns,
};

use super::{About, Answer, Asked, Question};
use crate::answer::{Chart, Table};
use crate::error::{Error, Result};
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::campaign::{By, CampaignParams, Campaigns, campaigns};
use crate::metrics::value::WHOLE;
use crate::reading::Ingested;
use crate::schema::{self, Wants, names};

/// Campaigns, their arms, and the difference between the arms.
#[derive(Debug)]
pub struct Campaign {
    /// Which campaigns, and how long their orders are followed.
    pub params: CampaignParams,
    /// Whether the answer lists the customers who were sent something and have not ordered since.
    pub lists_not_joined: bool,
}

impl Campaign {
    /// The tables, the main one first. The last lists the customers who have not ordered; it is never written with the
    /// others.
    pub const TABLES: [&str; 8] =
        ["arms", "reading", "lift", "groups", "validity", "customers", "products", Self::NOT_JOINED];

    const NOT_JOINED: &str = "not_joined";
}

impl Question for Campaign {
    const ABOUT: About =
        About { tables: &[schema::Table::Sends], ..About::of_buyers("campaign").writing(&Self::TABLES) };

    fn wants(&self) -> Wants {
        // Customer lists tell who wants no messages and where customers live.
        let mut tables = vec![schema::Table::Sends, schema::Table::Customers];
        tables.extend((!self.lists_not_joined).then_some(schema::Table::OrderItems));
        Wants {
            regions: self.params.by == Some(By::Province),
            // The amount of an unpaid order may follow only from its price before discounts.
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
        let shop = read.shop();
        let (found, detail) = campaigns(&shop, &scope, &params, accounting)?;
        if self.lists_not_joined {
            return Ok(self.not_joined(&found, detail.not_joined_frame(&found, &shop)?, &scope));
        }
        let shows_products = shows_products || asks_for_products(shows);
        let lists = Lists {
            customers: shows("customers").then(|| detail.customers_frame(&found, &shop)).transpose()?,
            products: shows_products.then(|| detail.products_frame(&found, &shop)).transpose()?,
            lacks_items: !read.orders.has_items && asks_for_products(shows),
        };
        self.effect(&found, lists, &scope)
    }
}

/// The lists that are shown beside the figures of the arms, each if it is asked for.
#[derive(Debug, Default)]
pub struct Lists {
    /// The customers of the arms.
    pub customers: Option<DataFrame>,
    /// What the arms bought.
    pub products: Option<DataFrame>,
    /// Whether the products are the only table asked for while no input says what orders hold.
    pub lacks_items: bool,
}

/// Whether the table of products is asked for and the main table is not.
pub fn asks_for_products(shows: &dyn Fn(&str) -> bool) -> bool {
    shows("products") && !shows(Campaign::TABLES[0])
}

impl Campaign {
    /// Refuses inputs without orders or without buyers, and a campaign for which there is no message.
    fn refuse(&self, read: &Ingested) -> Result<()> {
        if !read.shop().has_orders {
            return Err(Error::data_of("campaign_without_orders", &[]));
        }
        // Without buyers nobody could have answered: every campaign would look as if it had brought nothing.
        if !read.orders.may_have_buyers() {
            let files = read.sources.iter().filter(|source| source.table() == schema::Table::Orders);
            let files: Vec<&str> = files.map(|source| source.name.as_str()).collect();
            return Err(Error::data_of("campaign_without_buyers", &[("files", files.join(", "))]));
        }
        let ids = read.frames.sends.as_ref().map_or(&[][..], |sends| sends.table().words(names::CAMPAIGN_ID));
        self.check_named(ids.iter().map(String::as_str).collect())
    }

    /// Refuses a campaign that was asked for by an id that is none of `ids`, which have messages.
    ///
    /// # Errors
    /// Wrong data when the id is none of them.
    pub fn check_named(&self, mut ids: Vec<&str>) -> Result<()> {
        /// The most ids that the hint names.
        const MAX_NAMED: usize = 10;
        let Some(asked) = &self.params.campaign else { return Ok(()) };
        if ids.contains(&asked.as_str()) {
            return Ok(());
        }
        ids.sort_unstable();
        let all = match ids.len() {
            0 => "-".to_owned(),
            count if count > MAX_NAMED => format!("{} …", ids[..MAX_NAMED].join(", ")),
            _ => ids.join(", "),
        };
        Err(Error::data_of("campaign_unknown", &[("seen", format!("{asked:?}")), ("all", all)]))
    }

    /// The answer that lists who was sent something and has not ordered since.
    pub fn not_joined(&self, found: &Campaigns, frame: DataFrame, scope: &Scope) -> Answer {
        let table = Table::new(Self::NOT_JOINED, "customers", not_joined_columns(), frame);
        self.answer_of(found, vec![table], Vec::new(), scope)
    }

    /// The answer about the arms and the difference between them.
    ///
    /// # Errors
    /// Those of polars; no data causes any.
    pub fn effect(&self, found: &Campaigns, lists: Lists, scope: &Scope) -> Result<Answer> {
        let notes = lists.lacks_items.then(|| Remark::new("no_items"));
        let tables = self.tables_of(found, lists)?;
        Ok(self.answer_of(found, tables, notes.into_iter().collect(), scope))
    }

    fn answer_of(
        &self,
        found: &Campaigns,
        tables: Vec<Table>,
        further: Vec<Remark>,
        scope: &Scope,
    ) -> Answer {
        let mut notes = self.notes(found);
        notes.extend(further);
        Answer {
            tables,
            parameters: self.parameters(found),
            notes,
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: found.customer_count(),
            order_count: found.order_count(),
            accounting: found.accounting.clone(),
            ..Answer::default()
        }
    }

    fn tables_of(&self, found: &Campaigns, lists: Lists) -> Result<Vec<Table>> {
        /// The most rows of each of these lists that are shown to people, under the figures of the arms.
        const LISTED: usize = 5;
        let mut tables = vec![
            Table::new("arms", "arms", arm_columns(), found.arms_frame()?).with_chart(Chart::Bars {
                label: &[names::CAMPAIGN_ID, names::ARM],
                value: names::CONVERSION_RATE,
                beside: Some(names::CUSTOMER_COUNT),
            }),
            Table::new("reading", "arms", reading_columns(), found.reading_frame()?),
            Table::new("lift", "arms", lift_columns(), found.lift_frame()?),
        ];
        if let Some(by) = self.params.by {
            tables.push(Table::new("groups", "groups", group_columns(by), found.groups_frame()?));
        }
        tables.push(Table::new("validity", "arms", validity_columns(), found.validity_frame()?));
        if let Some(frame) = lists.customers {
            let table = Table::new("customers", "customers", customer_columns(), frame);
            tables.push(table.with_rows(LISTED));
        }
        if let Some(frame) = lists.products {
            tables.push(Table::new("products", "products", product_columns(), frame).with_rows(LISTED));
        }
        Ok(tables)
    }

    /// Remarks beside the tables.
    pub fn notes(&self, found: &Campaigns) -> Vec<Remark> {
        let doubts = found.doubts();
        let counted = |code: &'static str, n: u64| (n > 0).then(|| Remark::new(code).with("n", n));
        let mut notes = Vec::new();
        notes.extend((doubts.campaign_count == 0).then(|| Remark::new("no_campaigns")));
        let until = doubts.finished_on.map(|day| day.to_string()).unwrap_or_default();
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
        let global = self.params.global.map(|standing| {
            json!({
                "share": f64::from(standing.share) / f64::from(WHOLE),
                "from": standing.from.to_string(),
                "to": standing.to.map(|day| day.to_string()),
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
