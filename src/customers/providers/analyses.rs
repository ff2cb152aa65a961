//! The RFM scores and the lifecycle segment of each buyer.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::rfm::rfm;
use crate::metrics::segment::segment;
use crate::schema::names;

/// RFM scores and groups.
pub const SCORES: Provider = Provider {
    columns: &[
        Spec::new(names::R_SCORE, Kind::Count, 2),
        Spec::new(names::F_SCORE, Kind::Count, 2),
        Spec::new(names::M_SCORE, Kind::Count, 2),
        Spec::new(names::RFM_GROUP, Kind::Label("rfm_group"), 1),
    ],
    needs: Needs::NONE,
    fill: scores,
};

/// Lifecycle segments.
pub const LIFECYCLE: Provider = Provider {
    columns: &[
        Spec::new(names::SEGMENT, Kind::Label("segment"), 0),
        Spec::new(names::VALUE, Kind::Label("value"), 1),
        Spec::new(names::MODE, Kind::Label("mode"), 4),
    ],
    needs: Needs::NONE,
    fill: lifecycle,
};

fn scores(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let scored = rfm(&ground.facts, ground.ids, &ground.settings.rfm)?;
    wanted.iter().map(|name| ground.of_buyers(scored.column(name)?)).collect()
}

fn lifecycle(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let segments = segment(&ground.facts, &ground.settings.segment)?;
    wanted.iter().map(|name| ground.of_buyers(segments.column(name)?)).collect()
}
