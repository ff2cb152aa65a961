//! `ecrm.toml`: the inputs and every threshold, so that a command needs no arguments. Flags beat it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::ingest::IdKind;
use crate::ingest::preset::StatusWord;
use crate::ingest::value::date::DateOrder;
use crate::locale::Lang;
use crate::metrics::calendar::Period;
use crate::metrics::group_map::GroupRule;
use crate::metrics::region::Level;
use crate::present::Format;
use crate::schema::Table;

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
    /// Cohorts.
    pub cohort: Cohort,
    /// Classes of customers.
    pub value: Value,
    /// Products and pairs of them.
    pub products: Products,
    /// Portraits.
    pub profile: Profile,
    /// How results are shown.
    pub output: Output,
    /// Where it was read from; names and folders in it are relative to that.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

/// `[inputs]`: names or patterns.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inputs {
    /// A store, read before the files.
    pub store: Option<String>,
    /// Order exports.
    pub orders: Vec<String>,
    /// Item exports.
    pub items: Vec<String>,
    /// Customer exports.
    pub customers: Vec<String>,
    /// Behaviour events.
    pub events: Vec<String>,
    /// Message sends.
    pub sends: Vec<String>,
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
    /// The file of aliases.
    pub merge: Option<String>,
    /// What makes several accounts one customer.
    pub merge_by: Option<MergeBy>,
    /// Which of day and month comes first.
    pub date_order: Option<DateOrder>,
    /// The shop's time zone.
    pub tz: Option<String>,
    /// The encoding's name.
    pub encoding: Option<String>,
    /// The delimiter.
    pub delimiter: Option<String>,
    /// The only currency to read.
    pub currency: Option<String>,
}

/// What makes several accounts one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum MergeBy {
    /// The same phone.
    Phone,
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
    pub active_days: Option<u32>,
    /// Days.
    pub sales_days: Option<u32>,
}

/// `[interest]`: interest customers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Interest {
    /// Days of each period.
    pub days: Option<Vec<u32>>,
    /// Days.
    pub discount_days: Option<u32>,
    /// Sources to leave out.
    pub exclude_source: Vec<String>,
}

/// `[repurchase]`: repurchases.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Repurchase {
    /// 50 to 99.
    pub churn_percentile: Option<u64>,
    /// Days.
    pub churn_days: Option<u32>,
    /// Days.
    pub due_days: Option<u32>,
    /// Gaps.
    pub weight: Option<u32>,
}

/// `[cohort]`: cohorts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cohort {
    /// The calendar period.
    pub by: Option<Period>,
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

impl Inputs {
    /// The names of one table's files.
    pub fn of(&self, table: Table) -> &[String] {
        match table {
            Table::Orders => &self.orders,
            Table::OrderItems => &self.items,
            Table::Customers => &self.customers,
            Table::Events => &self.events,
            Table::Sends => &self.sends,
            Table::Aliases | Table::None => &[],
        }
    }
}

impl Config {
    /// Reads `path`, or else the nearest [`FILE_NAME`] from `folder` upward, or else nothing.
    pub fn find(path: Option<&Path>, folder: &Path) -> Result<Self> {
        match path {
            Some(path) => Self::read(path),
            None => match folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
            {
                Some(path) => Self::read(&path),
                None => Ok(Self::default()),
            },
        }
    }

    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
        let mut config = Self::parse(&text, &path.display().to_string())?;
        config.path = Some(path.to_owned());
        Ok(config)
    }

    /// Reads the text of a file of this name.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            Error::config(
                file,
                format!("line {line}: {}", error.message()),
                "ecrm init shows every table and key",
            )
        })?;
        config.check_ranges(file)?;
        if let Some((word, name)) = config.status.iter().find(|(_, name)| StatusWord::named(name).is_none()) {
            return Err(Error::config(
                file,
                format!("[status] {word:?} cannot mean {name:?}"),
                "use pending, closed_unpaid, cancelled, refunded, paid, shipped, completed or closed",
            ));
        }
        Ok(config)
    }

    /// Checks the numbers that flags of the same meaning check by themselves.
    fn check_ranges(&self, file: &str) -> Result<()> {
        const DAYS: RangeInclusive<u64> = 1..=100_000;
        let days = |days: Option<u32>| days.map(u64::from);
        let (overview, interest, repurchase) = (&self.overview, &self.interest, &self.repurchase);
        let mut given = vec![
            ("[overview] interest_days", days(overview.interest_days), DAYS),
            ("[overview] converted_days", days(overview.converted_days), DAYS),
            ("[overview] active_days", days(overview.active_days), DAYS),
            ("[overview] sales_days", days(overview.sales_days), DAYS),
            ("[repurchase] churn_percentile", repurchase.churn_percentile, 50..=99),
            ("[products] min_count", self.products.min_count, 1..=u64::MAX),
        ];
        given.extend(interest.days.iter().flatten().map(|own| ("[interest] days", days(Some(*own)), DAYS)));
        let wrong = given.into_iter().find_map(|(key, value, range)| {
            let value = value.filter(|value| !range.contains(value))?;
            Some((key, value, range))
        });
        let Some((key, value, range)) = wrong else { return Ok(()) };
        let hint = match *range.end() {
            u64::MAX => format!("write a number from {}", range.start()),
            end => format!("write a number from {} to {end}", range.start()),
        };
        Err(Error::config(file, format!("{key} cannot be {value}"), hint))
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
        assert!(error.contains("line 2") && error.contains("active_day"), "{error}");
    }

    #[test]
    fn a_status_word_must_mean_a_status() {
        let error = Config::parse("[status]\n\"已付\" = \"payed\"\n", "ecrm.toml").unwrap_err().to_string();
        assert!(error.contains("payed"), "{error}");
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
