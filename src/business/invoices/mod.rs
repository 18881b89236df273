//! Issued documents: invoices and credit notes, their numbers, totals and PDFs.
//!
//! Owns: counters, invoices, invoice_lines, invoice_taxes, invoice_adjustments, invoice_balances, invoice_files,
//! invoice_chain.
//! Uses: base, db, files, codec, pdf, http, audit, events, links, settings, media, clients.
//! Never: a number twice or a gap; an issued document changed; more credited than was invoiced; a float.

pub mod actions;
pub mod api;
mod asked;
mod chain;
mod credit;
mod einvoice;
mod look;
pub mod model;
mod paper;
mod proof;
pub mod render;
mod sql;
mod sums;
mod unit;
mod wire;
