//! Checks all of `[care]`.

use toml::{Table, Value};

use super::{CHANNELS, PLACES, amount, day, holiday, levels, names, refusal, share, task, time};
use crate::config::rules::{DAYS_SINCE, Whole, wrong};
use crate::customers::Where;
use crate::customers::reach::Way;
use crate::error::{Error, Result, said};
use crate::locale::Words;
use crate::metrics::care::Task;
use crate::metrics::care::tasks::When;

/// The longest time after a moment, in minutes: a year.
const MINUTES: Whole = Whole { least: 0, most: 366 * 24 * 60 };
/// The most days before or after a day: ten years.
const MAX_OFFSET_DAYS: i64 = 3_660;
/// Stars of a review.
const STARS: Whole = Whole { least: 1, most: 5 };
/// Which order of a customer.
const NTH: Whole = Whole { least: 1, most: 1_000_000 };

/// The keys that a task may have.
fn keys(task: Task) -> Vec<&'static str> {
    let mut keys = vec!["text"];
    if task.is_message() {
        keys.push("fatigue_days");
    }
    keys.extend(match task.about().when {
        When::Minutes { .. } => &["from_minutes", "until_minutes"][..],
        When::Days(_) => &["days"],
        When::AtOnce => &[],
    });
    keys.extend(match task {
        Task::PresaleBalance => &["dates"][..],
        Task::UsageReminder => &["categories"],
        Task::ReviewThanks | Task::ReviewFollowUp => &["rating"],
        Task::NearLevel => &["within"],
        Task::Parcel => &["orders", "vip"],
        _ => &[],
    });
    keys
}

/// Checks all of `[care]`.
///
/// # Errors
/// The first wrong name or value, with its file and key and what would be right.
pub(in crate::config) fn check(table: &Table, file: &str) -> Result<()> {
    let Some(care) = table.get("care") else { return Ok(()) };
    let section = Section { file, name: "care".to_owned() };
    let Some(care) = care.as_table() else {
        return Err(wrong(file, "care", "care", care, said("care_table", &[])));
    };
    const KEYS: [&str; 7] = ["tasks", "priority", "channels", "fatigue_days", "at", "levels", "holidays"];
    let known: Vec<&str> = KEYS.into_iter().chain(names()).collect();
    for (key, value) in care {
        match key.as_str() {
            "tasks" | "priority" => section.texts(key, value, |text| task(text).map(drop))?,
            "channels" => section.texts(key, value, channel)?,
            "fatigue_days" => section.whole(key, value, DAYS_SINCE)?,
            "at" => section.text(key, value, |text| time(text).map(drop))?,
            "levels" => check_levels(file, value)?,
            "holidays" => {
                let own = section.table(key, value)?;
                let section = Section { file, name: "care.holidays".to_owned() };
                for (date, name) in own {
                    section.judged(date, name, holiday(date).map(drop))?;
                    section.text(date, name, |_| Ok(()))?;
                }
            }
            name => match Task::named(name) {
                Some(task) => check_task(file, task, section.table(key, value)?)?,
                None => section.judged(key, value, Err(refusal("care_key", name, &known)))?,
            },
        }
    }
    Ok(())
}

fn check_levels(file: &str, value: &Value) -> Result<()> {
    let levels_of = Section { file, name: "care".to_owned() }.table("levels", value)?;
    let section = Section { file, name: "care.levels".to_owned() };
    for (name, of) in levels_of {
        section.text(name, of, |text| match amount(text)? {
            amount if amount.is_positive() => Ok(()),
            _ => Err(refusal("care_level", text, &[])),
        })?;
    }
    let sorted = levels(levels_of.iter().filter_map(|(name, of)| Some((name.as_str(), of.as_str()?))))?;
    let twice = sorted.windows(2).find(|pair| pair[0].1 == pair[1].1);
    match twice {
        Some([lower, (name, _)]) => {
            let of = &levels_of[name];
            section.judged(name, of, Err(refusal("care_level_twice", &lower.0, &[])))
        }
        _ => Ok(()),
    }
}

