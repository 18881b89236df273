//! How a document looks on paper: A4, a window envelope (DIN 5008 form B), a table that goes over pages, how to pay.
//!
//! The order of a document is the order of [`write`]: letterhead, address, facts and title (`head`), the lines
//! (`table`), the sums (`totals`), how to pay (`payment`, `slip`), notes; on every page the foot (`sheet`).
//!
//! Uses: base, pdf, invoices::model, invoices::einvoice. Never: a line that is kept; a number that is not the model's;
//! text that a screen reader cannot reach.

mod bank;
mod epc;
mod head;
pub mod numbers;
mod payment;
mod sheet;
mod slip;
#[cfg(test)]
mod specimen;
mod swiss;
mod table;
mod totals;
mod words;

use std::io::Write;
use std::sync::Arc;

use payment::Slip;
use sheet::Sheet;

use super::einvoice::{self, Format};
use super::model::{Document, Kind, Lines};
use crate::base::error::Result;
use crate::base::qr;
use crate::platform::pdf::{self, About, Attachment, FacturX, Fonts, Outcome, Relationship, mm};

/// A logo, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logo {
    /// A JPEG of grey (one component) or RGB (three), upright, as it is.
    Jpeg {
        /// The file.
        bytes: Vec<u8>,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Colours of a pixel.
        components: u8,
    },
    /// Pixels row by row from the top, four bytes each: red, green, blue, and how opaque it is.
    Pixels {
        /// Bytes.
        rgba: Vec<u8>,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
}

impl Logo {
    /// Its width and height.
    pub const fn pixels(&self) -> (u32, u32) {
        match self {
            Self::Jpeg { width, height, .. } | Self::Pixels { width, height, .. } => (*width, *height),
        }
    }
}

/// How the business wants its documents to look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Its colour: red, green, blue. Darkened where it could not be read.
    pub accent: [u8; 3],
    /// Shown instead of the name at the top.
    pub logo: Option<Logo>,
    /// Text below what stands at the foot of each page.
    pub footer: Option<String>,
    /// Not issued yet: without number, code and e-invoice, and marked as a draft.
    pub draft: bool,
}

/// Writes a document; issued ones with their e-invoice attached (Factur-X, profile EN 16931), for which the lines are
/// read once more. Currencies with thousandths have none: EN 16931 knows amounts of two decimals (BR-DEC).
///
/// # Errors
/// What reading the lines fails with, and what the sink refuses.
pub fn write(
    out: &mut dyn Write,
    document: &Document,
    look: &Look,
    fonts: &Arc<Fonts>,
    lines: &mut dyn Lines,
) -> Result<Outcome> {
    let attaches = !look.draft && document.invoice.currency.decimals() < 3;
    let mut pdf = pdf::Document::begin(out, fonts, about(document, look, attaches))?;
    let logo = match &look.logo {
        Some(Logo::Jpeg { bytes, .. }) if !bytes.starts_with(b"\xff\xd8\xff") => None,
        Some(Logo::Jpeg { bytes, width, height, components }) => pdf.add_jpeg(bytes, *width, *height, *components).ok(),
        Some(Logo::Pixels { rgba, width, height }) => pdf.add_rgba(rgba, *width, *height).ok(),
        None => None,
    };
    let mut sheet = Sheet::new(pdf, document, look);
    head::head(&mut sheet, logo)?;
    let totals = totals::Totals::of(&mut sheet);
    let sum = table::table(&mut sheet, lines, totals.height())?;
    totals.draw(&mut sheet, sum)?;

    let message = sheet.title.clone();
    let bill = if look.draft { None } else { swiss::Bill::of(document, &message) };
    // Version 25 and error correction M, the largest that the guidelines allow.
    let slip = bill.and_then(|bill| qr::code(&bill.payload(), 25).map(|code| (bill, code)));
    let notes = document.invoice.notes.as_deref().filter(|notes| !notes.trim().is_empty());
    // The foot stands above the slip, which is cut off.
    let above = slip::HEIGHT + mm(1.0);
    let end = sheet.y - notes.map_or(0.0, |notes| 8.0 + payment::height_of(&mut sheet, notes));
    let place = match slip {
        None => Slip::None,
        Some(_) if end >= sheet.foot_top(above) + 14.0 => Slip::Here,
        Some(_) => Slip::Elsewhere,
    };
    payment::payment(&mut sheet, place)?;
    if let Some(notes) = notes {
        sheet.y -= 8.0;
        payment::paragraphs(&mut sheet, notes)?;
    }
    match slip {
        None => sheet.end_page(0.0)?,
        Some((bill, code)) => {
            if place == Slip::Elsewhere && sheet.y < sheet.foot_top(above) + 14.0 {
                sheet.next_page()?;
            }
            slip::draw(&mut sheet, &bill, &code)?;
            sheet.end_page(above)?;
        }
    }

    let mut pdf = sheet.pdf;
    if attaches {
        lines.rewind()?;
        let attachment = Attachment {
            name: FILE_NAME,
            mime: "text/xml",
            description: "Factur-X invoice (EN 16931)",
            relationship: Relationship::Alternative,
            modified: document.invoice.issued_at,
        };
        pdf.attach(&attachment, |xml| einvoice::write(xml, Format::Facturx, document, lines))?;
    }
    pdf.finish()
}

