//! Reads amounts in any notation: currency marks, units, grouping, brackets, notes, powers of ten, many decimals.

use std::borrow::Cow;

use crate::parse::value::currency::{self, Mark};
use crate::parse::value::money::DecimalMark;
use crate::schema::money::{Micros, SCALE, UNIT};

/// The parts of a cell that holds an amount.
#[derive(Debug)]
pub(super) struct Written<'a> {
    is_negative: bool,
    /// Digits and separators; the column decides what the separators mean.
    digits: Cow<'a, str>,
    /// The power of ten by which the digits are multiplied.
    pub(super) exponent: Option<i32>,
    /// Currencies named before the amount, behind it, and in the note behind it.
    pub(super) currencies: [Option<Mark>; 3],
}

/// Stands for a decimal mark other than point and comma (Arabic `٫`).
const DECIMAL: char = '\u{66b}';

impl<'a> Written<'a> {
    /// Splits a trimmed cell into its parts; `None` if it holds no amount.
    pub(super) fn of(cell: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(cell).ok()?;
        let text = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(plain_characters(text)) };
        let whole: &str = &text;
        let first = first_digit(whole)?;
        let (head, rest) = whole.split_at(first);
        let (rest, note) = without_note(rest);
        let end = rest.rfind(|c: char| c.is_ascii_digit()).map_or(rest.len(), |last| last + 1);
        let (number, tail) = rest.split_at(end);
        let mut signs = Signs::default();
        let before = signs.word(head.trim_start_matches(['=', '"', '\'']))?;
        let tail = tail.trim_end_matches(['"', '\'']);
        // A price without cents: 49,- or 49.-
        let behind = match tail.strip_prefix([',', '.']) {
            Some(rest) => signs.word(rest.strip_prefix('-').unwrap_or(rest))?,
            None => signs.word(tail)?,
        };
        let (digits, exponent) = match number.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, Some(exponent.parse().ok()?)),
            None => (number, None),
        };
        let range = first..first + digits.len();
        let digits = match &text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
            Cow::Owned(text) => Cow::Owned(text[range].to_owned()),
        };
        let currencies = [before, behind, note.and_then(currency::mark)];
        Some(Self { is_negative: signs.is_negative()?, digits, exponent, currencies })
    }

    /// Whether groups of digits are separated by spaces or apostrophes.
    pub(super) fn has_groups(&self) -> bool {
        self.digits.contains([' ', '\''])
    }

    /// The amount in micro-units; `None` if the digits are not valid with this decimal mark.
    pub(super) fn micros(&self, mark: DecimalMark) -> Option<Micros> {
        let (group, point) = match mark {
            DecimalMark::Point => (',', '.'),
            DecimalMark::Comma => ('.', ','),
        };
        let (whole, fraction) = self.digits.split_once([point, DECIMAL]).unwrap_or((&self.digits, ""));
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let micros = match self.exponent {
            None => ungrouped(whole, fraction, group)?,
            Some(exponent) => powered(whole, fraction, exponent)?,
        };
        Some(Micros::new(if self.is_negative { -micros } else { micros }))
    }
}

/// The text around an amount's digits.
#[derive(Debug, Default)]
struct Signs {
    has_minus: bool,
    opened: bool,
    closed: bool,
}

impl Signs {
    /// Removes signs and brackets from the text on one side of the digits; the rest must be a currency.
    fn word(&mut self, side: &str) -> Option<Option<Mark>> {
        let mut word = String::new();
        for character in side.chars() {
            match character {
                '-' => self.has_minus = true,
                '+' | ' ' | '\'' => {}
                '(' => self.opened = true,
                ')' => self.closed = true,
                other => word.push(other),
            }
        }
        match word.as_str() {
            "" => Some(None),
            word => currency::mark(word).map(Some),
        }
    }

    fn is_negative(&self) -> Option<bool> {
        (self.opened == self.closed).then_some(self.has_minus || self.opened)
    }
}

