//! The sums: discounts and charges, net, tax by rate with its reason, rounding, what was paid, what is due.

use super::sheet::{AMOUNT, BODY, LEFT, RIGHT, SMALL, Sheet};
use crate::base::error::Result;
use crate::base::tax::Category;
use crate::business::invoices::model::{Kind, TaxRow};
use crate::platform::pdf::{Align, Artifact, Rect, Scope, Style, Tag, mm};

/// Where the labels begin.
const LABELS: f32 = LEFT + mm(77.0);
const ROW: f32 = 15.0;
const SMALL_ROW: f32 = 10.0;
const FINAL: f32 = 27.0;
const GAP: f32 = 12.0;

/// How much a row weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Plain,
    Strong,
    Final,
}

/// A row of the sums.
struct Entry {
    label: Vec<String>,
    /// None for the sum of the lines, which is not known yet.
    value: Option<String>,
    weight: Weight,
}

impl Entry {
    fn height(&self) -> f32 {
        match self.weight {
            Weight::Final => FINAL + 6.0,
            _ => ROW + SMALL_ROW * f32::from(u8::try_from(self.label.len().max(1) - 1).unwrap_or(u8::MAX)),
        }
    }
}

/// The sums, laid out before the lines so that the last line knows how much room they need.
pub struct Totals {
    entries: Vec<Entry>,
    height: f32,
}

impl Totals {
    /// Points from the last line to their end.
    pub fn height(&self) -> f32 {
        self.height
    }

    /// Lays them out.
    pub fn of(sheet: &mut Sheet<'_, '_>) -> Self {
        let mut totals = Self { entries: Vec::new(), height: GAP };
        let (invoice, words) = (sheet.invoice(), sheet.words);
        totals.adjustments(sheet);
        totals.push(sheet, words.net, Some(invoice.net), Weight::Plain);
        for row in &sheet.document.taxes {
            totals.tax(sheet, row);
        }
        if invoice.rounding != 0 || invoice.prepaid != 0 {
            totals.push(sheet, words.total, Some(invoice.gross), Weight::Strong);
        }
        if invoice.rounding != 0 {
            totals.push(sheet, words.rounding, Some(invoice.rounding), Weight::Plain);
        }
        if invoice.prepaid != 0 {
            totals.push(sheet, words.prepaid, Some(invoice.prepaid.saturating_neg()), Weight::Plain);
        }
        let (label, value) = match invoice.kind {
            Kind::Invoice => (words.to_pay, invoice.due()),
            Kind::CreditNote => (words.credit, invoice.due()),
        };
        let value = sheet.money(value);
        totals.add(Entry { label: vec![label.to_owned()], value: Some(value), weight: Weight::Final });
        totals
    }

    fn add(&mut self, entry: Entry) {
        self.height += entry.height();
        self.entries.push(entry);
    }

    fn push(&mut self, sheet: &mut Sheet<'_, '_>, label: &str, value: Option<i64>, weight: Weight) {
        let value = value.map(|minor| {
            let mut text = String::new();
            sheet.numbers.amount(&mut text, minor, sheet.decimals);
            text
        });
        let wide = value.as_deref().map_or(80.0, |value| sheet.pdf.width(sheet.body(), value));
        let label = wrapped(sheet, label, AMOUNT - LABELS - wide - 12.0);
        self.add(Entry { label, value, weight });
    }

    /// Discounts and charges; one that is shared among several taxes stands as the one that was agreed.
    fn adjustments(&mut self, sheet: &mut Sheet<'_, '_>) {
        let adjustments = &sheet.document.adjustments;
        if adjustments.is_empty() {
            return;
        }
        self.push(sheet, sheet.words.subtotal, None, Weight::Plain);
        let mut rest = adjustments.as_slice();
        while let [first, ..] = rest {
            let same = rest
                .iter()
                .take_while(|other| {
                    (other.charge, &other.reason, other.percent) == (first.charge, &first.reason, first.percent)
                })
                .count();
            let (shared, behind) = rest.split_at(same);
            rest = behind;
            let amount = shared.iter().fold(0_i64, |sum, one| sum.saturating_add(one.amount));
            let mut label = first.reason.clone();
            if let Some(percent) = first.percent {
                label.push('\u{a0}');
                sheet.numbers.rate(&mut label, percent);
            }
            let amount = if first.charge { amount } else { amount.saturating_neg() };
            self.push(sheet, &label, Some(amount), Weight::Plain);
        }
    }

