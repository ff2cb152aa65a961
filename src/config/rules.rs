//! The values that flags and keys of `ecrm.toml` may have: one rule for both.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use chrono_tz::Tz;
use toml::Value;

use super::{campaigns, care, sales};
use crate::error::{Error, Result, said};
use crate::locale::Words;
use crate::metrics::rfm;
use crate::metrics::value::WHOLE;
use crate::parse::encoding::{self, CellEncoding};
use crate::parse::preset::{Preset, StatusWord};
use crate::schema::money::{Micros, UNIT, parse_plain};
use crate::schema::{Day, nearest};

/// The range of a whole number, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    pub(super) least: u32,
    pub(super) most: u32,
}

impl Whole {
    /// As the range of a flag of up to 32 bits.
    pub const fn signed(self) -> RangeInclusive<i64> {
        self.least as i64..=self.most as i64
    }

    /// As the range of a flag of 64 bits.
    pub const fn unsigned(self) -> RangeInclusive<u64> {
        self.least as u64..=self.most as u64
    }

    /// What is wrong with a number outside of the range, and what would be right.
    pub(super) fn said(self) -> (Words, Words) {
        said("whole_number", &[("least", self.least.to_string()), ("most", self.most.to_string())])
    }
}

/// The days of a window or a period.
pub const DAYS: Whole = Whole { least: 1, most: 100_000 };
/// Days since something, including the day itself.
pub const DAYS_SINCE: Whole = Whole { least: 0, most: 100_000 };
/// Number of orders from which a customer is loyal.
pub const LOYAL_ORDERS: Whole = Whole { least: 1, most: 1_000_000 };
/// Number of scores.
pub const BINS: Whole = Whole { least: *rfm::BINS.start() as u32, most: *rfm::BINS.end() as u32 };
/// The percentile of gaps that is the churn line.
pub const CHURN_PERCENTILE: Whole = Whole { least: 50, most: 99 };
/// Number of own gaps that the usual gap weighs as much as.
pub const WEIGHT: Whole = Whole { least: 0, most: 1_000 };
/// The days of a forecast: ten years.
pub const HORIZON: Whole = Whole { least: 1, most: 3_650 };
/// Number of orders that contain a pair of products.
pub const MIN_COUNT: Whole = Whole { least: 1, most: 1_000_000_000 };

/// Number of customer ids that may have the same contact.
pub const IDENTITY_MAX: Whole = Whole { least: 2, most: 1_000 };

/// Number of tags that a shop may have.
pub const MAX_TAGS: Whole = Whole { least: 1, most: 10_000 };

/// Keys whose values (or entries of a list) are whole numbers.
const NUMBERS: [(&str, &str, Whole); 22] = [
    ("identity", "max", IDENTITY_MAX),
    ("scope", "window", DAYS),
    ("segment", "just_bought_days", DAYS_SINCE),
    ("segment", "active_days", DAYS_SINCE),
    ("segment", "lapsing_days", DAYS_SINCE),
    ("segment", "loyal_orders", LOYAL_ORDERS),
    ("rfm", "bins", BINS),
    ("overview", "interest_days", DAYS),
    ("overview", "converted_days", DAYS),
    ("overview", "dormant_days", DAYS),
    ("overview", "window", DAYS),
    ("interest", "days", DAYS),
    ("interest", "discount_days", DAYS_SINCE),
    ("interest", "conversion_days", DAYS),
    ("repurchase", "return_days", DAYS),
    ("repurchase", "churn_percentile", CHURN_PERCENTILE),
    ("repurchase", "churn_days", DAYS),
    ("repurchase", "due_days", DAYS_SINCE),
    ("repurchase", "weight", WEIGHT),
    ("predict", "horizon", HORIZON),
    ("products", "min_count", MIN_COUNT),
    ("tags", "max", MAX_TAGS),
];

/// Checks a text; the error says what would be right.
type Rule = fn(&str) -> Result<()>;

/// Keys whose values (or entries of a list) are texts of a certain form.
const TEXTS: [(&str, &str, Rule); 13] = [
    ("read", "tz", |text| zone(text).map(drop)),
    ("read", "encoding", |text| encoding(text).map(drop)),
    ("read", "delimiter", |text| delimiter(text).map(drop)),
    ("read", "preset", preset),
    ("scope", "as_of", |text| if text == "today" { Ok(()) } else { day(text).map(drop) }),
    ("segment", "high_value", |text| high_value(text).map(drop)),
    ("rfm", "r_cuts", |text| amount(text).map(drop)),
    ("rfm", "f_cuts", |text| amount(text).map(drop)),
    ("rfm", "m_cuts", |text| amount(text).map(drop)),
    ("repurchase", "return_chance", |text| share(text).map(drop)),
    ("value", "core", |text| share(text).map(drop)),
    ("value", "potential", |text| share(text).map(drop)),
    ("value", "deep_discount", |text| share(text).map(drop)),
];

