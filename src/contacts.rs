//! Whether a contact can be valid: phone numbers, e-mail addresses, WeChat ids and QQ numbers.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use email_address::EmailAddress;
use phonenumber::ParseError;
use phonenumber::country::Id;

use crate::parse::value::id;

/// The country of a place, for judging phone numbers there: from an ISO 3166 code, or from one of the names of regions.
///
/// ```
/// use ecrm::contacts::{country, is_phone};
/// assert_eq!(is_phone("138 0000 0001", country("中国")), Some(true));
/// assert_eq!(is_phone("(212) 555-0123", country("US")), Some(true));
/// assert_eq!(is_phone("555-0123", country("Atlantis")), None);
/// ```
pub fn country(name: &str) -> Option<Id> {
    const NAMES: [(&str, &str); 30] = [
        ("中国", "CN"),
        ("china", "CN"),
        ("香港", "HK"),
        ("hong kong", "HK"),
        ("澳门", "MO"),
        ("台湾", "TW"),
        ("taiwan", "TW"),
        ("united states", "US"),
        ("united states of america", "US"),
        ("usa", "US"),
        ("united kingdom", "GB"),
        ("uk", "GB"),
        ("germany", "DE"),
        ("deutschland", "DE"),
        ("france", "FR"),
        ("spain", "ES"),
        ("españa", "ES"),
        ("italy", "IT"),
        ("italia", "IT"),
        ("netherlands", "NL"),
        ("ireland", "IE"),
        ("eire", "IE"),
        ("canada", "CA"),
        ("australia", "AU"),
        ("japan", "JP"),
        ("india", "IN"),
        ("brazil", "BR"),
        ("brasil", "BR"),
        ("mexico", "MX"),
        ("singapore", "SG"),
    ];
    let folded = name.trim().to_lowercase();
    let known = NAMES.iter().find(|(known, _)| *known == folded).map(|(_, code)| *code);
    match known {
        Some(code) => code.parse().ok(),
        None => folded.to_uppercase().parse().ok(),
    }
}

/// Why a contact in an export reaches nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Characters are replaced by asterisks, as in `138****0001`.
    Masked,
    /// It has fewer digits or characters than any valid contact.
    TooShort,
    /// It has more digits or characters than any valid contact.
    TooLong,
    /// A phone number that begins with the code of no country.
    NoCountry,
    /// A phone number in a range that its country has not assigned.
    NotGivenOut,
    /// Not written as a contact: an address without a domain, a nickname, a word.
    Malformed,
}

impl Fault {
    /// All of them, in the order in which lists show them.
    pub const ALL: [Self; 6] =
        [Self::Masked, Self::Malformed, Self::TooShort, Self::TooLong, Self::NoCountry, Self::NotGivenOut];

    /// Its name in machine formats and in the translations.
    pub fn code(self) -> &'static str {
        match self {
            Self::Masked => "masked",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::NoCountry => "no_such_country",
            Self::NotGivenOut => "not_given_out",
            Self::Malformed => "malformed",
        }
    }
}

/// Whether a phone number can be valid, otherwise why not. This follows Google's rules for the number's country: the
/// country that the number names (`+44 …`), or else `home`. `None` if the country is unknown; Chinese mobile numbers
/// are recognised without it.
pub fn judge_phone(number: &str, home: Option<Id>) -> Option<Result<(), Fault>> {
    const CHINESE_MOBILE: usize = 11;
    if number.contains('*') {
        return Some(Err(Fault::Masked));
    }
    let digits = id::phone(number.as_bytes());
    let digits = String::from_utf8_lossy(&digits).into_owned();
    let is_mobile = digits.len() == CHINESE_MOBILE && digits.starts_with('1');
    // A Chinese mobile number was normalized to eleven digits, so the country code is looked for in the original text.
    let bare: String = number.chars().filter(char::is_ascii_digit).collect();
    let bare = bare.strip_prefix("00").unwrap_or(&bare);
    let is_chinese = is_mobile && bare.strip_prefix("86").is_some_and(|rest| rest.starts_with(&digits));
    let home = if is_chinese { Some(Id::CN) } else { home };
    if let Some(abroad) = digits.strip_prefix("00") {
        let of_abroad = assigned(None, &format!("+{abroad}"));
        return Some(match home {
            Some(_) => of_abroad.or_else(|_| assigned(home, &digits)),
            None => of_abroad,
        });
    }
    if digits.starts_with('+') || digits.is_empty() {
        return Some(assigned(None, &digits));
    }
    match home {
        Some(_) => Some(assigned(home, &digits)),
        None if is_mobile && assigned(Some(Id::CN), &digits).is_ok() => Some(Ok(())),
        None => None,
    }
}

