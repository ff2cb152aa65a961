//! Any text as the cells of a place: a province's name leads to itself.
#![no_main]

use libfuzzer_sys::fuzz_target;

use ecrm::regions::{Region, Written};

fuzz_target!(|cells: (&str, &str, &str, &str)| {
    let (country, province, city, address) = cells;
    for home in [None, Some("CN")] {
        let region = Region::of(Written { country, province, city, address }, home);
        let again = Written {
            country: &region.country,
            province: &region.province,
            city: &region.city,
            address: "",
        };
        let again = Region::of(again, home);
        assert_eq!(again.folded(), region.folded());
    }
});
