//! Statistics on small numeric inputs: numbers in, numbers out, no frames.

pub mod outlier;
pub mod quantile;
