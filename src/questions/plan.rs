//! The calendar of a sale as lists of customers: what is sent to whom on which day, and the command that makes each
//! list.

use serde_json::{Map, json};

use super::{About, Answer, CUSTOMERS};
use crate::answer::{Kind, Spec, Table};
use crate::customers::{self, Ground, Needs, Where, Wished};
use crate::error::Result;
use crate::metrics::campaign::DAYS_AHEAD;
use crate::metrics::finish::{counts, dates, frame, texts};
use crate::schema::words::STEP;
use crate::schema::{Day, Wants, names};
use crate::text::shell_word;

/// A sale, and what the commands that make its lists need.
#[derive(Debug, Clone)]
pub struct SalePlan {
    /// The campaign's id.
    pub campaign_id: String,
    /// Its first day.
    pub starts_on: Day,
    /// Its last day, not before the first.
    pub ends_on: Day,
    /// The condition that the addressed customers meet; `None` addresses everybody.
    pub condition: Option<String>,
    /// The inputs as the commands name them, each with its flag if it needs one. Empty if `ecrm.toml` names the inputs.
    pub inputs: Vec<(Option<String>, String)>,
    /// The log in which messages are recorded.
    pub log: String,
}

/// How many days before the first day of the sale each of these messages is sent.
const CARE_DAYS: i32 = DAYS_AHEAD;
const NOTICE_DAYS: i32 = 7;
const INTERACTION_DAYS: i32 = 3;

/// One message of the calendar: the day, what is sent, and the command that makes the list.
struct Step {
    on: Day,
    key: &'static str,
    command: String,
    /// The condition that the addressed customers meet, if one can be written down.
    condition: Option<String>,
    /// Whether the customers can be counted today, and not only once the sale has begun.
    is_known: bool,
}

impl Step {
    fn countable(&self) -> Option<&str> {
        self.condition.as_deref().filter(|_| self.is_known)
    }
}

impl SalePlan {
    /// What is known of this question before it is asked.
    pub const ABOUT: About = About { name: "plan", writes: &["plan"], ..CUSTOMERS };

    /// What has to be read to count the customers on the lists.
    ///
    /// # Errors
    /// Those of parsing the campaign's own condition.
    pub fn wants(&self) -> Result<Wants> {
        Ok(self.wished()?.wants().and(&Needs::EVERYBODY.wants()))
    }

    /// The columns of the customer table that the conditions of the steps use.
    ///
    /// # Errors
    /// Those of parsing the campaign's own condition.
    pub fn wished(&self) -> Result<Wished> {
        let mut wished = Wished::default();
        wished.add_any(names::CUSTOMER_ID);
        for condition in self.steps().iter().filter_map(Step::countable) {
            wished.add_all(&Where::parse(condition, true)?.wished());
        }
        Ok(wished)
    }

    /// The calendar, with the number of customers on each list as of today where it can be known.
    ///
    /// # Errors
    /// Wrong usage when the campaign's condition names a column neither of the customer table nor of the files.
    pub fn answer(&self, ground: &Ground<'_>) -> Result<Answer> {
        let table = customers::Table::build(ground, &self.wished()?)?;
        let steps = self.steps();
        let count = |step: &Step| -> Result<Option<u64>> {
            let Some(condition) = step.countable() else { return Ok(None) };
            let kept = Where::parse(condition, true)?.keeps(ground, &table)?;
            Ok(Some(kept.iter().filter(|is_kept| *is_kept == Some(true)).count() as u64))
        };
        let customers: Vec<Option<u64>> = steps.iter().map(count).collect::<Result<_>>()?;
        let columns = vec![
            dates(names::ON, steps.iter().map(|step| Some(step.on))),
            texts(names::STEP, steps.iter().map(|step| Some(step.key.to_owned()))),
            texts(names::WHAT, steps.iter().map(|step| Some(step.key.to_owned()))),
            counts(names::CUSTOMER_COUNT, customers.into_iter()),
            texts(names::COMMAND, steps.iter().map(|step| Some(step.command.clone()))),
        ];
        let specs = vec![
            Spec::new(names::ON, Kind::Date, 0),
            Spec::new(names::STEP, Kind::Label("step"), 0),
            Spec::new(names::WHAT, Kind::Phrase { section: "step_what", of: "step" }, 0),
            Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
            Spec::new(names::COMMAND, Kind::Command { of: names::STEP }, 0),
        ];
        let parameters = Map::from_iter([
            ("campaign_id".to_owned(), json!(self.campaign_id)),
            ("starts_on".to_owned(), json!(self.starts_on.to_string())),
            ("ends_on".to_owned(), json!(self.ends_on.to_string())),
        ]);
        Ok(Answer {
            tables: vec![Table::new("plan", "steps", specs, frame(columns)?)],
            parameters,
            as_of: ground.scope.known_day(),
            window: ground.scope.window,
            customer_count: ground.len() as u64,
            order_count: ground.facts.order_total,
            accounting: ground.facts.accounting.clone(),
            ..Answer::default()
        })
    }

