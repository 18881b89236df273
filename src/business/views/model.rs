//! A saved view.

use crate::base::actor::StaffId;
use crate::base::error::{Check, Result};
use crate::base::id::Id;
use crate::base::text;
use crate::{word_column, words};

/// The id of a saved view.
pub type ViewId = Id<View>;

words! {
    /// The list that a view filters; what the query means is the page's own affair.
    pub enum ListPage {
        /// Bookings.
        Bookings = "bookings",
        /// Clients.
        Clients = "clients",
        /// Invoices and credit notes.
        Invoices = "invoices",
        /// Programs.
        Programs = "programs",
        /// Files.
        Media = "media",
        /// Letters.
        Mails = "mails",
    }
}
word_column!(ListPage);

/// What a view is made of.
#[derive(Clone, Debug)]
pub struct Details {
    /// Of which list.
    pub page: ListPage,
    /// 1 to 60 characters.
    pub name: String,
    /// The query of the page's address, at most 2,000 characters.
    pub query: String,
    /// Whether all who work here see it.
    pub shared: bool,
}

impl Details {
    /// Itself, tidied.
    ///
    /// # Errors
    /// `invalid_field` naming each wrong field.
    pub fn checked(self) -> Result<Self> {
        let mut check = Check::new();
        let name = check.take("name", text::line("name", &self.name, 60));
        let query = match self.query.trim() {
            // All of a list, by name.
            "" => Some(String::new()),
            query => check.take("query", text::line("query", query, 2000)),
        };
        check.done()?;
        Ok(Self { name: name.unwrap_or_default(), query: query.unwrap_or_default(), ..self })
    }
}

/// A saved view.
#[derive(Clone, Debug)]
pub struct View {
    /// Its id.
    pub id: ViewId,
    /// Who made it.
    pub staff_id: StaffId,
    /// What it is made of.
    pub details: Details,
}

/// Views that one account may keep.
pub const MOST: i64 = 100;
