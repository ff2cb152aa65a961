//! What an English text and its Chinese translation must have in common, for the tests of both.

use std::collections::BTreeSet;

/// The most Latin words in a row that a Chinese text may have outside code.
const MAX_LATIN_WORDS: usize = 3;

/// Panics unless the Chinese text has the same code, flags and numbers as the English one, and no English sentence.
pub fn hold(name: &str, english: &str, chinese: &str) {
    assert!(!chinese.trim().is_empty(), "{name}: the Chinese is empty");
    assert_eq!(quoted(chinese), quoted(english), "{name}: what stands in backticks");
    assert_eq!(codes(chinese), codes(english), "{name}: names, flags and settings");
    assert_eq!(numbers(chinese), numbers(english), "{name}: numbers");
    if let Some(words) = chinese.lines().find_map(latin) {
        panic!("{name}: English in the Chinese: {words}");
    }
}

/// The texts in backticks, with line breaks as spaces.
fn quoted(text: &str) -> BTreeSet<String> {
    let parts = text.split('`').skip(1).step_by(2);
    parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// All names with an underscore, and all flags.
fn codes(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
    words.filter(|word| word.contains('_') || word.starts_with("--") && word.len() > 2).collect()
}

/// All numbers in digits. A date gives three numbers.
fn numbers(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).collect()
}

/// The first run of Latin words outside code that is longer than [`MAX_LATIN_WORDS`].
fn latin(line: &str) -> Option<String> {
    let (mut words, mut is_code) = (Vec::new(), false);
    for part in line.split('`') {
        if !is_code {
            for word in part.split(' ') {
                if word.is_empty() || !word.chars().all(|c| c.is_ascii_alphabetic()) {
                    words.clear();
                    continue;
                }
                words.push(word);
                if words.len() > MAX_LATIN_WORDS {
                    return Some(words.join(" "));
                }
            }
        }
        words.clear();
        is_code = !is_code;
    }
    None
}

#[test]
fn what_is_not_translated_or_differs_is_found() {
    hold("a", "See `ecrm care`: net_amount of 7 days, --by", "见 `ecrm care`：7 天的 net_amount，--by");
    for (english, chinese) in [
        ("See `ecrm care`", "见 `ecrm check`"),
        ("The net_amount", "净支付金额"),
        ("With --by", "用 --of 时"),
        ("Of 7 days", "最近 30 天"),
        ("Orders that are not paid", "not paid so far 的订单"),
        ("Something", " "),
    ] {
        assert!(std::panic::catch_unwind(|| hold("a", english, chinese)).is_err(), "{english} | {chinese}");
    }
}
