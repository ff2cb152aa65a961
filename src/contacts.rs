//! Whether somebody can be reached: which phone numbers, e-mail addresses, WeChat and QQ ids can be right.

use email_address::EmailAddress;
use phonenumber::country::Id;

use crate::parse::value::id;

/// The country of a place, for the numbers of its phones: an ISO 3166 code, or one of the names that regions have.
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

/// Whether a phone number can be right, by Google's rules for its country: its own where it names one (`+44 …`), else
/// `home`. `None` where nothing says which country's it is; a Chinese mobile number says so itself.
pub fn is_phone(number: &str, home: Option<Id>) -> Option<bool> {
    const CHINESE_MOBILE: usize = 11;
    if number.contains('*') {
        return Some(false);
    }
    let digits = id::phone(number.as_bytes());
    let digits = String::from_utf8_lossy(&digits).into_owned();
    let is_mobile = digits.len() == CHINESE_MOBILE && digits.starts_with('1');
    // Of Chinese mobile numbers the country code is gone, which says whose they are.
    let bare: String = number.chars().filter(char::is_ascii_digit).collect();
    let bare = bare.strip_prefix("00").unwrap_or(&bare);
    let is_chinese = is_mobile && bare.strip_prefix("86").is_some_and(|rest| rest.starts_with(&digits));
    let home = if is_chinese { Some(Id::CN) } else { home };
    let is_right = |home: Option<Id>, digits: &str| {
        phonenumber::parse(home, digits).is_ok_and(|number| phonenumber::is_valid(&number))
    };
    if let Some(abroad) = digits.strip_prefix("00") {
        return Some(is_right(None, &format!("+{abroad}")) || (home.is_some() && is_right(home, &digits)));
    }
    if digits.starts_with('+') || digits.is_empty() {
        return Some(is_right(None, &digits));
    }
    match home {
        Some(_) => Some(is_right(home, &digits)),
        None if is_mobile && is_right(Some(Id::CN), &digits) => Some(true),
        None => None,
    }
}

/// The one way a whole phone number is written: with the code of its country (`+44…`) where that is known, a Chinese
/// mobile number and one of an unknown country by its digits. None for what [`is_phone`] says cannot be right, and for
/// one digit again and again.
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

/// Whether an e-mail address can be right: as RFC 5321 has them, with a domain that others can write to.
pub fn is_email(address: &str) -> bool {
    let address = id::email(address.as_bytes());
    let Ok(address) = std::str::from_utf8(&address) else { return false };
    let has_domain = address.rsplit_once('@').is_some_and(|(_, domain)| {
        domain.split('.').count() > 1 && domain.split('.').all(|part| !part.is_empty())
    });
    !address.contains('*') && has_domain && EmailAddress::is_valid(address)
}

/// Whether a WeChat id can be right: a name of one's own choice, an openid, or a phone or QQ number; no masked one, and
/// no nickname.
pub fn is_wechat(id: &str) -> bool {
    (5..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Whether a QQ number can be right: 5 to 11 digits, of which the first is no nought.
pub fn is_qq(number: &str) -> bool {
    (5..=11).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !number.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By Google's own demonstration of the same rules.
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
        assert!(is_wechat("ann_wx") && is_wechat("o6_bmjrPTlm6_2sgVt7hMZOPfL2M"));
        assert!(!is_wechat("小明") && !is_wechat("ann") && !is_wechat("an***wx"));
        assert!(is_qq("10001") && !is_qq("1000") && !is_qq("010001") && !is_qq("1000a1"));
    }
}
