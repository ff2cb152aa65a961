//! `[care]`: the shop's settings for customer care, and the texts of its messages.

mod check;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::rules::{amount, day, share};
use crate::error::{Error, Result, said};
use crate::locale::Words;
use crate::metrics::care::Task;
use crate::metrics::care::settings::{Holiday, HolidayOn, Settings};
use crate::metrics::care::tasks::When;
use crate::schema::Micros;
use crate::schema::nearest;

pub(super) use check::check;

/// Default number of days between messages, as for lists of [`super::campaigns`].
pub use super::campaigns::FATIGUE_DAYS;

/// Default condition for VIPs: those in the first class of `ecrm value`.
pub const VIP: &str = "class = 'core'";

/// Default channels; the first one that reaches the customer is used.
pub const CHANNELS: [&str; 5] = ["sms", "wechat", "email", "qq", "platform"];

/// The placeholders that a message may have.
pub const PLACES: [&str; 3] = ["name", "product", "days"];

/// `[care]`, already checked by [`check`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Care {
    /// The tasks to do; `None` means all.
    tasks: Option<Vec<String>>,
    /// Tasks by urgency, the most urgent first; tasks that are not named follow in their usual order.
    priority: Vec<String>,
    /// The channels, best first.
    channels: Option<Vec<String>>,
    /// Days between messages.
    fatigue_days: Option<u32>,
    /// The time of day at which a day's list is made, as `10:30`.
    pub at: Option<String>,
    /// The amount of each member level, as texts.
    levels: BTreeMap<String, String>,
    /// The names of holidays by their dates, with or without a year.
    holidays: BTreeMap<String, String>,
    /// Settings of single tasks.
    #[serde(flatten)]
    own: BTreeMap<String, OfTask>,
}

/// `[care.TASK]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct OfTask {
    text: Option<Words>,
    fatigue_days: Option<u32>,
    days: Option<i32>,
    from_minutes: Option<u32>,
    until_minutes: Option<u32>,
    dates: Vec<String>,
    categories: BTreeMap<String, i32>,
    rating: Option<i64>,
    within: Option<String>,
    orders: Option<Vec<u32>>,
    vip: Option<String>,
}

impl Care {
    /// The settings of the tasks in `tasks`, else of those in the configuration, else of all. `fatigue_days` from a
    /// flag applies to all tasks.
    ///
    /// # Errors
    /// None for values that [`check`] has accepted.
    pub fn settings(&self, tasks: Option<&[Task]>, fatigue_days: Option<u32>) -> Result<Settings> {
        let mut settings = Settings::default();
        let configured: Option<Vec<Task>> =
            self.tasks.as_ref().map(|names| names.iter().filter_map(|name| Task::named(name)).collect());
        let asked = tasks.or(configured.as_deref());
        for task in Task::all() {
            let own = self.of(task);
            let is_asked = asked.is_none_or(|asked| asked.contains(&task));
            settings.when[task as usize] = is_asked.then(|| own.when(task.about().when));
            settings.fatigue_days[task as usize] =
                fatigue_days.or(own.fatigue_days).or(self.fatigue_days).unwrap_or(FATIGUE_DAYS);
        }
        let first: Vec<Task> = self.priority.iter().filter_map(|name| Task::named(name)).collect();
        settings.priority.retain(|task| !first.contains(task));
        settings.priority.splice(0..0, first);
        let categories = self.of(Task::UsageReminder).categories;
        settings.usage_days =
            categories.into_iter().map(|(name, days)| (name.to_lowercase(), days)).collect();
        settings.balance_days =
            self.of(Task::PresaleBalance).dates.iter().map(|date| day(date)).collect::<Result<_>>()?;
        settings.balance_days.sort_unstable();
        settings.holidays = self
            .holidays
            .iter()
            .map(|(date, name)| Ok(Holiday { name: name.clone(), on: holiday(date)? }))
            .collect::<Result<_>>()?;
        settings.levels = levels(self.levels.iter().map(|(name, of)| (name.as_str(), of.as_str())))?;
        if let Some(within) = &self.of(Task::NearLevel).within {
            settings.near = share(within)?;
        }
        let stars = |task: Task, usual: Micros| self.of(task).rating.map_or(usual, Micros::units);
        settings.thanks_from = stars(Task::ReviewThanks, settings.thanks_from);
        settings.follow_up_to = stars(Task::ReviewFollowUp, settings.follow_up_to);
        if let Some(orders) = self.of(Task::Parcel).orders {
            settings.celebrated = orders;
        }
        Ok(settings)
    }

    /// The shop's own words for a task's message.
    pub fn text(&self, task: Task) -> Option<Words> {
        self.own.get(task.name()).and_then(|of| of.text.clone())
    }

    /// The condition that makes a customer a VIP.
    pub fn vip(&self) -> String {
        self.of(Task::Parcel).vip.unwrap_or_else(|| VIP.to_owned())
    }

