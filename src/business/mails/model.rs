//! A letter, and how it stands.

use crate::base::error::{Check, Result};
use crate::base::id::Id;
use crate::base::text;
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;
use crate::{word_column, words};

/// The id of a letter.
pub type MailId = Id<Mail>;

/// Names the id of the document that a letter is about; invoices stand below.
pub struct Invoice;

words! {
    /// What a letter is for; says what is attached when it is sent.
    pub enum Purpose {
        /// It brings a document.
        Invoice = "invoice",
        /// It asks for what is overdue.
        Reminder = "reminder",
    }
}

words! {
    /// How a letter stands.
    pub enum Status {
        /// It waits to be sent.
        Queued = "queued",
        /// It is on its way.
        Sent = "sent",
        /// It could not be sent.
        Failed = "failed",
        /// It is not to be sent any more.
        Cancelled = "cancelled",
    }
}
word_column!(Purpose, Status);

/// A letter.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// To whom.
    pub client_id: ClientId,
    /// About which document.
    pub invoice_id: Option<Id<Invoice>>,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it goes.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// How it stands.
    pub status: Status,
    /// When it was written.
    pub created_at: Instant,
    /// When it was sent.
    pub sent_at: Option<Instant>,
}

/// A letter to be written.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// To whom.
    pub client_id: ClientId,
    /// About which document.
    pub invoice_id: Option<Id<Invoice>>,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it goes.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub message: String,
}

impl NewMail {
    /// Itself, tidied.
    ///
    /// # Errors
    /// `invalid_field` naming each of `to`, `subject` and `message` that is wrong.
    pub fn checked(mut self) -> Result<Self> {
        let mut check = Check::new();
        self.to = check.take("to", text::email("to", &self.to)).unwrap_or_default();
        self.subject = check.take("subject", text::line("subject", &self.subject, 250)).unwrap_or_default();
        self.message = check.take("message", text::block("message", &self.message, 20_000)).unwrap_or_default();
        check.done()?;
        Ok(self)
    }
}

/// Which letters a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of one state.
    pub status: Option<Status>,
    /// To one client.
    pub client_id: Option<ClientId>,
    /// About one document.
    pub invoice_id: Option<Id<Invoice>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_cannot_carry_a_second_header() {
        let mail = NewMail {
            client_id: Id::from_bytes([1; 16]),
            invoice_id: None,
            purpose: Purpose::Invoice,
            to: "Ada@Example.org".into(),
            subject: "Invoice\r\nBcc: everybody@example.org".into(),
            message: "Dear Ada".into(),
        };
        let wrong = mail.clone().checked().expect_err("two lines");
        assert_eq!(wrong.fields.first().map(|wrong| wrong.field.as_str()), Some("subject"));
        let good = NewMail { subject: "Invoice".into(), ..mail }.checked().expect("good");
        assert_eq!(good.to, "ada@example.org");
    }
}
