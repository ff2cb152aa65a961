//! Any bytes at all: no panic, no endless loop, and every row read is used, left out by a rule or quarantined.

use ecrm::parse::ReadOptions;
use ecrm::parse::source::Input;
use ecrm::parse::value::{date, id, money};
use ecrm::reading::read;
use ecrm::schema::Wants;
use ecrm::text;
use proptest::prelude::*;

use super::identity::joining;

/// Reads bytes as a file with everything that can be wanted of it.
fn read_bytes(bytes: Vec<u8>) {
    let options = ReadOptions { wants: Wants::everything(), identity: joining(), ..ReadOptions::default() };
    let Ok(ingested) = read(&[Input::bytes("bytes", bytes)], &options) else { return };
    assert!(ingested.accounting.is_balanced(), "{:?}", ingested.accounting);
    let quarantined = ingested.rejects.len() as u64;
    for table in &ingested.tables {
        assert_eq!(table.record_count, table.row_count + table.excluded.total() + quarantined);
    }
    for reject in &ingested.rejects {
        assert!(reject.record > 0);
    }
}

/// Cells that real exports have, and worse.
fn cell() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "",
        "-",
        "1",
        "1001",
        "\t6953812345",
        "=\"1930679858170647\"",
        "t**3",
        "##x",
        "1.93E+15",
        "ann",
        "2026-05-23",
        "2026/5/23 22:02",
        "05/23/2026",
        "23.05.26",
        "1464000000",
        "42513",
        "Apr 3, 2019 2:31 PM",
        "12.50",
        "￥1,234.50",
        "(12.00)",
        "1.234,50",
        "999999999999999999999",
        "-0",
        "交易成功",
        "paid",
        "总计",
        "浙江省 杭州市",
        "内蒙古",
        "\"",
        "\"open",
        "a\"b",
        "\"a\nb\"",
        "\r",
        "\u{feff}",
        "测试",
    ]);
    prop_oneof![9 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

const HEADERS: [&str; 5] = [
    "order_id,customer_id,status,paid_at,paid_amount,refund_amount,province,phone",
    "订单编号,买家会员名,买家实际支付金额,订单状态,订单创建时间,订单付款时间,退款金额,收货地址",
    "Name,Email,Phone,Financial Status,Paid at,Created at,Total,Lineitem name",
    "user_id,item_id,behavior_type,user_geohash,item_category,time",
    "customer_id,name,phone,registered_at,province",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rows_of_odd_cells(
        header in prop::sample::select(HEADERS.to_vec()),
        rows in prop::collection::vec(prop::collection::vec(cell(), 0..10), 0..30),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let rows: Vec<String> = rows.iter().map(|cells| cells.join(",")).collect();
        read_bytes(format!("{header}{end}{}", rows.join(end)).into_bytes());
    }

    #[test]
    fn bytes_below_a_header(
        header in prop::sample::select(HEADERS.to_vec()),
        body in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        read_bytes([header.as_bytes(), b"\n", body.as_slice()].concat());
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_bytes(bytes);
    }

    #[test]
    fn containers_that_are_none(
        magic in prop::sample::select(vec![
            b"PK\x03\x04".as_slice(), b"\xD0\xCF\x11\xE0", b"PAR1", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\xff\xfe",
        ]),
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        read_bytes([magic, body.as_slice()].concat());
    }

    #[test]
    fn values(cell in prop_oneof![cell().prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..40)]) {
        let reader = date::DateReader {
            order: date::DateOrder::Dmy,
            is_certain: false,
            zone: None,
            epoch_zone: chrono_tz::Tz::UTC,
            has_1904_dates: false,
            is_birthday: false,
        };
        let _ = (reader.day(&cell), money::parse(&cell, money::DecimalMark::Comma), id::parse(&cell), id::phone(&cell));
        let _ = (money::parse(&cell, money::DecimalMark::Point), id::email(&cell), text::is_null(text::trim(&cell)));
    }
}
