//! Any bytes as a date.
#![no_main]

use libfuzzer_sys::fuzz_target;

use ecrm::parse::value::date::{self, DateOrder, DateReader, Day};
use ecrm::schema::iso;

fuzz_target!(|cell: &[u8]| {
    for (order, is_certain) in [(DateOrder::Dmy, false), (DateOrder::Mdy, true)] {
        let zone = is_certain.then_some(chrono_tz::Tz::Asia__Shanghai);
        let epoch_zone = chrono_tz::Tz::UTC;
        let reader = DateReader { order, is_certain, zone, epoch_zone, has_1904_dates: is_certain, is_birthday: false };
        let day = reader.day(cell);
        // The common case is read alike by its own parser.
        if let Some(plain) = date::plain(cell) {
            assert_eq!(day, Day::On(plain));
        }
        if let Day::On(day) | Day::Either(day) | Day::Evident(day, _) = day {
            iso::write_iso(&mut Vec::new(), date::swap_day_and_month(day));
        }
    }
});
