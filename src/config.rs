//! `ecrm.toml`: the inputs and every threshold, so that a command needs no arguments. Flags beat it.

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

/// The name that is looked for.
pub const FILE_NAME: &str = "ecrm.toml";

/// The whole file. Every table and key is optional.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Files by table.
    pub inputs: Inputs,
    /// How they are read.
    pub read: Read,
    /// What makes several customer ids one person.
    pub identity: Identity,
    /// Further status words and what they mean.
    pub status: BTreeMap<String, String>,
    /// Which orders count.
    pub scope: Scope,
    /// Lifecycle thresholds.
    pub segment: Segment,
    /// RFM scoring.
    pub rfm: Rfm,
    /// Places.
    pub region: Region,
    /// The first page.
    pub overview: Overview,
    /// Interest customers.
    pub interest: Interest,
    /// Repurchases.
    pub repurchase: Repurchase,
    /// Forecasts.
    pub predict: Predict,
    /// Cohorts.
    pub cohort: Cohort,
    /// Classes of customers.
    pub value: Value,
    /// Products and pairs of them.
    pub products: Products,
    /// Portraits.
    pub profile: Profile,
    /// Lists to send a message to.
    pub audience: Audience,
    /// Campaigns by name.
    pub campaign: Vec<Campaign>,
    /// Whom no campaign reaches.
    pub holdout: Holdout,
    /// Sales by name.
    pub sale: Vec<Sale>,
    /// The tags that customers may have.
    pub tag: Vec<Tag>,
    /// What holds for all of them.
    pub tags: Tags,
    /// What customers are owed on which day.
    pub care: Care,
    /// How results are shown.
    pub output: Output,
    /// Where it was read from; names and folders in it are relative to that.
    #[serde(skip)]
    pub path: Option<PathBuf>,
    /// Whether nobody named it and it lies in a folder above the working directory.
    #[serde(skip)]
    pub is_from_above: bool,
}

/// `[read]`: as the flags of the same names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Read {
    /// Field names and the headers they are under.
    pub map: BTreeMap<String, String>,
    /// The platform's preset, or the file of one's own.
    pub preset: Option<String>,
    /// Whether files have no header line.
    pub no_header: Option<bool>,
    /// The sheet of workbooks.
    pub sheet: Option<String>,
    /// What tells customers apart.
    pub customer_key: Option<IdKind>,
    /// Which of day and month comes first.
    pub date_order: Option<DateOrder>,
    /// Which mark stands before decimals.
    pub decimal: Option<DecimalMark>,
    /// The shop's time zone.
    pub tz: Option<String>,
    /// The encoding's name.
    pub encoding: Option<String>,
    /// The delimiter.
    pub delimiter: Option<String>,
    /// The only currency to read.
    pub currency: Option<String>,
}

impl Read {
    /// Whether any of it is set, but for the zone, which says which day today is.
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

/// `[identity]`: what makes several customer ids one person.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// Which contacts do.
    pub mode: Option<IdentityMode>,
    /// Ids beyond which a contact joins none.
    pub max: Option<u32>,
    /// The file of what is decided by hand.
    pub file: Option<String>,
}

/// `[scope]`: which orders count.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// A day, or `today`.
    pub as_of: Option<String>,
    /// Whole days.
    pub window: Option<u32>,
    /// Whether orders at no price count.
    pub include_zero_orders: Option<bool>,
    /// Whether occasional purchases are left out.
    pub exclude_occasional: Option<bool>,
}

/// `[segment]`: lifecycle thresholds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Segment {
    /// Days.
    pub just_bought_days: Option<u32>,
    /// Days.
    pub active_days: Option<u32>,
    /// Days.
    pub lapsing_days: Option<u32>,
    /// Orders.
    pub loyal_orders: Option<u32>,
    /// An amount, or `mean`.
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
    /// One's own groups.
    pub group: Vec<GroupRule>,
}

/// `[region]`: places.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Region {
    /// How finely places are told apart.
    pub level: Option<Level>,
}

