//! Dates as exports write them.

use crate::parse::value::date::*;

fn reader(order: DateOrder) -> DateReader {
    DateReader {
        order,
        is_certain: false,
        zone: None,
        epoch_zone: Tz::UTC,
        has_1904_dates: false,
        is_birthday: false,
    }
}

fn on(date: &str) -> i32 {
    days(date.parse().expect("a test date"))
}

#[test]
fn reads_dates_that_begin_with_the_year() {
    for cell in [
        "2016-05-23",
        "2016/5/23 22:02",
        "2016.5.23",
        "2016年5月23日",
        "2016年5月23日 08:00:00",
        "2016-05-23T22:02:33.123Z",
        "2016-05-23 02",
        "2016-05-23 12:00:00 UTC",
        "2016-05-23 21:06:21 +0400",
        "2016-05-23T21:06:21-04:00",
        "2016-05-23 14:31:00 PM",
        "May 23, 2016 14:31:00 PM",
        "23-May-16",
        "20160523",
        "20160523220233",
        "42513",
        "42513.75",
        "1464000000",
        "1464000000000",
        "1464000000000000",
        "1464000000000000000",
        "2016-05-23, 10:15:00 PM",
        "2016-05-23 10:15:00\u{202f}PM",
        "2016/5/23 下午10:15:00",
        "23-May-16 at 10:15 p.m.",
        "Mon May 23 2016 22:05:06 GMT+0100 (Central European Standard Time)",
        "42513,75",
        "2016. 5. 23.",
        "2016. 5. 23. 오후 10:15:00",
        "2016년 5월 23일",
        "2016.5.23 10:15",
    ] {
        assert_eq!(reader(DateOrder::Dmy).day(cell.as_bytes()), Day::On(on("2016-05-23")), "{cell}");
    }
}

#[test]
fn plain_dates_are_what_the_reader_makes_of_them() {
    for cell in [
        "2016-05-23",
        "2016/02/29 23:59:59",
        "1990-01-01T00:00:00",
        "2069-12-31",
        "2016-05-31 19:05:06",
        "2016-05-23 20:00:00",
    ] {
        assert_eq!(
            plain(cell.as_bytes()).map(Day::On),
            Some(reader(DateOrder::Dmy).day(cell.as_bytes())),
            "{cell}"
        );
    }
    for cell in [
        "2016-02-30",
        "2016-05-23 24:00:00",
        "2016-05-23 30:00:00",
        "2016-05-23 20:60:00",
        "2016-05-23 20:00:60",
        "2016-05-23 20:00:0",
        "2016-05-23 20.00.00",
        "2016-05-23x20:00:00",
        "2016-04-31",
        "2016.05.23",
        "2016-05/23",
        "2016-05-2 ",
        "23/05/2016",
        "2016-05-23 0x:00:00",
        "2016-13-01",
        "2016-00-01",
        "2016-05-00",
        "1989-12-31",
        "2070-01-01",
    ] {
        assert_eq!(plain(cell.as_bytes()), None, "{cell}");
    }
}

#[test]
fn wide_characters_and_marks_without_width_are_read_as_plain_ones() {
    let dates = reader(DateOrder::Dmy);
    let moment = (Day::On(on("2016-05-23")), 70_749);
    for cell in [
        "２０１６-０５-２３ １９：３９：０９",
        "\u{200e}2016-05-23\u{200f} 19\u{200b}:39:\u{feff}09",
        "2016-05-23， 19:39:09",
        "2016-05-23\u{a0}19:39:09",
    ] {
        assert_eq!(dates.moment(cell.as_bytes()), moment, "{cell}");
    }
    assert_eq!(dates.day("２０１４-０８-２７".as_bytes()), Day::On(on("2014-08-27")));
}

/// POSIX: 69 to 99 are of the twentieth century, 00 to 68 of the next.
#[test]
fn years_of_two_digits_have_a_century() {
    for (year, digits, expected) in [
        (69, 2, Some(1969)),
        (99, 2, Some(1999)),
        (0, 2, Some(2000)),
        (68, 2, Some(2068)),
        (2016, 4, Some(2016)),
        (16, 3, None),
        (6, 1, None),
    ] {
        assert_eq!(century(year, digits), expected, "{year}");
    }
}

#[test]
fn leading_numbers_have_at_least_one_and_at_most_nine_digits() {
    assert_eq!(number(b"007-"), Some((7, 3, b"-".as_slice())));
    assert_eq!(number(b"123456789"), Some((123_456_789, 9, b"".as_slice())));
    for text in ["1234567890", "-7", ""] {
        assert_eq!(number(text.as_bytes()), None, "{text}");
    }
}

