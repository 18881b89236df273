//! One room per outside thing; none of them knows the business.
//!
//! The order is the law: a room names only rooms above it.

pub mod db;
pub mod files;
pub mod codec;
pub mod pdf;
pub mod config;
pub mod jobs;
pub mod hub;
pub mod http;
