//! What the words of a header say about its column.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::error::{Error, Result};
use crate::schema::Field;

type Words = BTreeMap<Field, Vec<(i32, String)>>;

/// How strongly a header speaks for a field: negative if it speaks against it, 0 if it says nothing.
///
/// # Errors
/// When `words.toml` is broken, which a test rules out.
pub(super) fn score(header: &str, field: Field) -> Result<i32> {
    let (best, against) = both(header, field)?;
    Ok(best + against)
}

/// Whether a word of a header speaks for a field, even if another word speaks against it.
///
/// # Errors
/// As [`score`].
pub(super) fn hints(header: &str, field: Field) -> Result<bool> {
    Ok(both(header, field)?.0 > 0)
}

/// How strongly a header speaks for a field, and how strongly against it.
fn both(header: &str, field: Field) -> Result<(i32, i32)> {
    static WORDS: LazyLock<std::result::Result<Words, String>> = LazyLock::new(words);
    let words = WORDS.as_ref().map_err(|message| Error::Internal(message.clone()))?;
    let header = parts(header);
    let found = words.get(&field).into_iter().flatten().filter(|(_, word)| contains(&header, word));
    Ok(found.fold((0, 0), |(best, against), (weight, _)| (best.max(*weight), against + weight.min(&0))))
}

fn words() -> std::result::Result<Words, String> {
    let raw: BTreeMap<String, BTreeMap<String, Vec<String>>> =
        toml::from_str(include_str!("words.toml")).map_err(|error| error.to_string())?;
    let mut words = Words::new();
    for (name, by_weight) in raw {
        let field: Field = name.parse().map_err(|message: crate::locale::Words| message.en)?;
        for (weight, list) in by_weight {
            let weight: i32 = weight.parse().map_err(|_| format!("{name}: no weight is {weight:?}"))?;
            words.entry(field).or_default().extend(list.into_iter().map(|word| (weight, parts(&word))));
        }
    }
    Ok(words)
}

/// A header in lower case with one space around each word: `OrderDate (UTC)` becomes ` order date utc `.
fn parts(header: &str) -> String {
    let mut parts = String::from(" ");
    let mut before = ' ';
    // In lower case, the Turkish capital İ keeps its dot as a separate combining mark.
    const DOT_ABOVE: char = '\u{307}';
    for character in header.chars().filter(|character| *character != DOT_ABOVE) {
        let is_boundary = character.is_uppercase() && before.is_lowercase();
        if is_boundary && !parts.ends_with(' ') {
            parts.push(' ');
        }
        match character.is_alphanumeric() || character == '\'' {
            true => parts.extend(character.to_lowercase().filter(|small| *small != DOT_ABOVE)),
            false if !parts.ends_with(' ') => parts.push(' '),
            false => {}
        }
        before = character;
    }
    if !parts.ends_with(' ') {
        parts.push(' ');
    }
    parts
}

/// Whether a header contains a word: as a separate word, or anywhere in languages without spaces between words. Long
/// words may also begin or end another word (`versand` in `versandkosten`, `datum` in `belegdatum`).
fn contains(header: &str, word: &str) -> bool {
    const MIN_STEM: usize = 5;
    let bare = word.trim();
    if !bare.is_ascii() && bare.chars().any(|c| c as u32 >= 0x2E80) {
        return header.contains(bare);
    }
    let is_stem = bare.chars().count() >= MIN_STEM;
    header.contains(word)
        || (is_stem && (header.contains(&word[..word.len() - 1]) || header.contains(&word[1..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_speak_for_what_they_name() {
        let of = |header| {
            let fields = [
                Field::CreatedAt,
                Field::PaidAmount,
                Field::UnitPrice,
                Field::Quantity,
                Field::OrderId,
                Field::CustomerId,
                Field::Status,
            ];
            let best = fields.into_iter().max_by_key(|field| score(header, *field).expect("words"));
            best.filter(|field| score(header, *field).expect("words") > 0).map(Field::name)
        };
        for (header, field) in [
            ("Sale Day", Some("created_at")),
            ("OrderDate", Some("created_at")),
            ("Fecha de compra", Some("created_at")),
            ("TotalPaid", Some("paid_amount")),
            ("Gesamtbetrag EUR", Some("paid_amount")),
            ("本单总价", Some("paid_amount")),
            ("Price per piece", Some("unit_price")),
            ("Menge", Some("quantity")),
            ("Order Ref", Some("order_id")),
            ("Client Name", Some("customer_id")),
            ("Zustand", Some("status")),
            ("Belegdatum", Some("created_at")),
            ("Gender", None),
            ("Colour", None),
        ] {
            assert_eq!(of(header), field, "{header}");
        }
        for (better, worse) in [
            ("Total collected", "Net sales"),
            ("Net sales", "Gross sales"),
            ("Total Inc Tax", "Total Ex Tax"),
            ("Total Inc Tax", "Subtotal Inc Tax"),
            ("Montant TTC", "Montant HT"),
            ("Betrag brutto", "Betrag netto"),
            ("用户应付金额(元)", "商家应收金额(元)"),
            ("价税合计", "金额"),
            ("Faturalanacak Tutar", "Satış Tutarı"),
        ] {
            let of = |header| score(header, Field::PaidAmount).expect("words");
            assert!(of(better) > of(worse), "{better} {} {worse} {}", of(better), of(worse));
        }
        for (header, field) in [
            ("İndirim Tutarı", Field::PaidAmount),
            ("total_cents", Field::PaidAmount),
            ("金额(分)", Field::PaidAmount),
            ("Total tax", Field::PaidAmount),
            ("Shipping Cost Inc Tax", Field::PaidAmount),
            ("Card issuer", Field::CustomerId),
            ("用户应付金额", Field::CustomerId),
            ("Refund reason", Field::RefundAmount),
            ("Kargoya Teslim Tarihi", Field::CreatedAt),
            ("Ship Date", Field::CreatedAt),
            ("Sales Tax Amount", Field::PaidAmount),
            ("Customer City", Field::CustomerId),
            ("Order Status", Field::OrderId),
            ("Lieferdatum", Field::CreatedAt),
        ] {
            assert!(score(header, field).expect("words") <= 0, "{header}");
        }
    }
}
