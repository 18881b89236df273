//! What is offered: words, price, pictures and film, as a draft, published or archived.
//!
//! Owns: programs, program_images. Uses: base, db, files, http, audit, media, settings. Never: a file of a draft shown
//! to the public; a price in another currency than the business's.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
