//! The tables that `touchpoints` writes.

use super::{ANY, NO_ORDER, OfWay, People, Row};
use crate::answer::{Chart, Kind, Spec, Table};
use crate::contacts::Fault;
use crate::customers::reach::Way;
use crate::error::Result;
use crate::metrics::finish::{counts, frame, rates, ratios, share, texts};
use crate::metrics::segment::SEGMENTS;
use crate::metrics::touchpoints::Reach;
use crate::schema::{names, ranges};

/// The main table with one row per way and two rows for several ways together.
pub(super) fn channels(rows: &[Row], people: &People, known: [bool; 2], has_sends: bool) -> Result<Table> {
    let net: i128 = people.net.iter().sum();
    let count = |name: &'static str, of: &dyn Fn(&Reach) -> Option<u64>| {
        counts(name, rows.iter().map(|row| row.reach.as_ref().and_then(of)))
    };
    // The reasons why people are not reached are counted for single ways only.
    let part = |name: &'static str, of: &dyn Fn(&Reach) -> Option<u64>| {
        counts(name, rows.iter().map(|row| row.reach.as_ref().filter(|_| row.is_one_way).and_then(of)))
    };
    let ratio = |name: &'static str, of: &dyn Fn(&Reach) -> Option<f64>| {
        ratios(name, rows.iter().map(|row| row.reach.as_ref().and_then(of)))
    };
    let [knows_opt_outs, knows_black_list] = known;
    let mut columns = vec![
        texts(names::CHANNEL, rows.iter().map(|row| Some(row.key.to_owned()))),
        counts(names::CUSTOMER_COUNT, rows.iter().map(|_| Some(people.rows.len() as u64))),
        count(names::REACHABLE_COUNT, &|reach| Some(reach.reachable)),
    ];
    let shares = rows.iter().map(|row| row.reach.as_ref().map(Reach::share));
    columns.extend(rates(ranges::REACHABLE_SHARE, shares));
    columns.extend([
        ratio(names::REACHABLE_NET_SHARE, &|reach| share(reach.net, net)),
        part(names::NO_CONTACT_COUNT, &|reach| Some(reach.no_contact)),
        part(names::INVALID_COUNT, &|reach| Some(reach.invalid)),
        part(names::OPTED_OUT_COUNT, &|reach| knows_opt_outs.then_some(reach.opted_out)),
        part(names::BLACKLISTED_COUNT, &|reach| knows_black_list.then_some(reach.blacklisted)),
        part(names::DUPLICATE_COUNT, &|reach| Some(reach.duplicates)),
        counts(names::CONTACTED_COUNT, rows.iter().map(|row| has_sends.then_some(row.contacts.contacted))),
        ratios(names::MEDIAN_DAYS_SINCE_CONTACT, rows.iter().map(|row| row.contacts.median_days)),
    ]);
    let mut specs = vec![
        Spec::new(names::CHANNEL, Kind::Label("way"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 1),
        Spec::new(names::REACHABLE_COUNT, Kind::Count, 0),
    ];
    specs.extend(Spec::ranged(ranges::REACHABLE_SHARE, Kind::Share, 0));
    specs.extend([
        Spec::new(names::REACHABLE_NET_SHARE, Kind::Share, 0),
        Spec::new(names::NO_CONTACT_COUNT, Kind::Count, 2),
        Spec::new(names::INVALID_COUNT, Kind::Count, 1),
        Spec::new(names::OPTED_OUT_COUNT, Kind::Count, 2),
        Spec::new(names::BLACKLISTED_COUNT, Kind::Count, 5),
        Spec::new(names::DUPLICATE_COUNT, Kind::Count, 3),
        Spec::new(names::CONTACTED_COUNT, Kind::Count, 4),
        Spec::new(names::MEDIAN_DAYS_SINCE_CONTACT, Kind::Days, 3),
    ]);
    Ok(Table::new("channels", "channels", specs, frame(columns)?).with_chart(Chart::Bars {
        label: &[names::CHANNEL],
        value: names::REACHABLE_SHARE,
        beside: Some(names::REACHABLE_COUNT),
    }))
}

