//! Every kind of care, declared once: `--tasks`, the keys under `[care]`, what is blocked, help and tables follow from
//! this.

use crate::schema::{Field, Table};

/// Makes [`Task`] and [`TASKS`] from a list, the most urgent first.
macro_rules! tasks {
    ($($variant:ident = $name:literal, $when:expr, [$($need:expr),* $(,)?], $meaning:literal;)+) => {
        /// A kind of care. The kinds are in order of precedence, which decides if a customer can get only one of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Task { $(#[doc = $meaning] $variant),+ }

        /// All kinds of care, in the order of [`Task`].
        pub const TASKS: &[About] = &[$(About {
            task: Task::$variant,
            name: $name,
            when: $when,
            needs: &[$($need),*],
            meaning: $meaning,
        }),+];
    };
}

/// The declaration of a kind of care.
#[derive(Debug)]
pub struct About {
    /// The kind of care.
    pub task: Task,
    /// What `--tasks`, `[care]` and output call it.
    pub name: &'static str,
    /// When it is due by default.
    pub when: When,
    /// The inputs that it needs, all of them.
    pub needs: &'static [Need],
    /// What it is about, in one phrase.
    pub meaning: &'static str,
}

/// When a task is due, counted from what brings it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// From so many minutes after a moment until so many minutes after it, both included.
    Minutes {
        /// The first.
        from: u32,
        /// The last.
        until: u32,
    },
    /// This number of days after a day, or before it if below zero.
    Days(i32),
    /// On the first day of the list.
    AtOnce,
}

/// What a task needs that the inputs may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A column that is read as this field of this table.
    Column(Table, Field),
    /// Orders.
    Orders,
    /// Something that distinguishes paid orders from others.
    Status,
    /// Something that distinguishes orders that were sent off from those that were not: a column of when, or a status
    /// that says so of any order.
    Shipping,
    /// Days of refunds: a column of when orders were cancelled, or credit notes.
    RefundDays,
    /// An earlier customer export.
    LevelsBefore,
    /// The levels, from the configuration.
    Levels,
    /// The holidays, from the configuration.
    Holidays,
}

impl Need {
    /// Where the missing input would be: a canonical table, or `settings`.
    pub fn input(self) -> &'static str {
        match self {
            Self::Column(table, _) => table.name(),
            Self::Orders | Self::Status | Self::Shipping | Self::RefundDays => Table::Orders.name(),
            Self::LevelsBefore | Self::Levels | Self::Holidays => "settings",
        }
    }

    /// What it is called there: a field, a table of the configuration, or the flag that names a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Column(_, field) => field.name(),
            Self::Orders => Field::OrderId.name(),
            Self::Status => Field::Status.name(),
            Self::Shipping => Field::ShippedAt.name(),
            Self::RefundDays => Field::CancelledAt.name(),
            Self::LevelsBefore => "customers_before",
            Self::Levels => "[care.levels]",
            Self::Holidays => "[care.holidays]",
        }
    }
}

/// Minutes of a day.
const DAY: u32 = 24 * 60;

/// Due for one day, as long as it is news.
const NEWS: When = When::Minutes { from: 0, until: DAY };

/// As long as an order may wait to be sent off; one that has waited longer is not going to be.
const MAX_WAIT: u32 = 30 * DAY;

const fn order(field: Field) -> Need {
    Need::Column(Table::Orders, field)
}

const fn customer(field: Field) -> Need {
    Need::Column(Table::Customers, field)
}

const RATING: Need = Need::Column(Table::Events, Field::Rating);

