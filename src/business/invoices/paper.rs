//! How a document looks on paper: A4, a window envelope (DIN 5008 form B), a table that goes over pages.

use std::io::Write;

use super::model::{Document as Written, Invoice, Kind, Line, Lines, Party, TaxRow};
use crate::base::error::Result;
use crate::platform::pdf::{About, Document, Face, HEIGHT, Outcome, WIDTH, mm};

/// Words of a language.
struct Words {
    invoice: &'static str,
    credit_note: &'static str,
    date: &'static str,
    due: &'static str,
    corrects: &'static str,
    description: &'static str,
    quantity: &'static str,
    price: &'static str,
    tax: &'static str,
    total: &'static str,
    carried: &'static str,
    net: &'static str,
    including: &'static str,
    plus: &'static str,
    to_pay: &'static str,
    credited: &'static str,
    pay_to: &'static str,
    vat_id: &'static str,
    page: &'static str,
    of: &'static str,
    decimal: char,
    group: char,
}

const ENGLISH: Words = Words {
    invoice: "Invoice",
    credit_note: "Refund invoice",
    date: "Date",
    due: "Due",
    corrects: "For invoice",
    description: "Description",
    quantity: "Quantity",
    price: "Price",
    tax: "Tax",
    total: "Total",
    carried: "Carried forward",
    net: "Net",
    including: "Including tax",
    plus: "Plus tax",
    to_pay: "To pay",
    credited: "Credited",
    pay_to: "Please pay to",
    vat_id: "VAT id",
    page: "Page",
    of: "of",
    decimal: '.',
    group: ',',
};

const GERMAN: Words = Words {
    invoice: "Rechnung",
    credit_note: "Rechnungskorrektur",
    date: "Datum",
    due: "Fällig",
    corrects: "Zu Rechnung",
    description: "Bezeichnung",
    quantity: "Menge",
    price: "Preis",
    tax: "USt",
    total: "Betrag",
    carried: "Übertrag",
    net: "Netto",
    including: "Enthaltene USt",
    plus: "Zuzüglich USt",
    to_pay: "Zu zahlen",
    credited: "Gutgeschrieben",
    pay_to: "Bitte überweisen Sie an",
    vat_id: "USt-IdNr.",
    page: "Seite",
    of: "von",
    decimal: ',',
    group: '.',
};

impl Words {
    fn of(locale: &str) -> &'static Self {
        match locale.get(..2) {
            Some("de") => &GERMAN,
            _ => &ENGLISH,
        }
    }

    /// `1,234.50`, with as many decimals as the currency has.
    fn amount(&self, amount: i64, decimals: u8) -> String {
        let digits = amount.unsigned_abs().to_string();
        let decimals = usize::from(decimals);
        let padded = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = padded.split_at(padded.len() - decimals);
        let mut text = String::with_capacity(padded.len() + 8);
        if amount < 0 {
            text.push('−');
        }
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                text.push(self.group);
            }
            text.push(digit);
        }
        if decimals > 0 {
            text.push(self.decimal);
            text.push_str(fraction);
        }
        text
    }

    /// `19 %`, `9.975 %`.
    fn rate(&self, basis_points: i64) -> String {
        let (whole, part) = (basis_points / 100, basis_points % 100);
        let text = if part == 0 { format!("{whole} %") } else { format!("{whole}.{part:02} %") };
        text.replace('.', &self.decimal.to_string())
    }

    /// `24.11.2026` in German, as it is (ISO 8601) otherwise.
    fn day(&self, iso: &str) -> String {
        match (self.decimal, iso.get(..4), iso.get(5..7), iso.get(8..10)) {
            (',', Some(year), Some(month), Some(day)) => format!("{day}.{month}.{year}"),
            _ => iso.to_owned(),
        }
    }
}

const LEFT: f32 = 70.87; // 25 mm
const RIGHT: f32 = WIDTH - 56.69; // 20 mm
const BOTTOM: f32 = 110.0;
const QUANTITY: f32 = RIGHT - 190.0;
const PRICE: f32 = RIGHT - 110.0;
const TAX: f32 = RIGHT - 68.0;
const BODY: f32 = 9.5;
const SMALL: f32 = 7.5;
const LEADING: f32 = 13.0;
const BLACK: f32 = 0.1;
const GREY: f32 = 0.45;
const PALE: f32 = 0.82;

