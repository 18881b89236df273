//! A payment or a refund.

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::money::{MAX_AMOUNT, Money};
use crate::base::text;
use crate::base::time::Instant;
use crate::business::invoices::model::{Booking, InvoiceId};
use crate::{word_column, words};

/// The id of a payment.
pub type PaymentId = Id<Payment>;

words! {
    /// How money moved.
    pub enum Method {
        /// Coins and notes.
        Cash = "cash",
        /// A card.
        Card = "card",
        /// A bank transfer.
        Transfer = "transfer",
        /// Otherwise.
        Other = "other",
    }
}
word_column!(Method);

/// Money received (positive) or given back (negative).
#[derive(Clone, Debug)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// For which invoice.
    pub invoice_id: Option<InvoiceId>,
    /// For which booking.
    pub booking_id: Option<Id<Booking>>,
    /// Minor units; negative when it was given back.
    pub amount: Money,
    /// How.
    pub method: Method,
    /// What the bank or the card says.
    pub reference: Option<String>,
    /// When it moved.
    pub paid_at: Instant,
    /// Who noted it.
    pub recorded_by: String,
}

/// A payment as it is noted.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// Positive.
    pub amount: Money,
    /// How.
    pub method: Method,
    /// What the bank or the card says.
    pub reference: Option<String>,
    /// When it moved; now unless said.
    pub paid_at: Option<Instant>,
}

impl NewPayment {
    /// Itself, tidied.
    ///
    /// # Errors
    /// `invalid_field` naming the wrong field.
    pub fn checked(self, now: Instant) -> Result<Self> {
        if !(1..=MAX_AMOUNT).contains(&self.amount.amount) {
            return Err(Error::field("amount", "must be more than nothing"));
        }
        if self.paid_at.is_some_and(|at| at > now.plus_minutes(24 * 60)) {
            return Err(Error::field("paid_at", "must not lie in the future"));
        }
        let reference = text::optional_line("reference", self.reference.as_deref(), 190)?;
        Ok(Self { reference, ..self })
    }
}
