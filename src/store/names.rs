//! Names that occur in many rows: regions, sources and products, as exports wrote them.

use std::sync::Arc;

use polars::prelude::*;

use super::manifest::FileRef;
use super::{frames, manifest};
use crate::error::Result;
use crate::parse::orders::Block;
use crate::regions::Region;
use crate::rows::dictionary::Dictionary;
use crate::schema::items::Product;

/// The names of a segment by number, with the number of rows that have each, and for each block the numbers that its
/// own names became.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub regions: Dictionary<Region>,
    pub sources: Dictionary<String>,
    pub products: Dictionary<Arc<Product>>,
    /// For each block, the new numbers of its regions, sources and products.
    numbers: Vec<[Vec<u32>; 3]>,
}

const KIND: &str = "kind";
const PARTS: [&str; 3] = ["first", "second", "third"];
const ROWS: &str = "rows";

impl Names {
    /// Names of products only.
    pub(super) fn of_products(products: Dictionary<Arc<Product>>) -> Self {
        Self { products, ..Self::default() }
    }

    /// No names, but new numbers of regions, sources and products that hold for all blocks.
    pub(super) fn of_numbers(numbers: [Vec<u32>; 3]) -> Self {
        Self { numbers: vec![numbers], ..Self::default() }
    }

    /// Adds the names of the next block.
    pub(super) fn add(&mut self, block: &Block) {
        self.numbers.push([
            self.regions.append(block.places.clone()),
            self.sources.append(block.extras.sources.clone()),
            self.products.append(block.extras.products.clone()),
        ]);
    }

    /// The new number of a block's region.
    pub(super) fn region(&self, block: u32, number: u32) -> Option<u32> {
        self.number(block, 0, number)
    }

    /// The new number of a block's source.
    pub(super) fn source(&self, block: u32, number: u32) -> Option<u32> {
        self.number(block, 1, number)
    }

    /// The new number of a block's product.
    pub(super) fn product(&self, block: u32, number: u32) -> Option<u32> {
        self.number(block, 2, number)
    }

    fn number(&self, block: u32, kind: usize, number: u32) -> Option<u32> {
        // A single list of numbers holds for all blocks.
        let of_block = self.numbers.get(block as usize).or(self.numbers.first())?;
        of_block[kind].get(number as usize).copied()
    }

    /// The names as a frame: the kind (0 region: country, province, city; 1 source; 2 product: id, title, category), up
    /// to three texts, and the number of rows that have the name; sorted by kind and number.
    pub(super) fn frame(&self) -> Result<DataFrame> {
        let mut rows: Vec<(u8, [&str; 3], u64)> = Vec::new();
        for (region, count) in &self.regions.list {
            rows.push((0, [&region.country, &region.province, &region.city], *count));
        }
        rows.extend(self.sources.list.iter().map(|(source, count)| (1, [source.as_str(), "", ""], *count)));
        for (product, count) in &self.products.list {
            rows.push((2, [&product.id, &product.title, &product.category], *count));
        }
        let mut columns =
            vec![UInt8Chunked::from_iter_values(KIND.into(), rows.iter().map(|row| row.0)).into_column()];
        for (part, name) in PARTS.iter().enumerate() {
            let texts: Vec<&str> = rows.iter().map(|row| row.1[part]).collect();
            columns.push(Column::new((*name).into(), texts));
        }
        columns
            .push(UInt64Chunked::from_iter_values(ROWS.into(), rows.iter().map(|row| row.2)).into_column());
        Ok(DataFrame::new(rows.len(), columns)?)
    }

    /// Reads the names from a file.
    pub(super) fn load(folder: &std::path::Path, file: &FileRef) -> Result<Self> {
        let frame = frames::load(folder, file, None)?;
        let damaged = |_| manifest::damaged(&folder.join(&file.path));
        Self::of(&frame).map_err(damaged)
    }

    fn of(frame: &DataFrame) -> PolarsResult<Self> {
        let (mut regions, mut sources, mut products) = (Vec::new(), Vec::new(), Vec::new());
        let kinds = frame.column(KIND)?.u8()?;
        let rows = frame.column(ROWS)?.u64()?;
        let parts =
            [frame.column(PARTS[0])?.str()?, frame.column(PARTS[1])?.str()?, frame.column(PARTS[2])?.str()?];
        for row in 0..frame.height() {
            let part = |i: usize| parts[i].get(row).unwrap_or_default().to_owned();
            let count = rows.get(row).unwrap_or(0);
            match kinds.get(row) {
                Some(0) => regions.push((Region::named(part(0), part(1), part(2)), count)),
                Some(1) => sources.push((part(0), count)),
                _ => {
                    let product = Product { id: part(0), title: part(1), category: part(2) };
                    products.push((Arc::new(product), count));
                }
            }
        }
        Ok(Self {
            regions: Dictionary::from_list(regions),
            sources: Dictionary::from_list(sources),
            products: Dictionary::from_list(products),
            numbers: Vec::new(),
        })
    }
}