fn check_task(file: &str, task: Task, own: &Table) -> Result<()> {
    let section = Section { file, name: format!("care.{}", task.name()) };
    let known = keys(task);
    for (key, value) in own {
        match key.as_str() {
            key if !known.contains(&key) => {
                section.judged(key, value, Err(refusal("care_key", key, &known)))?
            }
            "text" => check_text(&section, value)?,
            "fatigue_days" => section.whole(key, value, DAYS_SINCE)?,
            "days" => section.offset(key, value)?,
            "from_minutes" | "until_minutes" => section.whole(key, value, MINUTES)?,
            "dates" => section.texts(key, value, |text| day(text).map(drop))?,
            "categories" => {
                for (name, days) in section.table(key, value)? {
                    section.offset(&format!("categories.{name}"), days)?;
                }
            }
            "rating" => section.whole(key, value, STARS)?,
            "within" => section.text(key, value, |text| share(text).map(drop))?,
            "orders" => {
                let all =
                    value.as_array().ok_or_else(|| section.wrong(key, value, said("care_list", &[])))?;
                all.iter().try_for_each(|nth| section.whole(key, nth, NTH))?;
            }
            _ => section.text(key, value, |text| Where::parse(text, true).map(drop))?,
        }
    }
    // A period that ends before it begins would never be due.
    let When::Minutes { from, until } = task.about().when else { return Ok(()) };
    let minutes = |key: &str| own.get(key).and_then(Value::as_integer);
    let (from, until) =
        (minutes("from_minutes").unwrap_or(from.into()), minutes("until_minutes").unwrap_or(until.into()));
    if until < from {
        let values = [("least", from.to_string()), ("most", MINUTES.most.to_string())];
        return Err(section.wrong("until_minutes", &Value::from(until), said("whole_number", &values)));
    }
    Ok(())
}

/// A text for both languages, or one for each; only known placeholders may be used.
fn check_text(section: &Section<'_>, value: &Value) -> Result<()> {
    let texts: Vec<(String, &Value)> = match value {
        Value::Table(both) => ["en", "zh"]
            .iter()
            .map(|lang| match both.get(*lang) {
                Some(text) if both.len() == 2 => Ok((format!("text.{lang}"), text)),
                _ => Err(section.wrong("text", value, said("care_text", &[]))),
            })
            .collect::<Result<_>>()?,
        one => vec![("text".to_owned(), one)],
    };
    for (key, value) in texts {
        section.text(&key, value, |text| {
            let named = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest));
            let unknown = named.into_iter().find(|place| !PLACES.contains(place));
            unknown.map_or(Ok(()), |place| Err(refusal("care_place", place, &PLACES)))
        })?;
    }
    Ok(())
}

fn channel(text: &str) -> Result<()> {
    let is_known = CHANNELS.contains(&text) && Way::of_channel(text).is_some();
    if is_known { Ok(()) } else { Err(refusal("care_channel", text, &CHANNELS)) }
}

/// A table of the file.
struct Section<'a> {
    file: &'a str,
    name: String,
}

impl Section<'_> {
    fn wrong(&self, key: &str, value: &Value, why: (Words, Words)) -> Error {
        wrong(self.file, &self.name, key, value, why)
    }

    fn judged(&self, key: &str, value: &Value, result: Result<()>) -> Result<()> {
        result.map_err(|error| match error.parts() {
            Ok(why) => self.wrong(key, value, why),
            Err(other) => other,
        })
    }

    fn table<'v>(&self, key: &str, value: &'v Value) -> Result<&'v Table> {
        value.as_table().ok_or_else(|| self.wrong(key, value, said("care_table", &[])))
    }

    fn text(&self, key: &str, value: &Value, rule: impl Fn(&str) -> Result<()>) -> Result<()> {
        match value.as_str() {
            Some(text) => self.judged(key, value, rule(text)),
            None => Err(self.wrong(key, value, said("quotes", &[("seen", value.to_string())]))),
        }
    }

    fn texts(&self, key: &str, value: &Value, rule: impl Fn(&str) -> Result<()>) -> Result<()> {
        let all = value.as_array().ok_or_else(|| self.wrong(key, value, said("care_list", &[])))?;
        all.iter().try_for_each(|value| self.text(key, value, &rule))
    }

    fn whole(&self, key: &str, value: &Value, range: Whole) -> Result<()> {
        match value.as_integer().filter(|number| range.signed().contains(number)) {
            Some(_) => Ok(()),
            None => Err(self.wrong(key, value, range.said())),
        }
    }

    /// A number of days after something, or before it if negative.
    fn offset(&self, key: &str, value: &Value) -> Result<()> {
        let ends = [("least", (-MAX_OFFSET_DAYS).to_string()), ("most", MAX_OFFSET_DAYS.to_string())];
        match value.as_integer().filter(|days| days.abs() <= MAX_OFFSET_DAYS) {
            Some(_) => Ok(()),
            None => Err(self.wrong(key, value, said("whole_number", &ends))),
        }
    }
}
