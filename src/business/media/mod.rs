//! Files that are whole: what they are, who may see them, and their bytes.
//!
//! Owns: media, media_variants. Uses: base, db, files, codec, http, audit, events, settings. Never: a row without its file; a file shown to the public
//! that no published program shows; a picture's metadata shown to the public.

pub mod actions;
pub mod api;
pub mod model;
pub mod process;
mod sql;