/// Checks every value of a configuration for which there is a rule. Types and names are checked when the values are
/// read.
///
/// # Errors
/// The first wrong value, with its file and key and what would be right.
pub(super) fn check(table: &toml::Table, file: &str) -> Result<()> {
    campaigns::check(table, file)?;
    care::check(table, file)?;
    sales::check(table, file)?;
    let values = |section: &str, key: &str| -> Vec<Value> {
        match table.get(section).and_then(|section| section.get(key)) {
            Some(Value::Array(list)) => list.clone(),
            one => one.cloned().into_iter().collect(),
        }
    };
    for (section, key, range) in NUMBERS {
        for value in values(section, key) {
            let number = value.as_integer().filter(|number| range.signed().contains(number));
            if number.is_none() {
                return Err(wrong(file, section, key, &value, range.said()));
            }
        }
    }
    let text = |section: &str, key: &str, value: &Value| match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(wrong(file, section, key, value, said("quotes", &[("seen", value.to_string())]))),
    };
    let judged = |section: &str, key: &str, value: &Value, result: Result<()>| {
        result.map_err(|error| match error.parts() {
            Ok(why) => wrong(file, section, key, value, why),
            Err(other) => other,
        })
    };
    for (section, key, rule) in TEXTS {
        for value in values(section, key) {
            judged(section, key, &value, rule(&text(section, key, &value)?))?;
        }
    }
    let (section, key) = ("profile", "price_bands");
    let bands = values(section, key);
    if !bands.is_empty() {
        let texts: Vec<String> = bands.iter().map(|band| text(section, key, band)).collect::<Result<_>>()?;
        judged(section, key, &Value::Array(bands), price_bands(&texts).map(drop))?;
    }
    let statuses = table.get("status").and_then(Value::as_table).into_iter().flatten();
    for (word, meaning) in statuses {
        if meaning.as_str().is_some_and(|name| StatusWord::named(name).is_none()) {
            return Err(wrong(
                file,
                "status",
                &Value::from(word.as_str()).to_string(),
                meaning,
                said("meaning", &[]),
            ));
        }
    }
    super::tags::check(table, file)
}

/// The error for a wrong value; `why` is what is wrong and what would be right.
pub(super) fn wrong(file: &str, section: &str, key: &str, value: &Value, why: (Words, Words)) -> Error {
    let (why, hint) = why;
    let named = [
        ("section", section.to_owned()),
        ("key", key.to_owned()),
        ("seen", value.to_string()),
        ("why", why.to_string()),
    ];
    Error::config(file, Words::of("error", "config_value", &named), hint)
}

/// The error of a rule for a text.
fn refusal(key: &str, text: &str) -> Error {
    Error::usage_of(key, &[("seen", format!("{text:?}"))])
}

/// A time zone by its name.
pub fn zone(name: &str) -> Result<Tz> {
    name.parse::<Tz>().map_err(|_| {
        let near = nearest(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
        let Some(near) = near else { return refusal("zone", name) };
        let values = [("seen", format!("{name:?}")), ("near", near.to_owned())];
        Error::usage(said("zone", &values).0, Words::of("error", "did_you_mean", &values))
    })
}

/// An encoding by its name.
pub fn encoding(name: &str) -> Result<CellEncoding> {
    encoding::named(name).ok_or_else(|| refusal("encoding", name))
}

/// The delimiter between cells.
pub fn delimiter(text: &str) -> Result<u8> {
    match text.as_bytes() {
        _ if text == "tab" || text == "\\t" => Ok(b'\t'),
        [byte @ (b',' | b';' | b'|' | b'\t' | b':' | b' ')] => Ok(*byte),
        _ => Err(refusal("delimiter", text)),
    }
}

/// Checks the name of a preset; a preset file of one's own is checked when it is read.
fn preset(name: &str) -> Result<()> {
    if name.ends_with(".toml") { Ok(()) } else { Preset::named(name).map(drop) }
}

/// A calendar day within the range of days that ecrm reads.
pub fn day(text: &str) -> Result<Day> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| refusal("day", text))?;
    let day = Day::from(day);
    if (Day::EPOCH..=Day::LAST).contains(&day) { Ok(day) } else { Err(refusal("year", text)) }
}

