//! PDF (ISO 32000-1) written as a stream: tagged (PDF/UA-1), archivable (PDF/A-3b), with real shaping of text.
//!
//! A [`Document`] is drawn page by page from top to bottom; each finished page leaves for the sink, and what stays is
//! a few numbers (see `xref.rs`). Coordinates are points from the lower left of an A4 page.
//!
//! ```ignore
//! let mut doc = Document::begin(&mut out, &fonts, about)?;
//! doc.tagged(Tag::Heading(1), |doc| { doc.text(title, (70.0, 700.0), "Invoice 17"); Ok(()) })?;
//! doc.begin_tag(Tag::Table);
//! doc.begin_tag(Tag::TableBody);            // cut by the engine at each page's end, one body a page
//! doc.begin_tag(Tag::Row);
//! doc.cell(Tag::Cell, body, Align::Right, (500.0, 600.0), "12.50");
//! doc.end_tag(); doc.end_tag(); doc.end_tag();
//! doc.artifact(Artifact::Footer, |doc| { doc.page_of(small, Align::Left, (70.0, 40.0), "Page 1 of ", 1); Ok(()) })?;
//! doc.end_page()?;
//! doc.attach(&attachment, |xml| write_xml(xml))?;
//! let outcome = doc.finish()?;
//! ```
//!
//! What is drawn within no tag that holds text (and in no artifact) is marked as an artifact of the layout, so that
//! no content is ever unmarked (ISO 14289-1 §7.1).
//!
//! Uses: base. Never: a document whole in memory; a font that is not embedded; a character that breaks the document;
//! bytes that depend on anything but what was drawn.

mod types;
mod canvas;
mod deflate;
mod xref;
mod tags;
mod pack;
mod fonts;
mod shape;
mod line;
mod complex;
mod wrap;
mod embed;
mod xmp;
mod document;
mod finish;
mod draw;
mod image;
mod attach;

pub use attach::{Attachment, Relationship};
pub use document::Document;
pub use fonts::{Extra, Fonts};
pub use image::ImageId;
pub use tags::{Artifact, Scope, Tag};
pub use types::{About, Align, Face, FacturX, HEIGHT, Outcome, Rect, Rgb, Style, WIDTH, mm};
