//! The file `ecrm.toml`: the inputs and every threshold, so that a command needs no arguments. Flags override it.

pub mod campaigns;
pub mod care;
mod inputs;
pub mod rules;
mod sales;
mod tags;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::locale::{Lang, toml_fault};
use crate::metrics::cohort;
use crate::metrics::group_map::GroupRule;
use crate::metrics::predict::ModelName;
use crate::metrics::region::Level;
use crate::parse::value::date::DateOrder;
use crate::parse::value::money::DecimalMark;
use crate::parse::{IdKind, IdentityMode};
use crate::present::Format;
use crate::schema::words;

pub use campaigns::{Audience, Campaign, Holdout};
pub use care::Care;
pub use inputs::Inputs;
pub use sales::Sale;
pub use tags::{Match, Tag, Tags};

/// The file name that is looked for.
pub const FILE_NAME: &str = "ecrm.toml";

/// The whole file. Every table and key is optional.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The input files by table.
    pub inputs: Inputs,
    /// How input files are read.
    pub read: Read,
    /// How customer ids are found that belong to one person.
    pub identity: Identity,
    /// The shop's own status words, and what each means.
    pub status: BTreeMap<String, String>,
    /// Which orders count.
    pub scope: Scope,
    /// Thresholds of lifecycle segments.
    pub segment: Segment,
    /// RFM scoring.
    pub rfm: Rfm,
    /// How places are distinguished.
    pub region: Region,
    /// Periods of the overview.
    pub overview: Overview,
    /// Periods of interested customers.
    pub interest: Interest,
    /// Repurchases.
    pub repurchase: Repurchase,
    /// Forecasts.
    pub predict: Predict,
    /// Cohorts.
    pub cohort: Cohort,
    /// Limits of customer classes.
    pub value: Value,
    /// Products and pairs of them.
    pub products: Products,
    /// Portraits.
    pub profile: Profile,
    /// Lists to send a message to.
    pub audience: Audience,
    /// Campaigns by name.
    pub campaign: Vec<Campaign>,
    /// The standing holdout, whom no campaign reaches.
    pub holdout: Holdout,
    /// Sales by name.
    pub sale: Vec<Sale>,
    /// The tags that customers may have.
    pub tag: Vec<Tag>,
    /// Settings for all tags.
    pub tags: Tags,
    /// Messages and gifts that customers are owed, and when.
    pub care: Care,
    /// How results are shown.
    pub output: Output,
    /// The path that the file was read from. File and folder names in the file are relative to its folder.
    #[serde(skip)]
    pub path: Option<PathBuf>,
    /// Whether the user did not name the file and it was found in a folder above the working directory.
    #[serde(skip)]
    pub is_from_above: bool,
}

/// `[read]`: settings for reading files, as the flags of the same names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Read {
    /// For each field the header of the column to read it from.
    pub map: BTreeMap<String, String>,
    /// The name of a platform's preset, or the path of a preset file.
    pub preset: Option<String>,
    /// Whether files have no header line.
    pub no_header: Option<bool>,
    /// The sheet to read from a workbook.
    pub sheet: Option<String>,
    /// What kind of id the customer key is.
    pub customer_key: Option<IdKind>,
    /// Whether the day or the month comes first in dates.
    pub date_order: Option<DateOrder>,
    /// The mark before decimals.
    pub decimal: Option<DecimalMark>,
    /// The shop's time zone.
    pub tz: Option<String>,
    /// The name of the encoding.
    pub encoding: Option<String>,
    /// The delimiter between cells.
    pub delimiter: Option<String>,
    /// The currency of the orders to read; others are left out.
    pub currency: Option<String>,
}

impl Read {
    /// Whether any setting except the time zone is made. The time zone also decides which day is today.
    pub fn says_anything(&self) -> bool {
        let Self {
            map,
            preset,
            no_header,
            sheet,
            customer_key,
            date_order,
            decimal,
            tz: _,
            encoding,
            delimiter,
            currency,
        } = self;
        let texts = [preset, sheet, encoding, delimiter, currency];
        !map.is_empty()
            || texts.into_iter().any(Option::is_some)
            || no_header.is_some()
            || customer_key.is_some()
            || date_order.is_some()
            || decimal.is_some()
    }
}

/// `[identity]`: how customer ids are found that belong to one person.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// Which contacts join ids.
    pub mode: Option<IdentityMode>,
    /// The most ids that one contact may join; a contact of more joins none.
    pub max: Option<u32>,
    /// The file of decisions made by hand.
    pub file: Option<String>,
}

/// `[scope]`: which orders count.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// The as-of day, or `today`.
    pub as_of: Option<String>,
    /// The length of the window in whole days.
    pub window: Option<u32>,
    /// Whether orders with a price of 0 count.
    pub include_zero_orders: Option<bool>,
    /// Whether occasional purchases are left out.
    pub exclude_occasional: Option<bool>,
}

