//! One parser per kind of value. Each takes the bytes of one cell, decoded where it is not plain ASCII, and
//! says what they mean or that they cannot be read; none allocates on the common path.

mod clock;
pub mod currency;
pub mod date;
pub mod id;
pub mod money;
mod month;
pub mod stand_in;
