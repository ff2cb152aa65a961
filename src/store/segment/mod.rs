//! Stores rows of orders as files, sorted by the partition of their customer, then by customer and day.
//!
//! | file | columns |
//! |---|---|
//! | core | `order_id`, `customer_id` (null without a customer), `is_masked`, `created_on`, `paid_on`, `status` (the code of a [`Status`]), `paid_amount`, `refund_amount` (micro-units); `line_key` if rows have ids of their own; `own_id` if rows have an id that distinguishes shops with the same order numbers; `import`, the number of the import, if there are several |
//! | amounts | `ordered_on`, `status`, `paid_amount`, `refund_amount` (0 where missing): the rows of the core once more, if each is an order of its own; it is a third as long and not compressed, for questions that need nothing else |
//! | customers | `customer_id`, `is_masked`, `rows`: each customer once, with the number of their rows in the core, in the same row groups; it is a fourth as long and not compressed, for questions that need no other ids |
//! | details | `region`, `source` (numbers of names), `second`, `recipient` (a hash, masked with the store's key, see [`PeopleKey`]), `gross`, `discount`, `cost`, `line_count` |
//! | lines | `product` (number of a name), `quantity`, `amount`, `is_lost`: the items of all rows, in the order of the rows |
//! | names | `kind`, `first`, `second`, `third`, `rows`: see [`Names`] |
//! | further | the texts of all further columns of the exports, by the name of their field (`coupon_code`, `tax` …), or by their header if no field is read from them |
//! | settled.amounts, settled.customers, settled.details, settled.lines | if orders have several rows: the merged orders, with `row_count` among the details; for questions that look at no single row |
//! | phones | `customer_id`, `phone` |
//! | mails | `customer_id`, `email` |
//!
//! [`Status`]: crate::schema::Status

mod columns;
mod further;
mod parts;
mod settled;

use std::collections::HashMap;

use polars::prelude::*;
use rayon::prelude::*;

use super::files::Writing;
use super::frames::{self, Size};
use super::ids;
use super::key::PeopleKey;
use super::manifest::{FileRef, Grain, Segment};
use super::names::Names;
use super::rows::veil;
use crate::error::Result;
use crate::parse::orders::Block;
use crate::rows::dictionary::UNKNOWN;
use crate::rows::partition::OrderKeys;
use crate::schema::items::Line;
use crate::schema::{Key, Micros, names};
use parts::Part;
pub(super) use settled::save as save_settled;

/// Columns of the core that are named nowhere else.
pub(super) const ORDER_ID: &str = "order_id";
pub(super) const CREATED_ON: &str = "created_on";
pub(super) const PAID_ON: &str = "paid_on";
/// The key of a row's own id within its order, stored as two numbers.
pub(super) const LINE_KEY: [&str; 2] = ["line_key", "line_key_high"];
/// The id that distinguishes an order from one with the same number in another shop.
pub(super) const OWN_ID: &str = "own_id";
/// Columns of the details that are named nowhere else.
pub(super) const GROSS: &str = "gross";
pub(super) const DISCOUNT: &str = "discount";
pub(super) const LINE_COUNT: &str = "line_count";
/// Columns of lines.
pub(super) const PRODUCT: &str = "product";
pub(super) const QUANTITY: &str = "quantity";
pub(super) const AMOUNT: &str = "amount";
pub(super) const IS_LOST: &str = "is_lost";
/// For items in files of their own: what was given back of them, and what they cost the shop.
pub(super) const REFUND: &str = "refund_amount";
pub(super) const COST: &str = "cost";
/// The column of customers with the number of their rows.
pub(super) const ROWS: &str = "rows";
/// The column of the core with the import of each row, if there are several.
pub(super) const IMPORT: &str = "import";
/// The column of phone numbers.
pub(super) const PHONE: &str = "phone";
/// The column of e-mail addresses.
pub(super) const MAIL: &str = "email";

/// How many row groups are built at a time.
const AT_ONCE: usize = 8;

/// The rows of blocks while they are written into files.
struct Rows<'a> {
    blocks: &'a [Block],
    names: Names,
    /// The order ids and the rows' own ids, by block, group and row; the latter only if rows have ids of their own.
    orders: Vec<Vec<Vec<Key>>>,
    lines: Vec<Vec<Vec<Key>>>,
    texts: HashMap<Key, &'a [u8]>,
}

/// Makes the columns of a file for the rows of a row group.
type FrameOf<'a> = dyn Fn(&Part) -> Result<DataFrame> + Sync + 'a;

