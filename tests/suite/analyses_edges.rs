//! Edges of the analyses that the drawn shops leave out, in small shops made by hand.

use ecrm::metrics::region::By as RegionBy;
use ecrm::metrics::repurchase::By;

use super::analyses_answers::{Cell, Read, cells, count, micros, text};

fn rows(rows: &[&str]) -> Vec<String> {
    rows.iter().map(|row| (*row).to_owned()).collect()
}

#[test]
fn a_log_without_rows_is_still_a_log() {
    let orders = rows(&["1,c00,paid,2025-01-01,p0,tea,10.00,"]);
    let read = Read::of(&[&orders], Some(&[]));
    assert!(read.ingested.frames.events.is_some());
    assert_eq!(cells(&read.interest(&[30], None))[0][..2], [Cell::Whole(30), count(0)]);
    assert_eq!(cells(&read.overview())[0][3], micros(Some(0)));
}

#[test]
fn orders_of_one_day_come_by_their_time() {
    let early = "1,c00,paid,2025-01-01 09:00:00,p0,tea,10.00,浙江";
    let late = "2,c00,paid,2025-01-01 20:00:00,p0,tea,10.00,广东";
    let events = rows(&["c00,2025-01-01,cart,a"]);
    for orders in [rows(&[early, late]), rows(&[late, early])] {
        let read = Read::of(&[&orders], Some(&events));
        // The interest counts where the last order went.
        let interested: Vec<Cell> = cells(&read.region())
            .into_iter()
            .filter(|row| row[12] == count(1))
            .map(|row| row[1].clone())
            .collect();
        assert_eq!(interested, [text("广东")], "{orders:?}");
        let [curve, ..] = read.repurchase(Some(By::Province));
        assert_eq!(cells(&curve)[0][0], text("浙江"), "{orders:?}");
    }
}

#[test]
fn a_log_does_not_say_who_ordered() {
    let orders = rows(&["1,,paid,2025-01-01,p0,tea,10.00,"]);
    let events = rows(&["c00,2025-01-01,cart,a"]);
    let page = cells(&Read::of(&[&orders], Some(&events)).overview());
    let lacking: Vec<Cell> =
        page.iter().filter(|row| row[11] == text("buyers")).map(|row| row[0].clone()).collect();
    let expected = [
        "converted_customers",
        "returning_old_customers",
        "dormant_customers",
        "buyers",
        "spend_per_customer",
    ];
    assert_eq!(lacking, expected.map(text));
}

#[test]
fn no_worse_customer_is_in_a_better_class() {
    let mut orders = Vec::new();
    for customer in 0..10 {
        orders.push(format!("{customer},c{customer:02},paid,2025-01-01,p0,tea,10.00,"));
        orders.push(format!("r{customer},c{customer:02},paid,2025-01-02,p0,tea,-20.00,"));
    }
    let [.., customers] = Read::of(&[&orders], None).value();
    let classes = ["core", "potential", "mass"].map(text);
    let places: Vec<Option<usize>> =
        cells(&customers).iter().map(|row| classes.iter().position(|class| *class == row[5])).collect();
    assert!(places.len() == 10 && places.is_sorted(), "{places:?}");
}

#[test]
fn exactly_five_expected_orders_are_enough_for_a_quotient() {
    let row = |order: usize| {
        let (product, category) = if order < 5 { ("p0", "tea") } else { ("p1", "cup") };
        format!("{order},c00,paid,2025-01-01,{product},{category},10.00,广东")
    };
    let orders: Vec<String> = (0..77).map(row).collect();
    let found = cells(&Read::of(&[&orders], None).quotients(RegionBy::Category));
    let tea: Vec<&Cell> =
        found.iter().filter(|row| row[2] == text("tea")).filter_map(|row| row.last()).collect();
    assert_eq!(tea, [&Cell::Flag(true)]);
}
