//! BG/NBD: a customer may stop after any repeat order (Fader, Hardie and Lee, "Counting your customers the easy way: an
//! alternative to the Pareto/NBD model", Marketing Science 24(2), 2005). By the model's construction, whoever has
//! ordered only once still buys with certainty.

use super::geometric::Geometric;

pub(super) const MODEL: Geometric = Geometric { occasions_before: 0 };