/// The name that Factur-X 1.0 wants for the attachment.
const FILE_NAME: &str = "factur-x.xml";

fn about(document: &Document, look: &Look, attaches: bool) -> About {
    let invoice = &document.invoice;
    let words = words::Words::of(&invoice.locale);
    // Words in English are not in the client's language.
    let spoken = invoice.locale.get(..2).is_some_and(|language| language.eq_ignore_ascii_case(words.code));
    let factur_x = FacturX {
        document_type: "INVOICE".into(),
        file_name: FILE_NAME.into(),
        version: "1.0".into(),
        level: "EN 16931".into(),
    };
    let kind = match invoice.kind {
        Kind::Invoice => words.invoice,
        Kind::CreditNote => words.credit_note,
    };
    let title = if look.draft { format!("{kind} ({})", words.draft) } else { format!("{kind} {}", invoice.number) };
    About {
        title,
        author: invoice.seller.name.clone(),
        subject: String::new(),
        language: if spoken { invoice.locale.replace('_', "-") } else { words.code.to_owned() },
        created: invoice.issued_at,
        id: *invoice.id.as_bytes(),
        factur_x: attaches.then_some(factur_x),
    }
}

#[cfg(test)]
mod tests {
    use super::specimen::{Drawn, document, line, seller};
    use super::*;
    use crate::business::invoices::model::{Adjustment, Corrected, Line};

    fn classes(count: usize) -> Vec<Line> {
        (1..=count).map(|number| line(&format!("Class {number}"), "1", 1000, 1900)).collect()
    }

    fn drawn(locale: &str, currency: &str, country: &str, lines: Vec<Line>) -> Drawn {
        Drawn::of(&document(locale, currency, country, &lines), &Look::default(), lines)
    }

    /// The highest number of a class on a page.
    fn last_class(page: &str) -> Option<usize> {
        page.lines().filter_map(|row| row.strip_prefix("Class ")?.parse().ok()).max()
    }

    #[test]
    fn each_page_but_the_last_carries_its_sum_to_the_next() {
        let drawn = drawn("en", "EUR", "DE", classes(200));
        assert!(drawn.pages.len() > 4);
        for page in 0..drawn.pages.len() {
            let text = drawn.page(page);
            let classes = last_class(&text).map_or(0, |last| last);
            let sum = |count: usize| Some(format!("{}.00", Numbers::grouped(count * 10)));
            match drawn.behind(page, "Carried forward") {
                Some(carried) => {
                    assert_eq!(Some(carried), sum(classes), "page {page}");
                    assert_eq!(drawn.behind(page + 1, "Brought forward"), sum(classes), "page {}", page + 1);
                }
                None => assert_eq!(classes, 200, "only the last page with lines carries nothing: {text}"),
            }
        }
    }

    /// Groups of three, written another way than the code does.
    struct Numbers;

    impl Numbers {
        fn grouped(number: usize) -> String {
            if number < 1000 { number.to_string() } else { format!("{},{:03}", number / 1000, number % 1000) }
        }
    }

    #[test]
    fn the_sums_never_stand_on_a_page_without_a_line_nor_a_head_without_one() {
        for count in 1..=60 {
            let drawn = drawn("en", "EUR", "DE", classes(count));
            for page in 0..drawn.pages.len() {
                let text = drawn.page(page);
                if text.contains("Amount due") {
                    assert_eq!(last_class(&text), Some(count), "{count} lines");
                    assert!(text.contains("Net total"), "the sums stay together: {count} lines");
                }
                if text.contains("Description") {
                    assert!(last_class(&text).is_some(), "{count} lines, page {page}");
                }
            }
        }
    }

