//! The first page's upper part (DIN 5008 form B): letterhead, address field, facts beside it, title.

use super::Logo;
use super::sheet::{BODY, LEFT, RIGHT, Sheet, joined, place};
use crate::base::error::Result;
use crate::business::invoices::model::Kind;
use crate::platform::pdf::{Align, Artifact, HEIGHT, ImageId, Rect, Style, Tag, WIDTH, mm};

/// A logo's sides at most.
const LOGO: (f32, f32) = (mm(75.0), mm(20.0));
/// Room for the address in its field of 85 mm, which begins 20 mm from the left.
const ADDRESS: f32 = mm(78.0);
const ADDRESS_SIZE: f32 = 10.0;
/// Six rows in the zone of 27.3 mm.
const ADDRESS_LEADING: f32 = mm(27.3) / 6.0;
/// Most that it may take, the sender's line left out.
const ADDRESS_HIGH: f32 = mm(37.0);
/// Where the facts begin: 125 mm from the left.
const FACTS: f32 = mm(125.0);
const FACTS_LABEL: f32 = mm(27.0);
/// Rows that a fact may take.
const FACT_ROWS: usize = 6;

/// Draws the upper part of the first page.
///
/// # Errors
/// What the sink refuses.
pub fn head(sheet: &mut Sheet<'_, '_>, logo: Option<ImageId>) -> Result<()> {
    letterhead(sheet, logo)?;
    address(sheet)?;
    let facts = facts(sheet)?;
    title(sheet, facts);
    Ok(())
}

fn letterhead(sheet: &mut Sheet<'_, '_>, logo: Option<ImageId>) -> Result<()> {
    let name = &sheet.invoice().seller.name;
    if let (Some(image), Some(logo)) = (logo, &sheet.look.logo) {
        let (width, height) = bounded(logo, LOGO);
        let rect = Rect { x: LEFT, y: HEIGHT - mm(14.0) - height, width, height };
        return sheet.pdf.figure(name, rect, |pdf| {
            pdf.image(image, rect);
            Ok(())
        });
    }
    let style = sheet.fitting(Style::bold(19.0, sheet.colours.accent), name, RIGHT - LEFT);
    let style = Style { size: style.size.max(12.0), ..style };
    let rows: Vec<&str> = sheet.pdf.wrap(style, name, RIGHT - LEFT).into_iter().take(2).collect();
    let mut y = HEIGHT - mm(24.0);
    sheet.pdf.begin_tag(Tag::Paragraph);
    for row in rows {
        sheet.pdf.text(style, (LEFT, y), row);
        y -= style.size * 1.25;
    }
    sheet.pdf.end_tag();
    Ok(())
}

/// A logo's sides on paper: as large as the bounds allow, and not blown up beyond 96 dots an inch.
fn bounded(logo: &Logo, (most_wide, most_high): (f32, f32)) -> (f32, f32) {
    let (width, height) = logo.pixels();
    let side = |pixels: u32| f32::from(u16::try_from(pixels.max(1)).unwrap_or(u16::MAX));
    let (width, height) = (side(width), side(height));
    let scale = (most_wide / width).min(most_high / height).min(0.75);
    (width * scale, height * scale)
}

/// The sender's line, and below it the address, in the window.
fn address(sheet: &mut Sheet<'_, '_>) -> Result<()> {
    let invoice = sheet.invoice();
    let (seller, buyer) = (&invoice.seller, &invoice.buyer);
    let country = sheet.country_abroad(buyer).map(|name| name.to_uppercase());
    let parts = [Some(buyer.name.clone()), buyer.street.clone(), Some(place(buyer)), country];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect();
    let mut style = Style::regular(ADDRESS_SIZE, sheet.colours.ink);
    let mut rows: Vec<String>;
    let mut leading;
    // A name is never cut short: an address of many rows is set smaller.
    loop {
        leading = ADDRESS_LEADING * style.size / ADDRESS_SIZE;
        rows = Vec::new();
        for part in &parts {
            rows.extend(sheet.pdf.wrap(style, part, ADDRESS).into_iter().map(str::to_owned));
        }
        if leading * count(rows.len()) <= ADDRESS_HIGH || style.size <= 7.0 {
            break;
        }
        style.size -= 1.0;
    }
    // Rows beyond the six go up into the zone for remarks, and the sender's line with them.
    let beyond = (leading * count(rows.len()) - mm(27.3)).clamp(0.0, ADDRESS_HIGH - mm(27.3));
    let first = HEIGHT - mm(45.0 + 17.7) - ADDRESS_LEADING * 0.8 + beyond;

    let from = joined([Some(seller.name.as_str()), seller.street.as_deref(), Some(place(seller).as_str())], " · ");
    // One row, as much as can be read.
    let line = sheet.fitting(Style::regular(6.5, sheet.colours.grey), &from, ADDRESS);
    let line = Style { size: line.size.max(5.5), ..line };
    let from = sheet.pdf.wrap(line, &from, ADDRESS).first().copied().unwrap_or("").to_owned();
    let (above, hairline) = (first + 17.0, sheet.colours.hairline);
    let wide = sheet.pdf.width(line, &from);
    sheet.pdf.artifact(Artifact::Header, |pdf| {
        pdf.text(line, (LEFT, above), &from);
        pdf.rule((LEFT, above - 3.2), (LEFT + wide, above - 3.2), 0.3, hairline);
        Ok(())
    })?;
    sheet.pdf.tagged(Tag::Paragraph, |pdf| {
        let mut y = first;
        for row in &rows {
            pdf.text(style, (LEFT, y), row);
            y -= leading;
        }
        Ok(())
    })
}

