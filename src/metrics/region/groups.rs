//! Groups of regions by country, province or city.

use std::collections::BTreeMap;

use polars::prelude::{Column, IntoColumn, NewChunkedArray, StringChunked};

use crate::error::Result;
use crate::metrics::histories::Histories;
use crate::regions::Region;
use crate::schema::{Orders, names};

/// The level of places: regions with the same name at that level form one group.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// By country.
    Country,
    /// By province or state.
    Province,
    /// By city.
    City,
}

/// The default level: provinces, unless they are known for fewer than half as many orders as countries or as cities
/// are; then cities, unless they are known for fewer than half as many orders as countries are; then countries.
pub fn usual_level<P>(orders: &Orders<P>) -> Result<Level>
where
    Orders<P>: Histories,
{
    Ok(level_of(&orders.regions, &orders.region_counts()?))
}

/// The default level as in [`usual_level`], from the regions and the number of orders that went to each.
pub fn level_of(regions: &[Region], counts: &[u64]) -> Level {
    let with = |name: fn(&Region) -> &str| -> u64 {
        let known = regions.iter().zip(counts).filter(|(region, _)| !name(region).is_empty());
        known.map(|(_, count)| count).sum()
    };
    let (countries, provinces) = (with(|region| &region.country), with(|region| &region.province));
    let cities = with(|region| &region.city);
    match 2 * provinces >= countries.max(cities) {
        true => Level::Province,
        false if 2 * cities >= countries => Level::City,
        false => Level::Country,
    }
}

/// The groups of some regions, by number. Group 0 is that of unknown places.
#[derive(Debug, Clone)]
pub struct Groups {
    /// The name of each group.
    pub names: Vec<Region>,
    level: Level,
    /// By number of the region: the group.
    of_region: Vec<u32>,
}

/// The number of the group of unknown places.
pub const UNKNOWN: u32 = 0;

impl Groups {
    /// The groups of the regions of one table.
    pub fn new(regions: &[Region], level: Level) -> Self {
        Self::of_all(&[regions], level)
    }

    /// The groups of the regions of several tables. The regions of each table are numbered after those of the tables
    /// before it.
    pub fn of_all(tables: &[&[Region]], level: Level) -> Self {
        // A place without a name at that level is unknown.
        let is_known = |region: &Region| match level {
            Level::Country => !region.country.is_empty(),
            Level::Province => !region.province.is_empty(),
            Level::City => !region.city.is_empty(),
        };
        let mut names = vec![Region::default()];
        let mut numbers: BTreeMap<Region, u32> = BTreeMap::new();
        let of_region = tables.iter().copied().flatten().map(|region| {
            if !is_known(region) {
                return UNKNOWN;
            }
            let cut = Self::cut(region, level);
            *numbers.entry(cut.folded()).or_insert_with(|| {
                names.push(cut);
                names.len() as u32 - 1
            })
        });
        let mut of_region: Vec<u32> = of_region.collect();
        let same = without_country(&names);
        of_region.iter_mut().for_each(|group| *group = same.get(group).copied().unwrap_or(*group));
        Self { of_region, names, level }
    }

    /// A region without the names below the level.
    pub fn cut(region: &Region, level: Level) -> Region {
        Region {
            country: region.country.clone(),
            province: if level >= Level::Province { region.province.clone() } else { String::new() },
            city: if level >= Level::City { region.city.clone() } else { String::new() },
        }
    }

    /// The group of a region; `None` if the place is unknown at the level.
    pub fn known(&self, region: u32) -> Option<u32> {
        Some(self.of(region)).filter(|group| *group != UNKNOWN)
    }

    /// The group of a region; `UNKNOWN` if the place is unknown at the level.
    pub fn of(&self, region: u32) -> u32 {
        self.of_region.get(region as usize).copied().unwrap_or(UNKNOWN)
    }

    /// The number of groups, including that of unknown places.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The name of the group's province, if it has one.
    pub fn province(&self, group: u32) -> Option<String> {
        self.names.get(group as usize).map(|region| region.province.clone()).filter(|name| !name.is_empty())
    }

    /// The columns that name the groups: `country`, and `province` and `city` if the level includes them; null if not
    /// known.
    pub fn columns(&self, groups: &[u32]) -> Vec<Column> {
        let texts = |name: &'static str, value: fn(&Region) -> &str| {
            let values = groups
                .iter()
                .map(|&group| self.names.get(group as usize).map(value).filter(|name| !name.is_empty()));
            StringChunked::from_iter_options(name.into(), values).into_column()
        };
        let mut columns = vec![texts(names::COUNTRY, |region| &region.country)];
        if self.level >= Level::Province {
            columns.push(texts(names::PROVINCE, |region| &region.province));
        }
        if self.level >= Level::City {
            columns.push(texts(names::CITY, |region| &region.city));
        }
        columns
    }
}

/// Maps each group without a country to the group of the same name with a country, if there is exactly one. Events and
/// customer lists often give only the province.
fn without_country(names: &[Region]) -> BTreeMap<u32, u32> {
    let name = |region: &Region| {
        let folded = region.folded();
        (folded.province, folded.city)
    };
    let mut at_home: BTreeMap<(String, String), Vec<u32>> = BTreeMap::new();
    for (region, group) in names.iter().zip(0..).filter(|(region, _)| !region.country.is_empty()) {
        at_home.entry(name(region)).or_default().push(group);
    }
    let lone = names.iter().zip(0..).filter(|(region, group)| {
        *group != UNKNOWN && region.country.is_empty() && !region.province.is_empty()
    });
    let found = lone.filter_map(|(region, group)| match at_home.get(&name(region))?.as_slice() {
        [only] => Some((group, *only)),
        _ => None,
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_province_without_its_country_is_the_one_that_has_it() {
        let region = |country: &str, province: &str| Region {
            country: country.into(),
            province: province.into(),
            city: String::new(),
        };
        let orders = [region("US", "California"), region("US", "Georgia"), region("GE", "Georgia")];
        let events = [region("", "california"), region("", "Georgia")];
        let groups = Groups::of_all(&[&orders, &events], Level::Province);
        assert_eq!(groups.of(3), groups.of(0));
        // Two countries have a province of that name, so it stays a group of its own.
        assert!(![groups.of(1), groups.of(2), UNKNOWN].contains(&groups.of(4)));
    }
}
