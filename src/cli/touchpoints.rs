//! `ecrm touchpoints`.

use clap::Args;

use super::everybody::with_people;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::customers::Needs;
use crate::customers::reach::Way;
use crate::error::Result;
use crate::questions::Touchpoints;

/// How customers can be reached: who, in which way, and how often they were
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm touchpoints orders.csv customers.csv --sends sends.csv
  ecrm touchpoints exports/* --where \"segment = 'lapsing_loyal'\"
  ecrm touchpoints exports/* --table faults    why numbers and addresses cannot be right

The tables are `channels` (the main one), `faults`, `segments` and `frequency`; `ecrm define touchpoints` says what their \
columns mean.")]
pub struct TouchpointsArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl TouchpointsArgs {
    /// Reads the inputs, counts how customers can be reached, and writes the answer.
    pub fn run(self) -> Result<()> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let mut question = Touchpoints::default();
        let mut session = asking.session(Touchpoints::ABOUT.name, question.wants())?;
        session.check_table(&Touchpoints::TABLES)?;
        question.condition = session.take_condition();
        let needs = Way::ALL.iter().map(|way| way.needs()).fold(question.wished().needs(), Needs::and);
        with_people(session, &Touchpoints::ABOUT, needs, |session, ground, read| {
            session.write(read.sources, read.ids_are_personal, question.answer(ground)?)
        })
    }
}
