//! `ecrm tag show`.

use std::path::PathBuf;

use clap::Args;

use super::{NAME, no_tag, reading};
use crate::cli::customers::ListingArgs;
use crate::cli::kept;
use crate::cli::output;
use crate::cli::session::Asking;
use crate::cli::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::Config;
use crate::customers::Where;
use crate::error::Result;
use crate::hand::{HandFile, TAGS, Tags};

/// The customers that have a tag, with the columns you choose
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm tag show vip exports/*
  ecrm tag show vip exports/* --columns customer_id,phone,net_amount --sort \"net_amount desc\"

As ecrm customers --where \"has_tag('vip')\". Who has the tag and is in none of the files is not listed; how many they are is \
said. The table is `customers`.")]
pub struct ShowArgs {
    /// The tag
    #[arg(value_name = "NAME")]
    name: String,

    /// The folder of the hand-kept files [default: that of ecrm.toml, else the current one]
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    folder: Option<PathBuf>,

    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    listing: ListingArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ShowArgs {
    /// Reads the inputs, chooses the customers with the tag, and writes them.
    pub fn run(self) -> Result<()> {
        output::lang(self.output.lang, &Config::default());
        let name = self.name.trim();
        let listed = self.listing.listed(self.input.may_hold_customers())?;
        let asking = Asking::open_with(&self.input, &self.scope, &self.output, |files| {
            reading(files, self.folder.as_deref())
        })?;
        let folder = kept::folder(self.folder.as_deref(), asking.config());
        let known = Tags::of(&HandFile::read(&TAGS, &folder)?).names(&asking.config().tag_names());
        if !known.iter().any(|known| known == name) {
            return Err(no_tag(name, &known));
        }
        let has_tag = Where::parse(&format!("has_tag('{}')", name.replace('\'', "''")), false)?;
        let asking = asking.with_hand_folder(folder);
        self.listing.list(listed, Some(has_tag), |wants| asking.session(NAME, wants))
    }
}