/// Both at most 12 may be a month: 12 is one.
#[test]
fn a_twelfth_is_a_month_too() {
    let (dmy, mdy) = (reader(DateOrder::Dmy), reader(DateOrder::Mdy));
    assert_eq!(dmy.day(b"03/12/2016"), Day::Either(on("2016-12-03")));
    assert_eq!(dmy.day(b"12/03/2016"), Day::Either(on("2016-03-12")));
    assert_eq!(mdy.day(b"03/12/2016"), Day::Either(on("2016-03-12")));
    assert_eq!(mdy.day(b"12/03/2016"), Day::Either(on("2016-12-03")));
    assert_eq!(dmy.day(b"13/12/2016"), Day::Evident(on("2016-12-13"), DateOrder::Dmy));
    assert_eq!(dmy.day(b"12/13/2016"), Day::Evident(on("2016-12-13"), DateOrder::Mdy));
    assert_eq!(dmy.day(b"13/13/2016"), Day::Bad);
    let certain = DateReader { is_certain: true, ..dmy };
    assert_eq!(certain.day(b"13/12/2016"), Day::Evident(on("2016-12-13"), DateOrder::Dmy));
}

#[test]
fn the_order_of_the_column_decides_and_evidence_is_reported() {
    let dmy = reader(DateOrder::Dmy);
    let mdy = reader(DateOrder::Mdy);
    assert_eq!(dmy.day(b"03/04/19"), Day::Either(on("2019-04-03")));
    assert_eq!(mdy.day("3/4/2019, 10:15:22\u{202f}PM".as_bytes()), Day::Either(on("2019-03-04")));
    assert_eq!(dmy.day(b"17.01.2026, 23:59:59"), Day::Evident(on("2026-01-17"), DateOrder::Dmy));
    assert_eq!(mdy.day(b"03/04/2019 10:15 PM"), Day::Either(on("2019-03-04")));
    assert_eq!(mdy.day(b"23/05/16"), Day::Evident(on("2016-05-23"), DateOrder::Dmy));
    assert_eq!(dmy.day(b"5-23-2016"), Day::Evident(on("2016-05-23"), DateOrder::Mdy));
    let certain = DateReader { is_certain: true, ..dmy };
    assert_eq!(certain.day(b"5/23/2016"), Day::Bad);
    assert_eq!(swap_day_and_month(on("2019-04-03")), on("2019-03-04"));
    assert_eq!(swap_day_and_month(on("2019-04-23")), on("2019-04-23"));
}

#[test]
fn a_zone_converts_what_carries_an_offset_and_only_that() {
    let shanghai = DateReader { zone: Some(Tz::Asia__Shanghai), ..reader(DateOrder::Dmy) };
    assert_eq!(shanghai.day(b"2026-04-05 21:06:21 +0400"), Day::On(on("2026-04-06")));
    assert_eq!(shanghai.day(b"2026-04-05 20:00:00 UTC"), Day::On(on("2026-04-06")));
    assert_eq!(shanghai.day(b"2026-04-05 23:59:59"), Day::On(on("2026-04-05")));
    // 2026-04-05T17:00:00Z
    assert_eq!(shanghai.day(b"1775408400"), Day::On(on("2026-04-06")));
    assert_eq!(reader(DateOrder::Dmy).day(b"1775408400"), Day::On(on("2026-04-05")));
}

#[test]
fn times_of_day_are_read_in_the_zone_of_the_day() {
    let shanghai = DateReader { zone: Some(Tz::Asia__Shanghai), ..reader(DateOrder::Dmy) };
    for (cell, second) in [
        ("2016-05-23 22:02:33", 79_353),
        ("2016/5/23 2", 7_200),
        ("May 23, 2016 10:15 PM", 80_100),
        ("2016-05-23 20:00:00 UTC", 14_400),
        // 8:00 and 6:00 in UTC.
        ("2016-05-23 12:00:00 +0400", 57_600),
        ("2016-05-23 02:30:00 -0330", 50_400),
        ("201605232202", 79_320),
        ("20160523220233", 79_353),
        // A tenth of a millionth below the next day.
        ("42513.9999999", 86_399),
        // 0.00001 of a day is 0.864 seconds.
        ("42513.00001", 1),
        ("23/05/2016 00:00", 0),
        ("5/23/2016, 12:00:01\u{202f}AM", 1),
        ("23/5/2016 22.02.33", 79_353),
        ("2016/5/23 下午2:10", 51_000),
        ("42513.75", 64_800),
        // 17:00 in UTC is one o'clock at night in Shanghai.
        ("1775408400", 3_600),
        ("2016-05-23", MISSING),
        ("20160523", MISSING),
        ("42513", MISSING),
    ] {
        assert_eq!(shanghai.moment(cell.as_bytes()).1, second, "{cell}");
    }
}

