//! One parser per kind of value. Each takes the bytes of one cell (decoded if it is not plain ASCII) and returns its
//! meaning, or that it cannot be read. None allocates in the common case.

mod clock;
pub mod currency;
pub mod date;
pub mod id;
pub mod money;
mod month;
pub mod stand_in;
