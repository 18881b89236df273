//! The Swiss QR bill on paper: receipt and payment part, 210 × 105 mm at the foot of a page (Style Guide QR-bill 2.3).
//!
//! All places are millimetres from the lower left corner of the page, as the style guide measures them.

use super::bank;
use super::sheet::Sheet;
use super::swiss::{Bill, Reference, Titles, shown_amount};
use crate::base::error::Result;
use crate::base::qr;
use crate::platform::pdf::{Align, Artifact, Document as Pdf, Face, Rect, Rgb, Style, Tag, mm};

/// Its height.
pub const HEIGHT: f32 = mm(105.0);

const WIDTH: f32 = 210.0;
/// Where the payment part begins.
const PARTS: f32 = 62.0;
const MARGIN: f32 = 5.0;
const TOP: f32 = 105.0 - MARGIN;
const TITLE: f32 = 11.0;
/// Where currency and amount stand.
const AMOUNT_TOP: f32 = 37.0;
const CODE: f32 = 46.0;
const CODE_BOTTOM: f32 = 42.0;

/// One of the two parts.
struct Part {
    x: f32,
    top: f32,
    width: f32,
    /// Most that its information may take.
    height: f32,
    label: f32,
    text: f32,
    /// The empty box for who pays.
    blank: (f32, f32),
}

const RECEIPT: Part =
    Part { x: MARGIN, top: TOP - 7.0, width: 52.0, height: 56.0, label: 6.0, text: 8.0, blank: (52.0, 20.0) };
const PAYMENT: Part =
    Part { x: 118.0, top: TOP, width: 87.0, height: 85.0, label: 8.0, text: 10.0, blank: (65.0, 25.0) };

/// A heading and what stands below it; nothing stands for the box that is filled in by hand.
struct Block {
    title: &'static str,
    rows: Option<Vec<String>>,
}

/// Draws a bill at the foot of the page.
///
/// # Errors
/// What the sink refuses.
pub fn draw(sheet: &mut Sheet<'_, '_>, bill: &Bill, code: &qr::Code) -> Result<()> {
    let titles = Titles::of(sheet.words.code);
    let alt = sheet
        .words
        .code_shows
        .replace("{amount}", &sheet.money(bill.amount))
        .replace("{number}", &sheet.document.invoice.number);
    let pdf = &mut sheet.pdf;
    pdf.artifact(Artifact::Layout, |pdf| {
        separation(pdf);
        Ok(())
    })?;
    pdf.begin_tag(Tag::Section);
    title(pdf, MARGIN, titles.receipt);
    information(pdf, &RECEIPT, bill, &titles)?;
    amount(pdf, (MARGIN, 12.0), &RECEIPT, bill, &titles);
    let at = (mm(MARGIN + RECEIPT.width), mm(23.0) - ascent(RECEIPT.label));
    pdf.cell(Tag::Paragraph, bold(RECEIPT.label), Align::Right, at, titles.acceptance_point);
    pdf.end_tag();

    pdf.begin_tag(Tag::Section);
    title(pdf, PARTS + MARGIN, titles.payment_part);
    draw_code(pdf, code, &alt)?;
    amount(pdf, (PARTS + MARGIN, 15.0), &PAYMENT, bill, &titles);
    information(pdf, &PAYMENT, bill, &titles)?;
    pdf.end_tag();
    Ok(())
}

/// Liberation Sans, one of the four fonts that a bill may be set in, and black (style guide 3.4).
const fn bold(size: f32) -> Style {
    Style { face: Face::SlipBold, size, colour: Rgb::BLACK }
}

const fn plain(size: f32) -> Style {
    Style { face: Face::Slip, size, colour: Rgb::BLACK }
}

/// From the top of a row to its baseline.
fn ascent(size: f32) -> f32 {
    size * 0.905
}

fn title(pdf: &mut Pdf<'_>, x: f32, text: &str) {
    pdf.cell(Tag::Heading(2), bold(TITLE), Align::Left, (mm(x), mm(TOP) - ascent(TITLE)), text);
}

