//! Any bytes as the body of a platform's export: every row read is kept, left out by a rule or quarantined. No more
//! than one file is parsed, which takes a fraction of a millisecond; `tests/suite/robust.rs` goes on to the tables.
#![no_main]

use ecrm::parse::source::Input;
use ecrm::parse::{IdentityMode, IdentityOptions, ReadOptions, parse_input};
use ecrm::schema::Wants;
use libfuzzer_sys::fuzz_target;

/// Headers of layouts that differ in how rows are read; the first byte of the input chooses.
const HEADERS: [&str; 9] = [
    "order_id,customer_id,status,paid_at,paid_amount,refund_amount,province\n",
    "订单号,订单状态,售后状态,订单成交时间,商品总价(元),用户实付金额(元),商家实收金额(元),商品id\n",
    "Name,Email,Phone,Financial Status,Paid at,Created at,Total,Lineitem name,Cancelled at,Refunded Amount\n",
    "InvoiceNo\tStockCode\tQuantity\tInvoiceDate\tUnitPrice\tCustomerID\tCountry\n",
    "user_id,item_id,behavior_type,user_geohash,item_category,time\n",
    "amazon-order-id\tmerchant-order-id\tpurchase-date\torder-status\titem-status\tproduct-name\tsku\tquantity\tcurrency\titem-price\titem-promotion-discount\n",
    "customer_id,name,gender,birthday,level,phone,email,province,registered_at,opt_out\n",
    "campaign_id,customer_id,sent_at,channel,arm,delivered,cost\n",
    "order_id,product_id,title,quantity,amount\n",
];

/// With and without what contacts join.
fn mode(first: u8) -> IdentityMode {
    if first.is_multiple_of(7) { IdentityMode::Both } else { IdentityMode::Off }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else { return };
    let mut file = HEADERS[usize::from(*first) % HEADERS.len()].as_bytes().to_vec();
    file.extend_from_slice(body);
    let options = ReadOptions {
        wants: Wants { survey: *first >= 128, ..Wants::everything() },
        identity: IdentityOptions { mode: mode(*first), ..IdentityOptions::default() },
        ..ReadOptions::default()
    };
    for parsed in parse_input(&Input::bytes("fuzz", file), false, &options).into_iter().flat_map(|input| input.files) {
        let accounting = parsed.accounting();
        assert!(accounting.is_balanced(), "{accounting:?}");
    }
});
