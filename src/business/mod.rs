//! One room per noun. Inside each, `model ← sql ← actions ← api`; others see only `model` and `actions`.
//!
//! The order is the law: a room names only rooms above it. What points the other way goes through an event.

pub mod desk;
pub mod audit;
pub mod events;
pub mod idempotency;
pub mod links;
pub mod settings;
pub mod totp;
pub mod accounts;
pub mod profile;
pub mod media;
pub mod clients;
pub mod client_files;
pub mod mails;
pub mod programs;
pub mod occurrences;
pub mod invoices;
pub mod drafts;
pub mod payments;
pub mod reminders;
pub mod bookings;
pub mod accounting;
pub mod audio_notes;
pub mod uploads;
pub mod views;
pub mod checklist;
pub mod today;
pub mod reports;
pub mod live;
pub mod system;
pub mod setup;
