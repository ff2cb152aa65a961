//! Character encodings: detecting them and decoding cells.
//!
//! Delimiters, quotes and line ends are below 0x30, and no trailing byte of GB18030, Big5, Shift-JIS or EUC is:
//! such files are split as they are and only the cells that are needed and not plain ASCII get decoded. UTF-16
//! is turned into UTF-8 on the way in ([`crate::parse::source::Source::transcoded`]).

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

/// How the cells of a file are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellEncoding {
    /// UTF-8.
    Utf8,
    /// The head of the file is plain ASCII: later cells are read as UTF-8, or else as GB18030.
    Ascii,
    /// One of the encodings of the WHATWG standard.
    Other(&'static Encoding),
}

impl CellEncoding {
    /// Whether the file's bytes are UTF-8. `true` also where the head is plain ASCII.
    pub fn is_utf8(self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// The encoding's name, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Ascii => "ASCII",
            Self::Other(encoding) => encoding.name(),
        }
    }

    /// The encoding, where it is UTF-16, which must be transcoded as a whole.
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

    /// The text as UTF-8 for display: bytes that are not valid in this encoding become replacement characters.
    pub fn lossy<'a>(self, text: &'a [u8]) -> Cow<'a, str> {
        match self {
            Self::Ascii if std::str::from_utf8(text).is_err() => GB18030.decode_without_bom_handling(text).0,
            Self::Utf8 | Self::Ascii => String::from_utf8_lossy(text),
            Self::Other(encoding) => encoding.decode_without_bom_handling(text).0,
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
    if is_utf8(head, is_whole) {
        return vec![CellEncoding::Utf8];
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, is_whole);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let guess = if guess.is_single_byte() { damaged(head).unwrap_or(guess) } else { guess };
    // GB18030 contains all of GBK. In short files the detector often takes Chinese for something else.
    let chinese = CellEncoding::Other(GB18030);
    match guess {
        // Two accented letters of a western text look like one Chinese character. The reading in which more headers are
        // known decides.
        guess if guess == encoding_rs::GBK || guess == GB18030 => {
            vec![chinese, CellEncoding::Other(encoding_rs::WINDOWS_1252)]
        }
        guess => vec![CellEncoding::Other(guess), chinese],
    }
}

/// Whether text is UTF-8 except for a few bytes. Text in other encodings rarely forms valid UTF-8 sequences by chance,
/// so a file with many of them is UTF-8 with a few damaged bytes. Rows with damaged cells are quarantined if those
/// cells are needed.
fn is_utf8(head: &[u8], is_whole: bool) -> bool {
    // The usual case, checked many bytes at a time.
    match std::str::from_utf8(head) {
        Ok(_) => return true,
        Err(error) if error.error_len().is_none() && !is_whole => return true,
        Err(_) => {}
    }
    let (mut certain, mut likely, mut wrong, mut at) = (0, 0, 0, 0);
    for chunk in head.utf8_chunks() {
        for character in chunk.valid().chars().filter(|character| !character.is_ascii()) {
            // Two characters of GB18030 look like a Greek or Cyrillic letter more often than like any other character.
            match u32::from(character) {
                0x100..0x800 => likely += character.len_utf8(),
                _ => certain += character.len_utf8(),
            }
        }
        at += chunk.valid().len() + chunk.invalid().len();
        // The head may end in the middle of a character.
        let is_cut = at == head.len() && !is_whole && is_beginning(chunk.invalid());
        wrong += usize::from(!chunk.invalid().is_empty() && !is_cut);
    }
    wrong == 0 || certain > 2 * wrong || certain + likely > 16 * wrong
}

/// Whether bytes are the beginning of a UTF-8 character.
fn is_beginning(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// The multibyte encoding of a text with a few damaged lines: the detector rules an encoding out because of a single
/// wrong byte, so it is asked about the good lines alone, if there are enough of them.
fn damaged(head: &[u8]) -> Option<&'static Encoding> {
    /// How many readable lines there must be for each damaged one.
    const GOOD: usize = 4;
    let lines = || head.split(|byte| *byte == b'\n').filter(|line| !line.is_ascii());
    [GB18030, SHIFT_JIS, BIG5, EUC_KR, EUC_JP].into_iter().find(|encoding| {
        let is_good =
            |line: &&[u8]| encoding.decode_without_bom_handling_and_without_replacement(line).is_some();
        let bad = lines().filter(|line| !is_good(line)).count();
        if bad == 0 || lines().count() < bad * (GOOD + 1) {
            return false;
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        lines().filter(is_good).for_each(|line| {
            detector.feed(line, false);
            detector.feed(b"\n", false);
        });
        let guess = detector.guess(None, Utf8Detection::Deny);
        guess == *encoding || (guess == encoding_rs::GBK && *encoding == GB18030)
    })
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

    /// Lines of a file in an encoding, each with `text` in it, and one with bytes of no character.
    fn with_a_bad_line(encoding: &'static Encoding, text: &str, good: usize, bad: &[u8]) -> Vec<u8> {
        let (line, _, _) = encoding.encode(text);
        let mut bytes = b"order_id,name\n".to_vec();
        for i in 0..good {
            bytes.extend([format!("{i},").as_bytes(), &line, b"\n"].concat());
            if i == good / 2 {
                bytes.extend([b"x,", bad, b"\n"].concat());
            }
        }
        bytes
    }

    #[test]
    fn a_few_wrong_bytes_do_not_make_a_file_one_of_another_encoding() {
        for bad in [b"\xff".as_slice(), b"\xe5\xae", b"\x80\x81\x82", "ü".as_bytes()] {
            let bytes = with_a_bad_line(UTF_8, "客户，小明", 20, bad);
            assert_eq!(candidates(&bytes, true), [CellEncoding::Utf8], "{bad:?}");
        }
        for (encoding, text) in [
            (GB18030, "张三丰，买家已付款，广东省深圳市"),
            (SHIFT_JIS, "お客様の注文、東京都です"),
            (EUC_KR, "주문이 완료되었습니다 서울특별시"),
            (BIG5, "訂單已完成，臺北市信義區的客戶"),
        ] {
            let bytes = with_a_bad_line(encoding, text, 20, b"\xff\xff");
            assert_eq!(candidates(&bytes, true)[0], CellEncoding::Other(encoding), "{text}");
        }
        // Three characters that look like Cyrillic letters do not make GB18030 UTF-8.
        let (few, _, _) = GB18030.encode("客户\n通通通啊\n");
        assert!(!candidates(&few, true).contains(&CellEncoding::Utf8));
        // At the start, and cut at the end of what is looked at.
        let bytes = ["\u{fffd}".as_bytes(), b"\xc3,", "客户".as_bytes(), b"\xe5\xae"].concat();
        assert_eq!(candidates(&bytes[3..], false), [CellEncoding::Utf8]);
    }

    #[test]
    fn western_files_stay_western() {
        for text in [
            "Müller, Königsstraße 5, Größe M",
            "José García, Peña, Málaga",
            "René, à côté de Liège",
            "12,50 €",
        ] {
            for good in [1, 3, 50] {
                let bytes = with_a_bad_line(encoding_rs::WINDOWS_1252, text, good, b"caf\xe9");
                assert_eq!(
                    candidates(&bytes, true)[0],
                    CellEncoding::Other(encoding_rs::WINDOWS_1252),
                    "{text} {good}"
                );
            }
        }
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
