//! Any bytes as an amount.
#![no_main]

use ecrm::ingest::value::money::{self, Amount};
use ecrm::packed::Packed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|cell: &[u8]| {
    for decimal_comma in [false, true] {
        if let Amount::Micros(micros) = money::parse(cell, decimal_comma) {
            assert!(micros.abs() <= money::MAX);
        }
    }
    // The common case is read alike by its own parser.
    if let Some(plain) = money::plain(Packed::of(cell)) {
        assert_eq!(money::parse(cell, false), Amount::Micros(plain));
    }
    let _ = (money::needs_decimal_comma(cell), money::needs_decimal_point(cell));
});
