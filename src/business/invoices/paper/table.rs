//! The lines: one pass, nothing kept of a line but the sum so far.
//!
//! Every page that follows repeats the head and the sum; the last line stays with the totals.

use super::sheet::{AMOUNT, BODY, LEADING, LEFT, RIGHT, SMALL, Sheet};
use crate::base::error::Result;
use crate::base::tax::{Category, Tax};
use crate::business::invoices::model::{Line, Lines};
use crate::platform::pdf::{Align, Artifact, Scope, Style, Tag};

/// From the top of a row to its first baseline.
const ABOVE: f32 = 11.5;
/// From its last baseline to its end.
const BELOW: f32 = 6.5;
/// Room of a carried sum.
const CARRY: f32 = 20.0;
/// Room of the head.
const HEAD: f32 = 20.0;
/// A description of so many rows is not torn apart.
const TOGETHER: usize = 10;
/// Rows that a torn description leaves at least.
const LEAST: usize = 4;
const DISCOUNT_LEADING: f32 = 10.5;

/// Where the columns are.
struct Columns {
    description: f32,
    description_width: f32,
    /// The decimal mark of quantities.
    mark: f32,
    /// Right edges.
    price: f32,
    tax: f32,
    price_width: f32,
    amount_width: f32,
}

/// The table while it is drawn.
struct Table<'s, 'a, 'w> {
    sheet: &'s mut Sheet<'a, 'w>,
    columns: Columns,
    /// Minor units of the lines so far.
    sum: i64,
    count: usize,
    /// Lines of this page have been drawn.
    started: bool,
    /// Where rows of this page end.
    ends: Vec<f32>,
    /// The category is to stand beside a rate of nothing.
    ambiguous: bool,
    whole: String,
    rest: String,
    // The rate of the line before, since most lines have the same.
    rate: String,
    rate_of: Option<Tax>,
}

/// Draws the lines, the last of them with so much room below it; answers their sum.
///
/// # Errors
/// What reading the lines fails with, and what the sink refuses.
pub fn table(sheet: &mut Sheet<'_, '_>, lines: &mut dyn Lines, totals: f32) -> Result<i64> {
    let columns = columns(sheet);
    let ambiguous = sheet.rates_are_ambiguous();
    let mut table = Table {
        sheet,
        columns,
        sum: 0,
        count: 0,
        started: false,
        ends: Vec::new(),
        ambiguous,
        whole: String::new(),
        rest: String::new(),
        rate: String::new(),
        rate_of: None,
    };
    let mut current = lines.next()?;
    if current.is_none() {
        return Ok(0);
    }
    table.begin()?;
    while let Some(line) = current {
        // Read ahead by one, since the last is placed with the totals.
        let next = lines.next()?;
        table.line(&line, if next.is_none() { Some(totals) } else { None })?;
        current = next;
    }
    table.end_rows()?;
    table.sheet.pdf.end_tag();
    table.sheet.pdf.end_tag();
    Ok(table.sum)
}

fn columns(sheet: &mut Sheet<'_, '_>) -> Columns {
    let invoice = sheet.invoice();
    let style = sheet.body();
    let (numbers, decimals) = (sheet.numbers, sheet.decimals);
    let mut widest = |minor: i64, least: f32| {
        let mut text = String::new();
        numbers.amount(&mut text, minor, decimals);
        (sheet.pdf.width(style, &text) + 4.0).clamp(least, 110.0)
    };
    let most = [invoice.gross, invoice.payable(), invoice.lines_net].into_iter().map(i64::abs).max().unwrap_or(0);
    // Space for the minus sign of a discounted line.
    let amount_width = widest(most.saturating_neg(), 56.0);
    let price_width = amount_width.min(82.0);
    let tax = AMOUNT - amount_width - 8.0;
    let price = tax - 42.0;
    let mark = price - price_width - 54.0;
    let description = LEFT + 24.0;
    Columns { description, description_width: mark - 26.0 - description, mark, price, tax, price_width, amount_width }
}

