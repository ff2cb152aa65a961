//! How personal data in tables, remarks and errors are masked.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex};

use chrono::NaiveDate;
use regex::Regex;

use crate::schema::Personal;
use crate::sync::locked;

/// The masks given in one output. No two people have the same: if two would, the second and further ones get a number
/// at the end, in the order in which they appear (`138****8000`, `138****8000#2`).
#[derive(Debug, Clone, Default)]
pub struct Masks(Arc<Mutex<Given>>);

#[derive(Debug, Default)]
struct Given {
    /// For each mask the people who got it, each with a number in the order of appearance, from 1.
    people: HashMap<String, HashMap<String, usize>>,
    count: u64,
}

impl Masks {
    /// Masks a customer's id: see [`masked`].
    pub fn id<'a>(&self, id: &'a str, is_personal: bool) -> Cow<'a, str> {
        match masked(id, is_personal) {
            Cow::Owned(mask) => self.apart(mask, id).into(),
            same => same,
        }
    }

    /// Masks the e-mail addresses, phone numbers and id-card numbers in a text.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        replaced(text, |found, mask| self.apart(mask, found))
    }

    /// Masks a name, a contact or an address. Many people have the same name, so the mask of a name belongs to
    /// `person`, the customer's id, if that is given.
    pub fn personal(&self, what: Personal, text: &str, person: Option<&str>) -> String {
        match what {
            Personal::Name => match person {
                Some(person) => self.given_to(name_mask(text), format!("id {person}")),
                None => self.apart(name_mask(text), text),
            },
            Personal::Contact => self.apart(contact_mask(text), text),
            Personal::Address => self.apart(address_mask(text), text),
        }
    }

    /// How many masks were given so far. If the number grows while a table is written, something in the table is
    /// masked.
    pub fn count(&self) -> u64 {
        locked(&self.0).count
    }

    /// Makes the mask differ from that of another text, ignoring case and all characters except letters, digits and
    /// `@`.
    fn apart(&self, mask: String, of: &str) -> String {
        let person: String = of.chars().filter(|c| c.is_alphanumeric() || *c == '@').collect();
        self.given_to(mask, person.to_lowercase())
    }

    fn given_to(&self, mut mask: String, person: String) -> String {
        let mut given = locked(&self.0);
        given.count += 1;
        let people = given.people.entry(mask.clone()).or_default();
        let next = people.len() + 1;
        let place = *people.entry(person).or_insert(next);
        if place > 1 {
            mask.push_str(&format!("#{place}"));
        }
        mask
    }
}

/// A customer id as tables show it. E-mail addresses, phone numbers and id-card numbers in it are masked, and with
/// `is_personal` also any number that has as many digits as a phone number.
///
/// ```
/// use ecrm::masks::masked;
/// assert_eq!(masked("someone@example.com", false), "s***ne@example.com");
/// assert_eq!(masked("ann@example.com", false), "a***@example.com");
/// assert_eq!(masked("+8613800138000", false), "+86*******8000");
/// assert_eq!(masked("5550100", true), "5***100");
/// assert_eq!(masked("17850", true), "17850");
/// ```
pub fn masked(id: &str, is_personal: bool) -> Cow<'_, str> {
    const MIN_PHONE_DIGITS: usize = 7;
    if id.contains('@') {
        return email_mask(id).into();
    }
    let digits = id.strip_prefix('+').unwrap_or(id);
    if is_personal && digits.len() >= MIN_PHONE_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return number_mask(id).into();
    }
    replaced(id, |_, mask| mask)
}

/// Shows enough of an e-mail address to distinguish rows, and too little to write to it.
fn email_mask(email: &str) -> String {
    const TELLING: usize = 6;
    let (user, domain) = email.split_once(['@', '＠']).unwrap_or((email, ""));
    let count = user.chars().count();
    let first: String = user.chars().take(1).collect();
    let last: String = user.chars().skip(if count >= TELLING { count - 2 } else { count }).collect();
    format!("{first}***{last}@{domain}")
}

/// Shows the first character of a name, as in `王*` or `A*`.
fn name_mask(name: &str) -> String {
    let first: String = name.trim().chars().take(1).collect();
    format!("{first}*")
}

/// The mask of a contact: an e-mail address, a number, or an id of another kind.
fn contact_mask(contact: &str) -> String {
    /// Anything shorter would be shown almost completely.
    const NUMBER: usize = 7;
    if contact.contains(['@', '＠']) {
        return email_mask(contact);
    }
    let is_number = contact.chars().all(|c| c.is_numeric() || matches!(c, '+' | '-' | '(' | ')' | ' ' | '.'));
    if is_number && contact.chars().filter(|c| c.is_numeric()).count() >= NUMBER {
        return number_mask(contact);
    }
    let (first, last) = (contact.chars().next(), contact.chars().next_back());
    let last = last.filter(|_| contact.chars().count() > 3);
    first.into_iter().chain("***".chars()).chain(last).collect()
}

