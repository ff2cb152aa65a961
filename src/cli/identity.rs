//! `ecrm identity`.

use clap::{Args, Subcommand};

use super::kept::{self, Kept, KeptArgs};
use super::reply;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::error::{Error, Result};
use crate::hand::{self, Change, HandFile, IDENTITIES};
use crate::locale::Remark;
use crate::merge::identity::check_decisions;
use crate::parse::{Decision, IdentityMode, IdentityOptions};
use crate::questions::identity::{self, Identity};

/// Whose customer ids are one person's, by what, and what joining them does to customers and repeat rate
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  ecrm identity exports/*.csv                          what e-mails and phones would join, and what that changes
  ecrm identity exports/*.csv --identity email         the same by e-mail alone
  ecrm identity exports/*.csv --identity spelling      by the spelling of ids alone: Ann, ann, ＡＮＮ
  ecrm identity exports/*.csv --table effect           customers and repeat rate before and after
  ecrm identity same 1001 ann@shop.example --note 'said so on the phone'
  ecrm identity not_same 1001 1002 --note 'mother and daughter, one phone'
  ecrm segment exports/*.csv --identity both           any command with ids joined

Customer ids are one person's where they name the same e-mail address, if it can be right, or the same whole phone \
number. Masked ones join nobody, nor do addresses that forward (@marketplace.amazon.…, @members.ebay.… and the like), nor \
contacts that more than 10 ids name ([identity] max in ecrm.toml); an id that itself names more than so many is joined by \
none of them. spelling takes ids as one that differ in case, width, accents' form or spaces alone; all adds e-mails and \
phones. What these two commands write to identities.csv counts whatever --identity says, and beats e-mails and phones. \
A person is known as the id with the most orders, then the one that ordered first, then the one whose text comes first. \
The tables are persons (the main one), refused, effect and decisions. Here --identity is both unless it or ecrm.toml says \
otherwise; elsewhere it is off. `ecrm define identity` says more.")]
pub struct IdentityArgs {
    #[command(subcommand)]
    decide: Option<Decide>,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Subcommand)]
enum Decide {
    /// Decide that two customer ids are one person's
    #[command(after_help = "Example:
  ecrm identity same 1001 ann@shop.example --note 'said so on the phone'")]
    Same(DecideArgs),
    /// Decide that two customer ids are two people's, whatever contacts they share
    #[command(name = "not_same", alias = "not-same")]
    #[command(after_help = "Example:
  ecrm identity not_same 1001 1002 --note 'mother and daughter, one phone'")]
    NotSame(DecideArgs),
}

#[derive(Debug, Args)]
struct DecideArgs {
    /// A customer id, as the exports have it
    #[arg(value_name = "CUSTOMER")]
    customer: String,

    /// The other one
    #[arg(value_name = "OTHER")]
    other: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,

    /// The day of the decision, YYYY-MM-DD or today [default: today, in the shop's zone where ecrm.toml names it]
    #[arg(long, value_name = "DAY")]
    on: Option<String>,

    /// Say what would be decided then, and write nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    kept: KeptArgs,
}

impl IdentityArgs {
    /// Shows who is who, or notes a decision.
    pub fn run(self) -> Result<()> {
        match self.decide {
            Some(Decide::Same(args)) => args.run(true),
            Some(Decide::NotSame(args)) => args.run(false),
            None => self.show(),
        }
    }

    fn show(self) -> Result<()> {
        let mut input = self.input;
        let asking = Asking::open(&input, &self.scope, &self.output)?;
        let mode = input.identity.or(asking.config().identity.mode).unwrap_or(IdentityMode::Both);
        drop(asking);
        input.identity = Some(mode);
        let asking = Asking::open(&input, &self.scope, &self.output)?;
        let mut session = asking.session(identity::ABOUT.name, identity::wants())?;
        session.check_table(&identity::TABLES)?;
        let both = session.read_both_ways()?;
        let (identities, options) = (&both.read.identities, session.identity());
        let found = Identity { identities, options, before: both.before, after: both.after };
        let mut answer = found.answer()?;
        (answer.accounting, answer.as_of) = (both.accounting, both.as_of);
        answer.window = session.request().window;
        session.write(&both.read.sources, both.read.orders.ids_are_personal, answer)
    }
}

impl DecideArgs {
    /// Notes the decision and prints all decisions.
    fn run(self, is_same: bool) -> Result<()> {
        let kept = self.kept.find()?;
        let decision = self.decision(is_same, &kept)?;
        let open = kept.open(&IDENTITIES, "identities_here", None)?;
        let mut change = Change::begin(&IDENTITIES, &open.path, self.dry_run, reply::waiting_for_hand)?;
        let is_new = change.file.decide(&decision);
        check(&change.file)?;
        change.finish(is_new, |file| {
            if self.dry_run {
                open.reply.remark(&Remark::new("identity_dry_run").with("file", file.path.display()));
            }
            let decisions = hand::decisions(file);
            let accounting = kept::accounting(file, decisions.len());
            let table = identity::decided(&decisions)?;
            open.write(&kept::report(identity::ABOUT.name, vec![table], 0, accounting))
        })
    }

    fn decision(&self, is_same: bool, kept: &Kept) -> Result<Decision> {
        let noted_on = kept.day(self.on.as_deref())?;
        let note = self.note.as_deref().unwrap_or_default().replace("\r\n", "\n").trim().to_owned();
        let decision = Decision {
            ids: [kept::customer(&self.customer)?, kept::customer(&self.other)?],
            is_same,
            noted_on,
            note,
            record: 0,
        };
        match decision.is_of_one() {
            false => Ok(decision),
            true => Err(Error::usage_of("identity_itself", &[("id", decision.ids[0].clone())])),
        }
    }
}

/// Refuses decisions that contradict each other before they are written.
fn check(file: &HandFile) -> Result<()> {
    let options = IdentityOptions {
        decisions: hand::decisions(file).into(),
        file: file.path.display().to_string(),
        ..IdentityOptions::default()
    };
    check_decisions(&options)
}
