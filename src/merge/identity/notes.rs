//! Remarks on the ids that were joined.

use super::{ContactKind, Identities, Link, Refused};
use crate::locale::Remark;
use crate::parse::{IdentityMode, IdentityOptions};

impl Identities {
    /// How many ids became how many persons and why, and how many contacts joined nobody.
    pub(in crate::merge) fn notes(&self, options: &IdentityOptions) -> Vec<Remark> {
        let mut remarks = Vec::new();
        if self.persons.is_empty() {
            remarks.extend((options.mode != IdentityMode::Off).then(|| Remark::new("joined_nobody")));
        } else {
            let links = || self.persons.iter().flat_map(|person| &person.links);
            let of = |wanted: ContactKind| {
                links().filter(|link| matches!(link, Link::Contact { kind, .. } if *kind == wanted)).count()
            };
            let decisions = links().filter(|link| matches!(link, Link::Decision { .. })).count();
            let spellings = of(ContactKind::Spelling);
            let remark = match spellings {
                0 => Remark::new("joined_ids"),
                _ => Remark::new("joined_spellings").with("spellings", spellings),
            };
            let remark = remark.with("n", self.id_count());
            let remark = remark.with("customers", self.persons.len()).with("decisions", decisions);
            remarks
                .push(remark.with("emails", of(ContactKind::Email)).with("phones", of(ContactKind::Phone)));
        }
        let refused = |code, is_meant: fn(&Refused) -> bool| {
            let n = self.refused.iter().filter(|refused| is_meant(refused)).count();
            (n > 0).then(|| Remark::new(code).with("n", n).with("max", options.max_ids))
        };
        remarks.extend(refused("shared_contacts", |refused| matches!(refused, Refused::Shared { .. })));
        remarks.extend(refused("forwarders", |refused| matches!(refused, Refused::ForMany { .. })));
        remarks.extend(refused("kept_apart", |refused| matches!(refused, Refused::KeptApart { .. })));
        if !self.unknown_ids.is_empty() {
            let remark = Remark::new("identities_beyond").with("n", self.unknown_ids.len());
            remarks.push(remark.with("file", &options.file));
        }
        remarks
    }
}