    #[test]
    fn a_description_longer_than_a_page_goes_on_and_its_end_stays_with_the_sums() {
        let long: String = (1..=150).map(|row| format!("Part {row}\n")).collect();
        let drawn = drawn("en", "EUR", "DE", vec![line("Class 1", "1", 500, 1900), line(long.trim(), "1", 1000, 1900)]);
        let all = drawn.all();
        for row in 1..=150 {
            assert_eq!(all.lines().filter(|text| *text == format!("Part {row}")).count(), 1, "row {row}");
        }
        let last = (0..drawn.pages.len()).find(|page| drawn.page(*page).contains("Amount due")).expect("sums");
        assert!(drawn.page(last).contains("Part 150") && drawn.page(last).contains("Part 147"));
        assert_eq!(drawn.behind(last, "Brought forward").as_deref(), Some("15.00"));
    }

    #[test]
    fn nothing_runs_into_the_foot_or_over_the_edges() {
        let lines: Vec<Line> =
            (0..80).map(|n| line(&"word ".repeat(n % 23 + 1), "1234.5678", 123_456_789, 1900)).collect();
        let drawn = drawn("de", "EUR", "DE", lines);
        for (page, shown) in drawn.pages.iter().enumerate() {
            let number = shown.iter().find(|shown| shown.text.starts_with("Seite")).expect("a page number");
            for shown in shown.iter().filter(|shown| shown.text.contains("word")) {
                assert!(shown.y > number.y + 10.0, "page {page}: {shown:?}");
            }
            assert!(shown.iter().all(|shown| shown.x >= 0.0 && shown.x < 580.0 && shown.y > 10.0 && shown.y < 832.0));
        }
    }

    #[test]
    fn each_language_says_what_it_must_and_every_character_has_a_glyph() {
        for (locale, expected) in [
            ("en", ["Invoice 2026-00017", "8 December 2026", "Amount due", "€1,487.50", "Page 1 of "]),
            ("de", ["Rechnung 2026-00017", "08.12.2026", "Zu zahlen", "1.487,50 €", "Seite 1 von "]),
            ("fr", ["Facture 2026-00017", "08/12/2026", "Net à payer", "1\u{202f}487,50 €", "Page 1 sur "]),
            ("es", ["Factura 2026-00017", "08/12/2026", "Total a pagar", "1487,50 €", "Página 1 de "]),
            ("it", ["Fattura 2026-00017", "08/12/2026", "Totale da pagare", "1.487,50 €", "Pagina 1 di "]),
            ("nl", ["Factuur 2026-00017", "08-12-2026", "Te betalen", "€ 1.487,50", "Pagina 1 van "]),
            ("ar", ["Invoice 2026-00017", "8 December 2026", "Amount due", "€1,487.50", "Page 1 of "]),
        ] {
            let drawn = drawn(locale, "EUR", "DE", vec![line("1,5 h", "12.5", 10_000, 1900)]);
            let text = drawn.all().replace('\u{202f}', " ");
            for words in expected {
                assert!(text.contains(words.replace('\u{202f}', " ").trim()), "{locale}: {words} in\n{text}");
            }
            assert_eq!(drawn.missing, 0, "{locale}");
        }
    }

    #[test]
    fn a_draft_has_no_number_no_code_and_no_e_invoice_and_says_so() {
        for country in ["DE", "CH"] {
            let lines = classes(30);
            let document = document("en", "EUR", country, &lines);
            let look = Look { draft: true, ..Look::default() };
            let drawn = Drawn::of(&document, &look, lines);
            for page in 0..drawn.pages.len() {
                assert!(drawn.page(page).to_uppercase().contains("DRAFT"), "page {page}");
            }
            for words in ["2026-00017", "Scan to pay", "Payment part"] {
                assert!(!drawn.all().contains(words), "{country}: {words}");
            }
            assert!(!holds(&drawn.bytes, "factur-x.xml"));
        }
    }

    #[test]
    fn an_address_of_many_rows_is_whole_and_ends_with_the_country_in_capitals() {
        let lines = classes(1);
        let mut document = document("de", "EUR", "DE", &lines);
        let name: Vec<String> = (1..=24).map(|word| format!("Namensteil{word}")).collect();
        document.invoice.buyer.name = name.join(" ");
        document.invoice.buyer.country = Some("AT".into());
        let drawn = Drawn::of(&document, &Look::default(), lines);
        let shown = drawn.pages.first().expect("a page");
        let field: Vec<_> = shown.iter().filter(|shown| shown.x < mm(40.0) && shown.y > mm(297.0 - 92.0)).collect();
        let text = field.iter().map(|shown| shown.text.as_str()).collect::<Vec<_>>().join(" ");
        assert!(name.iter().all(|word| text.contains(word.as_str())), "{text}");
        assert_eq!(field.last().map(|shown| shown.text.as_str()), Some("ÖSTERREICH"));
        // The window begins 45 mm from the top.
        let begun = field.iter().find(|shown| shown.text.contains("Namensteil1")).expect("a name");
        assert!(begun.y < mm(297.0 - 45.0), "{begun:?}");
    }

