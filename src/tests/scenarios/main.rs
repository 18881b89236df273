//! Scenarios: a real server on a free port with its own data directory, once on SQLite and once on MySQL's protocol.
//!
//! MySQL is tested when `DESKBELL_TEST_MYSQL_URL` names a server where databases may be made, a bucket when
//! `DESKBELL_TEST_S3_URL` names one; `make test` starts both.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::assigning_clones)]

mod support;

mod access;
mod accounting;
mod accounts;
mod bookings;
mod clients;
mod database;
mod desk;
mod drafts;
mod failure;
mod files;
mod lists;
mod live;
mod media;
mod nouns;
mod paper;
mod reminders;
mod reports;
mod schema;
mod storage;
mod system;
mod uploads;
mod variants;
