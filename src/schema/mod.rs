//! The canonical tables that every platform's export is read into, and the names everything else uses.

pub mod event;
pub mod field;
pub mod key;
pub mod money;
pub mod names;
pub mod orders;
pub mod status;
pub mod table;

pub use event::EventKind;
pub use field::Field;
pub use key::{CustomerIds, Key};
pub use orders::Orders;
pub use status::Status;
pub use table::Table;