    #[test]
    fn a_number_in_other_letters_still_has_its_swiss_bill() {
        let lines = classes(1);
        let mut document = document("de-CH", "CHF", "CH", &lines);
        document.invoice.number = "Τιμολόγιο 17".into();
        let text = Drawn::of(&document, &Look::default(), lines).all();
        assert!(text.contains("Zahlteil") && !text.contains("Zusätzliche Informationen"), "{text}");
    }

    #[test]
    fn the_e_invoice_is_attached_unless_the_currency_has_thousandths() {
        for (currency, attached) in [("EUR", true), ("JPY", true), ("KWD", false)] {
            let drawn = drawn("en", currency, "DE", classes(1));
            assert_eq!(holds(&drawn.bytes, "factur-x.xml"), attached, "{currency}");
        }
    }

    fn holds(bytes: &[u8], words: &str) -> bool {
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    }

    #[test]
    fn a_credit_note_names_its_invoice_and_asks_for_nothing() {
        let lines = classes(1);
        let mut document = document("en", "EUR", "DE", &lines);
        document.invoice.kind = Kind::CreditNote;
        document.invoice.corrects =
            Some(Corrected { id: document.invoice.id, number: "2026-00012".into(), issued_on: "2026-11-03".into() });
        let text = Drawn::of(&document, &Look::default(), lines).all();
        assert!(text.contains("Credit note") && text.contains("Corrects invoice") && text.contains("2026-00012"));
        for words in ["Due date", "Please pay", "Scan", "Amount due"] {
            assert!(!text.contains(words), "{words}");
        }
    }

    #[test]
    fn sums_show_discounts_taxes_reasons_rounding_and_what_was_paid() {
        let lines = vec![line("A", "1", 10_000, 1900), line("B", "1", 5_000, 0)];
        let mut document = document("en", "EUR", "DE", &lines);
        let shared = |tax, amount| Adjustment {
            charge: false,
            reason: "Loyalty".into(),
            percent: Some(crate::base::money::BasisPoints::new(1000)),
            tax,
            amount,
            net: amount,
        };
        document.adjustments = lines.iter().map(|line| shared(line.tax, line.total / 10)).collect();
        document.invoice.rounding = -2;
        document.invoice.prepaid = 5_000;
        let drawn = Drawn::of(&document, &Look::default(), lines);
        for (label, value) in [
            ("Subtotal", "150.00"),
            ("Loyalty 10%", "−15.00"),
            ("Net total", "150.00"),
            ("VAT 19% on 100.00", "19.00"),
            ("VAT 0% on 50.00", "Reverse charge"),
            ("Total", "169.00"),
            ("Rounding", "−0.02"),
            ("Already paid", "−50.00"),
            ("Amount due", "€118.98"),
        ] {
            assert_eq!(drawn.behind(0, label).as_deref(), Some(value), "{label}");
        }
    }

    #[test]
    fn a_swiss_bill_stands_at_the_foot_of_the_last_page_and_only_for_the_swiss() {
        for (country, currency, lines, bill) in
            [("CH", "CHF", 2, true), ("CH", "EUR", 40, true), ("CH", "USD", 1, false), ("DE", "CHF", 1, false)]
        {
            let drawn = drawn("de-CH", currency, country, classes(lines));
            let last = drawn.pages.len() - 1;
            assert_eq!(drawn.page(last).contains("Empfangsschein"), bill, "{country} {currency}");
            if !bill {
                continue;
            }
            let text = drawn.page(last);
            for words in ["Zahlteil", "CH44 3199 9123 0008 8901 2", "20260 00172", "Annahmestelle", "Erika Muster"] {
                assert!(text.contains(words), "{words} in\n{text}");
            }
            let slip = drawn.pages.get(last).expect("a page").iter().filter(|shown| shown.y < mm(105.0));
            assert!(slip.clone().all(|shown| !shown.text.starts_with("Seite")), "the foot stands above it");
            assert!(slip.count() > 15);
        }
        assert!(seller("CH").qr_iban.is_some());
    }

    #[test]
    fn what_is_paid_shows_no_code() {
        let lines = classes(1);
        for country in ["DE", "CH"] {
            let mut document = document("en", "EUR", country, &lines);
            document.invoice.prepaid = document.invoice.payable();
            let text = Drawn::of(&document, &Look::default(), lines.clone()).all();
            assert!(text.contains("paid in full") && !text.contains("Scan") && !text.contains("Payment part"));
        }
    }

    #[test]
    fn the_same_document_is_the_same_bytes() {
        assert_eq!(drawn("de", "EUR", "DE", classes(300)).bytes, drawn("de", "EUR", "DE", classes(300)).bytes);
    }
}
