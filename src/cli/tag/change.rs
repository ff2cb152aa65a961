//! `ecrm tag copy`, `move` and `delete`: changes of whole tags, which read no export.

use clap::Args;

use super::{HERE, NAME, begin, changes, checked_name, edited, finish, no_tag};
use crate::cli::kept::{self, Kept, KeptArgs, Open};
use crate::error::{Error, Result};
use crate::hand::{Changed, TAGS, TagBook};
use crate::locale::Remark;
use crate::schema::accounting::Accounting;

/// Give a tag by hand to everybody who has another one
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ecrm tag copy vip 'spring fair'

Days and notes are copied too. What a rule has set is set by hand in the copy, so that no rule takes it away again. The table \
is `changes`.")]
pub struct CopyArgs {
    #[command(flatten)]
    both: BothArgs,
}

/// Give a tag by hand to everybody who has another one, and take that away: a new name, or two tags into one
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ecrm tag move vip regular

Days and notes are kept. What a rule has set is set by hand from then on; a tag that has rules in ecrm.toml gets its customers \
back with the next ecrm tag apply, which is said. The table is `changes`.")]
pub struct MoveArgs {
    #[command(flatten)]
    both: BothArgs,
}

/// Take a tag from everybody
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ecrm tag delete vip --dry-run

Rows that are set by hand go too. What ecrm.toml says of the tag stays; where it has rules, the next ecrm tag apply gives it \
back, which is said. The table is `changes`.")]
pub struct DeleteArgs {
    /// The tag
    #[arg(value_name = "NAME")]
    name: String,

    #[command(flatten)]
    how: HowArgs,
}

#[derive(Debug, Args)]
struct BothArgs {
    /// The tag that customers have
    #[arg(value_name = "FROM")]
    from: String,

    /// The tag that they get
    #[arg(value_name = "TO")]
    to: String,

    #[command(flatten)]
    how: HowArgs,
}

#[derive(Debug, Args)]
struct HowArgs {
    /// Say what would change, and write nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    kept: KeptArgs,
}

impl CopyArgs {
    /// Copies the tag and writes what that changed.
    pub fn run(self) -> Result<()> {
        self.both.run(false)
    }
}

impl MoveArgs {
    /// Copies the tag, deletes the old one, and writes what that changed.
    pub fn run(self) -> Result<()> {
        self.both.run(true)
    }
}

impl DeleteArgs {
    /// Deletes the tag and writes what that changed.
    pub fn run(self) -> Result<()> {
        let name = self.name.trim();
        self.how.run(self.how.kept.find()?, Some(name), |file| {
            require(file, name)?;
            Ok(vec![file.delete_tag(name)])
        })
    }
}

impl BothArgs {
    /// Copies the tag; with `moves`, also deletes the old one.
    fn run(&self, moves: bool) -> Result<()> {
        let kept = self.how.kept.find()?;
        let (from, to) = self.names()?;
        self.how.run(kept, moves.then_some(from.as_str()), |file| {
            require(file, &from)?;
            let copied = file.copy_tag(&from, &to);
            Ok(if moves { vec![copied, file.delete_tag(&from)] } else { vec![copied] })
        })
    }

    fn names(&self) -> Result<(String, String)> {
        let (from, to) = (self.from.trim().to_owned(), checked_name(&self.to)?);
        if from == to {
            return Err(Error::usage_of("tag_same", &[("tag", to)]));
        }
        Ok((from, to))
    }
}

impl HowArgs {
    /// Edits the file. `taken` is the tag that no customer has afterwards; rules may give it again.
    fn run(
        &self,
        kept: Kept,
        taken: Option<&str>,
        edit: impl FnOnce(&mut TagBook<'_>) -> Result<Vec<Changed>>,
    ) -> Result<()> {
        let open = kept.open(&TAGS, HERE, None)?;
        change(open, taken, self.dry_run, edit)
    }
}

/// Changes the file and writes what changed.
pub(super) fn change(
    open: Open,
    taken: Option<&str>,
    is_dry_run: bool,
    edit: impl FnOnce(&mut TagBook<'_>) -> Result<Vec<Changed>>,
) -> Result<()> {
    let mut change = begin(&open.folder, is_dry_run)?;
    let changed = edited(&mut change, &open.config, edit)?;
    finish(change, &changed, || write(open, &changed, taken, is_dry_run))
}

/// Writes what changed.
fn write(open: Open, changed: &[Changed], taken: Option<&str>, is_dry_run: bool) -> Result<()> {
    if let Some(tag) = taken.filter(|name| open.config.has_rules(name)) {
        open.reply.remark(&Remark::new("tag_ruled").with("tag", tag));
    }
    if is_dry_run {
        open.reply.remark(&Remark::new("tags_dry_run"));
    }
    let rows: u64 = changed.iter().map(|one| one.kept + one.added + one.removed).sum();
    let accounting = Accounting { rows_read: rows, rows_used: rows, ..Accounting::default() };
    let customers = changed.iter().map(Changed::customer_count).max().unwrap_or(0);
    open.write(&kept::report(NAME, vec![changes(changed)?], customers as usize, accounting))
}

/// Refuses a tag that no customer has.
fn require(book: &TagBook<'_>, name: &str) -> Result<()> {
    let known = book.tags().names(&[]);
    if known.iter().any(|known| known == name) { Ok(()) } else { Err(no_tag(name, &known)) }
}