/// `[segment]`: lifecycle thresholds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Segment {
    /// The most days since the last order in the stage `just_bought`.
    pub just_bought_days: Option<u32>,
    /// The most days since the last order in the stage `active`.
    pub active_days: Option<u32>,
    /// The most days since the last order in the stage `lapsing`; later a buyer is lost.
    pub lapsing_days: Option<u32>,
    /// The number of orders from which a buyer is loyal.
    pub loyal_orders: Option<u32>,
    /// The net amount from which a buyer has high value, or `mean`.
    pub high_value: Option<String>,
}

/// `[rfm]`: scoring and groups.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rfm {
    /// `quantile`, `ntile` or `fixed`.
    pub method: Option<String>,
    /// 3 to 10.
    pub bins: Option<u8>,
    /// `standard`, `eight` or `custom`.
    pub groups: Option<String>,
    /// Fixed cut points of the recency.
    pub r_cuts: Option<Vec<String>>,
    /// Fixed cut points of the order count.
    pub f_cuts: Option<Vec<String>>,
    /// Fixed cut points of the net amount.
    pub m_cuts: Option<Vec<String>>,
    /// The shop's own groups.
    pub group: Vec<GroupRule>,
}

/// `[region]`: how places are distinguished.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Region {
    /// How finely places are distinguished.
    pub level: Option<Level>,
}

/// `[overview]`: periods of the overview.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overview {
    /// The period of interested customers in days.
    pub interest_days: Option<u32>,
    /// The period of converted customers in days.
    pub converted_days: Option<u32>,
    /// Days without any activity after which a buyer is dormant.
    pub dormant_days: Option<u32>,
    /// The window of the figures about buyers, orders and amounts, in days.
    pub window: Option<u32>,
}

/// `[interest]`: periods of interested customers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Interest {
    /// The lengths of the periods in days.
    pub days: Option<Vec<u32>>,
    /// Days after which an interest is too old for a discount to help.
    pub discount_days: Option<u32>,
    /// Days since the first interest within which a purchase counts as its conversion.
    pub conversion_days: Option<u32>,
    /// Sources to leave out.
    pub exclude_source: Vec<String>,
}

/// `[repurchase]`: churn and the next expected order.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Repurchase {
    /// The share of silent customers who still return at the churn line.
    pub return_chance: Option<String>,
    /// The days within which they return.
    pub return_days: Option<u32>,
    /// The percentile of gaps that is the churn line, 50 to 99.
    pub churn_percentile: Option<u64>,
    /// The churn line in days.
    pub churn_days: Option<u32>,
    /// Days before and after the expected day in which a customer is due.
    pub due_days: Option<u32>,
    /// The number of own gaps that the usual gap weighs as much as.
    pub weight: Option<u32>,
}

/// `[predict]`: forecasts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Predict {
    /// The days of the forecast.
    pub horizon: Option<u32>,
    /// The model of how customers buy and stop buying.
    pub model: Option<ModelName>,
}

/// `[cohort]`: cohorts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cohort {
    /// The calendar period, or the property of the first order, that cohorts are formed by.
    pub by: Option<cohort::By>,
}

/// `[value]`: limits of customer classes. Shares are texts such as `"0.8"`, so that they are exact.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Value {
    /// The share of the net amount that core customers bring.
    pub core: Option<String>,
    /// The share that core and potential customers bring together.
    pub potential: Option<String>,
    /// The least discount of a deeply discounted order, as a share of its price before discounts.
    pub deep_discount: Option<String>,
}

/// `[products]`: products and pairs of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Products {
    /// The least number of orders that contain a pair.
    pub min_count: Option<u64>,
}

/// `[profile]`: portraits.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// The limits of price bands: ascending amounts, as texts.
    pub price_bands: Option<Vec<String>>,
}

/// `[output]`: how results are shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Output {
    /// The language.
    pub lang: Option<Lang>,
    /// The format.
    pub format: Option<Format>,
    /// Whether personal data are shown in full.
    pub show_pii: Option<bool>,
}

