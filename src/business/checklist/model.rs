//! The steps.

use crate::{word_column, words};

words! {
    /// A first step.
    pub enum Step {
        /// A program is offered.
        Program = "program",
        /// A time is planned.
        Occurrence = "occurrence",
        /// Letters leave the house.
        Mail = "mail",
        /// The data directory is copied elsewhere.
        Backup = "backup",
        /// Documents carry a logo.
        Logo = "logo",
        /// Documents say where to pay.
        Bank = "bank",
    }
}

impl Step {
    /// Whether only people know that it is done.
    pub const fn is_manual(self) -> bool {
        matches!(self, Self::Mail | Self::Backup)
    }
}

words! {
    /// What is noted by hand.
    pub enum Mark {
        /// The step is done.
        Mail = "mail",
        /// The step is done.
        Backup = "backup",
        /// Nobody wants to see the list any more.
        Dismissed = "dismissed",
    }
}
word_column!(Mark);

/// A step, and whether it is done.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Which.
    pub step: Step,
    /// Whether it is done.
    pub done: bool,
}

/// The first steps of this desk.
#[derive(Clone, Debug)]
pub struct Checklist {
    /// Every step.
    pub items: Vec<Item>,
    /// Whether nobody wants to see it any more.
    pub dismissed: bool,
}