struct Layout<'d, 'w> {
    pdf: Document<'w>,
    words: &'static Words,
    invoice: &'d Invoice,
    decimals: u8,
    y: f32,
    sum: i64,
}

/// Writes a document.
///
/// # Errors
/// What reading the lines fails with, and what the sink refuses.
pub fn write(out: &mut dyn Write, written: &Written, lines: &mut dyn Lines) -> Result<Outcome> {
    let (invoice, taxes) = (&written.invoice, &written.taxes);
    let mut layout = Layout {
        pdf: Document::begin(out)?,
        words: Words::of(&invoice.locale),
        invoice,
        decimals: invoice.currency.decimals(),
        y: 0.0,
        sum: 0,
    };
    layout.head();
    layout.table_head();
    while let Some(line) = lines.next()? {
        layout.line(&line)?;
    }
    layout.totals(taxes)?;
    layout.end_page()?;
    let about = About {
        title: format!("{} {}", layout.kind(), invoice.number),
        author: invoice.seller.name.clone(),
        language: invoice.locale.clone(),
    };
    layout.pdf.finish(&about, invoice.id.as_bytes(), SMALL, GREY)
}

fn joined<'p>(parts: impl IntoIterator<Item = Option<&'p str>>, with: &str) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(with)
}

fn city(party: &Party) -> String {
    joined([party.postcode.as_deref(), party.city.as_deref()], " ")
}