/// What a part says, as fully as it has room.
fn information(pdf: &mut Pdf<'_>, part: &Part, bill: &Bill, titles: &Titles) -> Result<()> {
    let is_receipt = part.x < PARTS;
    // The payment part may be set smaller, down to 8 points; on the receipt streets may be left out (style guide 3.4).
    let ways: &[(f32, bool, bool)] = if is_receipt {
        &[(0.0, true, true), (0.0, false, true), (0.0, false, false)]
    } else {
        &[(0.0, true, true), (1.0, true, true), (2.0, true, true)]
    };
    let (mut chosen, mut blocks) = (0.0, Vec::new());
    for (smaller, creditor_street, debtor_street) in ways {
        chosen = *smaller;
        blocks = said(pdf, part, *smaller, (*creditor_street, *debtor_street), bill, titles);
        if needed(part, *smaller, &blocks, 0.8) <= mm(part.height) {
            break;
        }
    }
    let leading = part.text - chosen + 1.0;
    let spare = mm(part.height) - needed(part, chosen, &blocks, 0.0);
    let gaps = f32::from(u8::try_from(blocks.len().max(2) - 1).unwrap_or(3));
    let gap = (spare / gaps).clamp(0.0, leading);
    let (label, text) = (bold(part.label - chosen), plain(part.text - chosen));
    let mut y = mm(part.top) - ascent(part.label - chosen);
    for block in blocks {
        pdf.begin_tag(Tag::Paragraph);
        pdf.text(label, (mm(part.x), y), block.title);
        y -= leading;
        match block.rows {
            Some(rows) => {
                for row in rows {
                    pdf.text(text, (mm(part.x), y), &row);
                    y -= leading;
                }
                pdf.end_tag();
                y -= gap;
            }
            None => {
                pdf.end_tag();
                let top = y + ascent(part.text) - 2.0;
                corners(pdf, (mm(part.x), top), (mm(part.blank.0), mm(part.blank.1)))?;
                y = top - mm(part.blank.1) - gap;
            }
        }
    }
    Ok(())
}

fn said(
    pdf: &mut Pdf<'_>,
    part: &Part,
    smaller: f32,
    (creditor_street, debtor_street): (bool, bool),
    bill: &Bill,
    titles: &Titles,
) -> Vec<Block> {
    let style = plain(part.text - smaller);
    let mut broken = |rows: Vec<String>| -> Option<Vec<String>> {
        let rows = rows
            .iter()
            .flat_map(|row| pdf.wrap(style, row, mm(part.width)).into_iter().map(str::to_owned).collect::<Vec<_>>());
        Some(rows.collect())
    };
    let without_street = |mut rows: Vec<String>, keep: bool| {
        if !keep && rows.len() > 2 {
            rows.remove(1);
        }
        rows
    };
    let mut account = vec![bank::in_fours(&bill.iban)];
    account.extend(without_street(bill.creditor.shown(), creditor_street));
    let mut blocks = vec![Block { title: titles.account, rows: broken(account) }];
    let reference = match &bill.reference {
        Reference::Qr(reference) => Some(bank::in_fives(reference.trim_start_matches('0'))),
        Reference::Creditor(reference) => Some(bank::in_fours(reference)),
        Reference::None => None,
    };
    blocks.extend(reference.map(|text| Block { title: titles.reference, rows: Some(vec![text]) }));
    if part.x > PARTS && !bill.message.is_empty() {
        blocks.push(Block { title: titles.information, rows: broken(vec![bill.message.clone()]) });
    }
    blocks.push(match &bill.debtor {
        Some(debtor) => Block { title: titles.payable_by, rows: broken(without_street(debtor.shown(), debtor_street)) },
        None => Block { title: titles.payable_by_whom, rows: None },
    });
    blocks
}

/// Points that blocks take, with so much of a row between them.
fn needed(part: &Part, smaller: f32, blocks: &[Block], between: f32) -> f32 {
    let leading = part.text - smaller + 1.0;
    let points = |rows: usize| leading * f32::from(u8::try_from(rows).unwrap_or(u8::MAX));
    let gaps = points(blocks.len() - 1) * between;
    blocks.iter().fold(gaps, |sum, block| {
        sum + leading + block.rows.as_ref().map_or(mm(part.blank.1), |rows| points(rows.len()))
    })
}

