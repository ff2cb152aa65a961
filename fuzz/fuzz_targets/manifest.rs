//! Any bytes as the manifest of a store: read, or refused by name.
#![no_main]

use ecrm::locale::Lang;
use ecrm::store::Store;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let folder = std::env::temp_dir().join(format!("ecrm-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    std::fs::write(folder.join("ecrm-store.json"), data).expect("a temporary file");
    let store = Store::open(&folder).expect("a folder with a manifest");
    if let Err(error) = store.manifest() {
        assert!(error.said(Lang::En).0.contains("ecrm-store.json"), "{error}");
    }
});
