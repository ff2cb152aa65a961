//! MBG/NBD: a customer may stop after any order, the first one too (Batislam, Denizel and Filiztekin, "Empirical
//! validation and comparison of models for customer base analysis", International Journal of Research in Marketing 24,
//! 2007; Hoppe and Wagner, "Customer base analysis: the case for a central variant of the Betageometric/NBD model",
//! Marketing JRM 3, 2007).

use super::geometric::Geometric;

pub(super) const MODEL: Geometric = Geometric { occasions_before: 1 };
