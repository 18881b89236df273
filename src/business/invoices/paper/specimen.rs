//! For tests: documents to draw, and a reader of what was drawn.

#![cfg(test)]

use std::collections::HashMap;

use super::Look;
use crate::base::error::Result;
use crate::base::money::{BasisPoints, line_total, share_of};
use crate::base::tax::{Category, Rounding, Tax};
use crate::business::invoices::model::{Document, Invoice, Kind, Line, Lines, Party, TaxRow, Unit};

/// Lines that are at hand.
pub struct Given(pub Vec<Line>, usize);

impl Given {
    pub fn new(lines: Vec<Line>) -> Self {
        Self(lines, 0)
    }
}

impl Lines for Given {
    fn next(&mut self) -> Result<Option<Line>> {
        self.1 += 1;
        Ok(self.0.get(self.1 - 1).cloned())
    }

    fn rewind(&mut self) -> Result<()> {
        self.1 = 0;
        Ok(())
    }
}

pub fn line(description: &str, quantity: &str, unit_price: i64, rate: i64) -> Line {
    let quantity = quantity.parse().expect("a decimal");
    let total = line_total(quantity, unit_price).expect("in range");
    let category = if rate > 0 { Category::Standard } else { Category::ReverseCharge };
    Line {
        description: description.into(),
        quantity,
        unit: Unit::Hour,
        unit_price,
        discount: 0,
        discount_percent: None,
        discount_reason: None,
        tax: Tax { category, rate: BasisPoints::new(rate) },
        total,
        net: total,
    }
}

fn party(name: &str, street: &str, place: (&str, &str), country: &str) -> Party {
    Party {
        name: name.into(),
        street: Some(street.into()),
        postcode: Some(place.0.into()),
        city: Some(place.1.into()),
        country: Some(country.into()),
        ..Party::default()
    }
}

/// A seller who can be paid, in Germany or Switzerland.
pub fn seller(country: &str) -> Party {
    let swiss = country == "CH";
    Party {
        iban: Some(if swiss { "CH5800791123000889012" } else { "DE89370400440532013000" }.into()),
        qr_iban: swiss.then(|| "CH4431999123000889012".into()),
        vat_id: Some("DE123456789".into()),
        ..party("Studio Aurora", "Lindenweg 12", ("1010", "Seldwyla"), country)
    }
}

/// An invoice over these lines.
pub fn document(locale: &str, currency: &str, country: &str, lines: &[Line]) -> Document {
    let mut taxes: Vec<TaxRow> = Vec::new();
    for line in lines {
        match taxes.iter_mut().find(|row| row.tax == line.tax) {
            Some(row) => row.net += line.total,
            None => taxes.push(TaxRow { tax: line.tax, net: line.total, amount: 0, rounding: 0, reason: None }),
        }
    }
    for row in &mut taxes {
        row.amount = share_of(row.net, row.tax.rate);
    }
    let (net, tax) = taxes.iter().fold((0, 0), |(net, tax), row| (net + row.net, tax + row.amount));
    let id = "019370e1-7b2c-7000-8000-000000000001";
    let invoice = Invoice {
        id: id.parse().expect("an id"),
        kind: Kind::Invoice,
        series: "invoice".into(),
        seq: 17,
        number: "2026-00017".into(),
        client_id: id.parse().expect("an id"),
        booking_id: None,
        corrects: None,
        issued_at: "2026-11-24T09:00:00Z".parse().expect("an instant"),
        issued_on: "2026-11-24".into(),
        due_on: Some("2026-12-08".into()),
        service_from: None,
        service_to: None,
        buyer_reference: None,
        order_reference: None,
        currency: currency.parse().expect("a currency"),
        prices_include_tax: false,
        rounding_way: Rounding::Sum,
        lines_net: net,
        net,
        tax,
        gross: net + tax,
        rounding: 0,
        prepaid: 0,
        seller: seller(country),
        buyer: party("Erika Muster", "Gasse 3", ("9400", "Rorschach"), country),
        notes: None,
        locale: locale.into(),
        paid: 0,
        credited: 0,
    };
    Document { invoice, adjustments: Vec::new(), taxes }
}

/// A text, and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub x: f32,
    pub y: f32,
    pub text: String,
}

/// A document that was drawn.
pub struct Drawn {
    pub bytes: Vec<u8>,
    pub pages: Vec<Vec<Shown>>,
    pub missing: u32,
}

impl Drawn {
    /// Draws a document and reads it back.
    pub fn of(document: &Document, look: &Look, lines: Vec<Line>) -> Self {
        let fonts = std::sync::Arc::new(crate::platform::pdf::Fonts::new());
        let mut bytes = Vec::new();
        let outcome = super::write(&mut bytes, document, look, &fonts, &mut Given::new(lines)).expect("drawn");
        let pages = read(&bytes);
        assert_eq!(pages.len(), outcome.pages);
        Self { bytes, pages, missing: outcome.missing_glyphs }
    }

