//! `[[campaign]]` and `[holdout]`: settings of campaigns by name, so that `--campaign june` is enough, and the
//! customers whom no campaign reaches.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use toml::{Table, Value};

use super::rules::{DAYS, DAYS_SINCE, Whole, amount, day, share, wrong};
use crate::customers::Where;
use crate::error::{Error, Result, said};
use crate::locale::Words;
use crate::metrics::holdout::GLOBAL;
use crate::schema::{Day, Micros, words};
use crate::text::{is_null, neutral};

/// The longest id of a campaign, in characters.
const MAX_ID_CHARS: usize = 100;

/// Default number of days within which nobody gets a second message.
pub const FATIGUE_DAYS: u32 = 7;

/// Default name of the log of sent messages.
pub const LOG: &str = "sends.csv";

/// `[audience]`: lists to send a message to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audience {
    /// In days; 0 turns the rule off.
    pub fatigue_days: Option<u32>,
}

/// `[[campaign]]`: settings of one campaign, which flags can override.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Campaign {
    /// The id, as in the sends log.
    pub id: String,
    /// The first day.
    #[serde(deserialize_with = "a_day")]
    pub starts_on: Option<Day>,
    /// The last day.
    #[serde(deserialize_with = "a_day")]
    pub ends_on: Option<Day>,
    /// The key in [`words::channel`] if the word is known, else the word as written.
    #[serde(deserialize_with = "a_channel")]
    pub channel: Option<String>,
    /// A condition on the customer table, already checked.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// The share of the control group, in units of [`crate::metrics::value::WHOLE`].
    #[serde(deserialize_with = "a_share")]
    pub holdout: Option<u32>,
    /// In micro-units.
    #[serde(deserialize_with = "an_amount")]
    pub cost_per_message: Option<Micros>,
    /// Whether it offers a discount.
    pub discount: Option<bool>,
    /// Days after a customer's first message in which an order counts for it.
    pub within: Option<u32>,
}

/// `[holdout]`: the standing holdout, whom no campaign reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Holdout {
    /// The share of customers, in units of [`crate::metrics::value::WHOLE`].
    #[serde(deserialize_with = "a_share")]
    pub share: Option<u32>,
    /// The first day on which it applies; `None` means always.
    #[serde(deserialize_with = "a_day")]
    pub from: Option<Day>,
    /// The last day; `None` means without end.
    #[serde(deserialize_with = "a_day")]
    pub to: Option<Day>,
}

impl Holdout {
    /// The share that is held out on a day, in units of [`crate::metrics::value::WHOLE`]; 0 if nobody is.
    pub fn share_on(&self, day: Day) -> u32 {
        let is_kept = self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to);
        self.share.filter(|_| is_kept).unwrap_or(0)
    }
}

/// Checks that a text can be the id of a campaign.
///
/// # Errors
/// Wrong usage if it is blank, longer than [`MAX_ID_CHARS`], has several lines, is a word for "nothing", would be run
/// by a spreadsheet, or is [`GLOBAL`], by which the standing holdout is drawn: the control group would be the same
/// people.
pub fn campaign_id(text: &str) -> Result<()> {
    let is_name = !text.is_empty()
        && text.trim() == text
        && text.chars().count() <= MAX_ID_CHARS
        && !text.chars().any(char::is_control)
        // A log must give it back unchanged.
        && !is_null(text.as_bytes())
        && neutral(text) == text;
    let key = match text {
        _ if !is_name => "campaign_id",
        GLOBAL => "campaign_id_taken",
        _ => return Ok(()),
    };
    let values = [("seen", format!("{text:?}")), ("most", MAX_ID_CHARS.to_string())];
    Err(Error::usage_of(key, &values))
}

/// The cost of a message.
pub fn cost(text: &str) -> Result<Micros> {
    let cost = amount(text)?;
    if cost.is_negative() {
        return Err(Error::usage_of("cost", &[("seen", format!("{text:?}"))]));
    }
    Ok(cost)
}

