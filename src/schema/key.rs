//! Ids as 16-byte keys: fixed size, exact for every id that fits, so that tens of millions of them can be
//! compared, partitioned and interned without touching their text.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::schema::packed::{Packed, digits};

/// An id. Texts of up to 15 bytes and numbers of up to 36 digits are held whole; anything longer by 120 bits of its
/// XXH3 hash (among 50 million ids, the probability that two share these bits is below 1e-20). The hash is not seeded
/// per run, unlike those of hash tables: a store keeps keys, finds ids by them and partitions its rows by them, so an
/// id must have the same key in every run.
///
/// The low byte is the tag: `0` for no id, `1..=15` for the length of a text, `16..=36` for a number of digits, or
/// [`Key::MASKED`] or a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(from = "[u8; 16]", into = "[u8; 16]")]
pub struct Key(u128);

impl From<[u8; 16]> for Key {
    fn from(bytes: [u8; 16]) -> Self {
        Self::from_bytes(bytes)
    }
}

impl From<Key> for [u8; 16] {
    fn from(key: Key) -> Self {
        key.to_bytes()
    }
}

const TAG_MASKED: u128 = 254;
const TAG_HASH: u128 = 255;
const MAX_TEXT: usize = 15;
const MAX_DIGITS: usize = 36;
const HELD_BY_VIEWS: u32 = 12;

impl Key {
    /// No id given.
    pub const NONE: Self = Self(0);
    /// An id the platform has masked (`t**3`): it names nobody.
    pub const MASKED: Self = Self(TAG_MASKED);

    /// The key of an id's cleaned text.
    pub fn of(text: &[u8]) -> Self {
        if text.len() <= MAX_TEXT {
            let mut bytes = [0_u8; 16];
            bytes[0] = text.len() as u8;
            bytes[1..=text.len()].copy_from_slice(text);
            return Self(u128::from_le_bytes(bytes));
        }
        Self::of_number(text).unwrap_or_else(|| Self(xxh3_128(text) << 8 | TAG_HASH))
    }

    /// The key of an id that needs no cleaning: short, only letters, digits, `_`, `-` and `@`, and either with a digit
    /// in front or at least eight characters long. No decoration, padding, mask, fraction or word for "nothing" looks
    /// like that.
    #[inline(always)]
    pub fn of_plain(text: Packed<'_>) -> Option<Self> {
        const TELLING: usize = 8;
        if text.len() > MAX_TEXT {
            return Self::of_number(text.text());
        }
        let has_digit_first = (text.head() as u8).is_ascii_digit();
        let is_plain = (has_digit_first || text.len() >= TELLING) && text.is_wordlike();
        is_plain.then(|| Self::of_packed(text))
    }

    /// As [`Self::of`].
    #[inline]
    pub fn of_packed(text: Packed<'_>) -> Self {
        match text.len() {
            ..=MAX_TEXT => Self(text.head() << 8 | text.len() as u128),
            _ => Self::of(text.text()),
        }
    }

    /// The key of a text that is stored within its Arrow view: four bytes of length, then up to twelve bytes of text.
    #[inline]
    pub fn of_view(view: u128) -> Option<Self> {
        let len = view as u32;
        (len <= HELD_BY_VIEWS).then(|| Self(view >> u32::BITS << 8 | u128::from(len)))
    }

    /// The inverse of [`Self::of_view`].
    #[inline]
    pub fn view(self) -> Option<u128> {
        let tag = self.0 & 0xff;
        (tag <= u128::from(HELD_BY_VIEWS)).then_some(self.0 >> 8 << u32::BITS | tag)
    }

    /// The key of a number with more digits than a text may have bytes.
    #[inline(never)]
    fn of_number(text: &[u8]) -> Option<Self> {
        let value = digits(text).filter(|_| text.len() <= MAX_DIGITS)?;
        Some(Self(value << 8 | text.len() as u128))
    }