/// `[overview]`: the first page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overview {
    /// Days.
    pub interest_days: Option<u32>,
    /// Days.
    pub converted_days: Option<u32>,
    /// Days.
    pub dormant_days: Option<u32>,
    /// Days.
    pub window: Option<u32>,
}

/// `[interest]`: interest customers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Interest {
    /// Days of each period.
    pub days: Option<Vec<u32>>,
    /// Days.
    pub discount_days: Option<u32>,
    /// Days.
    pub conversion_days: Option<u32>,
    /// Sources to leave out.
    pub exclude_source: Vec<String>,
}

/// `[repurchase]`: repurchases.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Repurchase {
    /// Part of the silent customers.
    pub return_chance: Option<String>,
    /// Days.
    pub return_days: Option<u32>,
    /// 50 to 99.
    pub churn_percentile: Option<u64>,
    /// Days.
    pub churn_days: Option<u32>,
    /// Days.
    pub due_days: Option<u32>,
    /// Gaps.
    pub weight: Option<u32>,
}

/// `[predict]`: forecasts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Predict {
    /// Days.
    pub horizon: Option<u32>,
    /// How customers are taken to buy and to stop.
    pub model: Option<ModelName>,
}

/// `[cohort]`: cohorts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cohort {
    /// The calendar period, or what the first order was.
    pub by: Option<cohort::By>,
}

/// `[value]`: classes of customers. Shares are written as texts, such as `"0.8"`, which are exact.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Value {
    /// A share.
    pub core: Option<String>,
    /// A share.
    pub potential: Option<String>,
    /// A share.
    pub deep_discount: Option<String>,
}

/// `[products]`: products and pairs of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Products {
    /// Orders.
    pub min_count: Option<u64>,
}

/// `[profile]`: portraits.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Ascending amounts, as texts.
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
    /// Reads `path`, or else the nearest [`FILE_NAME`] from `folder` upward, or else nothing.
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
        // As editors on Windows begin it.
        let mut config = Self::parse(text.strip_prefix('\u{feff}').unwrap_or(&text), &name)?;
        config.path = Some(path.to_owned());
        Ok(config)
    }

    /// Reads the text of a file of this name.
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

    /// An error about values that go together, none of which a flag gave: they are this file's.
    pub fn blame(&self, error: Error) -> Error {
        match error.parts() {
            Ok((message, hint)) => Error::config(self.name(), message, hint),
            Err(other) => other,
        }
    }

    /// The file with its whole path, where there is one.
    pub fn full_path(&self) -> Option<String> {
        let path = self.path.as_deref()?;
        Some(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string())
    }

    /// The campaign of this id, where there is one.
    pub fn campaign_named(&self, id: &str) -> Option<&Campaign> {
        self.campaign.iter().find(|campaign| campaign.id == id)
    }

    /// The campaign of this id, or the one of which it is a step.
    pub fn campaign_of(&self, id: &str) -> Option<&Campaign> {
        self.campaign_named(id).or_else(|| self.campaign_named(words::whole_campaign(id)?))
    }

    /// An error about the condition of a campaign that shows only once files are read.
    pub fn blame_campaign(&self, campaign: &Campaign, error: Error) -> Error {
        let key = format!("where (id = {})", toml::Value::from(campaign.id.as_str()));
        self.blame_value("[campaign]", &key, campaign.condition.as_deref().unwrap_or_default(), error)
    }

    /// An error about a value, with its section and key.
    pub fn blame_value(&self, section: &str, key: &str, value: &str, error: Error) -> Error {
        match error.parts() {
            Ok(why) => rules::wrong(&self.name(), section, key, &toml::Value::from(value), why),
            Err(other) => other,
        }
    }

    /// The folder of the store, where one is named.
    pub fn store(&self) -> Option<PathBuf> {
        let name = self.inputs.store.as_ref()?;
        Some(self.resolved(std::slice::from_ref(name)).swap_remove(0).into())
    }

    /// The name of the file for messages.
    pub fn name(&self) -> String {
        self.path.as_ref().map_or_else(|| FILE_NAME.to_owned(), |path| path.display().to_string())
    }

    /// Input names relative to the file's folder.
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
