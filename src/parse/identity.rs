//! Which customer ids are one person's, as the user chooses and decides it; what follows from that for the rows that
//! were read is found where these are merged.

use std::sync::Arc;

use crate::parse::orders::spellings;
use crate::schema::Day;

/// Ids beyond which a contact is a shop's, a forwarder's or a placeholder, where nobody says how many.
pub const MAX_IDS: u32 = 10;

/// What makes customer ids one person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityMode {
    /// None; decisions made by hand count.
    #[default]
    Off,
    /// A valid e-mail address that both name.
    Email,
    /// A whole phone number that both name.
    Phone,
    /// Either of them.
    Both,
    /// The same id in another spelling: other case, full width, composed accents, spaces.
    Spelling,
    /// An e-mail address, a phone number or the spelling.
    All,
}

impl IdentityMode {
    /// How it is written.
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

    /// Whether e-mail addresses join.
    pub fn has_mails(self) -> bool {
        matches!(self, Self::Email | Self::Both | Self::All)
    }

    /// Whether phone numbers join.
    pub fn has_phones(self) -> bool {
        matches!(self, Self::Phone | Self::Both | Self::All)
    }

    /// Whether ids join that are spelt alike.
    pub fn has_spellings(self) -> bool {
        matches!(self, Self::Spelling | Self::All)
    }

    /// The mode of those kinds of contacts; off where there is none.
    pub fn of(has_mails: bool, has_phones: bool) -> Self {
        match (has_mails, has_phones) {
            (false, false) => Self::Off,
            (true, false) => Self::Email,
            (false, true) => Self::Phone,
            (true, true) => Self::Both,
        }
    }
}

/// What somebody decided of two customer ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The two ids, as they were written.
    pub ids: [String; 2],
    /// Whether both are one person's; else they are two people's, whatever contacts they share.
    pub is_same: bool,
    /// When.
    pub noted_on: Day,
    /// Why.
    pub note: String,
    /// Its record in the file, the header's being 1.
    pub record: u64,
}

impl Decision {
    /// Whether both ids are one, in whatever way they are written.
    pub fn is_of_one(&self) -> bool {
        let [a, b] = self.ids.each_ref().map(|id| spellings(id).swap_remove(0));
        a == b
    }
}

/// What makes several customer ids one person.
#[derive(Debug, Clone)]
pub struct IdentityOptions {
    /// What does, beside decisions.
    pub mode: IdentityMode,
    /// Ids beyond which a contact joins none.
    pub max_ids: u32,
    /// What was decided by hand, which counts whatever the mode is.
    pub decisions: Arc<[Decision]>,
    /// The file of those, for messages.
    pub file: String,
    /// Whether to say what contacts would join where the mode is off. They are then read of every table that is read
    /// anyway, which small inputs do not notice.
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
    /// Whether no two ids can become one.
    pub fn is_idle(&self) -> bool {
        self.mode == IdentityMode::Off && self.decisions.is_empty()
    }

    /// Which contacts are read: those that join, or all that would.
    pub fn reads(&self) -> IdentityMode {
        match self.mode {
            IdentityMode::Off if self.suggests => IdentityMode::Both,
            mode => mode,
        }
    }
}