    /// The bytes of the key, for storage.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// The key with these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_le_bytes(bytes))
    }

    /// A number that orders keys by the length of their text, then by the text.
    pub fn rank(self) -> u128 {
        let tag = self.0 & 0xff;
        let is_number = tag > MAX_TEXT as u128 && tag <= MAX_DIGITS as u128;
        if is_number { tag << 120 | self.0 >> 8 } else { self.0.swap_bytes() }
    }

    /// The key with this [`Self::rank`].
    pub fn of_rank(rank: u128) -> Self {
        const TAG_AT: u32 = 120;
        let tag = rank >> TAG_AT;
        let is_number = tag > MAX_TEXT as u128 && tag <= MAX_DIGITS as u128;
        if is_number { Self((rank & ((1 << TAG_AT) - 1)) << 8 | tag) } else { Self(rank.swap_bytes()) }
    }

    /// Whether it is an id, neither missing nor masked.
    pub fn is_usable(self) -> bool {
        self != Self::NONE && self != Self::MASKED
    }

    /// Whether it is a hash, so that the text must be kept elsewhere.
    pub fn is_hash(self) -> bool {
        self.0 & 0xff == TAG_HASH
    }

    /// Whether bytes from elsewhere are those of a key: a text, a number of so many digits, a hash, or one of those
    /// that name nobody.
    pub fn is_sound(self) -> bool {
        const NOT_ASCII: u128 = u128::from_le_bytes([0x80; 16]);
        let (tag, held) = ((self.0 & 0xff) as usize, self.0 >> 8);
        match tag {
            1..=MAX_TEXT => {
                let is_padded = held >> (8 * tag) == 0;
                let bytes = held.to_le_bytes();
                is_padded && (held & NOT_ASCII == 0 || std::str::from_utf8(&bytes[..tag]).is_ok())
            }
            16..=MAX_DIGITS => held < 10_u128.pow(tag as u32),
            _ => self.is_hash() || !self.is_usable(),
        }
    }

    /// 64 well-mixed bits, the same in every run, which decide the partition and place of ids in a store's files. An
    /// attacker can choose ids that agree in all these bits, so hash tables of ids use their own hashes.
    pub fn mix(self) -> u64 {
        let (low, high) = (self.0 as u64, (self.0 >> 64) as u64);
        let product = u128::from(low ^ 0x9e37_79b9_7f4a_7c15) * u128::from(high ^ 0xd1b5_4a32_d192_ed03);
        let folded = (product as u64) ^ ((product >> 64) as u64) ^ low;
        folded.wrapping_mul(0x9fb2_1c65_1e98_df25)
    }

    /// The text, if the key holds it whole.
    pub fn text(self) -> Option<String> {
        if self.is_hash() {
            return None;
        }
        let mut text = String::new();
        self.write_text(&mut text);
        Some(text)
    }

    /// A text of up to 15 bytes, zero-padded; `None` for all other keys.
    #[inline]
    pub fn short_text(self) -> Option<[u8; 16]> {
        let tag = (self.0 & 0xff) as usize;
        ((1..=MAX_TEXT).contains(&tag)).then(|| (self.0 >> 8).to_le_bytes())
    }

    /// The text in the bytes that [`Self::short_text`] returns.
    fn within(self, bytes: &[u8; 16]) -> &str {
        let tag = (self.0 & 0xff) as usize;
        std::str::from_utf8(&bytes[..tag.min(MAX_TEXT)]).unwrap_or_default()
    }

    /// Appends the text, if the key holds it whole.
    pub fn write_text(self, out: &mut String) {
        let tag = (self.0 & 0xff) as usize;
        if let Some(bytes) = self.short_text() {
            out.push_str(self.within(&bytes));
        } else if tag <= MAX_DIGITS && tag > MAX_TEXT {
            use std::fmt::Write;
            // Writing to a String cannot fail.
            let _ = write!(out, "{:0tag$}", self.0 >> 8);
        }
    }
}

/// The number of a customer among [`CustomerIds`]; columns of frames hold the plain number.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerCode(u32);

impl CustomerCode {
    /// The customer of this number.
    #[inline]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number that columns hold.
    #[inline]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The index of this customer in a vector of all customers by code.
    #[inline]
    pub const fn place(self) -> usize {
        self.0 as usize
    }
}

/// The customers of a table: their ids by code, `0..len`.
#[derive(Debug, Default, Clone)]
pub struct CustomerIds {
    keys: Vec<Key>,
    long: HashMap<Key, Box<str>>,
}

impl CustomerIds {
    /// Builds them from the distinct keys in code order, and the texts of those keys that are hashes.
    pub fn new(keys: Vec<Key>, long: HashMap<Key, Box<str>>) -> Self {
        Self { keys, long }
    }

    /// Adds a customer, with the text if the key does not hold it.
    pub fn push(&mut self, key: Key, text: Option<Box<str>>) {
        self.keys.push(key);
        self.long.extend(text.map(|text| (key, text)));
    }