/// What is to be known at a glance; answers where it ends.
fn facts(sheet: &mut Sheet<'_, '_>) -> Result<f32> {
    let (invoice, words) = (sheet.invoice(), sheet.words);
    let mut facts: Vec<(&str, String)> = vec![(words.date, sheet.day(&invoice.issued_on))];
    if let (Some(due), Kind::Invoice) = (&invoice.due_on, invoice.kind) {
        facts.push((words.due, sheet.day(due)));
    }
    let (from, to) = (invoice.service_from.as_deref(), invoice.service_to.as_deref());
    let mut span = String::new();
    sheet.numbers.span(&mut span, from, to);
    let one_day = from.is_none() || to.is_none() || from == to;
    facts.push((if one_day { words.service_day } else { words.service_period }, span));
    if let Some(corrected) = &invoice.corrects {
        let day = sheet.day(&corrected.issued_on);
        facts.push((words.corrects, format!("{} {}\u{a0}{day}", corrected.number, words.of_day)));
    }
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    facts.push((words.your_reference, given(&invoice.buyer_reference)));
    facts.push((words.order, given(&invoice.order_reference)));
    facts.push((words.your_vat_id, given(&invoice.buyer.vat_id)));

    facts.retain(|(_, value)| !value.trim().is_empty());
    pairs(sheet, (FACTS, HEIGHT - mm(54.0)), (FACTS_LABEL, RIGHT - FACTS), &facts)
}

/// The title, and what holds for all amounts below.
fn title(sheet: &mut Sheet<'_, '_>, facts: f32) {
    let title = sheet.title.clone();
    let room = if sheet.look.draft { mm(120.0) } else { RIGHT - LEFT };
    let style = sheet.fitting(Style::bold(19.0, sheet.colours.ink), &title, room);
    // The body begins 98.46 mm from the top; facts that go on push it down.
    let y = (HEIGHT - mm(98.46) - 18.0).min(facts - 18.0);
    sheet.pdf.cell(Tag::Heading(1), style, Align::Left, (LEFT, y), &title);
    if sheet.look.draft {
        let x = LEFT + sheet.pdf.width(style, &title) + 12.0;
        stamp(sheet, (x, y));
    }
    let words = sheet.words;
    let taxed = sheet.document.taxes.iter().any(|row| row.amount != 0);
    let text = match (taxed, sheet.invoice().prices_include_tax) {
        (false, _) => words.amounts,
        (true, false) => words.amounts_without,
        (true, true) => words.amounts_with,
    };
    let text = text.replace("{currency}", sheet.invoice().currency.as_str()).replace("{tax}", sheet.tax);
    let small = Style::regular(8.5, sheet.colours.grey);
    sheet.pdf.cell(Tag::Paragraph, small, Align::Left, (LEFT, y - 15.0), &text);
    sheet.y = y - 34.0;
}

/// Says that a draft is one, so that nobody pays it.
fn stamp(sheet: &mut Sheet<'_, '_>, (x, y): (f32, f32)) {
    let text = sheet.words.draft.to_uppercase();
    let style = Style::bold(12.0, sheet.colours.warning);
    let width = sheet.pdf.width(style, &text) + 16.0;
    let (warning, x) = (sheet.colours.warning, x.min(WIDTH - mm(12.0) - width));
    sheet.pdf.outline(Rect { x, y: y - 4.5, width, height: 20.0 }, 1.4, warning);
    sheet.pdf.cell(Tag::Paragraph, style, Align::Left, (x + 8.0, y + 1.2), &text);
}

fn count(rows: usize) -> f32 {
    f32::from(u16::try_from(rows).unwrap_or(u16::MAX))
}

/// Pairs of label and value, one below the other; answers where they end.
///
/// # Errors
/// What the sink refuses.
pub fn pairs(
    sheet: &mut Sheet<'_, '_>,
    (x, mut y): (f32, f32),
    (label_width, width): (f32, f32),
    pairs: &[(&str, String)],
) -> Result<f32> {
    let (label_style, style) = (Style::regular(8.0, sheet.colours.grey), Style::regular(BODY, sheet.colours.ink));
    for (label, value) in pairs {
        let label_style = sheet.fitting(label_style, label, label_width - 6.0);
        let rows: Vec<&str> = sheet.pdf.wrap(style, value, width - label_width).into_iter().take(FACT_ROWS).collect();
        y = sheet.pdf.tagged(Tag::Paragraph, |pdf| {
            pdf.text(label_style, (x, y), label);
            for row in rows {
                pdf.text(style, (x + label_width, y), row);
                y -= 12.0;
            }
            Ok(y)
        })?;
        y -= 2.5;
    }
    Ok(y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_keeps_its_shape_within_its_bounds() {
        let logo = |width, height| Logo::Pixels { rgba: Vec::new(), width, height };
        for (width, height) in [(4000, 1000), (100, 4000), (1000, 1000), (1, 1), (70_000, 3)] {
            let (wide, high) = bounded(&logo(width, height), LOGO);
            assert!(wide <= LOGO.0 + 0.01 && high <= LOGO.1 + 0.01, "{width} x {height}");
        }
        let (wide, high) = bounded(&logo(4000, 1000), LOGO);
        assert!((wide / high - 4.0).abs() < 0.01);
        assert_eq!(bounded(&logo(40, 20), LOGO), (30.0, 15.0), "a small one is not blown up");
    }
}
