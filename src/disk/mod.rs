//! Files as they are written: whole or not at all, for their owner alone where they say much of people, and by one
//! process at a time.

pub mod folder;
pub(crate) mod lock;
mod partial;
pub(crate) mod private;
pub mod sink;
pub(crate) mod told;
