//! The page: where things stand on it, its colours, its foot, and going to the next one.

use super::numbers::Numbers;
use super::words::{self, Words};
use super::{Look, bank};
use crate::base::error::Result;
use crate::business::invoices::model::{self, Invoice, Kind, Party};
use crate::platform::pdf::{Align, Artifact, Document as Pdf, HEIGHT, Rgb, Style, Tag, WIDTH, mm};

/// Left edge of all text: 25 mm (DIN 5008).
pub const LEFT: f32 = mm(25.0);
/// Right edge of all text: 20 mm from the paper's.
pub const RIGHT: f32 = WIDTH - mm(20.0);
/// Right edge of amounts, so that they do not touch the end of the rules.
pub const AMOUNT: f32 = RIGHT - 6.0;
/// Size of text.
pub const BODY: f32 = 9.0;
/// Size of what is said beside it.
pub const SMALL: f32 = 7.5;
/// From one row of text to the next.
pub const LEADING: f32 = 12.5;

const FOOT_SIZE: f32 = 6.8;
const FOOT_LEADING: f32 = 9.2;
/// Rows of the foot at most; what a business says of itself must not take the page.
const FOOT_ROWS: usize = 7;
const FOOT_TEXT_ROWS: usize = 4;

/// The colours of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    pub ink: Rgb,
    pub grey: Rgb,
    pub hairline: Rgb,
    pub panel: Rgb,
    /// The business's own, dark enough to be read on white.
    pub accent: Rgb,
    /// A breath of it, behind what matters most.
    pub tint: Rgb,
    pub warning: Rgb,
}

impl Palette {
    /// The colours that go with an accent.
    pub fn of(accent: [u8; 3]) -> Self {
        let accent = readable(accent);
        let breath = |part: u8| u8::try_from(255 - (255 - u16::from(part)) * 8 / 100).unwrap_or(255);
        Self {
            ink: Rgb(0x1c, 0x21, 0x29),
            grey: Rgb(0x5b, 0x63, 0x70),
            hairline: Rgb(0xd8, 0xdc, 0xe2),
            panel: Rgb(0xf5, 0xf6, 0xf8),
            accent,
            tint: Rgb(breath(accent.0), breath(accent.1), breath(accent.2)),
            warning: Rgb(0xb4, 0x23, 0x18),
        }
    }
}

/// Contrast to white that is enough on the tint too, where 4.5 must be left (WCAG 2.2, 1.4.3).
const CONTRAST: f32 = 5.2;

/// A colour as it is, or darker until it can be read.
fn readable([red, green, blue]: [u8; 3]) -> Rgb {
    let mut colour = Rgb(red, green, blue);
    while contrast_to_white(colour) < CONTRAST {
        let darker = |part: u8| u8::try_from(u16::from(part) * 95 / 100).unwrap_or(0);
        colour = Rgb(darker(colour.0), darker(colour.1), darker(colour.2));
    }
    colour
}

