//! Any bytes as an amount.
#![no_main]

use ecrm::schema::packed::Packed;
use ecrm::parse::value::money::{self, Amount, Cells, DecimalMark};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|cell: &[u8]| {
    for mark in [DecimalMark::Point, DecimalMark::Comma] {
        if let Amount::Micros(micros) = money::parse(cell, mark) {
            assert!(micros.abs() <= money::MAX);
        }
    }
    // The common case is read alike by its own parser.
    if let Some(plain) = money::plain(Packed::of(cell)) {
        assert_eq!(money::parse(cell, DecimalMark::Point), Amount::Micros(plain));
    }
    let mut cells = Cells::default();
    cells.add(cell);
    let _ = (cells.evident(), money::currencies(cell));
});
