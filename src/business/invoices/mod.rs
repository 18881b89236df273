//! Issued documents: invoices and credit notes, their numbers, totals and PDFs.
//!
//! Owns: counters, invoices, invoice_lines, invoice_taxes, invoice_balances, invoice_files.
//! Uses: base, db, files, pdf, http, audit, events, settings, clients.
//! Never: a number twice or a gap; an issued document changed; more credited than was invoiced; a float.

pub mod actions;
pub mod api;
pub mod model;
mod paper;
pub mod render;
mod sql;