    /// All texts of a page, one a row.
    pub fn page(&self, page: usize) -> String {
        let shown = self.pages.get(page).map_or(&[][..], Vec::as_slice);
        shown.iter().map(|shown| shown.text.replace('\u{a0}', " ")).collect::<Vec<_>>().join("\n")
    }

    pub fn all(&self) -> String {
        (0..self.pages.len()).map(|page| self.page(page)).collect::<Vec<_>>().join("\n")
    }

    /// The text behind one that is the same as this, on a page.
    pub fn behind(&self, page: usize, text: &str) -> Option<String> {
        let shown = self.pages.get(page)?;
        let at = shown.iter().position(|shown| shown.text.replace('\u{a0}', " ") == text)?;
        shown.get(at + 1).map(|shown| shown.text.replace('\u{a0}', " "))
    }
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.windows(what.len()).position(|window| window == what).map(|at| at + from)
}

/// The streams that are deflated, in the order of the file.
pub fn streams(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = find(bytes, b"stream\n", at) {
        let end = find(bytes, b"endstream", start).unwrap_or(bytes.len());
        let body = bytes.get(start + 7..end).unwrap_or_default();
        found.extend(miniz_oxide::inflate::decompress_to_vec_zlib(body).ok());
        at = end + 9;
    }
    found
}

/// The texts of each page.
fn read(bytes: &[u8]) -> Vec<Vec<Shown>> {
    let streams = streams(bytes);
    // Fonts are written in the order of their names.
    let maps: Vec<HashMap<u16, String>> =
        streams.iter().filter(|stream| find(stream, b"begincmap", 0).is_some()).map(|stream| map(stream)).collect();
    let pages = streams.iter().filter(|stream| find(stream, b"Td", 0).is_some() && find(stream, b"BDC", 0).is_some());
    pages.map(|content| texts(content, &maps)).collect()
}

/// Glyphs and the characters that they stand for.
fn map(stream: &[u8]) -> HashMap<u16, String> {
    let text = String::from_utf8_lossy(stream);
    let pairs = text.lines().filter_map(|row| row.strip_prefix('<')?.strip_suffix('>')?.split_once("> <"));
    pairs
        .filter_map(|(glyph, text)| {
            let units: Option<Vec<u16>> =
                (0..text.len()).step_by(4).map(|at| u16::from_str_radix(text.get(at..at + 4)?, 16).ok()).collect();
            Some((u16::from_str_radix(glyph, 16).ok()?, String::from_utf16_lossy(&units?)))
        })
        .collect()
}

fn texts(content: &[u8], maps: &[HashMap<u16, String>]) -> Vec<Shown> {
    let mut shown = Vec::new();
    let (mut at, mut font) = (0, 0);
    let (mut x, mut y) = (0.0, 0.0);
    let mut operands: Vec<String> = Vec::new();
    let mut glyphs: Vec<u8> = Vec::new();
    while let Some(byte) = content.get(at) {
        at += 1;
        match byte {
            b'(' => {
                while let Some(byte) = content.get(at) {
                    at += 1;
                    match byte {
                        b')' => break,
                        b'\\' => {
                            glyphs.extend(content.get(at).map(|byte| match byte {
                                b'n' => b'\n',
                                b'r' => b'\r',
                                other => *other,
                            }));
                            at += 1;
                        }
                        byte => glyphs.push(*byte),
                    }
                }
            }
            byte if byte.is_ascii_whitespace() || matches!(byte, b'[' | b']') => {}
            _ => {
                let length = content.get(at..).unwrap_or_default().iter();
                let length = length.take_while(|byte| !byte.is_ascii_whitespace() && !b"()[]".contains(byte)).count();
                let word = String::from_utf8_lossy(content.get(at - 1..at + length).unwrap_or_default()).into_owned();
                at += length;
                let number = |back: usize| -> f32 {
                    let place = operands.len().checked_sub(back);
                    place.and_then(|place| operands.get(place)).and_then(|word| word.parse().ok()).unwrap_or(0.0)
                };
                match word.as_str() {
                    "BT" => (x, y) = (0.0, 0.0),
                    "Td" => (x, y) = (x + number(2), y + number(1)),
                    "Tf" => {
                        let name = operands.len().checked_sub(2).and_then(|place| operands.get(place));
                        font = name.and_then(|name| name.strip_prefix("/F")?.parse().ok()).unwrap_or(0);
                    }
                    "Tj" | "TJ" => {
                        let text = glyphs
                            .chunks_exact(2)
                            .filter_map(|pair| {
                                let glyph = u16::from_be_bytes([*pair.first()?, *pair.last()?]);
                                maps.get(font).and_then(|map| map.get(&glyph)).cloned()
                            })
                            .collect();
                        glyphs.clear();
                        shown.push(Shown { x, y, text });
                    }
                    _ => {
                        operands.push(word);
                        continue;
                    }
                }
                operands.clear();
            }
        }
    }
    shown
}
