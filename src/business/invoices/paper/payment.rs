//! How to pay: the day, the account, the reference, and a code that says all of it to a banking program.

use super::head::pairs;
use super::sheet::{LEFT, RIGHT, SMALL, Sheet};
use super::{bank, epc};
use crate::base::error::Result;
use crate::base::qr;
use crate::business::invoices::model::Kind;
use crate::platform::pdf::{Align, Artifact, Rect, Rgb, Style, Tag, mm};

/// A side of the code with its quiet zone.
const CODE: f32 = mm(31.0);
const BESIDE: f32 = 16.0;
const PADDING: f32 = 12.0;
const PAIR: f32 = 14.5;
/// From the sums to the panel.
const ABOVE: f32 = 15.0;

/// A payment slip that holds the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// There is none.
    None,
    /// At the foot of this page.
    Here,
    /// On another page.
    Elsewhere,
}

/// Draws the panel, if money is asked for and no slip does.
///
/// # Errors
/// What the sink refuses.
pub fn payment(sheet: &mut Sheet<'_, '_>, slip: Slip) -> Result<()> {
    let (invoice, words) = (sheet.invoice(), sheet.words);
    if invoice.kind == Kind::CreditNote {
        return Ok(());
    }
    let due = invoice.due();
    if due <= 0 {
        return if invoice.prepaid > 0 { sentence(sheet, words.paid) } else { Ok(()) };
    }
    let amount = sheet.money(due);
    let day = invoice.due_on.as_deref().map(|day| sheet.day(day));
    let mut text = match (&day, slip) {
        (_, Slip::Here) => return Ok(()),
        (_, Slip::Elsewhere) => words.use_slip.to_owned(),
        (Some(day), Slip::None) => words.pay_by.replace("{day}", day),
        (None, Slip::None) => words.pay_now.to_owned(),
    };
    text = text.replace("{amount}", &amount);
    if slip == Slip::Elsewhere {
        return sentence(sheet, &text);
    }
    let seller = &invoice.seller;
    let account = seller.iban.as_deref().or(seller.qr_iban.as_deref());
    let Some(account) = account.filter(|_| !sheet.look.draft) else { return sentence(sheet, &text) };
    let holder = seller.bank_holder.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&seller.name);

    let mut rows = vec![(words.holder, holder.to_owned()), ("IBAN", bank::in_fours(account))];
    rows.extend(seller.bic.clone().map(|bic| ("BIC", bic)));
    rows.push((words.reference, invoice.number.clone()));
    let code = if invoice.currency.as_str() == "EUR" { code(sheet, holder) } else { None };

    let width = RIGHT - LEFT - 2.0 * PADDING - if code.is_some() { CODE + BESIDE } else { 0.0 };
    let style = sheet.body();
    let sentences: Vec<String> = sheet.pdf.wrap(style, &text, width).into_iter().map(str::to_owned).collect();
    let label = mm(30.0);
    // A row more for each that is broken.
    let holder_rows = sheet.pdf.wrap(style, holder, width - label).len().min(3);
    let lines = f32::from(u8::try_from(sentences.len() + holder_rows.saturating_sub(1)).unwrap_or(8));
    let pairs_high = PAIR * f32::from(u8::try_from(rows.len()).unwrap_or(4));
    let text_high = 20.0 + lines * 12.0 + 4.0 + pairs_high;
    let code_high = if code.is_some() { CODE + 12.0 } else { 0.0 };
    let height = text_high.max(code_high) + 2.0 * PADDING - 4.0;
    sheet.room(height + ABOVE)?;

    let top = sheet.y - ABOVE;
    let panel = Rect { x: LEFT, y: top - height, width: RIGHT - LEFT, height };
    let colours = sheet.colours;
    sheet.pdf.artifact(Artifact::Layout, |pdf| {
        pdf.fill_round(panel, 4.0, colours.panel);
        Ok(())
    })?;
    let mut x = LEFT + PADDING;
    if let Some(code) = code {
        draw_code(sheet, (x, top - PADDING), &code, &amount)?;
        x += CODE + BESIDE;
    }
    let mut y = top - PADDING - 8.0;
    sheet.label((x, y), words.payment);
    y -= 17.0;
    sheet.pdf.begin_tag(Tag::Paragraph);
    for row in &sentences {
        sheet.pdf.text(style, (x, y), row);
        y -= 12.0;
    }
    sheet.pdf.end_tag();
    pairs(sheet, (x, y - 5.0), (label, width), &rows)?;
    sheet.y = top - height;
    Ok(())
}

