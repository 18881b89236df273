//! Deskbell: a self-hosted booking and invoicing desk. One binary, one data directory.
//!
//! The order of the house: a floor names only floors above it in this list.

/// Values that know no I/O.
pub mod base;
/// One room per outside thing; knows no business.
pub mod platform;
/// One room per noun.
pub mod business;
/// Wiring, command line, embedded pages.
pub mod app;