fn contrast_to_white(Rgb(red, green, blue): Rgb) -> f32 {
    let linear = |part: u8| {
        let part = f32::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    1.05 / (luminance + 0.05)
}

/// What is on its way onto pages.
pub struct Sheet<'a, 'w> {
    pub pdf: Pdf<'w>,
    pub document: &'a model::Document,
    pub look: &'a Look,
    pub words: &'static Words,
    pub numbers: Numbers,
    pub colours: Palette,
    pub decimals: u8,
    /// What the tax is called.
    pub tax: &'static str,
    /// `Invoice 2026-00017`; a draft has no number.
    pub title: String,
    /// Where the next thing begins, from the bottom of the page.
    pub y: f32,
    /// Where the last thing of a page must end.
    pub bottom: f32,
    /// For one text after the other.
    pub buffer: String,
    foot: Foot,
}

/// What stands at the foot of every page: made once, drawn on each.
#[derive(Default)]
struct Foot {
    /// Each with where it begins.
    columns: Vec<(f32, Vec<String>)>,
    text: Vec<String>,
    height: f32,
}

impl<'a, 'w> Sheet<'a, 'w> {
    pub fn new(pdf: Pdf<'w>, document: &'a model::Document, look: &'a Look) -> Self {
        let invoice = &document.invoice;
        let words = Words::of(&invoice.locale);
        let mut sheet = Self {
            pdf,
            document,
            look,
            words,
            numbers: Numbers::of(&invoice.locale),
            colours: Palette::of(look.accent),
            decimals: invoice.currency.decimals(),
            tax: words.tax_in(invoice.seller.country.as_deref()),
            title: title(invoice, words, look.draft),
            y: 0.0,
            bottom: 0.0,
            buffer: String::new(),
            foot: Foot::default(),
        };
        sheet.foot = sheet.lay_out_foot();
        sheet.bottom = sheet.foot_top(0.0) + 22.0;
        sheet
    }

    pub fn invoice(&self) -> &'a Invoice {
        &self.document.invoice
    }

    pub fn body(&self) -> Style {
        Style::regular(BODY, self.colours.ink)
    }

    pub fn small(&self) -> Style {
        Style::regular(SMALL, self.colours.grey)
    }

    /// Whether several categories have no rate, so that the rate alone does not tell lines apart.
    pub fn rates_are_ambiguous(&self) -> bool {
        self.document.taxes.iter().filter(|row| row.tax.rate.millionths() == 0).count() > 1
    }

    /// An amount with its currency.
    pub fn money(&self, minor: i64) -> String {
        let mut text = String::new();
        self.numbers.money(&mut text, minor, self.document.invoice.currency);
        text
    }

    /// A day.
    pub fn day(&self, iso: &str) -> String {
        let mut text = String::new();
        self.numbers.day(&mut text, iso);
        text
    }

    /// The style, smaller where a text would be wider than that.
    pub fn fitting(&mut self, style: Style, text: &str, width: f32) -> Style {
        let wide = self.pdf.width(style, text);
        if wide <= width { style } else { Style { size: (style.size * width / wide).max(3.0), ..style } }
    }

    /// Whether so much room is left on the page.
    pub fn has_room(&self, height: f32) -> bool {
        self.y - height >= self.bottom
    }

    /// Room on a page that nothing stands on yet.
    pub fn whole_page(&self) -> f32 {
        HEIGHT - mm(32.0) - self.bottom
    }

    /// Goes to another page when less room is left.
    ///
    /// # Errors
    /// What the sink refuses.
    pub fn room(&mut self, height: f32) -> Result<()> {
        if self.has_room(height) || height > self.whole_page() && self.has_room(40.0) {
            Ok(())
        } else {
            self.next_page()
        }
    }

    /// Ends the page and begins the next with what tells where one is.
    ///
    /// # Errors
    /// What the sink refuses.
    pub fn next_page(&mut self) -> Result<()> {
        self.end_page(0.0)?;
        self.begin_later_page()
    }

    fn begin_later_page(&mut self) -> Result<()> {
        let y = HEIGHT - mm(20.0);
        let (bold, plain) = (Style::bold(BODY, self.colours.ink), Style::regular(8.0, self.colours.grey));
        let (title, day) = (self.title.clone(), self.day(&self.document.invoice.issued_on));
        let (draft, word) = (self.look.draft, self.words.draft);
        let name = &self.document.invoice.seller.name;
        let hairline = self.colours.hairline;
        let warning = self.colours.warning;
        self.pdf.artifact(Artifact::Header, |pdf| {
            pdf.text(bold, (LEFT, y), &title);
            let x = LEFT + pdf.width(bold, &title) + 8.0;
            let beside = if draft { word } else { &day };
            pdf.text(if draft { bold.coloured(warning) } else { plain }, (x, y), beside);
            let left = RIGHT - x - pdf.width(plain, beside) - 20.0;
            let first = pdf.wrap(plain, name, left.max(40.0)).first().copied().unwrap_or("").to_owned();
            pdf.text_right(plain, (RIGHT, y), &first);
            pdf.rule((LEFT, y - 7.0), (RIGHT, y - 7.0), 0.4, hairline);
            Ok(())
        })?;
        self.y = HEIGHT - mm(32.0);
        Ok(())
    }

    /// Draws the foot so far above the bottom, and ends the page.
    ///
    /// # Errors
    /// What the sink refuses.
    pub fn end_page(&mut self, above: f32) -> Result<()> {
        if self.pdf.pages() == 0 {
            self.marks(above)?;
        }
        let top = self.foot_top(above);
        let grey = self.colours.grey;
        let style = Style::regular(FOOT_SIZE, grey);
        let hairline = self.colours.hairline;
        let page = format!("{} {} {} ", self.words.page, self.pdf.pages() + 1, self.words.of_pages);
        let foot = &self.foot;
        self.pdf.artifact(Artifact::Footer, |pdf| {
            // One digit is kept: the number of pages is not known yet, and few documents have ten.
            pdf.page_of(Style::regular(SMALL, grey), Align::Right, (RIGHT, top + 7.0), &page, 1);
            pdf.rule((LEFT, top), (RIGHT, top), 0.4, hairline);
            let mut lowest = top - 12.0;
            for (x, rows) in &foot.columns {
                let mut y = top - 12.0;
                for row in rows {
                    pdf.text(style, (*x, y), row);
                    y -= FOOT_LEADING;
                }
                lowest = lowest.min(y);
            }
            let mut y = lowest - if foot.columns.is_empty() { 0.0 } else { 3.0 };
            for row in &foot.text {
                pdf.text(style, (LEFT, y), row);
                y -= FOOT_LEADING;
            }
            Ok(())
        })?;
        self.pdf.end_page()
    }

    /// Fold marks at 105 and 210 mm, the punch mark between them; none on a slip.
    fn marks(&mut self, above: f32) -> Result<()> {
        let colour = self.colours.grey;
        self.pdf.artifact(Artifact::Layout, |pdf| {
            for (from_top, length) in [(105.0, 5.0), (148.5, 7.0), (210.0, 5.0)] {
                let y = HEIGHT - mm(from_top);
                if y > above {
                    pdf.rule((mm(4.0), y), (mm(4.0 + length), y), 0.3, colour);
                }
            }
            Ok(())
        })
    }

    /// Where the rule above the foot is.
    pub fn foot_top(&self, above: f32) -> f32 {
        // Nothing is printed close to the paper's edge; a slip has none there.
        above + if above > 0.0 { mm(2.5) } else { mm(9.0) } + self.foot.height
    }

    fn lay_out_foot(&mut self) -> Foot {
        let seller = &self.document.invoice.seller;
        let vat_id = self.words.vat_id_in(seller.country.as_deref());
        let named = |label: &str, text: &Option<String>| text.as_ref().map(|text| format!("{label} {text}"));
        let holder = seller.bank_holder.clone().filter(|holder| *holder != seller.name);
        let iban = seller.iban.as_deref().or(seller.qr_iban.as_deref()).map(bank::in_fours);
        let groups: [Vec<Option<String>>; 4] = [
            vec![Some(seller.name.clone()), seller.street.clone(), Some(place(seller)), self.country_abroad(seller)],
            vec![seller.contact.clone(), seller.phone.clone(), seller.email.clone()],
            vec![holder, iban, named("BIC", &seller.bic)],
            vec![
                named(vat_id, &seller.vat_id),
                named(self.words.tax_number, &seller.tax_number),
                seller.registration.clone(),
            ],
        ];
        let style = Style::regular(FOOT_SIZE, self.colours.grey);
        let filled: Vec<Vec<String>> = groups
            .into_iter()
            .map(|group| group.into_iter().flatten().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>())
            .filter(|group: &Vec<String>| !group.is_empty())
            .collect();
        let gap = 12.0;
        let count = f32::from(u8::try_from(filled.len().max(1)).unwrap_or(4));
        let width = (RIGHT - LEFT - gap * (count - 1.0)) / count;
        let mut foot = Foot::default();
        let mut x = LEFT;
        for group in filled {
            let mut rows = Vec::new();
            for text in &group {
                rows.extend(self.pdf.wrap(style, text, width).into_iter().map(str::to_owned));
            }
            rows.truncate(FOOT_ROWS);
            foot.columns.push((x, rows));
            x += width + gap;
        }
        if let Some(text) = &self.look.footer {
            foot.text = self.pdf.wrap(style, text, RIGHT - LEFT).into_iter().map(str::to_owned).collect();
            foot.text.truncate(FOOT_TEXT_ROWS);
        }
        let most = foot.columns.iter().map(|(_, rows)| rows.len()).max().unwrap_or(0) + foot.text.len();
        foot.height = 8.0 + FOOT_LEADING * f32::from(u8::try_from(most).unwrap_or(11));
        foot
    }

    /// The name of a party's country, when the document goes from one country to another.
    pub fn country_abroad(&self, party: &Party) -> Option<String> {
        let invoice = &self.document.invoice;
        let (from, to) = (invoice.seller.country.as_deref()?, invoice.buyer.country.as_deref()?);
        let own = party.country.as_deref()?;
        (from != to).then(|| words::country(self.words.code, own).unwrap_or(own).to_owned())
    }

    /// A heading above what follows.
    pub fn label(&mut self, at: (f32, f32), text: &str) {
        let style = Style::bold(10.0, self.colours.ink);
        self.pdf.cell(Tag::Heading(2), style, Align::Left, at, text);
    }
}

