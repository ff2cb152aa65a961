//! Any bytes as the head of a file: recognised, or refused with a clear error.
#![no_main]

use libfuzzer_sys::fuzz_target;

use ecrm::parse::{ReadOptions, layout};

fuzz_target!(|head: &[u8]| {
    let options = ReadOptions::default();
    for is_whole in [true, false] {
        if let Ok(layout) = layout::recognise("fuzz", head, is_whole, None, &options) {
            assert!(layout.body_start <= head.len());
            assert!(layout.columns.values().flatten().all(|column| *column < layout.headers.len()));
        }
    }
});