/// Checks every value of `[[campaign]]` and `[holdout]` for which there is a rule. Types and names are checked when the
/// values are read.
///
/// # Errors
/// The first wrong value, with its file, its campaign and what would be right.
pub(super) fn check(table: &Table, file: &str) -> Result<()> {
    if let Some(holdout) = table.get("holdout").and_then(Value::as_table) {
        let entry = Entry { file, section: "holdout", id: None, values: holdout };
        entry.text("share", |text| share(text).map(drop))?;
        entry.days("from", "to")?;
    }
    let campaigns = table.get("campaign").and_then(Value::as_array).into_iter().flatten();
    let mut ids = BTreeSet::new();
    for campaign in campaigns.filter_map(Value::as_table) {
        let id = campaign.get("id").and_then(Value::as_str);
        let entry = Entry { file, section: "[campaign]", id, values: campaign };
        entry.text("id", campaign_id)?;
        // An id that is no text was refused before.
        let Some(id) = id else {
            return Err(Error::config_of(file, "campaign_without_id", &[]));
        };
        if !ids.insert(id) {
            return Err(Error::config_of(file, "campaign_twice", &[("id", format!("{id:?}"))]));
        }
        entry.text("channel", |text| channel(text).map(drop))?;
        entry.text("where", |text| Where::parse(text, true).map(drop))?;
        entry.text("holdout", |text| share(text).map(drop))?;
        entry.text("cost_per_message", |text| cost(text).map(drop))?;
        entry.days("starts_on", "ends_on")?;
        entry.whole("within", DAYS)?;
    }
    if let Some(audience) = table.get("audience").and_then(Value::as_table) {
        Entry { file, section: "audience", id: None, values: audience }.whole("fatigue_days", DAYS_SINCE)?;
    }
    Ok(())
}

/// One `[[campaign]]` or `[[sale]]`, or `[holdout]`.
pub(super) struct Entry<'a> {
    pub file: &'a str,
    pub section: &'a str,
    pub id: Option<&'a str>,
    pub values: &'a Table,
}

impl Entry<'_> {
    pub(super) fn text(&self, key: &str, rule: impl Fn(&str) -> Result<()>) -> Result<()> {
        let Some(value) = self.values.get(key) else { return Ok(()) };
        let Some(text) = value.as_str() else {
            return Err(self.wrong(key, value, said("quotes", &[("seen", value.to_string())])));
        };
        rule(text).map_err(|error| match error.parts() {
            Ok(why) => self.wrong(key, value, why),
            Err(other) => other,
        })
    }

    /// Checks two days, of which the first must not be after the last.
    pub(super) fn days(&self, first: &str, last: &str) -> Result<()> {
        self.text(first, |text| day(text).map(drop))?;
        self.text(last, |text| day(text).map(drop))?;
        let of = |key: &str| self.values.get(key).and_then(Value::as_str);
        let (Some(from), Some(to)) = (of(first), of(last)) else { return Ok(()) };
        if day(from)? > day(to)? {
            let why = said("days_turned", &[("first", first.to_owned()), ("seen", from.to_owned())]);
            return Err(self.wrong(last, &Value::from(to), why));
        }
        Ok(())
    }

    fn whole(&self, key: &str, range: Whole) -> Result<()> {
        let Some(value) = self.values.get(key) else { return Ok(()) };
        match value.as_integer().filter(|number| range.signed().contains(number)) {
            Some(_) => Ok(()),
            None => Err(self.wrong(key, value, range.said())),
        }
    }

    fn wrong(&self, key: &str, value: &Value, why: (Words, Words)) -> Error {
        let key = match self.id.filter(|_| key != "id") {
            Some(id) => format!("{key} (id = {})", Value::from(id)),
            None => key.to_owned(),
        };
        wrong(self.file, self.section, &key, value, why)
    }
}

/// The key in [`words::channel`], or the channel's own word.
fn channel(text: &str) -> Result<String> {
    let word = text.trim();
    if word.is_empty() || word.chars().any(char::is_control) {
        let known = Words::names(words::CHANNELS).to_string();
        return Err(Error::usage_of("channel", &[("seen", format!("{text:?}")), ("known", known)]));
    }
    Ok(words::channel(word).map_or_else(|| word.to_owned(), str::to_owned))
}

pub(super) fn a_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
    read(deserializer, day)
}

fn a_share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    read(deserializer, share)
}

fn an_amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Micros>, D::Error> {
    read(deserializer, cost)
}

fn a_channel<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    read(deserializer, channel)
}