impl Config {
    /// Reads the file at `path`, or else the nearest [`FILE_NAME`] in `folder` or above it. Without any file, every
    /// setting has its default.
    pub fn find(path: Option<&Path>, folder: &Path) -> Result<Self> {
        if let Some(path) = path {
            return Self::read(path);
        }
        let here = folder.join(FILE_NAME);
        let nearest = folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file());
        match nearest {
            Some(path) => Ok(Self { is_from_above: path != here, ..Self::read(&path)? }),
            None => Ok(Self::default()),
        }
    }

    fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
        let name = path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|_| Error::config_of(&name, "config_encoding", &[]))?;
        // Editors on Windows put a byte order mark at the beginning.
        let mut config = Self::parse(text.strip_prefix('\u{feff}').unwrap_or(&text), &name)?;
        config.path = Some(path.to_owned());
        Ok(config)
    }

    /// Parses the text of a file. `file` is its name for messages.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let refused = |error: toml::de::Error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            let written = text.lines().nth(line - 1).unwrap_or_default().trim();
            let values = [
                ("line", line.to_string()),
                ("text", written.to_owned()),
                ("message", toml_fault(error.message()).to_string()),
            ];
            Error::config_of(file, "config_line", &values)
        };
        rules::check(&text.parse().map_err(refused)?, file)?;
        let config = Self { path: Some(file.into()), ..toml::from_str(text).map_err(refused)? };
        config.check_tags()?;
        Ok(Self { path: None, ..config })
    }

    /// Turns an error about values that belong together into one about this file, because no flag set any of them.
    pub fn blame(&self, error: Error) -> Error {
        match error.parts() {
            Ok((message, hint)) => Error::config(self.name(), message, hint),
            Err(other) => other,
        }
    }

    /// The absolute path of the file, if there is one.
    pub fn full_path(&self) -> Option<String> {
        let path = self.path.as_deref()?;
        Some(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string())
    }

    /// The campaign with this id, if there is one.
    pub fn campaign_named(&self, id: &str) -> Option<&Campaign> {
        self.campaign.iter().find(|campaign| campaign.id == id)
    }

    /// The campaign with this id, or the campaign that this id is a step of.
    pub fn campaign_of(&self, id: &str) -> Option<&Campaign> {
        self.campaign_named(id).or_else(|| self.campaign_named(words::whole_campaign(id)?))
    }

    /// Turns an error in a campaign's condition that shows only once files are read into one about this file.
    pub fn blame_campaign(&self, campaign: &Campaign, error: Error) -> Error {
        let key = format!("where (id = {})", toml::Value::from(campaign.id.as_str()));
        self.blame_value("[campaign]", &key, campaign.condition.as_deref().unwrap_or_default(), error)
    }

    /// Turns an error about a value into one that names this file, the section and the key.
    pub fn blame_value(&self, section: &str, key: &str, value: &str, error: Error) -> Error {
        match error.parts() {
            Ok(why) => rules::wrong(&self.name(), section, key, &toml::Value::from(value), why),
            Err(other) => other,
        }
    }

    /// The folder of the store, if the file names one.
    pub fn store(&self) -> Option<PathBuf> {
        let name = self.inputs.store.as_ref()?;
        Some(self.resolved(std::slice::from_ref(name)).swap_remove(0).into())
    }

    /// The file's name for messages.
    pub fn name(&self) -> String {
        self.path.as_ref().map_or_else(|| FILE_NAME.to_owned(), |path| path.display().to_string())
    }

    /// Resolves names of inputs relative to the file's folder.
    pub fn resolved(&self, names: &[String]) -> Vec<String> {
        let folder =
            self.path.as_deref().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
        let join = |name: &String| match folder {
            Some(folder) if name != "-" => folder.join(name).display().to_string(),
            _ => name.clone(),
        };
        names.iter().map(join).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_named_with_its_line() {
        let error = Config::parse("[segment]\nactive_day = 9\n", "ecrm.toml").unwrap_err().to_string();
        assert!(error.contains("line 2 (active_day = 9)"), "{error}");
    }

    #[test]
    fn a_status_word_must_mean_a_status() {
        let error = Config::parse("[status]\n\"已付\" = \"payed\"\n", "ecrm.toml").unwrap_err().to_string();
        assert!(error.contains(r#"[status] "已付" cannot be "payed""#), "{error}");
        assert!(Config::parse("[status]\n\"已付\" = \"paid\"\n", "ecrm.toml").is_ok());
    }

    #[test]
    fn numbers_out_of_range_are_named() {
        let error = Config::parse("[products]\nmin_count = 0\n", "ecrm.toml").unwrap_err().to_string();
        assert!(error.contains("[products] min_count cannot be 0"), "{error}");
        let error = Config::parse("[interest]\ndays = [7, 0]\n", "ecrm.toml").unwrap_err().to_string();
        assert!(error.contains("[interest] days cannot be 0"), "{error}");
        assert!(Config::parse("[repurchase]\nchurn_percentile = 99\n", "ecrm.toml").is_ok());
    }

    #[test]
    fn inputs_are_relative_to_the_file() {
        let config = Config { path: Some("shop/ecrm.toml".into()), ..Config::default() };
        assert_eq!(
            config.resolved(&["a.csv".into(), "/b.csv".into(), "-".into()]),
            ["shop/a.csv", "/b.csv", "-"]
        );
    }
}
