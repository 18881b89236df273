//! What shows that the books are whole: the chain of documents and the series of their numbers.

use super::actions::{CHAIN, chain, document};
use super::chain::{BEGINNING, Content, Link};
use super::model::{InvoiceId, SeriesReport};
use super::sql;
use crate::base::error::{Code, Result};
use crate::platform::db::Tx;

/// Lines read at once.
const BATCH: i64 = 1000;
/// Gaps of a series that a report lists.
const GAPS: i64 = 100;
/// Says that the documents from before there was a chain have their places.
const ADOPTED: &str = "##adopted";

/// How far the chain was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Places that are right.
    pub place: i64,
    /// The hash there.
    pub hash: [u8; 32],
    /// Whether that is all.
    pub done: bool,
}

impl Proof {
    /// Before the first document.
    pub const START: Self = Self { place: 0, hash: BEGINNING, done: false };
}

/// The first document that is not as it was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its place in the chain.
    pub place: i64,
    /// What people call it, if it is still there.
    pub number: String,
    /// What is wrong.
    pub what: &'static str,
}

/// Follows the chain over some more documents.
///
/// # Errors
/// `database_unavailable`.
pub fn verify(tx: &mut dyn Tx, from: &Proof, documents: i64) -> Result<std::result::Result<Proof, Fault>> {
    let mut proof = from.clone();
    // Before the links: what is issued while we look makes the counter larger than what was seen, never smaller.
    let counted = sql::counter(tx, CHAIN)?;
    let links = sql::links_after(tx, proof.place, documents)?;
    proof.done = links.is_empty();
    for (link, id) in links {
        let whole = match document(tx, id) {
            Ok(whole) => whole,
            Err(error) if error.code == Code::NotFound => {
                return Ok(Err(Fault { place: link.place, number: String::new(), what: "the document is gone" }));
            }
            Err(error) => return Err(error),
        };
        let mut content = Content::begin(&whole)?;
        hash_lines(tx, id, &mut content)?;
        if let Some(what) = Link::fault(&link, proof.place + 1, &proof.hash, &content.finish()) {
            return Ok(Err(Fault { place: link.place, number: whole.invoice.number, what }));
        }
        proof = Proof { place: link.place, hash: link.hash, done: false };
    }
    if proof.done {
        if counted > proof.place {
            return Ok(Err(Fault {
                place: proof.place + 1,
                number: String::new(),
                what: "the last documents are gone",
            }));
        }
        if let Some(id) = sql::unchained(tx, 1)?.first() {
            let number = document(tx, *id)?.invoice.number;
            return Ok(Err(Fault {
                place: 0,
                number,
                what: "the document was never issued: it has no place in the chain",
            }));
        }
    }
    Ok(Ok(proof))
}

fn hash_lines(tx: &mut dyn Tx, id: InvoiceId, content: &mut Content) -> Result<()> {
    let mut after = 0;
    loop {
        let lines = sql::lines(tx, id, after, BATCH)?;
        if lines.is_empty() {
            return Ok(());
        }
        for line in &lines {
            content.line(line)?;
        }
        after += BATCH;
    }
}

/// Whether the documents from before there was a chain have their places.
///
/// # Errors
/// `database_unavailable`.
pub fn adopted(tx: &mut dyn Tx) -> Result<bool> {
    Ok(sql::counter(tx, ADOPTED)? > 0)
}

/// Gives documents from before there was a chain their places, oldest first; false when none is left.
///
/// # Errors
/// `database_unavailable`.
pub fn adopt(tx: &mut dyn Tx, documents: i64) -> Result<bool> {
    if sql::counter(tx, ADOPTED)? > 0 {
        return Ok(false);
    }
    let ids = sql::unchained(tx, documents)?;
    if ids.is_empty() {
        sql::next_seq(tx, ADOPTED)?;
        return Ok(false);
    }
    for id in ids {
        let place = sql::next_seq(tx, CHAIN)?;
        let whole = document(tx, id)?;
        let mut content = Content::begin(&whole)?;
        hash_lines(tx, id, &mut content)?;
        chain(tx, place, &whole, content.finish())?;
    }
    Ok(true)
}

/// Every series with what is missing in it.
///
/// # Errors
/// `database_unavailable`.
pub fn series(tx: &mut dyn Tx) -> Result<Vec<SeriesReport>> {
    let mut reports = sql::series(tx)?;
    for report in &mut reports {
        if report.first > 1 {
            report.missing.push((1, report.first - 1));
        }
        if report.last - report.first + 1 != report.count {
            let gaps = sql::gaps(tx, &report.series, GAPS)?;
            report.missing.extend(gaps.into_iter().map(|(before, after)| (before + 1, after - 1)));
        }
        if report.counter > report.last {
            report.missing.push((report.last + 1, report.counter));
        }
    }
    Ok(reports)
}