/// Start of the digits: the first digit, or a decimal mark in front of it that does not end a word (`Rs.500`, `S/.12`).
fn first_digit(text: &str) -> Option<usize> {
    let digit = text.find(|c: char| c.is_ascii_digit())?;
    let before = &text[..digit];
    let Some(rest) = before.strip_suffix(['.', ',']) else { return Some(digit) };
    let is_of_word = rest.chars().next_back().is_some_and(|c| c.is_alphabetic() || c == '/');
    Some(if is_of_word { digit } else { digit - 1 })
}

/// Splits off a note in brackets behind the amount (`499.00（含运费）`).
fn without_note(text: &str) -> (&str, Option<&str>) {
    match text.split_once('(') {
        Some((amount, note)) => (amount, Some(note.trim_end_matches(')').trim())),
        None => (text, None),
    }
}

/// The text with each character in its plain form.
fn plain_characters(text: &str) -> String {
    let plain = |character: char| {
        Some(match character {
            '０'..='９' => char::from(b'0' + (character as u32 - '０' as u32) as u8),
            '\u{660}'..='\u{669}' => char::from(b'0' + (character as u32 - 0x660) as u8),
            '\u{6f0}'..='\u{6f9}' => char::from(b'0' + (character as u32 - 0x6f0) as u8),
            '．' => '.',
            '，' => ',',
            '（' => '(',
            '）' => ')',
            '−' | '－' | '–' | '—' | '\u{2010}' | '\u{2011}' | '﹣' => '-',
            '＋' => '+',
            '’' | '‘' | 'ʼ' | '＇' | '´' | '\u{66c}' => '\'',
            // Marks of writing direction, and characters without width.
            '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{200b}' | '\u{feff}' | '\u{2066}'..='\u{2069}' => {
                return None;
            }
            other if other.is_whitespace() => ' ',
            other => other,
        })
    };
    text.chars().filter_map(plain).collect()
}

/// Micro-units of a grouped whole number and its fraction.
fn ungrouped(whole: &str, fraction: &str, group: char) -> Option<i64> {
    let mark = whole.chars().find(|c| !c.is_ascii_digit());
    if mark.is_some_and(|mark| mark != group && !matches!(mark, ' ' | '\'')) {
        return None;
    }
    let mut digits = String::with_capacity(whole.len());
    match mark {
        None => digits.push_str(whole),
        // A number uses one separator between its groups.
        Some(mark) => {
            let groups: Vec<&str> = whole.split(mark).collect();
            let (first, last) = (groups[0], groups.len() - 1);
            // No number begins with a group of zeros.
            if first.is_empty() || first.len() > 3 || first.starts_with('0') {
                return None;
            }
            // Western groups have three digits; Indian ones two, except the last.
            let is_group =
                |(i, part): (usize, &&str)| part.len() == 3 || (mark == ',' && part.len() == 2 && i < last);
            if !groups.iter().enumerate().skip(1).all(is_group) {
                return None;
            }
            groups.iter().for_each(|part| digits.push_str(part));
        }
    }
    let whole: i64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    whole.checked_mul(UNIT)?.checked_add(rounded_fraction(fraction))
}

/// Micro-units of a number times a power of ten.
fn powered(whole: &str, fraction: &str, exponent: i32) -> Option<i64> {
    const MAX_EXPONENT: i32 = 18;
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) || exponent.abs() > MAX_EXPONENT {
        return None;
    }
    // Moves the decimal mark to the right or to the left.
    let places = exponent.unsigned_abs() as usize;
    let (whole, fraction) = if exponent >= 0 {
        let fraction = format!("{fraction:0<places$}");
        (format!("{whole}{}", &fraction[..places]), fraction[places..].to_owned())
    } else {
        let whole = format!("{whole:0>width$}", width = places + 1);
        let (whole, moved) = whole.split_at(whole.len() - places);
        (whole.to_owned(), format!("{moved}{fraction}"))
    };
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(UNIT)?.checked_add(rounded_fraction(&fraction))
}

/// Micro-units of the digits of a fraction, rounded half up at the sixth.
fn rounded_fraction(fraction: &str) -> i64 {
    let digit = |i: usize| fraction.as_bytes().get(i).map_or(0, |b| i64::from(b - b'0'));
    let micros = (0..SCALE as usize).fold(0, |value, i| value * 10 + digit(i));
    micros + i64::from(digit(SCALE as usize) >= 5)
}