tasks! {
    ReviewFollowUp = "review_follow_up", NEWS, [RATING], "a review of 3 stars or less";
    DelayedShipping = "delayed_shipping", When::Minutes { from: 2 * DAY, until: MAX_WAIT },
        [Need::Status, Need::Shipping], "paid more than 48 hours ago and not sent off";
    Refunded = "refunded", NEWS, [Need::RefundDays], "money went back";
    UnpaidFirst = "unpaid_first", When::Minutes { from: 20, until: DAY },
        [Need::Status, order(Field::CreatedAt)], "ordered 20 minutes to 24 hours ago and not paid";
    UnpaidSecond = "unpaid_second", When::Minutes { from: 120, until: DAY },
        [Need::Status, order(Field::CreatedAt)], "still not paid 2 hours after the first reminder, on its day";
    PresaleBalance = "presale_balance", When::Days(1),
        [Need::Status, order(Field::CreatedAt), order(Field::IsPresale)],
        "ordered ahead, and the balance is not paid";
    Paid = "paid", NEWS, [order(Field::PaidAt)], "paid";
    Placed = "placed", NEWS, [order(Field::CreatedAt)], "ordered";
    Shipped = "shipped", NEWS, [order(Field::ShippedAt)], "sent off";
    Delivered = "delivered", NEWS, [order(Field::DeliveredAt)], "arrived";
    UsageReminder = "usage_reminder", When::Days(7), [order(Field::CompletedAt)],
        "how to use it, some days after the order was completed";
    Birthday = "birthday", When::Days(0), [customer(Field::Birthday)], "birthday";
    LevelUp = "level_up", When::AtOnce, [customer(Field::Level), Need::LevelsBefore], "a higher level than before";
    FirstPrivilege = "first_privilege", When::Days(7), [customer(Field::CardClaimedAt)],
        "a new member who has not ordered since the card was claimed";
    ReviewThanks = "review_thanks", NEWS, [RATING], "a review of 4 stars or more";
    Day100 = "day_100", When::Days(100), [Need::Orders], "100 days since the first order";
    Day30 = "day_30", When::Days(30), [Need::Orders], "30 days since the first order";
    Anniversary = "anniversary", When::Days(0), [Need::Orders], "years since the first order";
    Due = "due", When::Days(0), [Need::Orders], "the next order is expected";
    WinBack = "win_back", When::Days(0), [Need::Orders], "silent past the churn line";
    NearLevel = "near_level", When::Days(7), [Need::Orders, Need::Levels], "little is missing to the next level";
    LevelDown = "level_down", When::AtOnce, [customer(Field::Level), Need::LevelsBefore], "a lower level than before";
    Holiday = "holiday", When::Days(0), [Need::Orders, Need::Holidays], "a holiday";
    Parcel = "parcel", When::Minutes { from: 0, until: MAX_WAIT }, [Need::Status, Need::Shipping],
        "an order to pack that deserves something in the box";
}

impl Task {
    /// The declaration of the task.
    pub fn about(self) -> &'static About {
        &TASKS[self as usize]
    }

    /// What `--tasks`, `[care]` and output call it.
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// The task with this name.
    pub fn named(name: &str) -> Option<Self> {
        TASKS.iter().find(|about| about.name == name).map(|about| about.task)
    }

    /// All tasks, the most urgent first.
    pub fn all() -> impl ExactSizeIterator<Item = Self> + Clone {
        TASKS.iter().map(|about| about.task)
    }

    /// Whether it is a message: a customer gets at most one of these a day. A parcel is not a message.
    pub fn is_message(self) -> bool {
        self != Self::Parcel
    }

    /// Whether it answers what a customer did: an order, a payment, a review. Nobody is held out of these.
    pub fn is_service(self) -> bool {
        self <= Self::Delivered || self == Self::ReviewThanks
    }

    /// The task that this one follows by its nature. A message for that task does not keep this one back.
    pub fn follows(self) -> Option<Self> {
        (self == Self::UnpaidSecond).then_some(Self::UnpaidFirst)
    }

    /// Its name in a sends log.
    pub fn campaign_id(self) -> String {
        format!("{CAMPAIGN}{}", self.name())
    }

    /// The task whose messages have this campaign id in a sends log.
    pub fn of_campaign(id: &str) -> Option<Self> {
        id.strip_prefix(CAMPAIGN).and_then(Self::named)
    }
}

/// Prefix of a task's name in a sends log.
const CAMPAIGN: &str = "care:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_is_what_answers_a_customer() {
        let others: Vec<&str> = Task::all().filter(|task| !task.is_service()).map(Task::name).collect();
        assert_eq!(
            others,
            [
                "usage_reminder",
                "birthday",
                "level_up",
                "first_privilege",
                "day_100",
                "day_30",
                "anniversary",
                "due",
                "win_back",
                "near_level",
                "level_down",
                "holiday",
                "parcel",
            ]
        );
    }

    #[test]
    fn every_task_stands_in_its_place_and_is_found_by_its_names() {
        for (place, about) in TASKS.iter().enumerate() {
            assert_eq!(about.task as usize, place);
            assert_eq!(about.task.about().name, about.name);
            assert_eq!(Task::named(about.name), Some(about.task));
            assert_eq!(Task::of_campaign(&about.task.campaign_id()), Some(about.task));
        }
        assert_eq!(TASKS.len(), 24);
        assert_eq!(
            [Task::named("gift"), Task::of_campaign("june"), Task::of_campaign("care:june")],
            [None; 3]
        );
    }
}