/// How many contacts are invalid for which reason, by way. Reasons without any contact have no row.
pub(super) fn faults(rows: &[Row]) -> Result<Table> {
    let all = rows.iter().filter(|row| row.is_one_way).flat_map(|row| {
        let of = row.reach.iter().flat_map(|reach| Fault::ALL.iter().zip(reach.faults));
        of.map(|(fault, count)| (row.key, *fault, count))
    });
    let found: Vec<(&str, Fault, u64)> = all.filter(|(.., count)| *count > 0).collect();
    let columns = vec![
        texts(names::CHANNEL, found.iter().map(|(key, ..)| Some((*key).to_owned()))),
        texts(names::REASON, found.iter().map(|(_, fault, _)| Some(fault.code().to_owned()))),
        counts(names::INVALID_COUNT, found.iter().map(|(.., count)| Some(*count))),
    ];
    let specs = vec![
        Spec::new(names::CHANNEL, Kind::Label("way"), 0),
        Spec::new(names::REASON, Kind::Label("fault"), 0),
        Spec::new(names::INVALID_COUNT, Kind::Count, 0),
    ];
    Ok(Table::new("faults", "rows", specs, frame(columns)?))
}

/// For each segment the shop's own way that reaches most of its people. The platform reaches all of its own customers,
/// so it is named only where no other way reaches anybody.
pub(super) fn segments(ways: &[OfWay], people: &People) -> Result<Table> {
    let keys = SEGMENTS.iter().copied().chain([NO_ORDER]);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); SEGMENTS.len() + 1];
    people.segments.iter().zip(0..).for_each(|(segment, person)| members[*segment].push(person));
    let reached = |segment: usize, of: &OfWay| {
        Reach::of(members[segment].iter().map(|person| (&of.standings[*person], people.net[*person])))
    };
    let best = keys.enumerate().map(|(segment, key)| {
        let of = |of: &OfWay| of.is_known.then(|| (of.way, reached(segment, of)));
        let (own, platform): (Vec<_>, Vec<_>) =
            ways.iter().filter_map(of).partition(|(way, _)| *way != Way::Platform);
        let most = |all: Vec<(Way, Reach)>| {
            let all = all.into_iter().filter(|(_, reach)| reach.reachable > 0);
            all.max_by_key(|(way, reach)| (reach.reachable, std::cmp::Reverse(*way)))
        };
        let count = members[segment].len() as u64;
        (key, count, most(own).or_else(|| most(platform)))
    });
    let best: Vec<_> = best.filter(|(_, count, _)| *count > 0).collect();
    let mut columns = vec![
        texts(names::SEGMENT, best.iter().map(|(key, ..)| Some((*key).to_owned()))),
        counts(names::CUSTOMER_COUNT, best.iter().map(|(_, count, _)| Some(*count))),
        texts(
            names::BEST_CHANNEL,
            best.iter().map(|(.., best)| best.as_ref().map(|(way, _)| way.code().to_owned())),
        ),
        counts(
            names::REACHABLE_COUNT,
            best.iter().map(|(.., best)| Some(best.as_ref().map_or(0, |(_, reach)| reach.reachable))),
        ),
    ];
    let shares = best.iter().map(|(.., best)| best.as_ref().map(|(_, reach)| reach.share()));
    columns.extend(rates(ranges::REACHABLE_SHARE, shares));
    let mut specs = vec![
        Spec::new(names::SEGMENT, Kind::Label("segment"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::BEST_CHANNEL, Kind::LabelOr("way"), 0),
        Spec::new(names::REACHABLE_COUNT, Kind::Count, 0),
    ];
    specs.extend(Spec::ranged(ranges::REACHABLE_SHARE, Kind::Share, 0));
    Ok(Table::new("segments", "segments", specs, frame(columns)?))
}

/// How many people got how many messages in the last 30 days, for the ways that anybody was contacted through.
pub(super) fn frequency(rows: &[Row], has_sends: bool) -> Result<Table> {
    let is_used = |row: &&Row| has_sends && (row.contacts.contacted > 0 || row.key == ANY);
    let all: Vec<(&str, u64, u64, u64)> = rows
        .iter()
        .filter(is_used)
        .flat_map(|row| {
            let people: u64 = row.contacts.counts.iter().map(|(_, people)| people).sum();
            row.contacts.counts.iter().map(move |(count, of)| (row.key, *count, *of, people))
        })
        .collect();
    let columns = vec![
        texts(names::CHANNEL, all.iter().map(|(key, ..)| Some((*key).to_owned()))),
        counts(names::CONTACT_COUNT_30D, all.iter().map(|(_, count, ..)| Some(*count))),
        counts(names::CUSTOMER_COUNT, all.iter().map(|(_, _, of, _)| Some(*of))),
        ratios(
            names::CUSTOMER_SHARE,
            all.iter().map(|(_, _, of, people)| share((*of).into(), (*people).into())),
        ),
    ];
    let specs = vec![
        Spec::new(names::CHANNEL, Kind::Label("way"), 0),
        Spec::new(names::CONTACT_COUNT_30D, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_SHARE, Kind::Bar, 0),
    ];
    Ok(Table::new("frequency", "rows", specs, frame(columns)?))
}