/// Shows the beginning of an address, which is often the province.
fn address_mask(address: &str) -> String {
    const TELLING: usize = 2;
    let first: String = address.trim().chars().take(TELLING).collect();
    format!("{first}***")
}

/// Hides the middle digits of a number. Characters between the digits that are shown are kept.
fn number_mask(number: &str) -> String {
    const MOBILE: usize = 11;
    let has_plus = number.starts_with('+');
    let count = number.chars().filter(|c| c.is_numeric()).count();
    let (first, last) = match count {
        MOBILE.. => (3 - usize::from(has_plus), 4),
        _ => (1, 3),
    };
    let mut place = 0;
    let hide = |c: char| {
        if !c.is_numeric() {
            return c;
        }
        place += 1;
        if place > first && place + last <= count { '*' } else { c }
    };
    number.chars().map(hide).collect()
}

/// Replaces everything personal in a text by what `replace` returns for the text that was found and its mask.
fn replaced<'a>(text: &'a str, mut replace: impl FnMut(&str, String) -> String) -> Cow<'a, str> {
    /// A phone number has at least this many digits.
    const DIGITS: usize = 7;
    if !text.contains(['@', '＠']) && text.chars().filter(|c| c.is_numeric()).count() < DIGITS {
        return text.into();
    }
    let mut out = String::new();
    let (mut copied, mut from) = (0, 0);
    while let Some(found) = PERSONAL.find_at(text, from) {
        let Some((range, mask)) = mask_of(text, found.range()) else {
            from = found.start() + text[found.start()..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        out.push_str(&text[copied..range.start]);
        out.push_str(&replace(&text[range.clone()], mask));
        (copied, from) = (range.end, range.end);
    }
    if copied == 0 {
        return text.into();
    }
    out.push_str(&text[copied..]);
    out.into()
}

/// E-mail addresses; numbers as long as those of Chinese id cards; and phone numbers as they are written: with a `+`,
/// Chinese mobile numbers, North American numbers, Chinese landlines, and national numbers of ten or eleven digits that
/// begin with 0.
static PERSONAL: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?x)
        [\p{L}\p{N}._%+'-]+ [@＠] [\p{L}\p{N}-]+ (?: \. [\p{L}\p{N}-]+ )*
        | \d{17} [\dXx] | \d{15}
        | \+ \d (?: [\ \x{a0}-]? \(? \d \)? ){7,14}
        | (?: (?:00)? 86 [\ -]? )? [1１][3-9３-９]\d [\ \x{a0}-]? \d{4} [\ \x{a0}-]? \d{4}
        | (?: 1[\ .-] )? (?: \(\d{3}\) \ ? | \d{3} [\ .-] ) \d{3} [\ .-] \d{4}
        | 0\d{2,3} [\ -] \d{7,8}
        | 0[1-9]\d{8,9}";
    // The pattern is constant and covered by the tests.
    #[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
    Regex::new(pattern).unwrap()
});

/// The personal part of a match, and its mask.
fn mask_of(text: &str, range: Range<usize>) -> Option<(Range<usize>, String)> {
    let found = &text[range.clone()];
    if let Some(at) = found.find(['@', '＠']) {
        // If other text runs into an address, as in 邮箱ann@example.com, only the address is masked.
        let before = found[..at].char_indices().rev().find(|(_, c)| !c.is_ascii());
        let skipped = before.map(|(place, c)| place + c.len_utf8()).filter(|end| *end < at).unwrap_or(0);
        return Some((range.start + skipped..range.end, email_mask(&found[skipped..])));
    }
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let is_part = before.is_some_and(|c| c.is_numeric() || matches!(c, '.' | '*'))
        || after.is_some_and(|c| c.is_numeric() || c.is_ascii_alphabetic());
    if is_part {
        return None;
    }
    let digits: Vec<u32> = found.chars().filter_map(digit).collect();
    let is_plain = found.chars().all(char::is_numeric);
    let is_meant = match found.chars().count() {
        18 if found.chars().take(17).all(char::is_numeric) => is_id_card(&digits, found),
        15 if is_plain => is_old_id_card(&digits) || matches!(digits[..6], [0, 0, 8, 6, 1, 3..=9]),
        _ => true,
    };
    is_meant.then(|| (range, number_mask(found)))
}

/// The value of a digit, ASCII or full-width.
fn digit(c: char) -> Option<u32> {
    match c {
        '０'..='９' => Some(c as u32 - '０' as u32),
        _ => c.to_digit(10),
    }
}

/// Whether digits are a Chinese id-card number: a province, a date of birth and a check digit (GB 11643-1999).
fn is_id_card(digits: &[u32], text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check =
        text.chars().next_back().map(|c| digit(c).and_then(|d| char::from_digit(d, 10)).unwrap_or('X'));
    is_province(digits) && is_day(&digits[6..14]) && check == Some(CHECKS[(sum % 11) as usize])
}

