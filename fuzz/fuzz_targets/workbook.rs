//! Any bytes as a workbook: read with every row accounted for, or refused. calamine panics at much of it, which must
//! not come through; the corpus wants workbooks to begin with (`fixtures/**/*.xls*`).
#![no_main]

use ecrm::parse::source::Input;
use ecrm::parse::{ReadOptions, parse_input};
use ecrm::schema::Wants;
use libfuzzer_sys::fuzz_target;

/// What the files begin with by which they are taken for workbooks: a zip archive, and a compound file.
const BEGINNINGS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"];

fuzz_target!(|data: &[u8]| {
    let mut file = data.to_vec();
    let beginning = BEGINNINGS.into_iter().find(|beginning| data.starts_with(&beginning[..1])).unwrap_or(BEGINNINGS[0]);
    file.resize(file.len().max(beginning.len()), 0);
    file[..beginning.len()].copy_from_slice(beginning);
    let options = ReadOptions { wants: Wants::everything(), ..ReadOptions::default() };
    for parsed in parse_input(&Input::bytes("fuzz", file), false, &options).into_iter().flat_map(|input| input.files) {
        let accounting = parsed.accounting();
        assert!(accounting.is_balanced(), "{accounting:?}");
    }
});
