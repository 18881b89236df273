//! Writing to clients about their documents: bringing them, and reminding of what is overdue, at three levels.
//!
//! Owns: reminders. Uses: base, db, http, audit, settings, clients, mails, invoices. Never: a level twice; a reminder
//! while nothing is overdue, or before the time that the last one gave has passed.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
mod texts;