/// Whether digits are an id-card number from before 1999, which has a year of two digits and no check digit.
fn is_old_id_card(digits: &[u32]) -> bool {
    let day: Vec<u32> = [1, 9].into_iter().chain(digits[6..12].iter().copied()).collect();
    is_province(digits) && is_day(&day)
}

fn is_province(digits: &[u32]) -> bool {
    matches!(digits[0] * 10 + digits[1], 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
}

/// Whether eight digits are a year, month and day on which a living person may have been born.
fn is_day(digits: &[u32]) -> bool {
    let number = |range: Range<usize>| digits[range].iter().fold(0, |number, digit| number * 10 + digit);
    let year = number(0..4);
    (1880..2100).contains(&year) && NaiveDate::from_ymd_opt(year as i32, number(4..6), number(6..8)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_safe_on_odd_ids() {
        assert_eq!(masked("@x", true), "***@x");
        assert_eq!(masked("5550100", true), "5***100");
        assert_eq!(masked("小明@例子.cn", false), "小***@例子.cn");
        assert_eq!(masked("12345", true), "12345");
        assert_eq!(masked("13800138000", false), "138****8000");
        assert_eq!(masked("wx_13800138000", false), "wx_138****8000");
    }

    #[test]
    fn what_identifies_people_is_masked_within_texts() {
        for (text, shown) in [
            ("call 13800138000 now", "call 138****8000 now"),
            ("电话：138-0013-8000。", "电话：138-****-8000。"),
            ("+86 138 0013 8000", "+86 *** **** 8000"),
            ("8613800138000", "861******8000"),
            ("008613800138000", "008********8000"),
            ("1３８００１３８０００", "1３８****８０００"),
            ("13800138000.0", "138****8000.0"),
            ("(555) 123-4567, 555.123.4567", "(5**) ***-*567, 5**.***.*567"),
            ("1-800-555-0100", "1-80*-***-0100"),
            ("+49 (30) 1234567", "+49 (**) ***4567"),
            ("0755-12345678", "075*-****5678"),
            ("0912345678 01711234567", "0******678 017****4567"),
            ("邮箱ann.lee@example.com的", "邮箱a***ee@example.com的"),
            ("11010519491231002X", "110**********1002X"),
            ("id 110105491231002.", "id 110********1002."),
        ] {
            assert_eq!(Masks::default().text(text), shown);
        }
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for text in [
            "order 1930679858170647",
            "110105194912310021", // the check digit is wrong
            "123456789012345678",
            "2026-01-31 10:00:00",
            "12345678901",
            "0000012345",
            "012345678905",
            "1466000000000",
            "0.13800138000",
            "3f13800138000ab",
            "rows 1,380,013,800",
            "2014-12-06 02 -0400",
            "192.168.100.1000",
            "orders-20260131-120000.csv",
        ] {
            assert_eq!(Masks::default().text(text), text);
        }
    }

    #[test]
    fn names_and_contacts_are_masked_by_what_they_are() {
        use Personal::{Address, Contact, Name};
        let masks = Masks::default();
        for (what, text, person, shown) in [
            (Name, "王小明", Some("c1"), "王*"),
            // Another person with the same name, then the first person again.
            (Name, "王小明", Some("c2"), "王*#2"),
            (Name, "王小明", Some("c1"), "王*"),
            (Name, "Ann Li", None, "A*"),
            (Contact, "13800000001", Some("c1"), "138****0001"),
            (Contact, "ann.lee@example.com", None, "a***ee@example.com"),
            (Contact, "ann_wx", None, "a***x"),
            (Contact, "10001", None, "1***1"),
            (Contact, "ab", None, "a***"),
            (Contact, "138****0003", None, "1***3"),
            (Address, "浙江省杭州市西湖区1号", None, "浙江***"),
        ] {
            assert_eq!(masks.personal(what, text, person), shown, "{text}");
        }
        assert_eq!(masks.count(), 11);
    }

    #[test]
    fn no_two_people_share_a_mask_and_nobody_has_two() {
        let masks = Masks::default();
        let shown: Vec<String> =
            ["13800138000", "13811118000", "138 0013 8000", "13822228000", "13811118000"]
                .map(|phone| masks.id(phone, false).into_owned())
                .into();
        assert_eq!(
            shown,
            ["138****8000", "138****8000#2", "138 **** 8000", "138****8000#3", "138****8000#2"]
        );
        assert_eq!(masks.text("13822228000 and ann@x.cn"), "138****8000#3 and a***@x.cn");
        assert_eq!((masks.id("Amy@x.cn", false), masks.id("AMY@x.cn", false)).0, "A***@x.cn");
        assert_eq!(masks.count(), 9);
    }
}