    fn steps(&self) -> Vec<Step> {
        let (first, last) = (self.starts_on, self.ends_on);
        let list = |on: Day, key: &'static str, condition: Option<String>, further: &str| Step {
            on,
            key,
            command: self.list((on, key), &shell_word(&self.campaign_id), condition.as_deref(), further),
            condition,
            is_known: true,
        };
        // Both reminders are sent on one day, so each needs an id of its own in the log.
        let reminder = |key: &'static str, condition: String| {
            let id = shell_word(&format!("{}{STEP}{key}", self.campaign_id));
            let further = " --fatigue-days 0 --discount=false";
            let command = self.list((first, key), &id, Some(&condition), further);
            Step { on: first, key, command, condition: Some(condition), is_known: false }
        };
        let later = |step: Step| Step { is_known: false, ..step };
        let lapsing = self.also("segment in ('lapsing_new', 'lapsing_loyal')");
        let interested = self.also("days_since_interest <= 30");
        let unpaid = format!("last_unpaid_on = '{first}'");
        let joined = format!("last_ordered_on between '{first}' and '{last}'");
        let everybody = Some(self.condition.clone().unwrap_or_else(|| "customer_id is not null".to_owned()));
        let notice = list(first.minus_days(NOTICE_DAYS), "notice", None, "");
        vec![
            list(first.minus_days(CARE_DAYS), "care", Some(lapsing), " --discount=false"),
            Step { condition: everybody, ..notice },
            list(
                first.minus_days(INTERACTION_DAYS),
                "interaction",
                Some(interested),
                " --fatigue-days 3 --discount=false",
            ),
            reminder("unpaid_first", unpaid.clone()),
            reminder("unpaid_second", unpaid),
            // People who got a reminder the day before, or were reminded to pay, are not written to again.
            later(list(
                first.max(last.minus_days(1)),
                "second_notice",
                None,
                " --not-joined --fatigue-days 3",
            )),
            later(list(last.plus_days(1), "thanks", Some(joined), " --fatigue-days 0 --discount=false")),
        ]
    }

    /// The command that makes the list of a step.
    fn list(&self, (day, key): (Day, &str), id: &str, condition: Option<&str>, further: &str) -> String {
        let condition =
            condition.map(|condition| format!(" --where {}", shell_word(condition))).unwrap_or_default();
        let inputs = self.named_inputs();
        let (file, log) = (self.file(key), shell_word(&self.log));
        format!(
            "ecrm audience{inputs} --campaign {id} --on {day}{condition}{further} -o {file} --record {log}"
        )
    }

    /// Both the campaign's own condition and this one.
    fn also(&self, condition: &str) -> String {
        match &self.condition {
            Some(own) => format!("({own}) and {condition}"),
            None => condition.to_owned(),
        }
    }

    fn named_inputs(&self) -> String {
        let input = |(flag, name): &(Option<String>, String)| match flag {
            Some(flag) => format!(" {flag} {}", shell_word(name)),
            None => format!(" {}", shell_word(name)),
        };
        self.inputs.iter().map(input).collect()
    }

    /// The file name of a list: the campaign's id and the step, with `_` for every character that is no letter, digit,
    /// `-` or `_`.
    fn file(&self, key: &str) -> String {
        let sign = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
        let id: String = self.campaign_id.chars().map(sign).collect();
        shell_word(&format!("{id}_{key}.csv"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn june(condition: Option<&str>, ends_on: i32) -> SalePlan {
        SalePlan {
            campaign_id: "June '26".to_owned(),
            // 2026-06-01, see config/campaigns.rs.
            starts_on: Day::new(20_605),
            ends_on: Day::new(ends_on),
            condition: condition.map(str::to_owned),
            inputs: vec![(Some("--orders".to_owned()), "my orders.csv".to_owned())],
            log: "sends.csv".to_owned(),
        }
    }

    #[test]
    fn steps_are_in_time_and_their_commands_are_what_a_shell_takes() {
        let steps = june(Some("order_count >= 2"), 20_622).steps();
        let days: Vec<i32> = steps.iter().map(|step| step.on.number() - 20_605).collect();
        assert_eq!(days, [-14, -7, -3, 0, 0, 16, 18]);
        let list = "ecrm audience --orders 'my orders.csv' --campaign \"June '26\" --on 2026-05-18 --where";
        let condition = "\"(order_count >= 2) and segment in ('lapsing_new', 'lapsing_loyal')\"";
        let rest = "--discount=false -o June__26_care.csv --record sends.csv";
        assert_eq!(steps[0].command, format!("{list} {condition} {rest}"));
        // The notice goes to everybody whom the campaign addresses.
        assert!(!steps[1].command.contains("--where"), "{}", steps[1].command);
        assert_eq!(steps[1].condition.as_deref(), Some("order_count >= 2"));
        // The second notice of a sale of one day is sent on that day.
        let days: Vec<i32> =
            june(None, 20_605).steps().iter().map(|step| step.on.number() - 20_605).collect();
        assert_eq!(days, [-14, -7, -3, 0, 0, 0, 1]);
    }

    #[test]
    fn every_condition_of_a_step_can_be_read() {
        june(Some("province = '浙江'"), 20_622).wished().unwrap();
        for step in june(None, 20_622).steps() {
            step.condition.iter().for_each(|text| drop(Where::parse(text, true).expect(text)));
        }
    }
}
