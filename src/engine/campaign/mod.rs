//! The question about campaigns on an engine.

mod fetched;

use fetched::{add_spends, bought, customers, figures, not_joined, sent_days};

use super::lists::written_as;
use super::render::Values;
use super::{Dialect, Ground, Listing, ListsOnEngine, OnEngine, Rows, ShopOn, Statement, not_there};
use crate::error::Result;
use crate::export::{CUSTOMERS, Exported, ORDER_ITEMS, ORDERS, SENDS};
use crate::metrics::campaign::{Arm, By, Campaigns, DAYS_BEFORE, Found, NO_ORDER, Study, TREATMENT};
use crate::metrics::segment::{SEGMENTS, SegmentParams};
use crate::questions::campaign::{Lists, asks_for_products, not_joined_columns};
use crate::questions::{Answer, Campaign, Question};
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::names;

/// A number greater than that of all arms a statement can list. It is the same in every statement, so that printed ones
/// hold for any number of arms.
const MAX_ARMS: u32 = 1_000_000;

impl OnEngine for Campaign {
    const TABLES: &'static [&'static Exported] = &[&SENDS, &ORDERS];

    fn check(&self) -> Result<()> {
        // The standing holdout is decided by a hash of the id. Which of several places at the same moment is the last
        // depends on the numbering of the shop's places.
        let flags = [
            ("--global", self.params.global.is_some()),
            ("--by province", self.params.by == Some(By::Province)),
        ];
        match flags.iter().find(|(_, is_given)| *is_given) {
            Some((flag, _)) => Err(not_there(Self::ABOUT.name, flag)),
            None => Ok(()),
        }
    }

    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>> {
        let arms = Arms::printed(ground.dialect, self.params.within_days);
        let mut all = vec![
            ground.statement("campaign_sends")?,
            ground.all_time().left_out()?,
            ground.statement("customers_later")?,
            ground.statement("campaign_lists")?,
        ];
        let lists: &[&'static str] = match self.lists_not_joined {
            true => &["campaign_not_joined"],
            false => &["campaign_customers", "campaign_products"],
        };
        for name in ["campaign_arms", "campaign_spends"].iter().chain(lists) {
            all.push(self.followed(ground, name, &arms)?);
        }
        Ok(all)
    }

    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer> {
        let Measured { campaigns, arms } = self.measured(shop)?;
        let (ground, scope, arm_count) = (&shop.ground, shop.scope(), arms.count);
        let rows = |name: &'static str| shop.rows(&self.followed(ground, name, &arms)?);
        if self.lists_not_joined {
            let (listed, ids) = not_joined(&rows("campaign_not_joined")?, arm_count)?;
            return Ok(self.not_joined(&campaigns, campaigns.not_joined_frame(&listed, ids)?, scope));
        }
        let (shows, has_items) = (shop.shows, shop.about.says.has_items);
        let mut lists = Lists { lacks_items: !has_items && asks_for_products(shows), ..Lists::default() };
        if shows("customers") {
            let (listed, ids) = customers(&rows("campaign_customers")?, arm_count)?;
            lists.customers = Some(campaigns.customers_frame(&listed, ids)?);
        }
        if (has_items && shows("products")) || asks_for_products(shows) {
            let (bought, items) = bought(&rows("campaign_products")?, arm_count)?;
            lists.products = Some(campaigns.products_frame(&bought, &items)?);
        }
        self.effect(&campaigns, lists, scope)
    }
}

/// The measured campaigns, and their arms for further statements about their customers.
struct Measured {
    campaigns: Campaigns,
    arms: Arms,
}

/// The arms of all campaigns as rows of SQL.
struct Arms {
    rows: Vec<String>,
    /// The number of arms. There is one row even if there are no arms.
    count: usize,
}

impl Arms {
    /// The arms of a study; if it has none, a single arm without customers.
    fn of(study: &Study, dialect: Dialect) -> Self {
        let row = |(number, arm): (usize, &Arm)| {
            let campaign = &study.campaigns[arm.campaign];
            let flag = u8::from;
            format!(
                "({}, {}, {}, {}, {number}, {}, {}, {})",
                dialect.text(campaign.id.as_deref().unwrap_or_default()),
                flag(campaign.id.is_none()),
                dialect.text(&arm.name),
                arm.campaign,
                flag(arm.is_control()),
                flag(campaign.is_asked),
                campaign.within_days
            )
        };
        let rows: Vec<String> = study.arms.iter().enumerate().map(row).collect();
        match rows.is_empty() {
            true => Self { rows: vec!["('', 0, '', 0, 0, 0, 0, 0)".to_owned()], count: 0 },
            false => Self { count: rows.len(), rows },
        }
    }

    /// One row of parameters in place of those that only the rows of campaign_sends give. `within_days` are the days
    /// that the user asked for.
    fn printed(dialect: Dialect, within_days: Option<u32>) -> Self {
        let names = [
            "campaign_id",
            "is_nameless",
            "arm",
            "campaign_number",
            "arm_number",
            "is_control",
            "is_shown",
            "within_days",
        ];
        let places = names.map(|name| match (name, within_days) {
            ("within_days", Some(days)) => days.to_string(),
            _ => dialect.parameter(name),
        });
        Self { rows: vec![format!("({})", places.join(", "))], count: 1 }
    }
}

