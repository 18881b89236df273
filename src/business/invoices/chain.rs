//! The chain over issued documents: each hash holds what a document says and the hash before it, so that a document
//! which was changed, taken out or slipped in later shows. Pure.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::model::{Document, Invoice, Line, Party};
use crate::base::error::{Error, Result};

/// Hash of the document before the first.
pub const BEGINNING: [u8; 32] = [0; 32];

/// All that a document says, in a fixed order of fields. A field that is added later must be left out while it is
/// empty, or hashes of older documents would differ.
#[derive(Serialize)]
struct Said<'d> {
    id: String,
    kind: &'d str,
    series: &'d str,
    seq: i64,
    number: &'d str,
    client: String,
    booking: Option<String>,
    corrects: Option<String>,
    issued_at: i64,
    issued_on: &'d str,
    due_on: &'d Option<String>,
    service: [&'d Option<String>; 2],
    references: [&'d Option<String>; 2],
    currency: &'d str,
    prices_include_tax: bool,
    rounding_way: &'d str,
    amounts: [i64; 6],
    seller: &'d Party,
    buyer: &'d Party,
    notes: &'d Option<String>,
    locale: &'d str,
}

/// What a document says, on its way into a hash: its head, then its lines in order.
pub struct Content(Sha256);

impl Content {
    /// Begins with the head: everything but the lines.
    ///
    /// # Errors
    /// `internal` when it cannot be written down.
    pub fn begin(document: &Document) -> Result<Self> {
        let i: &Invoice = &document.invoice;
        let said = Said {
            id: i.id.to_string(),
            kind: i.kind.as_str(),
            series: &i.series,
            seq: i.seq,
            number: &i.number,
            client: i.client_id.to_string(),
            booking: i.booking_id.map(|id| id.to_string()),
            corrects: i.corrects.as_ref().map(|corrected| corrected.id.to_string()),
            issued_at: i.issued_at.micros(),
            issued_on: &i.issued_on,
            due_on: &i.due_on,
            service: [&i.service_from, &i.service_to],
            references: [&i.buyer_reference, &i.order_reference],
            currency: i.currency.as_str(),
            prices_include_tax: i.prices_include_tax,
            rounding_way: i.rounding_way.as_str(),
            amounts: [i.lines_net, i.net, i.tax, i.gross, i.rounding, i.prepaid],
            seller: &i.seller,
            buyer: &i.buyer,
            notes: &i.notes,
            locale: &i.locale,
        };
        let mut hash = Sha256::new();
        hash.update(serde_json::to_vec(&said).map_err(Error::internal)?);
        for row in &document.taxes {
            let category = row.tax.category.as_str();
            put(&mut hash, &(category, row.tax.rate, row.net, row.amount, row.rounding, &row.reason))?;
        }
        for a in &document.adjustments {
            let category = a.tax.category.as_str();
            put(&mut hash, &(a.charge, &a.reason, a.percent, category, a.tax.rate, a.amount, a.net))?;
        }
        Ok(Self(hash))
    }

    /// The next line.
    ///
    /// # Errors
    /// `internal` when it cannot be written down.
    pub fn line(&mut self, line: &Line) -> Result<()> {
        let what = (&line.description, line.quantity.to_string(), line.unit.as_str(), line.unit_price);
        let discount = (line.discount, line.discount_percent, &line.discount_reason);
        let tax = (line.tax.category.as_str(), line.tax.rate, line.total, line.net);
        put(&mut self.0, &(what, discount, tax))
    }

    /// The hash of all that.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Each part stands on a line of its own; a line break within a text is escaped, so that parts cannot run together.
fn put(hash: &mut Sha256, part: &impl Serialize) -> Result<()> {
    hash.update(b"\n");
    hash.update(serde_json::to_vec(part).map_err(Error::internal)?);
    Ok(())
}

/// The hash at a place of the chain.
pub fn link(place: i64, previous: &[u8; 32], content: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(place.to_be_bytes());
    hash.update(previous);
    hash.update(content);
    hash.finalize().into()
}

/// A place of the chain as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// From 1.
    pub place: i64,
    /// Hash of what its document says.
    pub content: [u8; 32],
    /// Hash of that, the place and the hash before.
    pub hash: [u8; 32],
}

impl Link {
    /// What is wrong with it behind `previous`, if its document's content now hashes to `content`.
    pub fn fault(&self, expected_place: i64, previous: &[u8; 32], content: &[u8; 32]) -> Option<&'static str> {
        if self.place != expected_place {
            Some("a document before it is gone")
        } else if self.content != *content {
            Some("what it says was changed after it was issued")
        } else if self.hash != link(self.place, previous, content) {
            Some("its place in the chain was changed")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_tampering_has_its_fault() {
        let content = [1; 32];
        let good = Link { place: 1, content, hash: link(1, &BEGINNING, &content) };
        assert_eq!(good.fault(1, &BEGINNING, &content), None);
        assert_eq!(good.fault(2, &BEGINNING, &content), Some("a document before it is gone"));
        assert_eq!(good.fault(1, &BEGINNING, &[2; 32]), Some("what it says was changed after it was issued"));
        assert_eq!(good.fault(1, &[9; 32], &content), Some("its place in the chain was changed"));
    }
}