fn title(invoice: &Invoice, words: &Words, draft: bool) -> String {
    let kind = match invoice.kind {
        Kind::Invoice => words.invoice,
        Kind::CreditNote => words.credit_note,
    };
    if draft { kind.to_owned() } else { format!("{kind} {}", invoice.number) }
}

/// Texts that are there, one behind the other.
pub fn joined<'p>(parts: impl IntoIterator<Item = Option<&'p str>>, with: &str) -> String {
    parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(with)
}

/// Postal code and city, in the order of the country.
pub fn place(party: &Party) -> String {
    let (postcode, city) = (party.postcode.as_deref(), party.city.as_deref());
    match party.country.as_deref() {
        // The postcode ends the address (Royal Mail, USPS, Canada Post, Australia Post).
        Some("GB" | "IE" | "US" | "CA" | "AU" | "NZ" | "IN" | "JP" | "KR" | "SG" | "TW") => {
            joined([city, postcode], " ")
        }
        _ => joined([postcode, city], " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accent_is_darkened_until_it_can_be_read() {
        assert_eq!(readable([0x1f, 0x4e, 0x79]), Rgb(0x1f, 0x4e, 0x79));
        for pale in [[255, 255, 255], [255, 235, 59], [0, 255, 255], [254, 0, 0]] {
            assert!(contrast_to_white(readable(pale)) >= CONTRAST, "{pale:?}");
        }
        let Rgb(red, green, blue) = readable([255, 235, 59]);
        assert!(red > blue && green > blue, "still a yellow: {red} {green} {blue}");
    }

    #[test]
    fn every_text_has_enough_contrast() {
        let colours = Palette::of([255, 255, 0]);
        for colour in [colours.ink, colours.grey, colours.accent, colours.warning] {
            assert!(contrast_to_white(colour) >= 4.5, "{colour:?}");
        }
    }

    #[test]
    fn the_postcode_stands_where_the_country_wants_it() {
        let party = |country: &str| Party {
            postcode: Some("1010".into()),
            city: Some("Wien".into()),
            country: Some(country.into()),
            ..Party::default()
        };
        assert_eq!(place(&party("AT")), "1010 Wien");
        assert_eq!(place(&party("GB")), "Wien 1010");
        assert_eq!(place(&Party::default()), "");
    }
}
