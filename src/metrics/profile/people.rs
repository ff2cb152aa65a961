//! The dimensions in which each person belongs to one group: age, gender, level, source and province.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use super::{Bought, Person};
use crate::metrics::origins::Origins;
use crate::schema::{Customers, Day, Shop, names};

/// The bands of ages in whole years.
pub const AGE_BANDS: [&str; 7] = ["0-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+"];

/// The keys of the genders whose words are known. A code whose meaning is not known is its own key.
pub const GENDERS: [&str; 3] = ["female", "male", "other"];

/// A group of people.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The name of the group; `None` for the people of whom it is not known.
    pub key: Option<String>,
    pub customers: u64,
    pub bought: Bought,
}

/// The people, and the tables from which the group of each is read.
pub(super) struct Groups<'a> {
    list: Option<&'a Customers>,
    as_of: Day,
    people: &'a [Person],
    origins: Origins<'a>,
}

impl<'a> Groups<'a> {
    pub fn new(shop: &Shop<'a>, as_of: Day, people: &'a [Person]) -> Self {
        Self { list: shop.customers(), as_of, people, origins: Origins::new(shop.into(), as_of) }
    }

    /// The groups of each dimension, with the dimension's name.
    pub fn dimensions(&self) -> Vec<(&'static str, Vec<Row>)> {
        let in_order = |mut rows: Vec<Row>, order: &[&str]| {
            let place = |row: &Row| order.iter().position(|key| row.key.as_deref() == Some(key));
            rows.sort_by_key(|row| place(row).unwrap_or(usize::MAX));
            rows
        };
        let list = self.list.map(Customers::table);
        let number = |name: &str| {
            let numbers = list.and_then(|list| list.numbers(name));
            move |person: &Person| numbers?.get(self.row(person)?)
        };
        let word = |name, number: u32| list?.words(name).get(number as usize).cloned();
        let birthdays = list.and_then(|list| list.days(names::BIRTHDAY));
        let ages = self.rows(
            |person| {
                let birthday = Day::new(birthdays?.get(self.row(person)?)?);
                age_band(birthday, self.as_of)
            },
            |band| AGE_BANDS.get(band).map(|band| (*band).to_owned()),
        );
        let genders = self.rows(number(names::GENDER), |number| gender(&word(names::GENDER, number)?));
        let levels = self.rows(number(names::LEVEL), |number| word(names::LEVEL, number));
        let origins = &self.origins;
        let sources = self.rows(
            |person| origins.source(person.customer, &person.ordered),
            |source| origins.source_name(source),
        );
        let provinces = self.rows(
            |person| origins.province(person.customer, &person.ordered),
            |group| origins.province_name(group),
        );
        vec![
            ("age_band", in_order(ages, &AGE_BANDS)),
            ("gender", in_order(genders, &GENDERS)),
            ("level", levels),
            ("source", sources),
            ("province", provinces),
        ]
    }

    /// A person's row in the customer list.
    fn row(&self, person: &Person) -> Option<usize> {
        self.list?.row(person.customer)
    }

    /// Groups people by `key`, the largest group first and the people without a key last. Keys with the same name form
    /// one group.
    fn rows<K: Copy + Eq + Hash>(
        &self,
        key: impl Fn(&Person) -> Option<K>,
        name: impl Fn(K) -> Option<String>,
    ) -> Vec<Row> {
        // Counts by key first and names the keys afterwards, as millions of people fall into few groups.
        let mut counts: HashMap<Option<K>, (u64, Bought)> = HashMap::new();
        for person in self.people {
            let (customers, bought) = counts.entry(key(person)).or_default();
            *customers += 1;
            bought.merge(person.bought);
        }
        let mut groups: BTreeMap<Option<String>, (u64, Bought)> = BTreeMap::new();
        for (key, (customers, bought)) in counts {
            let sum = groups.entry(key.and_then(&name)).or_default();
            sum.0 += customers;
            sum.1.merge(bought);
        }
        let row = |(key, (customers, bought))| Row { key, customers, bought };
        let mut rows: Vec<Row> = groups.into_iter().map(row).collect();
        rows.sort_by_key(|row| (row.key.is_none(), Reverse(row.customers)));
        rows
    }
}

/// A person's age in whole years on a day; `None` for a birthday after that day, and for one so long ago that it must
/// be a placeholder, such as 1900-01-01.
pub(crate) fn age(birthday: Day, as_of: Day) -> Option<u32> {
    const OLDEST: u32 = 110;
    as_of.date()?.years_since(birthday.date()?).filter(|age| *age <= OLDEST)
}

