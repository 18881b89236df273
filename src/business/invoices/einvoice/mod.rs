//! E-invoices of EN 16931: what is written in Cross Industry Invoice (Factur-X, XRechnung) and in UBL (XRechnung),
//! and what is missing for a legal one.
//!
//! `EN16931.md` beside this room lists each business term with its field, its places and its test.
//!
//! Never: a line kept; a sum computed anew (the document's own are written); a text that is not escaped.

mod cii;
mod codes;
mod gaps;
mod terms;
mod ubl;
mod xml;

use std::io::{BufWriter, Write};

pub use gaps::{Gap, gaps};

use super::model::{Document, Kind, Lines};
use crate::base::error::{Error, Result};
use crate::words;

words! {
    /// How an e-invoice is written.
    pub enum Format {
        /// Factur-X and ZUGFeRD, profile EN 16931: Cross Industry Invoice; also attached to the PDF.
        Facturx = "facturx",
        /// XRechnung 3.0 as Cross Industry Invoice.
        Cii = "cii",
        /// XRechnung 3.0 as UBL 2.1.
        Ubl = "ubl",
    }
}

impl Format {
    /// Whether the rules of XRechnung (BR-DE) bind it.
    pub const fn is_xrechnung(self) -> bool {
        matches!(self, Self::Cii | Self::Ubl)
    }

    /// The specification that it follows (BT-24).
    pub const fn specification(self) -> &'static str {
        match self {
            Self::Facturx => "urn:cen.eu:en16931:2017",
            Self::Cii | Self::Ubl => "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
        }
    }

    /// The business process (BT-23); XRechnung wants one (PEPPOL-EN16931-R001).
    const fn process(self) -> Option<&'static str> {
        match self {
            Self::Facturx => None,
            Self::Cii | Self::Ubl => Some("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"),
        }
    }
}

/// UNTDID 1001 (BT-3).
const fn type_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Invoice => "380",
        Kind::CreditNote => "381",
    }
}

/// Bytes that are gathered before the sink is asked to take them.
const GATHERED: usize = 64 * 1024;