#[test]
fn days_that_stand_for_none_and_impossible_ones_are_told_from_others() {
    let dates = reader(DateOrder::Dmy);
    for cell in [
        "9999-12-31",
        "31/12/9999",
        "9999-12-31 23:59:59",
        "2099-12-31",
        "0001-01-01T00:00:00",
        "1900-01-01",
        "1900-01-00",
        "1/0/1900",
        "00-Jan-1900",
        "1899-12-30",
        "30.12.1899",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "00/00/0000",
        "1970-01-01 08:00:00",
        "1753-01-01",
        "0",
        "0.0",
    ] {
        assert_eq!(dates.day(cell.as_bytes()), Day::Placeholder, "{cell}");
    }
    for cell in ["1026-05-23", "2206-05-23", "0206-05-23", "1969-05-23", "20726", "3000-01-02"] {
        assert_eq!(dates.day(cell.as_bytes()), Day::Impossible, "{cell}");
    }
    for cell in ["1970-01-02", "2199-12-31", "2062-05-30", "2099-12-30"] {
        assert_eq!(dates.day(cell.as_bytes()), Day::On(on(cell)), "{cell}");
    }
    let birthdays = DateReader { is_birthday: true, ..dates };
    assert_eq!(birthdays.day(b"1931-05-23"), Day::On(on("1931-05-23")));
    assert_eq!(birthdays.day(b"1970-01-01"), Day::On(0));
    assert_eq!(birthdays.day(b"1900-01-01"), Day::Placeholder);
    assert_eq!(birthdays.day(b"1831-05-23"), Day::Impossible);
}

#[test]
fn serials_count_from_1904_in_workbooks_that_do() {
    let mac = DateReader { has_1904_dates: true, ..reader(DateOrder::Dmy) };
    assert_eq!(mac.day(b"44711"), Day::On(on("2026-05-31")));
    assert_eq!(reader(DateOrder::Dmy).day(b"46173"), Day::On(on("2026-05-31")));
}

#[test]
fn utc_is_told_by_its_mark() {
    for cell in [
        "2026-03-01T10:00:00Z",
        "2026-03-01 10:00 UTC",
        "2026-03-01 10:00:00+00:00",
        "1775408400",
        "1775408400000",
        "1775408400000000",
        "1775408400000000000",
        "2026-03-01 10:00gmt",
        "2026-03-01 10:00+0000",
        "2026-03-01 10:00+00",
    ] {
        assert!(is_utc(cell.as_bytes()), "{cell}");
    }
    for cell in [
        "2026-03-01T10:00:00",
        "2026-03-01 10:00:00+08:00",
        "20260301",
        "2026-03-01",
        "2026-03-01Z",
        "177540840x",
        "+00:00",
    ] {
        assert!(!is_utc(cell.as_bytes()), "{cell}");
    }
}

#[test]
fn what_is_no_date_is_bad() {
    for cell in [
        "2016-13-01",
        "2016-02-30",
        "32/01/2016",
        "13/13/2016",
        "soon",
        "2016-05-23 xx",
        "123",
        "0/1/20",
        "1/0/2020",
        "0/13/2020",
        "001/2/2016",
        "1/002/2016",
        "1/2/216",
        "216-05-23",
        "2016-05-023",
        "2016--23",
        "2016-05-",
        "20160523.5",
        "201605232202.5",
        "20160523220233.5",
        "42513.7x5",
        "4251x.5",
        "4251x",
        "425137",
        "2016-05-23 PM",
        "2016-05-23 UTC",
        "2016-05-23 10:",
        "1/2",
        "23/052016",
    ] {
        assert_eq!(reader(DateOrder::Dmy).day(cell.as_bytes()), Day::Bad, "{cell}");
    }
    for cell in ["", "-", "NULL"] {
        assert_eq!(reader(DateOrder::Dmy).day(cell.as_bytes()), Day::Null, "{cell}");
    }
}

/// Seconds since 1970 and times with an offset are other days elsewhere; a day as it is written is not.
#[test]
fn what_says_its_moment_depends_on_the_zone_that_was_asked_for() {
    let zoned = DateReader { zone: Some(Tz::Asia__Shanghai), ..reader(DateOrder::Dmy) };
    for cell in ["1464000000", "2016-05-23T22:02:33Z", "2016-05-23 21:06:21 +0400"] {
        assert!(zoned.depends_on_zone(cell.as_bytes()), "{cell}");
        // Without a zone that was asked for nothing is moved.
        assert!(!reader(DateOrder::Dmy).depends_on_zone(cell.as_bytes()), "{cell}");
    }
    for cell in ["2016-05-23", "2016-05-23 22:02:33", "", "no date"] {
        assert!(!zoned.depends_on_zone(cell.as_bytes()), "{cell}");
    }
}