    fn tax(&mut self, sheet: &mut Sheet<'_, '_>, row: &TaxRow) {
        let mut label = sheet.tax.to_owned();
        if row.tax.category == Category::OutOfScope {
            // There is no rate at all.
            label.push_str("\u{a0}–");
        } else {
            label.push('\u{a0}');
            sheet.numbers.rate(&mut label, row.tax.rate);
            if sheet.rates_are_ambiguous() && row.tax.rate.millionths() == 0 {
                label.push('\u{a0}');
                label.push_str(row.tax.category.as_str());
            }
        }
        label.push(' ');
        label.push_str(sheet.words.on);
        label.push('\u{a0}');
        sheet.numbers.amount(&mut label, row.net, sheet.decimals);
        let usual = row.tax.category.usual_reason(sheet.words.code);
        if let Some(reason) = row.reason.as_deref().filter(|reason| !reason.trim().is_empty()).or(usual) {
            label.push('\n');
            label.push_str(reason);
        }
        self.push(sheet, &label, Some(row.amount), Weight::Plain);
    }

    /// Draws them below the last line; `lines` is the sum of the lines.
    ///
    /// # Errors
    /// What the sink refuses.
    pub fn draw(self, sheet: &mut Sheet<'_, '_>, lines: i64) -> Result<()> {
        sheet.room(self.height)?;
        sheet.y -= GAP;
        sheet.pdf.begin_tag(Tag::Table);
        sheet.pdf.begin_tag(Tag::TableBody);
        for entry in self.entries {
            if !sheet.has_room(entry.height()) {
                sheet.next_page()?;
            }
            let value = entry.value.unwrap_or_else(|| {
                let mut text = String::new();
                sheet.numbers.amount(&mut text, lines, sheet.decimals);
                text
            });
            match entry.weight {
                Weight::Final => last(sheet, &entry.label, &value)?,
                Weight::Strong => row(sheet, &entry.label, &value, true)?,
                Weight::Plain => row(sheet, &entry.label, &value, false)?,
            }
        }
        sheet.pdf.end_tag();
        sheet.pdf.end_tag();
        Ok(())
    }
}

/// A label in rows: the first in the size of text, those below it small.
fn wrapped(sheet: &mut Sheet<'_, '_>, label: &str, width: f32) -> Vec<String> {
    let (head, below) = label.split_once('\n').unwrap_or((label, ""));
    let style = sheet.body();
    let mut rows: Vec<String> = sheet.pdf.wrap(style, head, width).into_iter().map(str::to_owned).collect();
    if !below.is_empty() {
        let small = sheet.small();
        rows.extend(sheet.pdf.wrap(small, below, width).into_iter().map(str::to_owned));
    }
    rows
}

fn row(sheet: &mut Sheet<'_, '_>, label: &[String], value: &str, strong: bool) -> Result<()> {
    let colours = sheet.colours;
    if strong {
        let y = sheet.y;
        sheet.pdf.artifact(Artifact::Layout, |pdf| {
            pdf.rule((LABELS, y), (RIGHT, y), 0.4, colours.hairline);
            Ok(())
        })?;
    }
    let y = sheet.y - 11.0;
    sheet.pdf.begin_tag(Tag::Row);
    sheet.pdf.begin_tag(Tag::Header(Scope::Row));
    let mut below = y;
    for (index, text) in label.iter().enumerate() {
        let style = match (index, strong) {
            (0, true) => Style::bold(BODY, colours.ink),
            (0, false) => Style::regular(BODY, colours.grey),
            _ => Style::regular(SMALL, colours.grey),
        };
        sheet.pdf.text(style, (LABELS, below), text);
        below -= SMALL_ROW;
    }
    sheet.pdf.end_tag();
    let style = if strong { Style::bold(BODY, colours.ink) } else { Style::regular(BODY, colours.ink) };
    sheet.pdf.cell(Tag::Cell, style, Align::Right, (AMOUNT, y), value);
    sheet.pdf.end_tag();
    sheet.y = below + SMALL_ROW + 11.0 - ROW;
    Ok(())
}

/// What all of it comes to.
fn last(sheet: &mut Sheet<'_, '_>, label: &[String], value: &str) -> Result<()> {
    let colours = sheet.colours;
    let bottom = sheet.y - FINAL - 4.0;
    let rect = Rect { x: LABELS - 10.0, y: bottom, width: RIGHT - LABELS + 10.0, height: FINAL };
    sheet.pdf.artifact(Artifact::Layout, |pdf| {
        pdf.fill(rect, colours.tint);
        pdf.fill(Rect { width: 2.2, ..rect }, colours.accent);
        Ok(())
    })?;
    let baseline = bottom + 9.0;
    let label = label.join(" ");
    let style = Style::bold(12.0, colours.accent);
    let wide = sheet.pdf.width(style, value);
    let label_style = sheet.fitting(Style::bold(10.0, colours.ink), &label, RIGHT - LABELS - wide - 20.0);
    sheet.pdf.begin_tag(Tag::Row);
    sheet.pdf.cell(Tag::Header(Scope::Row), label_style, Align::Left, (LABELS, baseline), &label);
    sheet.pdf.cell(Tag::Cell, style, Align::Right, (AMOUNT, baseline), value);
    sheet.pdf.end_tag();
    sheet.y = bottom - 2.0;
    Ok(())
}