/// A plain decimal number.
pub fn amount(text: &str) -> Result<Micros> {
    parse_plain(text).ok_or_else(|| refusal("amount", text))
}

/// An amount; `None` for `mean`.
pub fn high_value(text: &str) -> Result<Option<Micros>> {
    if text == "mean" { Ok(None) } else { amount(text).map(Some) }
}

/// A share, written as 0.8 or 80%, in units of [`WHOLE`].
pub fn share(text: &str) -> Result<u32> {
    let unit = UNIT / i64::from(WHOLE);
    let micros = match text.strip_suffix('%') {
        Some(percent) => {
            let micros = parse_plain(percent.trim_end()).map(Micros::number);
            micros.filter(|micros| micros % 100 == 0).map(|micros| micros / 100)
        }
        None => parse_plain(text).map(Micros::number),
    };
    let share = micros.filter(|micros| (0..=UNIT).contains(micros) && micros % unit == 0);
    share.map(|micros| (micros / unit) as u32).ok_or_else(|| refusal("share", text))
}

/// The limits of price bands, which must be above 0 and ascending.
pub fn price_bands(texts: &[String]) -> Result<Vec<Micros>> {
    let limits: Option<Vec<Micros>> = texts.iter().map(|text| parse_plain(text)).collect();
    limits
        .filter(|limits| limits.iter().all(|limit| limit.is_positive()) && limits.is_sorted_by(|a, b| a < b))
        .ok_or_else(|| refusal("price_bands", &texts.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let error = crate::config::Config::parse(text, "ecrm.toml").expect_err(text);
        format!("{error}; {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn every_number_keeps_to_its_range() {
        for (section, key, range) in NUMBERS {
            let list = |number: i64| match key {
                "days" => format!("[{section}]\n{key} = [7, {number}]\n"),
                _ => format!("[{section}]\n{key} = {number}\n"),
            };
            let ends = range.signed();
            for number in [ends.start() - 1, ends.end() + 1, 4_294_967_295, 4_294_967_296, i64::MIN, i64::MAX]
            {
                let error = refused(&list(number));
                let right = format!("from {} to {}", ends.start(), ends.end());
                let named = format!("ecrm.toml: [{section}] {key} cannot be {number}");
                assert!(error.starts_with(&named) && error.contains(&right), "{error}");
            }
            for number in [*ends.start(), *ends.end()] {
                let text = list(number);
                assert!(crate::config::Config::parse(&text, "ecrm.toml").is_ok(), "{text}");
            }
        }
    }

    #[test]
    fn every_text_is_read_as_its_flag_is() {
        for (section, key, _) in TEXTS {
            let right = |text: &str| match key {
                "r_cuts" | "f_cuts" | "m_cuts" => format!("[{section}]\n{key} = [\"{text}\"]\n"),
                _ => format!("[{section}]\n{key} = \"{text}\"\n"),
            };
            let error = refused(&right("1.2.3"));
            assert!(
                error.starts_with(&format!("ecrm.toml: [{section}] {key} cannot be \"1.2.3\": ")),
                "{error}"
            );
            let error = refused(&format!("[{section}]\n{key} = 0.8\n"));
            assert!(
                error.contains(&format!("[{section}] {key} cannot be 0.8")) && error.contains("\"0.8\""),
                "{error}"
            );
        }
    }

    #[test]
    fn shares_are_parts_or_percents() {
        for (text, right) in [
            ("0.8", 8_000),
            ("80%", 8_000),
            ("12.5 %", 1_250),
            ("0.01%", 1),
            ("100%", 10_000),
            ("0%", 0),
            ("1", 10_000),
        ] {
            assert_eq!(share(text).ok(), Some(right), "{text}");
        }
        // 80 could mean a percentage, so it is refused. Half of a hundredth of a percent is too fine.
        for text in ["80", "100.01%", "-1%", "%", "0.005%", "0.00005", "0.8%%", "x%"] {
            assert!(share(text).is_err(), "{text}");
        }
    }

    #[test]
    fn years_are_those_of_shops() {
        for text in ["1969-12-31", "0001-01-01", "+10000-01-01", "yesterday", "2026-02-30", "26-02-03x"] {
            assert!(day(text).is_err(), "{text}");
        }
        assert_eq!(day("1970-01-01").ok(), Some(Day::EPOCH));
        assert!(day("2199-12-31").is_ok() && day("2200-01-01").is_err());
    }
}