/// The number of digits after the leading 1 that make the block of a Chinese mobile number, see [`mobile_block`].
const BLOCK_DIGITS: usize = 4;

/// The judgement about each block of Chinese mobile numbers. Evaluating the rules is slow and makes threads wait for
/// each other, while a shop has millions of such numbers in only a few thousand blocks.
static MOBILES: [OnceLock<Result<(), Fault>>; 10_usize.pow(BLOCK_DIGITS as u32)] =
    [const { OnceLock::new() }; 10_usize.pow(BLOCK_DIGITS as u32)];

/// The block of a Chinese mobile number: the second to the fifth of its eleven digits. China assigns all numbers of a
/// block or none. `None` for a number of another kind, and for those that begin with 179: they call through another
/// carrier, so later digits decide.
fn mobile_block(digits: &str) -> Option<usize> {
    const LENGTH: usize = 11;
    let is_mobile = digits.len() == LENGTH
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(digits.as_bytes()[..2], [b'1', b'3'..=b'9'])
        && !digits.starts_with("179");
    if is_mobile { digits[1..=BLOCK_DIGITS].parse().ok() } else { None }
}

/// Whether a number is in a range that a country has assigned.
fn assigned(home: Option<Id>, digits: &str) -> Result<(), Fault> {
    match mobile_block(digits).filter(|_| home == Some(Id::CN)) {
        Some(block) => *MOBILES[block].get_or_init(|| assigned_by_rules(home, digits)),
        None => assigned_by_rules(home, digits),
    }
}

/// As [`assigned`], but always evaluates the rules.
fn assigned_by_rules(home: Option<Id>, digits: &str) -> Result<(), Fault> {
    match phonenumber::parse(home, digits) {
        Ok(number) if phonenumber::is_valid(&number) => Ok(()),
        Ok(_) => Err(Fault::NotGivenOut),
        Err(ParseError::TooShortAfterIdd | ParseError::TooShortNsn) => Err(Fault::TooShort),
        Err(ParseError::TooLong) => Err(Fault::TooLong),
        Err(ParseError::InvalidCountryCode) => Err(Fault::NoCountry),
        // The parser fails on a word, which has no digits, and on very few digits.
        Err(_) if digits.is_empty() => Err(Fault::Malformed),
        Err(_) => Err(Fault::TooShort),
    }
}

/// The normalized form of a complete phone number: with the country code (`+44…`) if the country is known, but a
/// Chinese mobile number, or a number of an unknown country, as its digits alone. `None` for a number that [`is_phone`]
/// refuses, and for one that repeats a single digit.
///
/// ```
/// use ecrm::contacts::{country, whole_phone};
/// assert_eq!(whole_phone("020 7946 0000", country("GB")).as_deref(), Some("+442079460000"));
/// assert_eq!(whole_phone("+86 138 0000 0001", None).as_deref(), Some("13800000001"));
/// assert_eq!(whole_phone("138****0001", None), None);
/// ```
pub fn whole_phone(number: &str, home: Option<Id>) -> Option<String> {
    const MIN_DIGITS: usize = 7;
    if is_phone(number, home) == Some(false) {
        return None;
    }
    let digits = String::from_utf8(id::phone(number.as_bytes())).ok()?;
    let mut bare = digits.bytes().filter(u8::is_ascii_digit);
    let first = bare.next()?;
    if bare.clone().count() + 1 < MIN_DIGITS || bare.all(|digit| digit == first) {
        return None;
    }
    if matches!(home, None | Some(Id::CN)) && mobile_block(&digits).is_some() {
        return Some(digits);
    }
    let (abroad, home) = match digits.strip_prefix("00") {
        Some(abroad) => (format!("+{abroad}"), home),
        None => (digits.clone(), home),
    };
    let parse = |text: &str| phonenumber::parse(home, text).ok().filter(phonenumber::is_valid);
    let parsed = parse(&abroad).or_else(|| parse(&digits));
    Some(match parsed.filter(|number| number.country().id() != Some(Id::CN)) {
        Some(number) => number.format().mode(phonenumber::Mode::E164).to_string(),
        None => digits,
    })
}

