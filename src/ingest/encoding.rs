//! Which bytes are which characters.
//!
//! Delimiters, quotes and line ends are below 0x30, and no trailing byte of GB18030, Big5, Shift-JIS or EUC is:
//! such files are split as they are and only the cells that are needed and not plain ASCII get decoded. UTF-16
//! is turned into UTF-8 on the way in ([`super::source::Source::transcoded`]).

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// How the cells of a file are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellEncoding {
    /// UTF-8.
    Utf8,
    /// The head of the file was plain ASCII: what comes later is UTF-8 or else GB18030.
    Ascii,
    /// One of the encodings of the WHATWG standard.
    Other(&'static Encoding),
}

impl CellEncoding {
    /// The encoding's name, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Ascii => "ASCII",
            Self::Other(encoding) => encoding.name(),
        }
    }

    /// The encoding, where it is one of UTF-16, which must be transcoded as a whole.
    pub fn utf16(self) -> Option<&'static Encoding> {
        match self {
            Self::Other(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => Some(encoding),
            _ => None,
        }
    }

    /// A cell as UTF-8; `None` when its bytes are not of this encoding.
    pub fn decode<'a>(self, cell: Cow<'a, [u8]>) -> Option<Cow<'a, [u8]>> {
        if cell.is_ascii() {
            return Some(cell);
        }
        match self {
            Self::Utf8 => std::str::from_utf8(&cell).is_ok().then_some(cell),
            Self::Ascii if std::str::from_utf8(&cell).is_ok() => Some(cell),
            Self::Ascii => decode_other(GB18030, &cell),
            Self::Other(encoding) => decode_other(encoding, &cell),
        }
    }

    /// A word of a preset in the file's own bytes; `None` when the encoding lacks its characters.
    pub fn encode(self, word: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 | Self::Ascii => Some(word.as_bytes().to_vec()),
            Self::Other(encoding) => {
                let (bytes, _, has_unmappable) = encoding.encode(word);
                (!has_unmappable).then(|| bytes.into_owned())
            }
        }
    }
}

fn decode_other<'a>(encoding: &'static Encoding, cell: &[u8]) -> Option<Cow<'a, [u8]>> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(cell)?;
    Some(Cow::Owned(text.into_owned().into_bytes()))
}

/// UTF-16 by its byte order mark, or by the zero bytes that ASCII characters leave in it.
pub fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    if head.starts_with(b"\xFF\xFE") {
        return Some(UTF_16LE);
    }
    if head.starts_with(b"\xFE\xFF") {
        return Some(UTF_16BE);
    }
    let sample = &head[..head.len().min(4096) & !1];
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = sample.len() / 5;
    match () {
        () if sample.len() < 8 || even.max(odd) < many => None,
        () if odd > even * 4 => Some(UTF_16LE),
        () if even > odd * 4 => Some(UTF_16BE),
        () => None,
    }
}

/// The encodings a head may be in, likeliest first.
pub fn candidates(head: &[u8], is_whole: bool) -> Vec<CellEncoding> {
    if head.is_ascii() {
        return vec![CellEncoding::Ascii];
    }
    match std::str::from_utf8(head) {
        Ok(_) => return vec![CellEncoding::Utf8],
        // The head may end in the middle of a character.
        Err(error) if error.error_len().is_none() && !is_whole => return vec![CellEncoding::Utf8],
        Err(_) => {}
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, is_whole);
    let guess = detector.guess(None, Utf8Detection::Deny);
    // GB18030 holds all of GBK; Chinese exports in short files are easily taken for something else.
    let chinese = CellEncoding::Other(GB18030);
    match guess {
        guess if guess == encoding_rs::GBK || guess == GB18030 => vec![chinese],
        guess => vec![CellEncoding::Other(guess), chinese],
    }
}

/// The encoding a user names (`gbk`, `utf-8`, `shift_jis` …).
pub fn named(label: &str) -> Option<CellEncoding> {
    match Encoding::for_label(label.as_bytes())? {
        encoding if encoding == UTF_8 => Some(CellEncoding::Utf8),
        encoding if encoding == encoding_rs::GBK => Some(CellEncoding::Other(GB18030)),
        encoding => Some(CellEncoding::Other(encoding)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_encodings_of_exports_apart() {
        let text =
            "订单编号,买家会员名,买家实际支付金额,订单状态\n1,小明,12.00,交易成功\n2,张三丰,8.00,交易关闭\n";
        assert_eq!(candidates(text.as_bytes(), true), [CellEncoding::Utf8]);
        assert_eq!(candidates(&text.as_bytes()[..4], false), [CellEncoding::Utf8]);
        assert_eq!(candidates(b"order_id\n1\n", true), [CellEncoding::Ascii]);
        let (gbk, _, _) = GB18030.encode(text);
        assert!(candidates(&gbk, true).contains(&CellEncoding::Other(GB18030)));
        let utf16_bytes: Vec<u8> = "order_id,customer".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(utf16(&utf16_bytes), Some(UTF_16LE));
        assert_eq!(utf16(text.as_bytes()), None);
    }

    #[test]
    fn decodes_cells_and_refuses_foreign_bytes() {
        let cell = |bytes: &'static [u8]| Cow::Borrowed(bytes);
        let gbk = cell(b"\xbd\xbb\xd2\xd7");
        assert_eq!(CellEncoding::Ascii.decode(gbk.clone()).as_deref(), Some("交易".as_bytes()));
        assert_eq!(CellEncoding::Other(GB18030).decode(gbk.clone()).as_deref(), Some("交易".as_bytes()));
        assert_eq!(CellEncoding::Utf8.decode(gbk), None);
    }
}