    /// The channels, best first.
    pub fn channels(&self) -> Vec<&'static str> {
        let named = |names: &Vec<String>| -> Vec<&'static str> {
            names.iter().filter_map(|name| CHANNELS.into_iter().find(|known| known == name)).collect()
        };
        self.channels.as_ref().map_or(CHANNELS.to_vec(), named)
    }

    fn of(&self, task: Task) -> OfTask {
        self.own.get(task.name()).cloned().unwrap_or_default()
    }
}

impl OfTask {
    /// When the task is due: `usual`, with the settings of this task.
    fn when(&self, usual: When) -> When {
        match usual {
            When::Minutes { from, until } => When::Minutes {
                from: self.from_minutes.unwrap_or(from),
                until: self.until_minutes.unwrap_or(until),
            },
            When::Days(days) => When::Days(self.days.unwrap_or(days)),
            When::AtOnce => When::AtOnce,
        }
    }
}

/// Parses a time of day such as `10:30`; the result is in seconds.
///
/// # Errors
/// Wrong usage.
pub fn time(text: &str) -> Result<i32> {
    let time = chrono::NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| text.len() == 5);
    let seconds = time.map(|time| chrono::Timelike::num_seconds_from_midnight(&time) as i32);
    seconds.ok_or_else(|| refusal("care_time", text, &[]))
}

/// The task with this name.
///
/// # Errors
/// Wrong usage, listing all names.
pub fn task(name: &str) -> Result<Task> {
    Task::named(name).ok_or_else(|| refusal("care_task", name, &names()))
}

fn names() -> Vec<&'static str> {
    Task::all().map(Task::name).collect()
}

fn refusal(key: &str, seen: &str, known: &[&str]) -> Error {
    let near = nearest(seen, known.iter().copied()).unwrap_or_default().to_owned();
    let known = Words::names(known.iter().copied()).to_string();
    let values = [("seen", format!("{seen:?}")), ("near", near.clone()), ("known", known)];
    let (message, hint) = said(key, &values);
    match near.is_empty() {
        true => Error::usage(message, hint),
        false => Error::usage(message, Words::of("error", "did_you_mean", &values)),
    }
}

/// The day of a holiday: `2026-10-01`, or `10-01` for every year.
fn holiday(text: &str) -> Result<HolidayOn> {
    let every_year = || {
        // Read with a leap year, so that 29 February is a valid day.
        let date = NaiveDate::parse_from_str(&format!("2000-{text}"), "%Y-%m-%d").ok();
        date.filter(|_| text.len() == 5)
    };
    match every_year() {
        Some(date) => Ok(HolidayOn::EveryYear(date)),
        None => day(text).map(HolidayOn::Once).map_err(|_| refusal("care_holiday", text, &[])),
    }
}

