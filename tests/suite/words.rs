//! Ordinary words and headers of many languages, where no platform is known.

use std::collections::BTreeMap;

use ecrm::metrics::customer_facts::customer_facts;
use ecrm::parse::ReadOptions;
use ecrm::parse::source::Input;
use ecrm::reading::{Ingested, read_orders};
use ecrm::schema::Status;

use super::common::{all_time, by_customer};

fn read(name: &str, text: String) -> Ingested {
    let input = Input::bytes(name, text.into_bytes());
    read_orders(&[input], &ReadOptions::default()).and_then(Ingested::in_order).unwrap_or_else(|error| {
        panic!("{name}: {error}");
    })
}

/// What orders of these status words are read as, and the words that nobody knows.
fn statuses(words: &[&str]) -> (BTreeMap<Status, usize>, Vec<String>) {
    let mut text = "order_id,customer_id,order_date,status,total\n".to_owned();
    for (number, word) in words.iter().enumerate() {
        text += &format!("o{number},c{number},2026-01-0{},\"{word}\",10.00\n", 1 + number % 9);
    }
    let ingested = read("words.csv", text);
    let unknown = ingested.rejects.iter().map(|reject| reject.seen.clone()).collect();
    let frame = ingested.orders.parts.ask(|part| part).unwrap();
    let mut found = BTreeMap::new();
    for code in frame.column("status").unwrap().u8().unwrap().iter().flatten() {
        *found.entry(Status::ALL[usize::from(code)]).or_insert(0) += 1;
    }
    (found, unknown)
}

#[test]
fn ordinary_words_of_many_languages_are_known() {
    for (status, words) in [
        (
            Status::Pending,
            &[
                "待支付",
                "Authorized",
                "Pending payment",
                "wc-pending",
                "wc-on-hold",
                "À payer",
                "Por pagar",
                "Aguardando pagamento",
                "Zahlung ausstehend",
                "In sospeso",
                "Chờ thanh toán",
                "Belum Bayar",
                "รอชำระเงิน",
                "入金待ち",
                "결제대기",
                "Awaiting payment confirmation",
            ][..],
        ),
        (
            Status::Paid,
            &[
                "已支付",
                "To ship",
                "Awaiting shipment",
                "In process",
                "Captured",
                "退款中",
                "Refund requested",
                "待出库",
                "Zahlung erhalten",
                "Paiement accepté",
                "En preparación",
                "Em separação",
                "Da spedire",
                "Chờ lấy hàng",
                "Perlu Dikirim",
                "ที่ต้องจัดส่ง",
                "発送待ち",
                "배송준비중",
                "READY_TO_SHIP",
                "Payment accepted",
            ],
        ),
        (
            Status::Shipped,
            &[
                "Out for delivery",
                "派送中",
                "In Zustellung",
                "En camino",
                "Saiu para entrega",
                "In consegna",
                "Onderweg",
                "Đang giao hàng",
                "Sedang Dikirim",
                "กำลังจัดส่ง",
                "配達中",
                "배송중",
                "Shipped - Picked Up",
            ],
        ),
        (
            Status::Completed,
            &[
                "wc-completed",
                "Shipped - Delivered to Buyer",
                "已妥投",
                "Zugestellt",
                "Livrée",
                "Finalizado",
                "Concluída",
                "Consegnato",
                "Bezorgd",
                "Hoàn thành",
                "Selesai",
                "สำเร็จแล้ว",
                "配達完了",
                "구매확정",
            ],
        ),
        (
            Status::Refunded,
            &[
                "已退货",
                "退货退款成功",
                "wc-refunded",
                "Shipped - Returned to Seller",
                "RTO_COMPLETE",
                "Rückerstattet",
                "Remboursée",
                "Contracargo",
                "Estornado",
                "Đã hoàn tiền",
                "返金完了",
                "환불완료",
            ],
        ),
        (
            Status::Cancelled,
            &[
                "wc-cancelled",
                "买家取消",
                "Storniert",
                "Annulée",
                "Cancelada por el comprador",
                "Annullato",
                "Đã hủy",
                "Dibatalkan",
                "ยกเลิกแล้ว",
                "取消済み",
                "취소완료",
            ],
        ),
        (
            Status::ClosedUnpaid,
            &["Declined", "wc-failed", "支付超时", "Rechazado", "Abgelehnt", "Hết hạn", "Gagal", "결제실패"],
        ),
    ] {
        let (found, unknown) = statuses(words);
        assert_eq!(unknown, Vec::<String>::new(), "{status:?}");
        assert_eq!(found, BTreeMap::from([(status, words.len())]));
    }
}

