//! Days as people and programs read them.

use std::sync::LazyLock;

use chrono::Datelike;

use super::date_of;
use crate::packed::Short;

/// Appends a day as `2016-05-23`; nothing when chrono cannot hold it.
pub fn write_iso(out: &mut Vec<u8>, day: i32) {
    match usual(day) {
        Some(text) => out.extend_from_slice(text),
        None => write_any_iso(out, day),
    }
}

/// A day of our time as [`write_iso`] writes it, with what stands behind it.
#[inline]
pub fn short_iso(day: i32, behind: u8) -> Option<Short> {
    let mut bytes = [0; 16];
    let text = usual(day)?;
    bytes[..text.len()].copy_from_slice(text);
    Short::of(u128::from_le_bytes(bytes), text.len(), behind)
}

/// Millions of rows have a few thousand days.
#[inline]
fn usual(day: i32) -> Option<&'static [u8; 10]> {
    static USUAL: LazyLock<Vec<[u8; 10]>> = LazyLock::new(|| {
        let mut texts = Vec::new();
        for day in USUAL_DAYS {
            let mut text = Vec::new();
            write_any_iso(&mut text, day);
            texts.extend(<[u8; 10]>::try_from(text));
        }
        texts
    });
    USUAL.get(usize::try_from(day.checked_sub(USUAL_DAYS.start)?).ok()?)
}

/// 2000 to 2049.
const USUAL_DAYS: std::ops::Range<i32> = 10_957..29_220;

fn write_any_iso(out: &mut Vec<u8>, day: i32) {
    let Some(date) = date_of(day) else { return };
    let (year, month, day) = (date.year(), date.month(), date.day());
    if !(1000..=9999).contains(&year) {
        return out.extend_from_slice(date.to_string().as_bytes());
    }
    let digit = |number: u32| b'0' + (number % 10) as u8;
    let year = year as u32;
    let text = [
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        b'-',
        digit(month / 10),
        digit(month),
        b'-',
        digit(day / 10),
        digit(day),
    ];
    out.extend_from_slice(&text);
}