impl Table<'_, '_, '_> {
    fn begin(&mut self) -> Result<()> {
        let sheet = &mut *self.sheet;
        sheet.pdf.begin_tag(Tag::Table);
        sheet.pdf.begin_tag(Tag::TableHead);
        sheet.pdf.begin_tag(Tag::Row);
        self.names(true)?;
        self.sheet.pdf.end_tag();
        self.sheet.pdf.end_tag();
        self.sheet.pdf.begin_tag(Tag::TableBody);
        Ok(())
    }

    /// The names of the columns; as content they name cells, as a repetition they are none.
    fn names(&mut self, content: bool) -> Result<()> {
        let Self { sheet, columns, .. } = self;
        let (words, y) = (sheet.words, sheet.y);
        let style = Style::bold(SMALL, sheet.colours.ink);
        let tax = sheet.tax;
        let named = [
            (Align::Left, LEFT, 22.0, words.position),
            (Align::Left, columns.description, columns.description_width, words.description),
            (Align::Left, columns.mark - 20.0, 72.0, words.quantity),
            (Align::Right, columns.price, columns.price_width, words.price),
            (Align::Right, columns.tax, 40.0, tax),
            (Align::Right, AMOUNT, columns.amount_width + 4.0, words.amount),
        ];
        for (align, x, width, name) in named {
            let style = sheet.fitting(style, name, width);
            if content {
                sheet.pdf.cell(Tag::Header(Scope::Column), style, align, (x, y), name);
            } else {
                sheet.pdf.text_aligned(style, align, (x, y), name);
            }
        }
        let accent = sheet.colours.accent;
        sheet.pdf.artifact(Artifact::Layout, |pdf| {
            pdf.rule((LEFT, y - 6.5), (RIGHT, y - 6.5), 1.1, accent);
            Ok(())
        })?;
        sheet.y -= HEAD - 12.0;
        Ok(())
    }

    fn line(&mut self, line: &Line, totals: Option<f32>) -> Result<()> {
        let style = self.sheet.body();
        let small = self.sheet.small();
        let width = self.columns.description_width;
        let rows = self.sheet.pdf.wrap(style, &line.description, width);
        let discount = self.discount(line);
        let beneath = match &discount {
            Some(text) => self.sheet.pdf.wrap(small, text, width),
            None => Vec::new(),
        };
        let below = totals.unwrap_or(CARRY);
        if !self.sheet.has_room(high(rows.len(), beneath.len()) + below) {
            let torn = rows.len() > TOGETHER && self.sheet.has_room(high(LEAST, 0) + CARRY);
            let fresh = !self.started && self.count > 0;
            if !torn && !fresh {
                self.next_page()?;
            }
        }
        self.sum += line.total;
        self.count += 1;
        self.started = true;
        self.row(line, &rows, &beneath, below)
    }

    /// Draws a line; what does not fit goes on in rows of its own. The figures stand beside the first.
    fn row(&mut self, line: &Line, rows: &[&str], beneath: &[&str], below: f32) -> Result<()> {
        let (style, small, x) = (self.sheet.body(), self.sheet.small(), self.columns.description);
        let mut rest = rows;
        let mut figures = Some(line);
        loop {
            let done = self.sheet.has_room(high(rest.len(), beneath.len()) + below) || rest.len() <= LEAST;
            let (now, later) = rest.split_at(if done { rest.len() } else { self.fitting_rows(rest.len()) });
            rest = later;
            let first = self.sheet.y - ABOVE;
            self.sheet.pdf.begin_tag(Tag::Row);
            if figures.is_some() {
                self.position(first);
                self.sheet.pdf.begin_tag(Tag::Cell);
            } else {
                self.sheet.pdf.begin_tag(Tag::WideCell(6));
            }
            let mut y = first;
            for row in now {
                self.sheet.pdf.text(style, (x, y), row);
                y -= LEADING;
            }
            y += LEADING;
            if done {
                for row in beneath {
                    y -= DISCOUNT_LEADING;
                    self.sheet.pdf.text(small, (x, y), row);
                }
            }
            self.sheet.pdf.end_tag();
            if let Some(line) = figures.take() {
                self.figures(line, style, first);
            }
            self.sheet.pdf.end_tag();
            self.sheet.y = y - BELOW;
            self.ends.push(self.sheet.y);
            if done {
                return Ok(());
            }
            self.next_page()?;
            self.started = true;
        }
    }

    /// How many of these rows go on this page, so that neither it nor the next has too few.
    fn fitting_rows(&self, rows: usize) -> usize {
        let mut fitting = 1;
        while fitting + LEAST < rows && self.sheet.has_room(high(fitting + 1, 0) + CARRY) {
            fitting += 1;
        }
        fitting
    }

    fn position(&mut self, y: f32) {
        let mut text = std::mem::take(&mut self.sheet.buffer);
        text.clear();
        decimal(&mut text, self.count);
        // Six figures fit when they are smaller.
        let size = if text.len() > 4 { 6.5 } else { 8.0 };
        self.sheet.pdf.cell(Tag::Cell, Style::regular(size, self.sheet.colours.grey), Align::Left, (LEFT, y), &text);
        self.sheet.buffer = text;
    }

    /// Quantity, unit price, tax and amount.
    fn figures(&mut self, line: &Line, style: Style, y: f32) {
        let Self { sheet, columns, whole, rest, .. } = self;
        whole.clear();
        rest.clear();
        sheet.numbers.quantity(whole, rest, line.quantity);
        let unit = sheet.words.unit(line.unit, line.quantity);
        sheet.pdf.begin_tag(Tag::Cell);
        sheet.pdf.text_right(style, (columns.mark, y), whole);
        let mut x = columns.mark;
        if rest.is_empty() {
            x += 2.4;
        } else if !unit.is_empty() {
            rest.push('\u{a0}');
        }
        rest.push_str(unit);
        sheet.pdf.text(style, (x, y), rest);
        sheet.pdf.end_tag();

        whole.clear();
        sheet.numbers.amount(whole, line.unit_price, sheet.decimals);
        let price = if whole.len() > 12 { sheet.fitting(style, whole, columns.price_width) } else { style };
        sheet.pdf.cell(Tag::Cell, price, Align::Right, (columns.price, y), whole);

        if self.rate_of != Some(line.tax) {
            self.rate_of = Some(line.tax);
            self.rate.clear();
            if line.tax.category == Category::OutOfScope {
                // There is no rate at all.
                self.rate.push('–');
            } else {
                self.sheet.numbers.rate(&mut self.rate, line.tax.rate);
                if self.ambiguous && line.tax.rate.millionths() == 0 {
                    self.rate.push('\u{a0}');
                    self.rate.push_str(line.tax.category.as_str());
                }
            }
        }
        let Self { sheet, columns, whole, rate, .. } = self;
        sheet.pdf.cell(Tag::Cell, style.coloured(sheet.colours.grey), Align::Right, (columns.tax, y), rate);

        whole.clear();
        sheet.numbers.amount(whole, line.total, sheet.decimals);
        let amount = if whole.len() > 12 { sheet.fitting(style, whole, columns.amount_width + 4.0) } else { style };
        sheet.pdf.cell(Tag::Cell, amount, Align::Right, (AMOUNT, y), whole);
    }

    /// `Early bird 10%: −12.00`
    fn discount(&self, line: &Line) -> Option<String> {
        if line.discount == 0 {
            return None;
        }
        let reason = line.discount_reason.as_deref().filter(|reason| !reason.trim().is_empty());
        let mut text = reason.unwrap_or(self.sheet.words.discount).to_owned();
        if let Some(percent) = line.discount_percent {
            text.push('\u{a0}');
            self.sheet.numbers.rate(&mut text, percent);
        }
        text.push_str(": ");
        self.sheet.numbers.amount(&mut text, line.discount.saturating_neg(), self.sheet.decimals);
        Some(text)
    }

    /// Rules below the rows of this page, all at once.
    fn end_rows(&mut self) -> Result<()> {
        let hairline = self.sheet.colours.hairline;
        let ends = &mut self.ends;
        self.sheet.pdf.artifact(Artifact::Layout, |pdf| {
            for y in ends.drain(..) {
                pdf.rule((LEFT, y), (RIGHT, y), 0.4, hairline);
            }
            Ok(())
        })
    }

    /// Carries the sum to another page.
    fn next_page(&mut self) -> Result<()> {
        self.end_rows()?;
        let carry = self.count > 0;
        if carry {
            self.carry(self.sheet.words.carried)?;
        }
        self.sheet.next_page()?;
        self.started = false;
        // Between two bodies no element holds text, so that the repetition is no content: who listens hears it once.
        self.names(false)?;
        if carry {
            self.carry(self.sheet.words.brought)?;
            self.ends.push(self.sheet.y);
        }
        Ok(())
    }

    fn carry(&mut self, words: &str) -> Result<()> {
        let mut text = std::mem::take(&mut self.sheet.buffer);
        text.clear();
        self.sheet.numbers.amount(&mut text, self.sum, self.sheet.decimals);
        let y = self.sheet.y - ABOVE - 1.0;
        let (tax, grey, ink) = (self.columns.tax, self.sheet.colours.grey, self.sheet.colours.ink);
        let drawn = self.sheet.pdf.artifact(Artifact::Header, |pdf| {
            pdf.text_right(Style::regular(BODY, grey), (tax, y), words);
            pdf.text_right(Style::bold(BODY, ink), (AMOUNT, y), &text);
            Ok(())
        });
        self.sheet.buffer = text;
        self.sheet.y -= CARRY - 1.5;
        drawn
    }
}

/// Points that a line of so many rows takes, with so many small ones beneath.
fn high(rows: usize, beneath: usize) -> f32 {
    ABOVE + BELOW + LEADING * count(rows.max(1) - 1) + DISCOUNT_LEADING * count(beneath)
}

/// So many, as points are counted.
fn count(rows: usize) -> f32 {
    f32::from(u16::try_from(rows).unwrap_or(u16::MAX))
}

/// Appends a number.
fn decimal(out: &mut String, number: usize) {
    use std::fmt::Write as _;
    // Writing to a string does not fail.
    let _ = write!(out, "{number}");
}
