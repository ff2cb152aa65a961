//! Statistics on small numeric inputs: numbers in, numbers out, no frames.

pub mod btyd;
pub mod by_number;
pub mod concentration;
pub mod histogram;
pub mod means;
pub mod outlier;
pub mod pairs;
pub mod proportion;
pub mod quantile;
pub mod several;
#[cfg(test)]
mod simulated;
pub mod split;
pub mod survival;
