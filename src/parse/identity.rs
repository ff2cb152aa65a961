//! The user's choices of which customer ids are one person's. What follows from them for the rows is worked out in
//! [`crate::merge`].

use std::sync::Arc;

use crate::parse::orders::spellings;
use crate::schema::Day;

/// Default for the number of ids above which a shared contact is taken for a shop's, a forwarder's or a placeholder and
/// joins nobody.
pub const MAX_IDS: u32 = 10;

/// What makes several customer ids one person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityMode {
    /// Nothing, except decisions made by hand.
    #[default]
    Off,
    /// A valid e-mail address that both ids have.
    Email,
    /// A complete phone number that both ids have.
    Phone,
    /// An e-mail address or a phone number.
    Both,
    /// The same id in another spelling: other case, full width, composed accents, spaces.
    Spelling,
    /// An e-mail address, a phone number or the spelling.
    All,
}

impl IdentityMode {
    /// The name that the user writes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Both => "both",
            Self::Spelling => "spelling",
            Self::All => "all",
        }
    }

    /// Whether shared e-mail addresses join ids.
    pub fn has_mails(self) -> bool {
        matches!(self, Self::Email | Self::Both | Self::All)
    }

    /// Whether shared phone numbers join ids.
    pub fn has_phones(self) -> bool {
        matches!(self, Self::Phone | Self::Both | Self::All)
    }

    /// Whether ids join that differ in spelling only.
    pub fn has_spellings(self) -> bool {
        matches!(self, Self::Spelling | Self::All)
    }

    /// The mode that joins by these kinds of contacts.
    pub fn of(has_mails: bool, has_phones: bool) -> Self {
        match (has_mails, has_phones) {
            (false, false) => Self::Off,
            (true, false) => Self::Email,
            (false, true) => Self::Phone,
            (true, true) => Self::Both,
        }
    }
}

/// A decision made by hand about two customer ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The two ids, as the user wrote them.
    pub ids: [String; 2],
    /// `true` if both are one person's; `false` if they are two people's, whatever contacts they share.
    pub is_same: bool,
    /// The day of the decision.
    pub noted_on: Day,
    /// The reason.
    pub note: String,
    /// Number of its record in the file; the header is record 1.
    pub record: u64,
}

impl Decision {
    /// Whether both texts are the same id, written in two ways.
    pub fn is_of_one(&self) -> bool {
        let [a, b] = self.ids.each_ref().map(|id| spellings(id).swap_remove(0));
        a == b
    }
}

/// What makes several customer ids one person.
#[derive(Debug, Clone)]
pub struct IdentityOptions {
    /// What joins ids beside decisions.
    pub mode: IdentityMode,
    /// Number of ids above which a contact joins nobody.
    pub max_ids: u32,
    /// Decisions made by hand, which count in every mode.
    pub decisions: Arc<[Decision]>,
    /// The file of the decisions, for messages.
    pub file: String,
    /// Whether to report which contacts would join ids when the mode is off. Contacts are then read from every table
    /// that is read anyway; on small inputs this costs no noticeable time.
    pub suggests: bool,
}

impl Default for IdentityOptions {
    fn default() -> Self {
        Self {
            mode: IdentityMode::Off,
            max_ids: MAX_IDS,
            decisions: Arc::new([]),
            file: String::new(),
            suggests: false,
        }
    }
}

impl IdentityOptions {
    /// Whether no two ids can become one person.
    pub fn is_idle(&self) -> bool {
        self.mode == IdentityMode::Off && self.decisions.is_empty()
    }

    /// Which contacts are read: those that join ids, or all if suggestions are wanted.
    pub fn reads(&self) -> IdentityMode {
        match self.mode {
            IdentityMode::Off if self.suggests => IdentityMode::Both,
            mode => mode,
        }
    }
}