impl Layout<'_, '_> {
    fn kind(&self) -> &'static str {
        match self.invoice.kind {
            Kind::Invoice => self.words.invoice,
            Kind::CreditNote => self.words.credit_note,
        }
    }

    fn amount(&self, amount: i64) -> String {
        self.words.amount(amount, self.decimals)
    }

    /// The first page's upper third: seller, window, title, facts.
    fn head(&mut self) {
        let (seller, buyer) = (&self.invoice.seller, &self.invoice.buyer);
        self.pdf.text(Face::Bold, 17.0, (LEFT, HEIGHT - mm(25.0)), BLACK, &seller.name);
        // DIN 5008 form B: the window begins 45 mm from the top; its first lines are the sender's.
        let sender = joined([Some(seller.name.as_str()), seller.street.as_deref(), Some(city(seller).as_str())], " · ");
        let top = HEIGHT - mm(50.0);
        self.pdf.text(Face::Regular, 6.5, (LEFT, top), GREY, &sender);
        self.pdf.rule((LEFT, LEFT + mm(80.0)), top - 3.0, 0.3, PALE);
        let address = [
            Some(buyer.name.clone()),
            buyer.street.clone(),
            Some(city(buyer)),
            buyer.country.clone().filter(|country| Some(country) != seller.country.as_ref()),
            buyer.vat_id.clone().map(|id| format!("{} {id}", self.words.vat_id)),
        ];
        let mut y = top - 20.0;
        for part in address.into_iter().flatten().filter(|part| !part.is_empty()) {
            for row in self.wrap(&part, mm(80.0), 10.5).into_iter().take(2) {
                self.pdf.text(Face::Regular, 10.5, (LEFT, y), BLACK, &row);
                y -= 14.0;
            }
        }
        let mut facts = vec![(self.words.date, self.words.day(&self.invoice.issued_on))];
        if let Some(due) = &self.invoice.due_on {
            facts.push((self.words.due, self.words.day(due)));
        }
        if let Some(corrected) = &self.invoice.corrects {
            facts.push((self.words.corrects, corrected.number.clone()));
        }
        let mut y = top - 20.0;
        for (label, value) in facts {
            self.pdf.text(Face::Regular, BODY, (LEFT + mm(100.0), y), GREY, label);
            self.pdf.text_right(Face::Regular, BODY, (RIGHT, y), BLACK, &value);
            y -= 15.0;
        }
        self.y = HEIGHT - mm(103.0);
        let title = format!("{} {}", self.kind(), self.invoice.number);
        self.pdf.text(Face::Bold, 15.0, (LEFT, self.y), BLACK, &title);
        self.y -= 34.0;
    }

    fn table_head(&mut self) {
        let (w, y) = (self.words, self.y);
        self.pdf.text(Face::Bold, SMALL, (LEFT, y), GREY, w.description);
        for (x, label) in [(QUANTITY, w.quantity), (PRICE, w.price), (TAX, w.tax), (RIGHT, w.total)] {
            self.pdf.text_right(Face::Bold, SMALL, (x, y), GREY, label);
        }
        self.pdf.rule((LEFT, RIGHT), y - 6.0, 0.7, BLACK);
        self.y -= 21.0;
    }

    fn line(&mut self, line: &Line) -> Result<()> {
        let rows = self.wrap(&line.description, QUANTITY - LEFT - 55.0, BODY);
        self.room(LEADING * f32::from(u8::try_from(rows.len().min(20)).unwrap_or(20)) + 8.0)?;
        let y = self.y;
        let quantity = line.quantity.to_string().replace('.', &self.words.decimal.to_string());
        self.pdf.text_right(Face::Regular, BODY, (QUANTITY, y), BLACK, &quantity);
        let (price, total) = (self.amount(line.unit_price), self.amount(line.total));
        self.pdf.text_right(Face::Regular, BODY, (PRICE, y), BLACK, &price);
        self.pdf.text_right(Face::Regular, BODY, (TAX, y), GREY, &self.words.rate(line.tax.rate.millionths() / 100));
        self.pdf.text_right(Face::Regular, BODY, (RIGHT, y), BLACK, &total);
        for row in rows {
            if self.y < BOTTOM {
                self.break_page()?;
            }
            self.pdf.text(Face::Regular, BODY, (LEFT, self.y), BLACK, &row);
            self.y -= LEADING;
        }
        self.sum += line.total;
        self.pdf.rule((LEFT, RIGHT), self.y + 6.0, 0.3, PALE);
        self.y -= 6.0;
        Ok(())
    }

    fn totals(&mut self, taxes: &[TaxRow]) -> Result<()> {
        let rows = u16::try_from(taxes.len()).unwrap_or(20);
        self.room(110.0 + 15.0 * f32::from(rows))?;
        self.y -= 8.0;
        let label = mm(100.0) + LEFT;
        self.row(label, self.words.net, self.invoice.net);
        let tax = if self.invoice.prices_include_tax { self.words.including } else { self.words.plus };
        for row in taxes.iter().filter(|row| row.amount != 0) {
            self.row(label, &format!("{tax} {}", self.words.rate(row.tax.rate.millionths() / 100)), row.amount);
        }
        self.pdf.rule((label, RIGHT), self.y + 9.0, 0.7, BLACK);
        self.y -= 8.0;
        let what = match self.invoice.kind {
            Kind::Invoice => self.words.to_pay,
            Kind::CreditNote => self.words.credited,
        };
        self.pdf.text(Face::Bold, 11.0, (label, self.y), BLACK, what);
        let gross = format!("{} {}", self.amount(self.invoice.gross), self.invoice.currency);
        self.pdf.text_right(Face::Bold, 11.0, (RIGHT, self.y), BLACK, &gross);
        self.y -= 34.0;
        let seller = &self.invoice.seller;
        if let (Kind::Invoice, Some(iban)) = (self.invoice.kind, &seller.iban) {
            let holder = seller.bank_holder.as_deref().or(Some(seller.name.as_str()));
            let pay = joined([holder, Some(iban.as_str()), seller.bic.as_deref()], " · ");
            self.pdf.text(Face::Regular, BODY, (LEFT, self.y), GREY, self.words.pay_to);
            self.pdf.text(Face::Regular, BODY, (LEFT, self.y - LEADING), BLACK, &pay);
            self.y -= 2.0 * LEADING + 10.0;
        }
        if let Some(notes) = &self.invoice.notes {
            for row in self.wrap(notes, RIGHT - LEFT, BODY) {
                self.room(LEADING)?;
                self.pdf.text(Face::Regular, BODY, (LEFT, self.y), BLACK, &row);
                self.y -= LEADING;
            }
        }
        Ok(())
    }

    fn row(&mut self, x: f32, label: &str, amount: i64) {
        let amount = self.amount(amount);
        self.pdf.text(Face::Regular, BODY, (x, self.y), GREY, label);
        self.pdf.text_right(Face::Regular, BODY, (RIGHT, self.y), BLACK, &amount);
        self.y -= 15.0;
    }

    /// Goes to another page when less than `height` is left.
    fn room(&mut self, height: f32) -> Result<()> {
        if self.y - height < BOTTOM { self.break_page() } else { Ok(()) }
    }

    fn break_page(&mut self) -> Result<()> {
        let carried = self.amount(self.sum);
        let y = self.y.max(BOTTOM - 16.0);
        self.pdf.text_right(Face::Regular, BODY, (TAX, y), GREY, self.words.carried);
        self.pdf.text_right(Face::Bold, BODY, (RIGHT, y), BLACK, &carried);
        self.end_page()?;
        self.y = HEIGHT - mm(20.0);
        let title = format!("{} {}", self.kind(), self.invoice.number);
        self.pdf.text(Face::Bold, BODY, (LEFT, self.y), BLACK, &title);
        self.y -= 30.0;
        self.table_head();
        self.pdf.text_right(Face::Regular, BODY, (TAX, self.y), GREY, self.words.carried);
        self.pdf.text_right(Face::Bold, BODY, (RIGHT, self.y), BLACK, &carried);
        self.y -= 20.0;
        Ok(())
    }

    /// The footer, the same on every page, and the page's end.
    fn end_page(&mut self) -> Result<()> {
        let seller = &self.invoice.seller;
        let vat = seller.vat_id.as_ref().map(|id| format!("{} {id}", self.words.vat_id));
        let who = joined([Some(seller.name.as_str()), seller.street.as_deref(), Some(city(seller).as_str())], " · ");
        let how = joined([seller.email.as_deref(), seller.phone.as_deref(), vat.as_deref()], " · ");
        self.pdf.rule((LEFT, RIGHT), 62.0, 0.3, PALE);
        self.pdf.text(Face::Regular, SMALL, (LEFT, 48.0), GREY, &who);
        self.pdf.text(Face::Regular, SMALL, (LEFT, 37.0), GREY, &how);
        let page = format!("{} {} {} ", self.words.page, self.pdf.pages() + 1, self.words.of);
        // Room for the total, which is known at the end.
        let x = RIGHT - 26.0;
        self.pdf.text_right(Face::Regular, SMALL, (x, 48.0), GREY, &page);
        self.pdf.page_count((x, 48.0));
        self.pdf.end_page()
    }

    /// Breaks a text into rows of at most `width` points; a word that is longer is broken too.
    fn wrap(&self, text: &str, width: f32, size: f32) -> Vec<String> {
        let fits = |row: &str| self.pdf.width(Face::Regular, size, row) <= width;
        let mut rows = Vec::new();
        for paragraph in text.lines() {
            let mut row = String::new();
            for word in paragraph.split_whitespace() {
                let longer = if row.is_empty() { word.to_owned() } else { format!("{row} {word}") };
                if fits(&longer) {
                    row = longer;
                    continue;
                }
                if !row.is_empty() {
                    rows.push(std::mem::take(&mut row));
                }
                for c in word.chars() {
                    row.push(c);
                    if !fits(&row) && row.chars().count() > 1 {
                        row.pop();
                        rows.push(std::mem::take(&mut row));
                        row.push(c);
                    }
                }
            }
            rows.push(row);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_follow_language_and_currency() {
        assert_eq!(GERMAN.amount(123_456_789, 2), "1.234.567,89");
        assert_eq!(ENGLISH.amount(-5, 2), "−0.05");
        assert_eq!(ENGLISH.amount(1000, 0), "1,000");
        assert_eq!(ENGLISH.amount(1_234_567, 3), "1,234.567");
    }

    #[test]
    fn rates_and_days_are_said_as_people_say_them() {
        assert_eq!((GERMAN.rate(1900).as_str(), GERMAN.rate(810).as_str()), ("19 %", "8,10 %"));
        assert_eq!(GERMAN.day("2026-11-24"), "24.11.2026");
        assert_eq!(ENGLISH.day("2026-11-24"), "2026-11-24");
    }
}
