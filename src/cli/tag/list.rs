//! `ecrm tag list`.

use clap::Args;

use super::{HERE, NAME};
use crate::answer::{Kind, Spec, Table};
use crate::cli::kept::{self, KeptArgs};
use crate::config::Config;
use crate::customers::TagRule;
use crate::error::Result;
use crate::hand::{HandFile, TAGS, Tags};
use crate::locale::Lang;
use crate::metrics::finish::{counts, flags, frame, texts};
use crate::schema::names;

/// Every tag with its title, how many customers have it, its rule and whether discounts go with it
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ecrm tag list --format json

Tags of ecrm.toml come first, in its order, then those that only tags.csv has. customer_count is who has the tag, \
manual_count by hand, rule_count by its rule; rule is all rules as one --where. The table is `tags`.")]
pub struct TagsArgs {
    #[command(flatten)]
    kept: KeptArgs,
}

impl TagsArgs {
    /// Reads the file, counts the customers of each tag, and writes the table.
    pub fn run(self) -> Result<()> {
        let open = self.kept.find()?.open(&TAGS, HERE, None)?;
        let file = HandFile::read(&TAGS, &open.folder)?;
        open.say_rejects(&file);
        let tags = Tags::of(&file);
        let table = table(&tags, &open.config, open.style.locale.lang)?;
        let accounting = kept::accounting(&file, tags.len());
        let customers = tags.customer_count();
        open.write(&kept::report(NAME, vec![table], customers, accounting))
    }
}

fn table(tags: &Tags, config: &Config, lang: Lang) -> Result<Table> {
    let all = tags.names(&config.tag_names());
    let of_tags = tags.counts();
    let rules = config.tag_rules()?;
    let declared = |name: &String| config.tag.iter().find(|tag| tag.name == *name);
    // A tag without a rule has an empty one, not an unknown one.
    let rule = |name: &String| {
        let of_tag = rules.tags().iter().find(|tag| tag.name == *name);
        Some(of_tag.map_or_else(String::new, TagRule::text))
    };
    let title = |name: &String| Some(declared(name)?.title.as_ref()?.get(lang).to_owned());
    let count = |column: &str, place: usize| {
        let of = |name: &String| of_tags.get(name.as_str()).map_or(0, |counts| counts[place]);
        counts(column, all.iter().map(|name| Some(of(name))))
    };
    let columns = vec![
        texts(names::TAG, all.iter().cloned().map(Some)),
        texts(names::TITLE, all.iter().map(title)),
        count(names::CUSTOMER_COUNT, 0),
        count(names::MANUAL_COUNT, 1),
        count(names::RULE_COUNT, 2),
        texts(names::RULE, all.iter().map(rule)),
        flags(names::DISCOUNT, all.iter().map(|name| declared(name)?.discount)),
    ];
    let specs = vec![
        Spec::new(names::TAG, Kind::Text, 0),
        Spec::new(names::TITLE, Kind::Text, 1),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::MANUAL_COUNT, Kind::Count, 2),
        Spec::new(names::RULE_COUNT, Kind::Count, 2),
        Spec::new(names::RULE, Kind::Title, 0),
        Spec::new(names::DISCOUNT, Kind::Flag, 3),
    ];
    Ok(Table::new("tags", "tags", specs, frame(columns)?).with_rows(usize::MAX))
}
