//! Any bytes as a Parquet file: read with every row accounted for, or refused. polars panics at much of it, which must
//! not come through; the corpus wants Parquet files to begin with.
#![no_main]

use ecrm::parse::source::Input;
use ecrm::parse::{ReadOptions, parse_input};
use ecrm::schema::Wants;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // Without these four bytes at both ends nothing is taken for one.
    let inner = data.strip_prefix(b"PAR1").unwrap_or(data);
    let file = [b"PAR1", inner.strip_suffix(b"PAR1").unwrap_or(inner), b"PAR1"].concat();
    let options = ReadOptions { wants: Wants::everything(), ..ReadOptions::default() };
    for parsed in parse_input(&Input::bytes("fuzz", file), false, &options).into_iter().flat_map(|input| input.files) {
        let accounting = parsed.accounting();
        assert!(accounting.is_balanced(), "{accounting:?}");
    }
});