/// The place in [`AGE_BANDS`] of a person's age on the as-of day.
fn age_band(birthday: Day, as_of: Day) -> Option<usize> {
    const LOWEST: [u32; AGE_BANDS.len()] = [0, 18, 25, 35, 45, 55, 65];
    let age = age(birthday, as_of)?;
    LOWEST.iter().rposition(|lowest| age >= *lowest)
}

/// The key of a word for a gender: `None` for words that say it is unknown or withheld, and the word itself if its
/// meaning is not known, as with a platform's own code.
pub(crate) fn gender(word: &str) -> Option<String> {
    const FEMALE: [&str; 11] =
        ["female", "f", "woman", "w", "ms", "mrs", "女", "女性", "女士", "女生", "小姐"];
    const MALE: [&str; 8] = ["male", "m", "man", "mr", "男", "男性", "先生", "男生"];
    const OTHER: [&str; 7] = ["other", "others", "其他", "其它", "nonbinary", "diverse", "divers"];
    const UNKNOWN: [&str; 29] = [
        "unknown",
        "u",
        "unk",
        "none",
        "null",
        "nil",
        "na",
        "n/a",
        "private",
        "secret",
        "hidden",
        "withheld",
        "notspecified",
        "unspecified",
        "notset",
        "notknown",
        "notgiven",
        "undisclosed",
        "notdisclosed",
        "prefernottosay",
        "undefined",
        "未知",
        "保密",
        "不详",
        "未填写",
        "未设置",
        "未透露",
        "未说明",
        "无",
    ];
    // The words 未知性别 and 未说明的性别 mean the same as 未知 and 未说明.
    let key: String =
        word.chars().filter(|c| c.is_alphanumeric() || *c == '/').flat_map(char::to_lowercase).collect();
    let key = key.strip_suffix("性别").map_or(key.as_str(), |rest| rest.trim_end_matches('的'));
    let is = |words: &[&str]| words.contains(&key);
    match () {
        () if key.is_empty() || is(&UNKNOWN) => None,
        () if is(&FEMALE) => Some(GENDERS[0].to_owned()),
        () if is(&MALE) => Some(GENDERS[1].to_owned()),
        () if is(&OTHER) => Some(GENDERS[2].to_owned()),
        () => Some(word.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::on;

    #[test]
    fn ages_are_whole_years_on_the_day() {
        let band =
            |birthday: &str, as_of: &str| age_band(on(birthday), on(as_of)).map(|band| AGE_BANDS[band]);
        assert_eq!(band("2001-06-30", "2026-06-29"), Some("18-24"));
        assert_eq!(band("2001-06-30", "2026-06-30"), Some("25-34"));
        assert_eq!(band("2030-01-01", "2026-06-30"), None);
        assert_eq!(band("1900-01-01", "2026-06-30"), None);
    }

    #[test]
    fn genders_have_one_key_in_both_languages() {
        for (words, key) in [
            (&["女", "F", "Female", "女士", " woman "][..], "female"),
            (&["Male", "男", "m", "先生"], "male"),
            (&["其他", "Other", "non-binary"], "other"),
        ] {
            for word in words {
                assert_eq!(gender(word).as_deref(), Some(key), "{word}");
            }
        }
    }

    #[test]
    fn a_gender_that_is_withheld_is_unknown_and_a_code_stays() {
        for word in [
            "",
            " ",
            "-",
            "?",
            "——",
            "未知",
            "保密",
            "未知性别",
            "未说明的性别",
            "unknown",
            "Unknown",
            "U",
            "N/A",
            "n.a.",
            "private",
            "Not Specified",
            "not_specified",
            "prefer not to say",
            "null",
            "不详",
        ] {
            assert_eq!(gender(word), None, "{word}");
        }
        for code in ["0", "1", "2", "9", "X", "GX-3", "c/d"] {
            assert_eq!(gender(code).as_deref(), Some(code), "{code}");
        }
        assert_eq!(gender(" 2 ").as_deref(), Some("2"));
    }

    #[test]
    fn bands_begin_with_their_lowest_age() {
        let as_of = on("2026-06-30");
        for (age, band) in [
            (0, 0),
            (17, 0),
            (18, 1),
            (24, 1),
            (25, 2),
            (34, 2),
            (35, 3),
            (44, 3),
            (45, 4),
            (54, 4),
            (55, 5),
            (64, 5),
            (65, 6),
            (110, 6),
        ] {
            let born = on(&format!("{}-06-30", 2026 - age));
            assert_eq!(age_band(born, as_of), Some(band), "{age}");
        }
        assert_eq!(age_band(on("1915-06-30"), as_of), None);
    }
}
