//! Any bytes as an id: what comes out of its wrapping comes out again unchanged, and its key holds it.
#![no_main]

use ecrm::schema::Key;
use ecrm::parse::value::id::{self, Id};
use ecrm::text;
use ecrm::schema::packed::Packed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|cell: &[u8]| {
    let _ = (id::phone(cell), id::email(cell), text::is_null(text::trim(cell)));
    let parsed = id::parse(cell);
    if let Id::Text(found) = parsed {
        assert!(!found.is_empty());
        let key = Key::of(found);
        assert!(key.is_usable());
        if let (Some(text), Ok(found)) = (key.text(), std::str::from_utf8(found)) {
            assert_eq!(text, found);
        }
    }
    // The common case is read alike by its own parser.
    if let Some(plain) = Key::of_plain(Packed::of(cell)) {
        assert_eq!(parsed, Id::Text(cell));
        assert_eq!(plain, Key::of(cell));
    }
});
