//! The canonical tables that every platform's export is read into, and the names everything else uses.

pub mod coded;
pub mod customers;
pub mod event;
pub mod events;
pub mod field;
pub mod holds;
pub mod items;
pub mod key;
pub mod money;
pub mod names;
pub mod orders;
pub mod parts;
pub mod personal;
pub mod sends;
pub mod status;
pub mod table;
pub mod words;

pub use customers::Customers;
pub use event::EventKind;
pub use events::Events;
pub use field::Field;
pub use holds::Holds;
pub use items::Items;
pub use key::{CustomerIds, Key};
pub use orders::Orders;
pub use parts::{Parts, RowParts};
pub use personal::Personal;
pub use sends::Sends;
pub use status::Status;
pub use table::Table;
