//! Any bytes as a preset of one's own, and small files read with it: refused, or every row accounted for.
#![no_main]

use ecrm::parse::preset::Preset;
use ecrm::parse::source::Input;
use ecrm::parse::{ReadOptions, parse_input};
use ecrm::schema::Wants;
use libfuzzer_sys::fuzz_target;

/// With a header and without.
const FILES: [&str; 2] = [
    "Ticket,Guest,Leaf total,Poured on,Cup\n1,a,5.00,2026-01-02,warm\n2,b,x,2026-01-03,\n",
    "1,a,2026-01-02,5\n2,b,2026-01-03,6\n",
];

fuzz_target!(|data: &[u8]| {
    let path = std::env::temp_dir().join(format!("ecrm-fuzz-{}.toml", std::process::id()));
    std::fs::write(&path, data).expect("a temporary file");
    let Ok(preset) = Preset::named_or_file(&path.to_string_lossy()) else { return };
    let options = ReadOptions { wants: Wants::everything(), preset: Some(preset), ..ReadOptions::default() };
    for file in FILES {
        let input = Input::bytes("fuzz", file.as_bytes().to_vec());
        for parsed in parse_input(&input, false, &options).into_iter().flat_map(|input| input.files) {
            let accounting = parsed.accounting();
            assert!(accounting.is_balanced(), "{accounting:?}");
        }
    }
});