/// Writes the e-invoice of a document, line by line. With [`gaps`] it is written all the same, less what is missing.
///
/// # Errors
/// What reading the lines fails with, and `internal` when the sink fails.
pub fn write(out: &mut dyn Write, format: Format, document: &Document, lines: &mut dyn Lines) -> Result<()> {
    lines.rewind()?;
    let mut out = BufWriter::with_capacity(GATHERED, out);
    match format {
        Format::Facturx | Format::Cii => cii::write(&mut out, format, document, lines)?,
        Format::Ubl => ubl::write(&mut out, document, lines)?,
    }
    out.flush().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::str::FromStr;

    use rust_decimal::Decimal;

    use super::*;
    use crate::base::id::Id;
    use crate::base::money::{BasisPoints, Currency};
    use crate::base::tax::{Category, Rounding, Tax};
    use crate::base::time::Instant;
    use crate::business::invoices::model::{
        AdjustmentInput, Corrected, DiscountInput, Invoice, Line, LineInput, Party, Unit,
    };
    use crate::business::invoices::{asked, sums};

    /// Lines that are held.
    pub(super) struct Held(pub(super) Vec<Line>, pub(super) usize);

    impl Lines for Held {
        fn next(&mut self) -> Result<Option<Line>> {
            self.1 += 1;
            Ok(self.0.get(self.1 - 1).cloned())
        }

        fn rewind(&mut self) -> Result<()> {
            self.1 = 0;
            Ok(())
        }
    }

    pub(super) fn of(category: Category, rate: i64) -> Tax {
        Tax { category, rate: BasisPoints::new(rate) }
    }

    pub(super) fn line(description: &str, quantity: &str, unit_price: i64, tax: Tax) -> LineInput {
        let (description, quantity) = (description.to_owned(), quantity.to_owned());
        LineInput { description, quantity, unit: Unit::Hour, unit_price, discount: None, tax }
    }

    /// What is asked for, added up as the desk does.
    pub(super) fn issued(
        inputs: &[LineInput],
        asked: &[AdjustmentInput],
        with_tax: bool,
        way: Rounding,
    ) -> (Document, Held) {
        let mut lines = asked::lines(inputs).expect("good lines");
        let mut adjustments = asked::adjustments(asked, &lines).expect("good adjustments");
        let totals = sums::totals(&mut lines, &mut adjustments, with_tax, way).expect("in range");
        let invoice = Invoice {
            id: Id::from_bytes([1; 16]),
            kind: Kind::Invoice,
            series: "RE".into(),
            seq: 7,
            number: "RE2026-00007".into(),
            client_id: Id::from_bytes([2; 16]),
            booking_id: None,
            corrects: None,
            issued_at: Instant::from_micros(0),
            issued_on: "2026-03-05".into(),
            due_on: Some("2026-03-19".into()),
            service_from: Some("2026-03-01".into()),
            service_to: Some("2026-03-04".into()),
            buyer_reference: Some("04011000-12345-34".into()),
            order_reference: Some("PO-77".into()),
            currency: Currency::EUR,
            prices_include_tax: with_tax,
            rounding_way: way,
            lines_net: totals.lines,
            net: totals.net,
            tax: totals.tax,
            gross: totals.gross,
            rounding: totals.rounding,
            prepaid: 0,
            seller: Party {
                name: "Atelier Nord".into(),
                street: Some("Weg 1\nHof 2".into()),
                postcode: Some("10115".into()),
                city: Some("Berlin".into()),
                country: Some("DE".into()),
                vat_id: Some("DE123456789".into()),
                tax_number: Some("12/345/67890".into()),
                registration: Some("HRB 12345".into()),
                contact: Some("Ada Adler".into()),
                email: Some("ada@example.org".into()),
                phone: Some("+49 30 1234".into()),
                bank_holder: Some("Ada A.".into()),
                iban: Some("DE89370400440532013000".into()),
                qr_iban: None,
                bic: Some("COBADEFFXXX".into()),
            },
            buyer: Party {
                name: "Grace Hopper".into(),
                street: Some("Rue 2".into()),
                postcode: Some("75001".into()),
                city: Some("Paris".into()),
                country: Some("FR".into()),
                vat_id: Some("FR12345678901".into()),
                email: Some("grace@example.org".into()),
                ..Party::default()
            },
            notes: Some("Thank you.".into()),
            locale: "en".into(),
            paid: 0,
            credited: 0,
        };
        (Document { invoice, adjustments, taxes: totals.taxes }, Held(lines, 0))
    }

    /// Two rates, a discount on a line, a charge on the whole; net prices.
    pub(super) fn sample() -> (Document, Held) {
        let standard = of(Category::Standard, 1900);
        let mut first = line("Workshop\nwith clay", "2.5", 10_000, standard);
        first.discount =
            Some(DiscountInput { percent: Some(BasisPoints::new(1000)), amount: None, reason: Some("Regular".into()) });
        let fee = AdjustmentInput {
            charge: true,
            reason: "Room".into(),
            percent: None,
            amount: Some(500),
            tax: Some(standard),
        };
        let second = line("Book", "1", 2_000, of(Category::Standard, 700));
        issued(&[first, second], &[fee], false, Rounding::Sum)
    }

    pub(super) fn credited((mut document, lines): (Document, Held)) -> (Document, Held) {
        document.invoice.kind = Kind::CreditNote;
        document.invoice.number = "GU2026-00001".into();
        document.invoice.due_on = None;
        document.invoice.corrects = Some(Corrected {
            id: Id::from_bytes([3; 16]),
            number: "RE2026-00007".into(),
            issued_on: "2026-03-05".into(),
        });
        (document, lines)
    }

    pub(super) fn written(format: Format, (document, lines): &mut (Document, Held)) -> String {
        let mut out = Vec::new();
        write(&mut out, format, document, lines).expect("a sink");
        String::from_utf8(out).expect("UTF-8")
    }

    pub(super) fn holds(xml: &str, fragments: &[&str]) {
        for fragment in fragments {
            assert!(xml.contains(fragment), "{fragment}\nis not in\n{xml}");
        }
    }

    /// The texts of the elements of a name, in order.
    fn texts<'x>(xml: &'x str, name: &str) -> Vec<&'x str> {
        let tail = |part: &'x str| part.split_once('>').map(|(_, rest)| rest).unwrap_or_default();
        let end = format!("</{name}>");
        xml.split(&format!("<{name}"))
            .skip(1)
            .filter(|part| part.starts_with(['>', ' ']))
            .map(|part| tail(part).split(&end).next().unwrap_or_default())
            .collect()
    }

    fn numbers(xml: &str, name: &str) -> Vec<Decimal> {
        texts(xml, name).into_iter().map(|text| Decimal::from_str(text).expect("a number")).collect()
    }

    /// Each element that begins ends, in order.
    fn well_formed(xml: &str) {
        let mut open = Vec::new();
        for part in xml.split('<').skip(1).filter(|part| !part.starts_with('?')) {
            let (tag, text) = part.split_once('>').expect("a tag ends");
            assert!(!text.contains('>'), "{text}");
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name)),
                None => open.push(tag.split(' ').next().expect("a name")),
            }
        }
        assert!(open.is_empty());
        let allowed = |c: char| !c.is_control() || c == '\n' || c == '\t' || c == '\u{85}';
        assert!(xml.chars().all(allowed));
    }

    #[test]
    fn what_is_written_is_well_formed_whatever_the_texts_are() {
        let evil = || Some::<String>(" <b a=\"1\">&amp;\u{1}]]>\r\n'# \u{85}ﷺ ".into());
        let (mut document, mut lines) = sample();
        let invoice = &mut document.invoice;
        invoice.number = evil().unwrap_or_default();
        for field in [&mut invoice.notes, &mut invoice.buyer_reference, &mut invoice.order_reference] {
            *field = evil();
        }
        for party in [&mut invoice.seller, &mut invoice.buyer] {
            party.name = evil().unwrap_or_default();
            let Party { street, postcode, city, country, vat_id, tax_number, registration, contact, .. } = party;
            for field in [street, postcode, city, country, vat_id, tax_number, registration, contact] {
                *field = evil();
            }
            let Party { email, phone, bank_holder, iban, bic, .. } = party;
            for field in [email, phone, bank_holder, iban, bic] {
                *field = evil();
            }
        }
        for line in &mut lines.0 {
            line.description = evil().unwrap_or_default();
            line.discount_reason = evil();
        }
        for adjustment in &mut document.adjustments {
            adjustment.reason = evil().unwrap_or_default();
        }
        let mut both = (document, lines);
        for format in Format::ALL {
            let xml = written(*format, &mut both);
            well_formed(&xml);
            assert!(xml.matches("&lt;b a=&quot;1&quot;&gt;&amp;amp;\u{fffd}]]&gt;&#13;\n'# \u{85}ﷺ").count() > 10);
            // Read and written again, it is the same, byte by byte.
            assert_eq!(xml, written(*format, &mut both));
        }
    }

    #[test]
    fn nothing_stands_empty_when_nothing_is_known() {
        let (mut document, lines) = sample();
        let invoice = &mut document.invoice;
        (invoice.seller, invoice.buyer) = (Party::default(), Party::default());
        (invoice.seller.name, invoice.buyer.name) = ("A".into(), "B".into());
        (invoice.notes, invoice.buyer_reference, invoice.order_reference) =
            (Some(" ".into()), None, Some(String::new()));
        (invoice.due_on, invoice.service_from, invoice.service_to) = (None, Some("2026-03-01".into()), None);
        let mut both = (document, lines);
        for format in Format::ALL {
            let xml = written(*format, &mut both);
            well_formed(&xml);
            let pairs: Vec<_> = xml.split("></").collect();
            // An element without text ends right after it begins: its name stands on both sides.
            let bare = pairs.windows(2).any(|pair| match pair {
                [before, after] => {
                    let begun = before.rsplit('<').next().unwrap_or_default();
                    begun.split(' ').next() == after.split('>').next() && !begun.starts_with('/')
                }
                _ => false,
            });
            assert!(!bare, "{xml}");
        }
    }

    #[test]
    fn a_hundred_thousand_lines_are_written_while_they_are_read() {
        struct Sink<'a>(&'a Cell<u64>);
        impl Write for Sink<'_> {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.set(self.0.get() + bytes.len() as u64);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        struct Counted<'a>(Line, u64, &'a Cell<u64>);
        impl Lines for Counted<'_> {
            fn next(&mut self) -> Result<Option<Line>> {
                // A line is at least 400 bytes: but for what is gathered, those before have left.
                let left = self.2.get() + GATHERED as u64 + 4096;
                assert!(left > self.1 * 400, "line {} came when {left} bytes had left", self.1);
                self.1 += 1;
                Ok((self.1 <= 100_000).then(|| self.0.clone()))
            }
            fn rewind(&mut self) -> Result<()> {
                self.1 = 0;
                Ok(())
            }
        }
        let (document, lines) = sample();
        let line = lines.0.into_iter().next().expect("a line");
        for format in [Format::Facturx, Format::Ubl] {
            let sunk = Cell::new(0);
            write(&mut Sink(&sunk), format, &document, &mut Counted(line.clone(), 0, &sunk)).expect("a sink");
            assert!(sunk.get() > 40_000_000, "{format}: {}", sunk.get());
        }
    }

    /// The rules of EN 16931 about sums (BR-CO-10 to BR-CO-16), on what was written.
    fn adds_up(document: &Document, lines: &[Line], xml: &str) {
        let one = |name: &str| numbers(xml, name).into_iter().next().unwrap_or_default();
        let sum = |name: &str| numbers(xml, name).into_iter().sum::<Decimal>();
        let tax = |name: &str| texts(xml, name).len();
        let places = u32::from(document.invoice.currency.decimals());
        assert_eq!(sum("cbc:LineExtensionAmount") - one("cbc:LineExtensionAmount"), one("cbc:LineExtensionAmount"));
        let whole = one("cbc:LineExtensionAmount") - one("cbc:AllowanceTotalAmount") + one("cbc:ChargeTotalAmount");
        assert_eq!(whole, one("cbc:TaxExclusiveAmount"));
        assert_eq!(sum("cbc:TaxableAmount"), one("cbc:TaxExclusiveAmount"));
        // The first tax amount is the sum of the others.
        assert_eq!(sum("cbc:TaxAmount"), one("cbc:TaxAmount") * Decimal::TWO);
        assert_eq!(one("cbc:TaxExclusiveAmount") + one("cbc:TaxAmount"), one("cbc:TaxInclusiveAmount"));
        let due = one("cbc:TaxInclusiveAmount") - one("cbc:PrepaidAmount") + one("cbc:PayableRoundingAmount");
        assert_eq!(due, one("cbc:PayableAmount"));
        assert_eq!(due, Decimal::new(document.invoice.due(), places));
        assert_eq!(tax("cac:TaxSubtotal"), document.taxes.len());
        let each = texts(xml, "cac:InvoiceLine");
        assert_eq!(each.len(), lines.len());
        for (line, xml) in lines.iter().zip(each) {
            let one = |name: &str| numbers(xml, name).into_iter().next().unwrap_or_default();
            let price = one("cbc:PriceAmount");
            assert!(!price.is_sign_negative() || price.is_zero(), "BR-27: {price}");
            let off = if xml.contains("<cbc:ChargeIndicator>true") { -one("cbc:Amount") } else { one("cbc:Amount") };
            let computed = one("cbc:InvoicedQuantity") * price - off;
            assert_eq!(one("cbc:LineExtensionAmount"), Decimal::new(line.net, places));
            assert!((computed - Decimal::new(line.net, places)).abs() <= Decimal::new(1, 2), "{line:?}: {computed}");
        }
    }

    /// `DESKBELL_MANY` says how many.
    #[test]
    fn what_is_written_of_random_documents_adds_up() {
        let many = std::env::var("DESKBELL_MANY").ok().and_then(|many| many.parse().ok()).unwrap_or(500);
        let mut seed = 11_u64;
        let mut next = |most: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(seed >> 33).expect("31 bits") % most
        };
        for _ in 0..many {
            let inputs: Vec<_> = (0..=next(5))
                .map(|_| {
                    let sign = if next(9) == 0 { "-" } else { "" };
                    let quantity = format!("{sign}{}.{}", next(4_000), 1 + next(9999));
                    let tax = [of(Category::Standard, 1900), of(Category::Standard, 700), of(Category::Exempt, 0)];
                    let tax = tax.get(usize::try_from(next(3)).expect("small")).copied().expect("three");
                    let mut line = line("Seat", &quantity, next(80_000) - 4_000, tax);
                    if next(3) == 0 {
                        let percent = Some(BasisPoints::from_millionths(next(1_000_001)));
                        line.discount = Some(DiscountInput { percent, ..DiscountInput::default() });
                    }
                    line
                })
                .collect();
            let asked: Vec<_> = (0..next(3))
                .map(|_| AdjustmentInput {
                    charge: next(2) == 0,
                    reason: "Why".into(),
                    percent: Some(BasisPoints::new(next(2_000))),
                    amount: None,
                    tax: None,
                })
                .collect();
            for way in [Rounding::PerLine, Rounding::Sum, Rounding::Gross] {
                for (with_tax, currency) in [(true, "EUR"), (false, "EUR"), (true, "JPY"), (false, "JPY")] {
                    let mut both = issued(&inputs, &asked, with_tax, way);
                    both.0.invoice.currency = currency.parse().expect("a currency");
                    both.0.invoice.prepaid = next(2) * both.0.invoice.payable() / 3;
                    let xml = written(Format::Ubl, &mut both);
                    adds_up(&both.0, &both.1.0, &xml);
                }
            }
        }
    }
}