/// The levels, sorted by their amounts.
fn levels<'a>(of: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Vec<(String, Micros)>> {
    let mut levels: Vec<(String, Micros)> =
        of.map(|(name, text)| Ok((name.to_owned(), amount(text)?))).collect::<Result<_>>()?;
    levels.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::customers::Where;
    use crate::locale::Lang;
    use crate::metrics::testing::on;

    fn read(text: &str) -> Care {
        Config::parse(text, "ecrm.toml").expect(text).care
    }

    fn refused(text: &str) -> String {
        let error = Config::parse(text, "ecrm.toml").expect_err(text);
        let (zh, hint) = error.said(Lang::Zh);
        let said = format!("{zh}{}", hint.unwrap_or_default());
        assert!(said.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{said}");
        format!("{error}; {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn what_the_shop_decided_stands_in_place_of_what_is_usual() {
        let care = read(
            "[care]\ntasks = [\"birthday\", \"parcel\"]\npriority = [\"holiday\"]\nchannels = [\"wechat\"]\n\
             fatigue_days = 3\nat = \"10:30\"\n[care.levels]\nGold = \"500\"\nSilver = \"100\"\n\
             [care.holidays]\n\"10-01\" = \"National Day\"\n\"2026-06-19\" = \"Dragon Boat\"\n\
             [care.birthday]\ndays = -3\nfatigue_days = 0\ntext = { en = \"{name}!\", zh = \"{name}！\" }\n\
             [care.parcel]\norders = [1]\nvip = \"order_count > 5\"\nuntil_minutes = 60\n\
             [care.presale_balance]\ndates = [\"2026-11-11\", \"2026-06-18\"]\n\
             [care.usage_reminder.categories]\nTea = 3\n[care.review_thanks]\nrating = 5\n[care.near_level]\nwithin = \"10%\"\n",
        );
        let settings = care.settings(None, None).expect("settings");
        let asked: Vec<Task> = Task::all().filter(|task| settings.asks(*task)).collect();
        assert_eq!(asked, [Task::Birthday, Task::Parcel]);
        assert_eq!(settings.when(Task::Birthday), Some(When::Days(-3)));
        assert_eq!(settings.when(Task::Parcel), Some(When::Minutes { from: 0, until: 60 }));
        assert_eq!([Task::Birthday, Task::Paid].map(|task| settings.fatigue_days[task as usize]), [0, 3]);
        assert_eq!(settings.priority[..2], [Task::Holiday, Task::ReviewFollowUp]);
        assert_eq!(settings.priority.len(), 24);
        assert_eq!(
            settings.levels,
            [("Silver".to_owned(), Micros::units(100)), ("Gold".to_owned(), Micros::units(500))]
        );
        assert_eq!(settings.holidays.len(), 2);
        assert_eq!(settings.balance_days, [on("2026-06-18"), on("2026-11-11")]);
        assert_eq!(
            (settings.usage_days["tea"], settings.thanks_from, settings.near),
            (3, Micros::units(5), 1_000)
        );
        assert_eq!((settings.celebrated.as_slice(), care.vip().as_str()), (&[1][..], "order_count > 5"));
        assert_eq!(
            (care.channels(), care.text(Task::Birthday).map(|text| text.zh)),
            (vec!["wechat"], Some("{name}！".into()))
        );
        // Flags override the file.
        let settings = care.settings(Some(&[Task::Paid]), Some(1)).expect("settings");
        assert!(settings.asks(Task::Paid) && !settings.asks(Task::Birthday));
        assert_eq!(settings.fatigue_days, [1; 24]);
    }

    #[test]
    fn without_it_everything_is_asked_for_as_it_is_usual() {
        let care = read("");
        let settings = care.settings(None, None).expect("settings");
        assert!(Task::all().all(|task| settings.when(task) == Some(task.about().when)));
        assert_eq!((settings.fatigue_days, settings.celebrated), (vec![7; 24], vec![1, 10]));
        assert_eq!((care.channels(), care.vip().as_str()), (CHANNELS.to_vec(), VIP));
        assert!(Where::parse(VIP, false).is_ok());
    }

    #[test]
    fn wrong_names_and_values_are_named_with_what_would_be_right() {
        for (text, right) in [
            (
                "[care]\nbirthdays = 1",
                "[care] birthdays cannot be 1: \"birthdays\" is no task and no setting; did you mean birthday?",
            ),
            ("[care]\ntasks = [\"gift\"]", "\"gift\" is no task"),
            ("[care]\ntasks = \"birthday\"", "[care] tasks cannot be \"birthday\""),
            ("[care]\nchannels = [\"pigeon\"]", "sms, wechat, email, qq, platform"),
            ("[care]\nfatigue_days = -1", "from 0 to 100000"),
            ("[care]\nat = \"25:00\"", "[care] at cannot be \"25:00\""),
            ("[care]\nat = \"9:00\"", "[care] at cannot be \"9:00\""),
            ("[care.levels]\nGold = 500", "write it in quotes, as \"500\""),
            ("[care.levels]\nGold = \"0\"", "[care.levels] Gold cannot be \"0\""),
            ("[care.levels]\nGold = \"5\"\nTop = \"5.0\"", "[care.levels] Top cannot be \"5.0\""),
            ("[care.holidays]\n\"02-30\" = \"x\"", "[care.holidays] 02-30 cannot be \"x\""),
            ("[care.birthday]\ndays = 4000", "from -3660 to 3660"),
            ("[care.birthday]\nuntil_minutes = 5", "[care.birthday] until_minutes cannot be 5"),
            ("[care.unpaid_first]\nuntil_minutes = 5", "[care.unpaid_first] until_minutes cannot be 5"),
            ("[care.level_up]\ndays = 5", "[care.level_up] days cannot be 5"),
            ("[care.birthday]\ntext = \"{nam}\"", "did you mean name?"),
            ("[care.birthday]\ntext = { en = \"x\" }", "[care.birthday] text cannot be"),
            ("[care.parcel]\nvip = \"order_count >\"", "[care.parcel] vip cannot be \"order_count >\""),
            ("[care.parcel]\norders = [0]", "[care.parcel] orders cannot be 0"),
            (
                "[care.usage_reminder.categories]\ntea = \"3\"",
                "[care.usage_reminder] categories.tea cannot be \"3\"",
            ),
            ("[care.review_thanks]\nrating = 6", "from 1 to 5"),
            ("[care.near_level]\nwithin = \"120%\"", "[care.near_level] within cannot be \"120%\""),
            (
                "[care.presale_balance]\ndates = [\"1 June\"]",
                "[care.presale_balance] dates cannot be \"1 June\"",
            ),
        ] {
            let error = refused(text);
            assert!(error.starts_with("ecrm.toml: ") && error.contains(right), "{text}: {error}");
        }
    }
}