#[test]
fn words_that_nobody_says_are_still_unknown() {
    // Nor is what blank cells of one platform mean, or how its words begin, a word of all.
    let (found, unknown) = statuses(&["paid", "Mondscheinstatus", "Llegó el 5 de enero"]);
    assert_eq!(found, BTreeMap::from([(Status::Paid, 1)]));
    assert_eq!(unknown, ["Mondscheinstatus", "Llegó el 5 de enero"]);
    // Nor are the numbers of one platform's states.
    let (_, unknown) = statuses(&["paid", "", "2"]);
    assert_eq!(unknown, ["", "2"]);
}

#[test]
fn ordinary_headers_of_many_languages_are_known() {
    for header in [
        "Receipt,Buyer Username,Sale Date,Gross",
        "Order Number,Buyer,Date Paid,Net Sales",
        "trans_id,customer_id,trans_date,tran_amount",
        "transaction_id,CustomerID,transaction_date,payment_value",
        "Invoice No,CustomerName,invoice_date,GROSS AMT",
        "Order ID,Username,Created date (UTC),Purchase Amount (USD)",
        "Bestellnummer,Kundennummer,Bestelldatum,Gesamtbetrag",
        "Auftragsnummer,Kunde,Rechnungsdatum,Betrag (€)",
        "Numéro de commande,Numéro client,Date de commande,Montant TTC",
        "N° de commande,Acheteur,Date d'achat,Total TTC",
        "Número de pedido,ID cliente,Fecha de compra,Importe total",
        "Número de orden,Cliente,Fecha,Monto (ARS)",
        "Número do pedido,Código do cliente,Data da compra,Valor total",
        "ID ordine,Codice cliente,Data ordine,Importo totale",
        "Bestelnummer,Klantnummer,Besteldatum,Totaalbedrag",
        "Mã đơn hàng,Mã khách hàng,Ngày đặt hàng,Tổng tiền",
        "No. Pesanan,ID Pelanggan,Tanggal Pesanan,Total Pembayaran",
        "หมายเลขคำสั่งซื้อ,รหัสลูกค้า,วันที่สั่งซื้อ,ยอดรวม",
        "注文番号,顧客ID,注文日,合計金額",
        "주문번호,고객번호,주문일자,결제금액",
        "订单号,会员账号,交易时间,实收金额",
    ] {
        let rows = "1001,a1,2026-01-05,10.50\n1002,a1,2026-01-19,20.00\n1003,b2,2026-01-20,5.25\n";
        let ingested = read("headers.csv", format!("{header}\n{rows}"));
        assert_eq!(ingested.accounting.quarantined_total(), 0, "{header}");
        let facts =
            customer_facts(&ingested.orders, &all_time(&ingested.orders), ingested.accounting).unwrap();
        let expected =
            BTreeMap::from([("a1".to_owned(), (30_500_000, 2)), ("b2".to_owned(), (5_250_000, 1))]);
        assert_eq!(by_customer(&facts, &ingested.orders), expected, "{header}");
    }
}

#[test]
fn a_name_names_the_buyer_only_where_nothing_better_does_and_that_is_said() {
    let name_only = "order_id,Customer Name,order_date,total\n1,Ann,2026-01-05,10\n2,Ann,2026-01-06,5\n";
    let ingested = read("names.csv", name_only.to_owned());
    assert!(ingested.notes.iter().any(|note| note.code == "buyer_name_found"));
    let better = "order_id,Customer Name,email,order_date,total\n1,Ann,a@x.example,2026-01-05,10\n\
                  2,Ann,,2026-01-06,5\n";
    let ingested = read("mails.csv", better.to_owned());
    assert!(ingested.notes.iter().all(|note| note.code != "buyer_name_found"));
    let facts = customer_facts(&ingested.orders, &all_time(&ingested.orders), ingested.accounting).unwrap();
    assert_eq!(
        by_customer(&facts, &ingested.orders),
        BTreeMap::from([("a@x.example".to_owned(), (10_000_000, 1))])
    );
}

#[test]
fn currencies_in_brackets_of_headers_are_those_of_the_amounts() {
    let files = [("a.csv", "Total (EUR)"), ("b.csv", "Total (SEK)")].map(|(name, header)| {
        let text = format!("Order ID,Customer ID,Order Date,{header}\n{name},c1,2026-01-05,10\n");
        Input::bytes(name, text.into_bytes())
    });
    let error = read_orders(&files, &ReadOptions::default()).err().map(|error| error.to_string());
    assert!(error.as_deref().is_some_and(|text| text.contains("EUR") && text.contains("SEK")), "{error:?}");
}