/// Whether an e-mail address can be valid, otherwise why not: by RFC 5321, with a domain of at least two parts.
pub fn judge_email(address: &str) -> Result<(), Fault> {
    let address = id::email(address.as_bytes());
    let Ok(address) = std::str::from_utf8(&address) else { return Err(Fault::Malformed) };
    let has_domain = address.rsplit_once('@').is_some_and(|(_, domain)| {
        domain.split('.').count() > 1 && domain.split('.').all(|part| !part.is_empty())
    });
    match () {
        () if address.contains('*') => Err(Fault::Masked),
        () if has_domain && EmailAddress::is_valid(address) => Ok(()),
        () => Err(Fault::Malformed),
    }
}

/// Whether a WeChat id can be valid, otherwise why not: a chosen name, an openid, or a phone or QQ number. Masked ids
/// and nicknames are not valid.
pub fn judge_wechat(id: &str) -> Result<(), Fault> {
    let is_of_signs = || id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    of_length(id, 5..=64, is_of_signs)
}

/// Whether a QQ number can be valid, otherwise why not: 5 to 11 digits, not beginning with 0.
pub fn judge_qq(number: &str) -> Result<(), Fault> {
    of_length(number, 5..=11, || number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0'))
}

fn of_length(
    id: &str,
    length: RangeInclusive<usize>,
    is_well_formed: impl Fn() -> bool,
) -> Result<(), Fault> {
    match () {
        () if id.contains('*') => Err(Fault::Masked),
        () if !is_well_formed() => Err(Fault::Malformed),
        () if id.len() < *length.start() => Err(Fault::TooShort),
        () if id.len() > *length.end() => Err(Fault::TooLong),
        () => Ok(()),
    }
}

/// Whether a phone number can be valid; `None` if its country is unknown. See [`judge_phone`].
pub fn is_phone(number: &str, home: Option<Id>) -> Option<bool> {
    judge_phone(number, home).map(|judged| judged.is_ok())
}

/// Whether an e-mail address can be valid. See [`judge_email`].
pub fn is_email(address: &str) -> bool {
    judge_email(address).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected results are those of Google's own demonstration of these rules.
    #[test]
    fn phones_are_judged_by_their_country() {
        for (number, home, is_right) in [
            ("13800000001", Some("CN"), Some(true)),
            ("+86 138-0000-0001", Some("US"), Some(true)),
            ("0086 13800000001", Some("DE"), Some(true)),
            ("8613800000001", None, Some(true)),
            ("13800000001", Some("US"), Some(false)),
            ("021-62345678", Some("CN"), Some(true)),
            ("1380000000", Some("CN"), Some(false)),
            ("138****0001", Some("CN"), Some(false)),
            ("12345678901", Some("CN"), Some(false)),
            ("2125550123", Some("US"), Some(true)),
            ("0125550123", Some("US"), Some(false)),
            ("+44 20 7946 0000", None, Some(true)),
            ("0044 20 7946 0000", None, Some(true)),
            ("+999 12345678", None, Some(false)),
            ("13800000001", None, Some(true)),
            ("2125550123", None, None),
            ("none", Some("CN"), Some(false)),
        ] {
            assert_eq!(is_phone(number, home.and_then(country)), is_right, "{number} {home:?}");
        }
    }

    /// Goes over all blocks, with numbers in which the remaining digits are the same digit six times, for each digit.
    #[test]
    fn all_numbers_of_a_block_are_given_out_or_none() {
        let mut judged = [0, 0];
        for block in 1_3000..=1_9999 {
            let of_block = |digit: u8| format!("{block}{}", char::from(digit).to_string().repeat(6));
            if mobile_block(&of_block(b'0')).is_none() {
                assert_eq!(block / 100, 179);
                continue;
            }
            for number in (b'0'..=b'9').map(of_block) {
                let by_rules = assigned_by_rules(Some(Id::CN), &number);
                assert_eq!(assigned(Some(Id::CN), &number), by_rules, "{number}");
                judged[usize::from(by_rules.is_ok())] += 1;
            }
        }
        // There are 7,000 blocks without the 100 that begin with 179. Some are assigned and some are not.
        assert!(judged[0] > 0 && judged[1] > 0, "{judged:?}");
        assert_eq!(judged[0] + judged[1], 69_000);
    }

    #[test]
    fn blocks_are_those_of_chinese_mobile_numbers() {
        for (digits, block) in [
            ("13800000001", Some(3_800)),
            ("19999999999", Some(9_999)),
            ("13000000000", Some(3_000)),
            ("12800000001", None),
            ("17900000001", None),
            ("23800000001", None),
            ("1380000000", None),
            ("138000000011", None),
            ("+3800000001", None),
            ("1380000000x", None),
        ] {
            assert_eq!(mobile_block(digits), block, "{digits}");
        }
        // In other countries the same digits are other numbers.
        assert_eq!(is_phone("13800000001", country("US")), Some(false));
        assert_eq!(whole_phone("138 0000 0001", country("CN")).as_deref(), Some("13800000001"));
        assert_eq!(whole_phone("138 0000 0001", None).as_deref(), Some("13800000001"));
    }

    #[test]
    fn countries_are_known_by_code_and_by_the_names_that_regions_have() {
        assert_eq!(country("中国"), Some(Id::CN));
        assert_eq!(country("de"), Some(Id::DE));
        assert_eq!(country("United Kingdom"), Some(Id::GB));
        assert_eq!(country(""), None);
        assert_eq!(country("Narnia"), None);
    }

    #[test]
    fn addresses_and_ids_are_judged_by_their_form() {
        for address in ["ann@shop.example", "Ann.Lee+x@Shop.example", "ann@shop.example; bob@shop.example"] {
            assert!(is_email(address), "{address}");
        }
        for address in [
            "ann",
            "ann@",
            "@shop.example",
            "ann@localhost",
            "a b@shop.example",
            "a***n@shop.example",
            "ann@shop..example",
        ] {
            assert!(!is_email(address), "{address}");
        }
        for (id, judged) in [
            ("ann_wx", Ok(())),
            ("o6_bmjrPTlm6_2sgVt7hMZOPfL2M", Ok(())),
            ("小明", Err(Fault::Malformed)),
            ("ann", Err(Fault::TooShort)),
            ("an***wx", Err(Fault::Masked)),
            (&"a".repeat(65), Err(Fault::TooLong)),
        ] {
            assert_eq!(judge_wechat(id), judged, "{id}");
        }
        for (number, judged) in [
            ("10001", Ok(())),
            ("1000", Err(Fault::TooShort)),
            ("010001", Err(Fault::Malformed)),
            ("1000a1", Err(Fault::Malformed)),
            ("123456789012", Err(Fault::TooLong)),
        ] {
            assert_eq!(judge_qq(number), judged, "{number}");
        }
    }

    #[test]
    fn why_a_contact_is_wrong_is_said() {
        let china = country("CN");
        for (number, fault) in [
            ("138****0001", Fault::Masked),
            ("none", Fault::Malformed),
            ("1", Fault::TooShort),
            ("+999 12345678", Fault::NoCountry),
            ("12345678901", Fault::NotGivenOut),
            ("+86 138 0000 0001 0000 0000 00", Fault::TooLong),
        ] {
            assert_eq!(judge_phone(number, china), Some(Err(fault)), "{number}");
        }
        assert_eq!(judge_email("a***n@shop.example"), Err(Fault::Masked));
        assert_eq!(judge_email("ann@localhost"), Err(Fault::Malformed));
    }
}
