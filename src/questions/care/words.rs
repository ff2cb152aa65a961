//! Why a customer is on the list, and the text of the message.

use polars::prelude::*;

use crate::customers::{self, Ground};
use crate::error::Result;
use crate::locale::{Lang, Remark, Words, sentence};
use crate::metrics::care::Row;
use crate::metrics::care::tasks::Need;
use crate::schema::{Table, names};

/// The section of the translations with the reasons.
const REASONS: &str = "care_reason";
/// The section of the translations with the messages.
const MESSAGES: &str = "care_text";

/// Why a task is due, as a sentence of the section [`REASONS`].
pub(super) fn reason(row: &Row) -> String {
    match row.reasons.as_slice() {
        [one] => sentence(one.code, &one.values),
        several => sentence("several", &[("all", joined(several).to_string())]),
    }
}

fn joined(reasons: &[Remark]) -> Words {
    let words: Vec<Words> =
        reasons.iter().map(|reason| Words::of(REASONS, reason.code, &reason.values)).collect();
    let texts = |lang: Lang| words.iter().map(|words| words.get(lang)).collect::<Vec<_>>();
    Words { en: texts(Lang::En).join("; "), zh: texts(Lang::Zh).join("；") }
}

/// What a task needs, as a sentence of the section `care_need`.
pub(super) fn need(need: Need) -> String {
    let column = [("column", need.name().to_owned()), ("canonical", need.input().to_owned())];
    match need {
        Need::Column(..) | Need::Status => sentence("column", &column),
        Need::Orders => sentence("orders", &[("canonical", Table::Orders.name().to_owned())]),
        Need::Shipping => sentence("shipping", &column),
        Need::RefundDays => sentence("refund_days", &column),
        Need::LevelsBefore => sentence("levels_before", &[]),
        Need::Levels => sentence("levels", &column),
        Need::Holidays => sentence("holidays", &column),
    }
}

/// The data that the texts of messages are made from.
pub(super) struct Messages<'a> {
    ground: &'a Ground<'a>,
    names: StringChunked,
    /// The row of each customer, by code.
    places: Vec<Option<usize>>,
    called: &'a dyn Fn(&str, &str) -> String,
    own: &'a [Option<Words>],
}

impl<'a> Messages<'a> {
    pub(super) fn new(
        ground: &'a Ground<'a>,
        table: &customers::Table,
        called: &'a dyn Fn(&str, &str) -> String,
        own: &'a [Option<Words>],
    ) -> Result<Self> {
        let mut places = vec![None; ground.ids.len()];
        ground.codes().iter().enumerate().for_each(|(place, code)| places[code.place()] = Some(place));
        Ok(Self { ground, names: table.frame.column(names::NAME)?.str()?.clone(), places, called, own })
    }

    /// The message of a task: the shop's own text where there is one, otherwise a sentence of the section [`MESSAGES`].
    pub(super) fn message(&self, row: &Row) -> String {
        let name =
            self.places.get(row.customer.place()).copied().flatten().and_then(|place| self.names.get(place));
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        let name = match name {
            Some(name) => Words::verbatim((self.called)(name, &self.ground.ids.text(row.customer))),
            None => Words::of(MESSAGES, "somebody", &[]),
        };
        let product = row.product.and_then(|product| self.ground.product(product));
        let product = product.map_or_else(|| Words::of(MESSAGES, "something", &[]), Words::verbatim);
        let days = row.days.to_string();
        match &self.own[row.task as usize] {
            Some(own) => {
                let text = |lang: Lang| {
                    filled(
                        own.get(lang),
                        &[("name", name.get(lang)), ("product", product.get(lang)), ("days", &days)],
                    )
                };
                let words = Words { en: text(Lang::En), zh: text(Lang::Zh) };
                sentence("own", &[("text", words.to_string())])
            }
            None => sentence(
                row.task.name(),
                &[("name", name.to_string()), ("product", product.to_string()), ("days", days)],
            ),
        }
    }
}

/// Replaces each `{name}` in a text by its value. A value that itself contains braces is not searched for places again.
fn filled(text: &str, places: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let place = places.iter().find_map(|(name, value)| {
            let behind = rest[1..].strip_prefix(name)?.strip_prefix('}')?;
            Some((behind, value))
        });
        rest = match place {
            Some((behind, value)) => {
                out.push_str(value);
                behind
            }
            None => {
                out.push('{');
                &rest[1..]
            }
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::filled;
    use crate::locale::Lang;
    use crate::metrics::care::tasks::TASKS;

    #[test]
    fn every_task_has_its_words_in_both_languages() {
        for locale in [Lang::En.locale(), Lang::Zh.locale()] {
            for about in TASKS {
                assert!(locale.find("task", about.name).is_some(), "task.{}", about.name);
                let text = locale.find("care_text", about.name).expect(about.name);
                let places = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
                assert!(places.clone().all(|place| ["name", "product", "days"].contains(&place)), "{text}");
                for need in about.needs {
                    assert!(locale.find("care_input", need.input()).is_some(), "{}", need.input());
                    let sentence = super::need(*need);
                    let key = sentence.split('\t').next().expect("a key");
                    assert!(locale.find("care_need", key).is_some(), "care_need.{key}");
                }
            }
        }
    }

    #[test]
    fn places_are_filled_once() {
        let places = [("name", "{days}"), ("days", "3")];
        assert_eq!(filled("{name}, {days} {other} { {days", &places), "{days}, 3 {other} { {days");
    }
}