impl Campaign {
    /// Measures the arms of all campaigns.
    fn measured(&self, shop: &ShopOn<'_>) -> Result<Measured> {
        let ground = &shop.ground;
        let study = self.study(shop)?;
        let accounting = self.accounting(shop)?;
        let arms = Arms::of(&study, ground.dialect);
        let rows = |name: &'static str| shop.rows(&self.followed(ground, name, &arms)?);
        let lists = shop.rows(&ground.statement("campaign_lists")?)?;
        let says_opted_out = lists.one::<u64>(names::CUSTOMER_COUNT)?.unwrap_or(0) > 0;
        let figures = figures(&study, says_opted_out, &rows("campaign_arms")?)?;
        let mut found = Found { study, figures, by: self.params.by, ..Found::default() };
        add_spends(&rows("campaign_spends")?, &mut found)?;
        Ok(Measured { campaigns: Campaigns::of(found, accounting), arms })
    }

    /// The campaigns and their arms, before their customers are followed.
    fn study(&self, shop: &ShopOn<'_>) -> Result<Study> {
        let (ground, scope) = (&shop.ground, shop.scope());
        let mut sent = sent_days(&shop.rows(&ground.statement("campaign_sends")?)?)?;
        let mut ids: Vec<&str> = sent.iter().filter_map(|of| of.campaign.as_deref()).collect();
        ids.sort_unstable();
        ids.dedup();
        self.check_named(ids)?;
        sent.retain(|of| of.day <= scope.as_of);
        Ok(Study::of(&sent, scope, &self.params))
    }

    /// Which rows were used and which were left out, for all files that the question reads here.
    fn accounting(&self, shop: &ShopOn<'_>) -> Result<Accounting> {
        let ground = &shop.ground;
        let mut tables = match self.lists_not_joined {
            true => shop.order_tables(false),
            false => vec![ORDERS.name, ORDER_ITEMS.name],
        };
        tables.extend([CUSTOMERS.name, SENDS.name]);
        let mut accounting = shop.accounting_of(&tables, &ground.all_time().left_out()?)?;
        let later = shop.rows(&ground.statement("customers_later")?)?.one::<u64>(names::ROW_COUNT)?;
        accounting.exclude(Rule::AfterAsOf, later.unwrap_or(0));
        accounting.check_balance()?;
        Ok(accounting)
    }

    /// A statement that follows all customers through the campaigns.
    fn followed(&self, ground: &Ground, name: &'static str, arms: &Arms) -> Result<Statement> {
        // The channel of a customer's first message. If several were sent at that moment it is the first channel by
        // name, and null if one of these has no channel.
        const CHANNEL: &str = ",
    CASE
      WHEN COUNT(CASE WHEN place = first_place AND channel IS NULL THEN 1 END) = 0
        THEN MIN(CASE WHEN place = first_place THEN channel END)
    END AS channel";
        let (channel, group) = match self.params.by {
            Some(By::Channel) => (CHANNEL, "subjects.channel".to_owned()),
            Some(By::Segment) => ("", segment_before(&self.params.segments, ground.dialect)),
            _ => ("", "''".to_owned()),
        };
        let values = Values::from([
            ("arms", arms.rows.join(",\n    ")),
            ("arm_places", MAX_ARMS.to_string()),
            ("treatment", TREATMENT.to_owned()),
            ("channel", channel.to_owned()),
            ("grouped_by", format!("\n    {group} AS group_name,")),
            ("days_before", DAYS_BEFORE.to_string()),
            ("refunded", Rule::Refunded.code().to_owned()),
            ("unpaid", Rule::Unpaid.code().to_owned()),
            ("closed_unpaid", Rule::ClosedUnpaid.code().to_owned()),
        ]);
        ground.all_time().statement_with(name, values)
    }
}

impl ListsOnEngine for Campaign {
    fn lists(&self) -> bool {
        self.lists_not_joined
    }

    fn list_on(&self, shop: &ShopOn<'_>) -> Result<Listing> {
        let Measured { campaigns, arms } = self.measured(shop)?;
        let list = self.followed(&shop.ground, "campaign_not_joined", &arms)?;
        let listing = Listing::of(written_as(&list, &not_joined_columns()), campaigns.accounting.clone());
        Ok(Listing { notes: self.notes(&campaigns), ..listing })
    }
}

/// An SQL expression for the segment on the day of the first message, by the orders before that day.
fn segment_before(params: &SegmentParams, dialect: Dialect) -> String {
    let [just_bought, active_new, active_loyal, lapsing_new, lapsing_loyal, lost] =
        SEGMENTS.map(|name| dialect.text(name));
    let either = |loyal: String, new: String| {
        format!("CASE WHEN outcomes.orders_before >= {} THEN {loyal} ELSE {new} END", params.loyal_orders)
    };
    format!(
        "CASE
      WHEN outcomes.last_ordered_before IS NULL THEN {}
      WHEN subjects.sent_on - outcomes.last_ordered_before <= {} THEN {just_bought}
      WHEN subjects.sent_on - outcomes.last_ordered_before <= {} THEN {}
      WHEN subjects.sent_on - outcomes.last_ordered_before <= {} THEN {}
      ELSE {lost}
    END",
        dialect.text(NO_ORDER),
        params.just_bought_days,
        params.active_days,
        either(active_loyal, active_new),
        params.lapsing_days,
        either(lapsing_loyal, lapsing_new),
    )
}