    /// The keys by code.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The codes.
    pub fn codes(&self) -> impl DoubleEndedIterator<Item = CustomerCode> + ExactSizeIterator + Clone + use<> {
        (0..self.keys.len() as u32).map(CustomerCode)
    }

    /// The key of the customer with this code.
    pub fn key(&self, code: CustomerCode) -> Key {
        self.keys[code.place()]
    }

    /// Calls `visit` with the id text of this key.
    pub fn with_text(&self, key: Key, visit: impl FnOnce(&str)) {
        match key.short_text() {
            Some(bytes) => visit(key.within(&bytes)),
            None if key.is_hash() => visit(self.long.get(&key).map_or("", |text| text)),
            None => {
                let mut text = String::new();
                key.write_text(&mut text);
                visit(&text);
            }
        }
    }

    /// The id of the customer with this code.
    pub fn text(&self, code: CustomerCode) -> String {
        self.text_of(self.key(code))
    }

    /// The id that has this key.
    pub fn text_of(&self, key: Key) -> String {
        let mut out = String::new();
        self.with_text(key, |text| out.push_str(text));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_and_long_numbers_are_held_whole() {
        for text in
            ["A", "u000123", "fifteen-bytes-x", "1930679858170647", "0012345678901234567", "小红书买家"]
        {
            let key = Key::of(text.as_bytes());
            assert!(!key.is_hash() && key.is_usable(), "{text}");
            assert_eq!(CustomerIds::new(vec![key], HashMap::new()).text(CustomerCode(0)), text);
            assert_eq!(key.view().is_some(), text.len() <= 12, "{text}");
            assert!(key.view().is_none_or(|view| Key::of_view(view) == Some(key)), "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_key_are_recognised() {
        let digits = "9".repeat(36);
        let texts =
            ["A", "fifteen-bytes-x", "小红书买家", "1930679858170647", &digits, "a text that is hashed"];
        let keys = texts.map(|text| Key::of(text.as_bytes()));
        assert!(keys.into_iter().chain([Key::NONE, Key::MASKED]).all(Key::is_sound));
        let with = |text: &str, place: usize, byte: u8| {
            let mut bytes = Key::of(text.as_bytes()).to_bytes();
            bytes[place] = byte;
            Key::from_bytes(bytes)
        };
        // No text, a text longer than it says, one that is no UTF-8, more digits than it says, and tags that none has.
        for key in [
            with("A", 0, 0),
            with("A", 2, b'B'),
            with("小红书买家", 1, b'A'),
            with("1930679858170647", 15, 1),
            with("A", 0, 37),
            with("A", 0, 253),
            with("A", 0, 254),
        ] {
            assert!(!key.is_sound(), "{key:?}");
        }
    }

    #[test]
    fn plain_ids_are_what_cleaning_makes_of_them() {
        use crate::parse::value::id::{Id, parse};
        for text in ["1930679858170647", "u000123-a_b@c", "C0000001", "7", "0012345678901234567"] {
            assert_eq!(Key::of_plain(Packed::of(text.as_bytes())), Some(Key::of(text.as_bytes())), "{text}");
            assert_eq!(parse(text.as_bytes()), Id::Text(text.as_bytes()), "{text}");
        }
        for text in ["", "7", "paid", "fifteen-bytes-x", "sixteen-bytes-xy", "买家已付款", "等待买家确认收货"]
        {
            assert_eq!(Key::of_packed(Packed::of(text.as_bytes())), Key::of(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "-",
            "null",
            "17850.0",
            "t**3",
            "'1860000000",
            "1.9E+15",
            "小明小明",
            " 12345678",
            "a-long-customer-id",
        ] {
            assert_eq!(Key::of_plain(Packed::of(text.as_bytes())), None, "{text}");
        }
    }

    #[test]
    fn long_texts_are_hashes_and_differ() {
        let (a, b) = (Key::of(b"someone@example.com"), Key::of(b"someone@example.org"));
        assert!(a.is_hash() && b.is_hash() && a != b);
        let ids = CustomerIds::new(vec![a], HashMap::from([(a, "someone@example.com".into())]));
        assert_eq!(ids.text(CustomerCode(0)), "someone@example.com");
    }

    #[test]
    fn leading_zeros_distinguish() {
        assert_ne!(Key::of(b"01234567890123456"), Key::of(b"1234567890123456"));
        assert_ne!(Key::of(b"7"), Key::of(b"07"));
    }

    #[test]
    fn no_id_and_masked_ids_are_not_usable() {
        assert!(!Key::of(b"").is_usable());
        assert!(!Key::MASKED.is_usable());
    }
}