/// Writes the rows of blocks as a segment.
pub(super) fn save(
    writing: &Writing,
    number: u64,
    imports: Vec<u64>,
    grain: Grain,
    blocks: &[Block],
    key: Option<&PeopleKey>,
) -> Result<Segment> {
    let rows = Rows::new(blocks, grain);
    let parts = rows.parts();
    let path = |what: &str| format!("orders/{number:06}{what}.parquet");
    let has_imports = imports.len() > 1;
    let core = |part: &Part| {
        let mut core = rows.core(part, grain)?;
        if has_imports {
            core.with_column(rows.imports(part))?;
        }
        Ok(core)
    };
    let details = |part: &Part| {
        let mut details = rows.details(part)?;
        key.map_or(Ok(()), |key| veil(&mut details, number, part.start, key))?;
        Ok(details)
    };
    let has_lines = blocks.iter().any(|block| !block.extras.lines.is_empty());
    let further = rows.further_columns();
    let (phones, mails) = (rows.phones()?, rows.mails()?);
    let save = |what: &str, size: Size, at_once: usize, frame: &FrameOf<'_>| {
        save_parts(writing, &path(what), size, (&parts, at_once), frame)
    };
    // Texts may be long and columns many. The columns of a row group are built in parallel, and fewer row groups at a
    // time.
    let save_further = || {
        let frame = |part: &Part| rows.further(&further, part);
        save(".further", Size::Least, rayon::current_num_threads().div_ceil(further.len()), &frame)
    };
    writing.begin()?;
    // Two files are written at a time, since a single core compresses a row group. The two files that take longest are
    // in different halves.
    let (core, others) = rayon::join(
        || save(".core", Size::Small, AT_ONCE, &core),
        || -> Result<_> {
            let amounts =
                grain.is_whole.then(|| save(".amounts", Size::Quick, AT_ONCE, &|part| rows.amounts(part)));
            let lines =
                || has_lines.then(|| save(".lines", Size::Small, AT_ONCE, &|part| rows.line_frame(part)));
            Ok((
                amounts.transpose()?,
                save(".customers", Size::Quick, AT_ONCE, &|part| rows.customers(part))?,
                lines().transpose()?,
                (!further.is_empty()).then(save_further).transpose()?,
            ))
        },
    );
    let (core, (amounts, customers, lines, further)) = (core?, others?);
    let index = || -> Vec<(Key, u32)> {
        parts.iter().flat_map(|part| Rows::keys(&rows.orders, part)).zip(0..).collect()
    };
    let (details, ids) = rayon::join(
        || save(".details", Size::Small, AT_ONCE, &details),
        || {
            let path = format!("orders/{number:06}.ids");
            grain.has_order_id.then(|| ids::save(writing, &path, &index())).transpose()
        },
    );
    let (details, ids) = (details?, ids?);
    Ok(Segment {
        number,
        imports,
        rows: parts.iter().map(|part| part.rows.len() as u64).sum(),
        grain,
        core,
        amounts,
        customers,
        details,
        lines,
        names: frames::save_one(writing, &path(".names"), rows.names.frame()?)?,
        further,
        phones: (phones.height() > 0)
            .then(|| frames::save_one(writing, &path(".phones"), phones))
            .transpose()?,
        mails: (mails.height() > 0).then(|| frames::save_one(writing, &path(".mails"), mails)).transpose()?,
        are_recipients_veiled: key.is_some(),
        ids,
        superseded: Vec::new(),
        superseded_rows: 0,
        settled: None,
    })
}

/// Writes a file of row groups; `at_once` of them are built in parallel at a time.
fn save_parts(
    writing: &Writing,
    path: &str,
    size: Size,
    (parts, at_once): (&[Part], usize),
    frame: &FrameOf<'_>,
) -> Result<FileRef> {
    let side_by_side = |parts: &[Part]| parts.par_iter().map(frame).collect::<Vec<Result<DataFrame>>>();
    let schema = frame(&Part::default())?.schema().as_ref().clone();
    frames::save(writing, path, size, &schema, parts.chunks(at_once).flat_map(side_by_side))
}

impl<'a> Rows<'a> {
    fn new(blocks: &'a [Block], grain: Grain) -> Self {
        let mut names = Names::default();
        blocks.iter().for_each(|block| names.add(block));
        let scattered = |keys: &OrderKeys, block: &Block| -> Vec<Vec<Key>> {
            let mut by_group: Vec<Vec<Key>> =
                block.rows.iter().map(|group| vec![Key::NONE; group.columns.customer.len()]).collect();
            for (key, place) in keys.keys.iter().zip(&keys.places) {
                by_group[place.group as usize][place.row as usize] = *key;
            }
            by_group
        };
        let texts =
            blocks.iter().flat_map(|block| block.long_customers.iter().chain(block.long_orders.iter()));
        Self {
            blocks,
            names,
            orders: blocks.par_iter().map(|block| scattered(&block.orders, block)).collect(),
            lines: match grain.has_line_id {
                true => blocks.par_iter().map(|block| scattered(&block.lines, block)).collect(),
                false => Vec::new(),
            },
            texts: texts.collect(),
        }
    }
}

/// Items as a frame.
pub(super) fn frame_of_lines(lines: impl Iterator<Item = Line> + Clone) -> Result<DataFrame> {
    let known = |value: Micros| value.known().map(Micros::number);
    let products = lines.clone().map(|line| Some(line.product).filter(|product| *product != UNKNOWN));
    let columns = vec![
        UInt32Chunked::from_iter_options(PRODUCT.into(), products).into_column(),
        Int64Chunked::from_iter_options(QUANTITY.into(), lines.clone().map(|line| known(line.quantity)))
            .into_column(),
        Int64Chunked::from_iter_options(AMOUNT.into(), lines.clone().map(|line| known(line.amount)))
            .into_column(),
        BooleanChunked::from_iter_values(IS_LOST.into(), lines.map(|line| line.is_lost)).into_column(),
    ];
    Ok(DataFrame::new_infer_height(columns)?)
}

/// Pairs of an account and a phone number or e-mail address as a frame.
pub(super) fn frame_of_contacts(name: &str, pairs: &[(String, String)]) -> Result<DataFrame> {
    let text = |name: &str, texts: Vec<&str>| Column::new(name.into(), texts);
    Ok(DataFrame::new_infer_height(vec![
        text(names::CUSTOMER_ID, pairs.iter().map(|(account, _)| account.as_str()).collect()),
        text(name, pairs.iter().map(|(_, contact)| contact.as_str()).collect()),
    ])?)
}