/// The code for a transfer in euro to an account whose check digits are right.
fn code(sheet: &Sheet<'_, '_>, holder: &str) -> Option<qr::Code> {
    let invoice = sheet.invoice();
    let iban = invoice.seller.iban.as_deref().and_then(bank::iban)?;
    let transfer = epc::Transfer {
        name: holder,
        iban: &iban,
        bic: invoice.seller.bic.as_deref(),
        amount: invoice.due(),
        text: &invoice.number,
    };
    qr::code(&epc::payload(&transfer)?, 13)
}

fn draw_code(sheet: &mut Sheet<'_, '_>, (x, top): (f32, f32), code: &qr::Code, amount: &str) -> Result<()> {
    // Four light modules all around (ISO/IEC 18004 §5.3.8).
    let side = CODE / f32::from(u16::try_from(code.size + 8).unwrap_or(u16::MAX));
    let quiet = side * 4.0;
    let whole = Rect { x, y: top - CODE, width: CODE, height: CODE };
    let alt = sheet.words.code_shows.replace("{amount}", amount).replace("{number}", &sheet.document.invoice.number);
    sheet.pdf.figure(&alt, whole, |pdf| {
        pdf.fill(whole, Rgb::WHITE);
        pdf.modules((x + quiet, whole.y + quiet), side, code.size, &code.dark, Rgb::BLACK);
        Ok(())
    })?;
    let style = Style::regular(SMALL, sheet.colours.grey);
    let style = sheet.fitting(style, sheet.words.scan, whole.width);
    let middle = (whole.x + whole.width / 2.0, whole.y - 9.5);
    sheet.pdf.cell(Tag::Paragraph, style, Align::Centre, middle, sheet.words.scan);
    Ok(())
}

/// A sentence below the sums.
fn sentence(sheet: &mut Sheet<'_, '_>, text: &str) -> Result<()> {
    sheet.y -= 10.0;
    paragraphs(sheet, text)
}

/// Room that [`paragraphs`] takes on one page.
pub fn height_of(sheet: &mut Sheet<'_, '_>, text: &str) -> f32 {
    let style = sheet.body();
    14.0 + 12.5 * f32::from(u16::try_from(sheet.pdf.wrap(style, text, RIGHT - LEFT).len()).unwrap_or(u16::MAX))
}

/// Text as wide as the page, which may go over pages.
///
/// # Errors
/// What the sink refuses.
pub fn paragraphs(sheet: &mut Sheet<'_, '_>, text: &str) -> Result<()> {
    let style = sheet.body();
    let rows = sheet.pdf.wrap(style, text, RIGHT - LEFT);
    let together = rows.len().min(3);
    sheet.room(12.5 * f32::from(u8::try_from(together).unwrap_or(3)) + 6.0)?;
    sheet.y -= 14.0;
    sheet.pdf.begin_tag(Tag::Paragraph);
    for row in rows {
        if !sheet.has_room(2.0) {
            sheet.pdf.end_tag();
            sheet.next_page()?;
            sheet.y -= 6.0;
            sheet.pdf.begin_tag(Tag::Paragraph);
        }
        sheet.pdf.text(style, (LEFT, sheet.y), row);
        sheet.y -= 12.5;
    }
    sheet.pdf.end_tag();
    Ok(())
}