/// Parses a text with a rule that [`check`] has already tried on it.
fn read<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    rule: impl Fn(&str) -> Result<T>,
) -> Result<Option<T>, D::Error> {
    rule(&String::deserialize(deserializer)?).map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::locale::Lang;
    use crate::schema::{Day, Micros};

    fn read(text: &str) -> Config {
        Config::parse(text, "ecrm.toml").expect(text)
    }

    fn refused(text: &str) -> String {
        let error = Config::parse(text, "ecrm.toml").expect_err(text);
        let (zh, hint) = error.said(Lang::Zh);
        let said = format!("{zh}{}", hint.unwrap_or_default());
        assert!(said.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{said}");
        format!("{error}; {}", error.hint().unwrap_or_default())
    }

    fn june(line: &str) -> String {
        format!("[[campaign]]\nid = \"june\"\n{line}\n")
    }

    #[test]
    fn a_campaign_says_all_that_flags_would() {
        let config = read(
            "[[campaign]]\nid = \"june\"\nstarts_on = \"2026-06-01\"\nends_on = \"2026-06-18\"\nchannel = \"短信\"\n\
             where = \"order_count >= 2\"\nholdout = \"10%\"\ncost_per_message = \"0.045\"\ndiscount = true\n\
             within = 14\n[[campaign]]\nid = \"双11\"\n",
        );
        let [june, eleven] = config.campaign.as_slice() else { panic!("{:?}", config.campaign) };
        // 2026-06-01 is 20,605 days after 1970-01-01: 56 years, of which 14 are leap years (20,454 days), and 151 days.
        assert_eq!((june.starts_on, june.ends_on), (Some(Day::new(20_605)), Some(Day::new(20_622))));
        assert_eq!((june.channel.as_deref(), june.holdout), (Some("sms"), Some(1_000)));
        assert_eq!(
            (june.cost_per_message, june.discount, june.within),
            (Some(Micros::new(45_000)), Some(true), Some(14))
        );
        assert_eq!(june.condition.as_deref(), Some("order_count >= 2"));
        assert_eq!(eleven.id, "双11");
        assert_eq!(config.campaign_named("june"), Some(june));
        assert_eq!(config.campaign_named("July"), None);
    }

    #[test]
    fn the_standing_holdout_is_kept_between_its_days() {
        let holdout = read("[holdout]\nshare = \"5%\"\nfrom = \"1970-01-11\"\nto = \"1970-01-21\"\n").holdout;
        for (day, share) in [(9, 0), (10, 500), (20, 500), (21, 0)] {
            assert_eq!(holdout.share_on(Day::new(day)), share, "day {day}");
        }
        assert_eq!(read("[holdout]\nshare = \"5%\"\n").holdout.share_on(Day::new(-1)), 500);
        assert_eq!(read("").holdout.share_on(Day::EPOCH), 0);
    }

    #[test]
    fn wrong_values_are_named_with_their_campaign_and_what_would_be_right() {
        for (line, right) in [
            ("starts_on = \"1 June\"", "[[campaign]] starts_on (id = \"june\") cannot be \"1 June\""),
            ("ends_on = 2026-06-01", "[[campaign]] ends_on (id = \"june\") cannot be 2026-06-01"),
            ("starts_on = \"2026-06-02\"\nends_on = \"2026-06-01\"", "before starts_on, 2026-06-02"),
            ("channel = \" \"", "sms, email, wechat, qq, platform"),
            ("holdout = \"101%\"", "holdout (id = \"june\") cannot be \"101%\""),
            ("holdout = 0.1", "write it in quotes, as \"0.1\""),
            ("cost_per_message = \"-0.01\"", "cannot be \"-0.01\""),
            (
                "within = 0",
                "within (id = \"june\") cannot be 0: it is out of range; write a whole number from 1 to 100000",
            ),
            ("within = \"7\"", "cannot be \"7\""),
            ("budget = 5", "line 3 (budget = 5): unknown field `budget`"),
            ("discount = \"yes\"", "line 3 (discount = \"yes\")"),
        ] {
            let error = refused(&june(line));
            assert!(error.starts_with("ecrm.toml: ") && error.contains(right), "{line}: {error}");
        }
        let error = refused(&june("where = \"order_count > 'x'\""));
        let named = "[[campaign]] where (id = \"june\") cannot be \"order_count > 'x'\"";
        assert!(
            error.contains(named) && error.contains("\n  order_count > 'x'\n                ^^^"),
            "{error}"
        );
    }

    #[test]
    fn campaigns_go_by_one_name_each() {
        assert!(refused("[[campaign]]\nchannel = \"sms\"\n").contains("id"));
        assert!(refused(&[june(""), june("")].concat()).contains("\"june\""));
        for id in ["", " june", "a\\tb", "-", "=1+1", "global"] {
            let error = refused(&format!("[[campaign]]\nid = \"{id}\"\n"));
            assert!(error.contains("[[campaign]] id cannot be "), "{error}");
        }
        assert!(refused(&format!("[[campaign]]\nid = \"{}\"\n", "j".repeat(101))).contains("100"));
        assert!(refused("[holdout]\nshare = \"5\"\n").contains("[holdout] share cannot be \"5\""));
        assert!(refused("[holdout]\nfrom = \"2026-02-01\"\nto = \"2026-01-01\"\n").contains("before from"));
        assert!(refused("[holdout]\nuntil = \"2026-01-01\"\n").contains("unknown field `until`"));
        assert!(refused("[audience]\nfatigue_days = -1\n").contains("[audience] fatigue_days cannot be -1"));
        assert_eq!(read("[audience]\nfatigue_days = 0\n").audience.fatigue_days, Some(0));
        assert!(refused("[campaign]\nid = \"june\"\n").contains("line 1"));
    }
}
