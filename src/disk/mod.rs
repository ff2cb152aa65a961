//! Writing files: completely or not at all, readable by their owner only if they hold much about people, and by one
//! process at a time.

pub mod folder;
pub(crate) mod lock;
mod partial;
pub(crate) mod private;
pub mod sink;
pub(crate) mod told;
