//! Any text as `ecrm.toml`: taken, or refused by name.
#![no_main]

use ecrm::config::Config;
use ecrm::locale::Lang;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = Config::parse(text, "fuzz.toml") {
        assert!(error.said(Lang::En).0.contains("fuzz.toml"), "{error}");
    }
});