fn amount(pdf: &mut Pdf<'_>, (x, beside): (f32, f32), part: &Part, bill: &Bill, titles: &Titles) {
    let y = mm(AMOUNT_TOP) - ascent(part.label);
    let below = y - part.text - 3.0;
    let shown = shown_amount(bill.amount);
    for (x, label, value) in [(x, titles.currency, bill.currency.as_str()), (x + beside, titles.amount, shown.as_str())]
    {
        pdf.begin_tag(Tag::Paragraph);
        pdf.text(bold(part.label), (mm(x), y), label);
        pdf.text(plain(part.text), (mm(x), below), value);
        pdf.end_tag();
    }
}

/// The code of 46 mm with the Swiss cross of 7 mm in its middle.
fn draw_code(pdf: &mut Pdf<'_>, code: &qr::Code, alt: &str) -> Result<()> {
    let (x, y, side) = (mm(PARTS + MARGIN), mm(CODE_BOTTOM), mm(CODE));
    let bounds = Rect { x, y, width: side, height: side };
    pdf.figure(alt, bounds, |pdf| {
        let module = side / f32::from(u16::try_from(code.size).unwrap_or(u16::MAX));
        pdf.modules((x, y), module, code.size, &code.dark, Rgb::BLACK);
        let (middle_x, middle_y) = (x + side / 2.0, y + side / 2.0);
        let mut centred = |width: f32, height: f32, colour: Rgb| {
            let (width, height) = (mm(width), mm(height));
            pdf.fill(Rect { x: middle_x - width / 2.0, y: middle_y - height / 2.0, width, height }, colour);
        };
        centred(7.0, 7.0, Rgb::WHITE);
        centred(6.0, 6.0, Rgb::BLACK);
        // The arms of the cross, as in the template: 11 and 3.3 of 19.8 parts.
        centred(3.889, 1.167, Rgb::WHITE);
        centred(1.167, 3.889, Rgb::WHITE);
        Ok(())
    })
}

/// The corners of a box that is filled in by hand: 3 mm, 0.75 points.
fn corners(pdf: &mut Pdf<'_>, (x, top): (f32, f32), (width, height): (f32, f32)) -> Result<()> {
    let arm = mm(3.0);
    let (right, bottom) = (x + width, top - height);
    pdf.artifact(Artifact::Layout, |pdf| {
        for (x, y, across, along) in
            [(x, top, arm, -arm), (right, top, -arm, -arm), (x, bottom, arm, arm), (right, bottom, -arm, arm)]
        {
            pdf.rule((x, y), (x + across, y), 0.75, Rgb::BLACK);
            pdf.rule((x, y), (x, y + along), 0.75, Rgb::BLACK);
        }
        Ok(())
    })
}

/// The lines along which the bill is cut off and apart, with scissors on them.
fn separation(pdf: &mut Pdf<'_>) {
    let line = |pdf: &mut Pdf<'_>, from: (f32, f32), to: (f32, f32)| {
        pdf.dashed((mm(from.0), mm(from.1)), (mm(to.0), mm(to.1)), 0.5, Rgb::BLACK, (2.0, 2.0));
    };
    line(pdf, (0.0, 105.0), (WIDTH, 105.0));
    line(pdf, (PARTS, 105.0), (PARTS, 0.0));
    scissors(pdf, |along, across| (8.0 + along, 105.0 + across));
    scissors(pdf, |along, across| (PARTS + across, 97.0 - along));
}

/// Scissors of 5 mm; `place` turns millimetres along and across their way into a place on the page.
fn scissors(pdf: &mut Pdf<'_>, place: impl Fn(f32, f32) -> (f32, f32)) {
    for side in [-1.0, 1.0] {
        let (x, y) = place(-1.6, side * 0.85);
        for (radius, colour) in [(0.75, Rgb::BLACK), (0.45, Rgb::WHITE)] {
            let rect = Rect { x: mm(x - radius), y: mm(y - radius), width: mm(2.0 * radius), height: mm(2.0 * radius) };
            pdf.fill_round(rect, mm(radius), colour);
        }
        let blade = [(-1.05, 0.45), (-0.85, 0.2), (2.9, -0.85), (3.0, -0.6), (0.6, 0.1)];
        let points = blade.map(|(along, across)| {
            let (x, y) = place(along, side * across);
            (mm(x), mm(y))
        });
        pdf.polygon(&points, Rgb::BLACK);
    }
}
