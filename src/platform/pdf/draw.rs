//! What can be drawn on a page.

use super::canvas::{Centi, centi, whole};
use super::complex;
use super::document::{Document, Total, look, start};
use super::image::ImageId;
use super::types::{Align, Rect, Rgb, Style};

/// A curve's handle for a quarter of a circle.
const ROUND: f32 = 0.552_284_8;

impl Document<'_> {
    /// Width of a text in points.
    pub fn width(&mut self, style: Style, text: &str) -> f32 {
        let (size, _) = look(style);
        let width = self.text.set(style.face, size, text);
        points(width)
    }

    /// Breaks a text into rows of at most `width` points where Unicode allows it (UAX #14), and within a word that is
    /// wider than that. A line break in the text breaks too. Only spaces at the breaks are left out.
    pub fn wrap<'t>(&mut self, style: Style, text: &'t str, width: f32) -> Vec<&'t str> {
        let (size, _) = look(style);
        self.text.wrap(style.face, size, text, centi(width))
    }

    /// Draws a text whose baseline begins at (x, y).
    pub fn text(&mut self, style: Style, at: (f32, f32), text: &str) {
        self.text_aligned(style, Align::Left, at, text);
    }

    /// Draws a text that ends at (x, y).
    pub fn text_right(&mut self, style: Style, at: (f32, f32), text: &str) {
        self.text_aligned(style, Align::Right, at, text);
    }

    /// Draws a text whose middle is at (x, y).
    pub fn text_centred(&mut self, style: Style, at: (f32, f32), text: &str) {
        self.text_aligned(style, Align::Centre, at, text);
    }

    /// Draws one line of text. An empty one draws nothing.
    pub fn text_aligned(&mut self, style: Style, align: Align, (x, y): (f32, f32), text: &str) {
        if text.is_empty() {
            return;
        }
        let (size, colour) = look(style);
        self.mark(true);
        let width = self.text.set(style.face, size, text);
        let (font, left, body) = self.text.result();
        self.canvas.show(font, left, colour, (start(align, centi(x), width), centi(y)), body);
    }

    /// Whether a paragraph goes from right to left, as its first letter says (UAX #9): such rows are drawn to the right.
    pub fn is_rtl(paragraph: &str) -> bool {
        complex::is_rtl(paragraph)
    }

    /// Draws a row of a `paragraph` (see [`Document::wrap`]): it goes in the paragraph's direction, whatever letter it
    /// begins with.
    pub fn row(&mut self, style: Style, align: Align, at: (f32, f32), row: &str, paragraph: &str) {
        self.text.base = Some(complex::is_rtl(paragraph));
        self.text_aligned(style, align, at, row);
        self.text.base = None;
    }

    /// Draws an element that is one line of text, such as a cell.
    pub fn cell(&mut self, tag: super::Tag, style: Style, align: Align, at: (f32, f32), text: &str) {
        self.begin_tag(tag);
        self.text_aligned(style, align, at, text);
        self.end_tag();
    }

    /// Draws a text and the number of all pages behind it, such as `Page 3 of ` 12, as one line. The number is filled
    /// in at the end. With [`Align::Right`] room is kept for so many `digits`.
    pub fn page_of(&mut self, style: Style, align: Align, (x, y): (f32, f32), before: &str, digits: u8) {
        let (size, colour) = look(style);
        let room = match align {
            Align::Left => 0,
            Align::Right | Align::Centre => {
                self.text.set(style.face, size, "0".repeat(usize::from(digits.clamp(1, 6))).as_str())
            }
        };
        // The space between them is no glyph at a line's end: it is kept by the width alone.
        let width = self.text.set(style.face, size, before);
        let from = start(align, centi(x), width + room);
        self.mark_for_path();
        if !before.is_empty() {
            let (font, left, body) = self.text.result();
            self.canvas.show(font, left, colour, (from, centi(y)), body);
        }
        let index = match self.totals.iter().position(|total| total.style == style) {
            Some(index) => index,
            None => {
                let number = self.table.reserve();
                self.totals.push(Total { number, style });
                self.totals.len() - 1
            }
        };
        self.place([100, 0, 0, 100, from + width, centi(y)], "N", index);
    }

    /// Draws a line.
    pub fn rule(&mut self, from: (f32, f32), to: (f32, f32), thickness: f32, colour: Rgb) {
        self.stroke(from, to, thickness, colour, None);
    }

    /// Draws a dashed line: so many points of it, then so many left out.
    pub fn dashed(&mut self, from: (f32, f32), to: (f32, f32), thickness: f32, colour: Rgb, (on, off): (f32, f32)) {
        self.stroke(from, to, thickness, colour, Some((centi(on.max(0.01)), centi(off.max(0.01)))));
    }

    fn stroke(&mut self, from: (f32, f32), to: (f32, f32), thickness: f32, colour: Rgb, dash: Option<(Centi, Centi)>) {
        self.mark_for_path();
        self.canvas.pen(centi(thickness.max(0.01)), colour, dash);
        self.canvas.operator(&[centi(from.0), centi(from.1)], "m");
        self.canvas.operator(&[centi(to.0), centi(to.1)], "l S");
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, rect: Rect, colour: Rgb) {
        self.mark_for_path();
        self.canvas.fill(colour);
        self.canvas.operator(&[centi(rect.x), centi(rect.y), centi(rect.width), centi(rect.height)], "re f");
    }

    /// Draws the edge of a rectangle.
    pub fn outline(&mut self, rect: Rect, thickness: f32, colour: Rgb) {
        self.mark_for_path();
        self.canvas.pen(centi(thickness.max(0.01)), colour, None);
        self.canvas.operator(&[centi(rect.x), centi(rect.y), centi(rect.width), centi(rect.height)], "re S");
    }

    /// Fills a rectangle with round corners.
    pub fn fill_round(&mut self, rect: Rect, radius: f32, colour: Rgb) {
        let Rect { x, y, width, height } = rect;
        let r = radius.clamp(0.0, (width.min(height) / 2.0).max(0.0));
        let (right, top, k) = (x + width, y + height, r * (1.0 - ROUND));
        self.mark_for_path();
        self.canvas.fill(colour);
        self.curve(&[x + r, y], "m");
        self.curve(&[right - r, y], "l");
        self.curve(&[right - k, y, right, y + k, right, y + r], "c");
        self.curve(&[right, top - r], "l");
        self.curve(&[right, top - k, right - k, top, right - r, top], "c");
        self.curve(&[x + r, top], "l");
        self.curve(&[x + k, top, x, top - k, x, top - r], "c");
        self.curve(&[x, y + r], "l");
        self.curve(&[x, y + k, x + k, y, x + r, y], "c f");
    }

    fn curve(&mut self, values: &[f32], operator: &str) {
        for value in values {
            self.canvas.numbers(&[centi(*value)]);
        }
        self.canvas.operator(&[], operator);
    }

    /// Fills a shape of straight lines.
    pub fn polygon(&mut self, points: &[(f32, f32)], colour: Rgb) {
        let [first, rest @ ..] = points else { return };
        self.mark_for_path();
        self.canvas.fill(colour);
        self.curve(&[first.0, first.1], "m");
        for point in rest {
            self.curve(&[point.0, point.1], "l");
        }
        self.canvas.operator(&[], "f");
    }

    /// Draws square modules, such as a QR code, as one path: `dark` row by row from the top, `columns` in a row, each
    /// `side` points wide, its lower left corner at (x, y).
    pub fn modules(&mut self, (x, y): (f32, f32), side: f32, columns: usize, dark: &[bool], colour: Rgb) {
        if columns == 0 || dark.is_empty() {
            return;
        }
        self.mark_for_path();
        self.canvas.fill(colour);
        self.canvas.operator(&[], "q");
        // Whole modules within a scaled space leave no seams. Thousandths, since a module may be 0.567 points.
        let scale = i64::from(centi(side * 10.0));
        let (whole_part, rest) = (scale / 1000, scale % 1000);
        let scale = format!("{whole_part}.{rest:03} 0 0 {whole_part}.{rest:03} ");
        self.canvas.buf.extend_from_slice(scale.as_bytes());
        self.canvas.operator(&[centi(x), centi(y)], "cm");
        let rows = dark.len().div_ceil(columns);
        for (row, modules) in dark.chunks(columns).enumerate() {
            let mut column = 0;
            while let Some(ahead) = modules.get(column..).filter(|ahead| !ahead.is_empty()) {
                let dark = ahead.iter().take_while(|dark| **dark).count();
                if dark > 0 {
                    for value in [column, rows - 1 - row, dark, 1] {
                        whole(&mut self.canvas.buf, i64::try_from(value).unwrap_or(0));
                        self.canvas.buf.push(b' ');
                    }
                    self.canvas.operator(&[], "re");
                }
                column += dark + ahead.iter().skip(dark).take_while(|dark| !**dark).count();
            }
        }
        self.canvas.operator(&[], "f Q");
    }

    /// Draws a picture into a rectangle; its sides are stretched to it.
    pub fn image(&mut self, image: ImageId, rect: Rect) {
        let Rect { x, y, width, height } = rect;
        self.mark_for_path();
        let scale = |value: f32| centi(value.clamp(-200.0 * 72.0, 200.0 * 72.0));
        self.place([scale(width), 0, 0, scale(height), centi(x), centi(y)], "I", image.0);
    }

    /// Draws an XObject.
    fn place(&mut self, matrix: [Centi; 6], kind: &str, index: usize) {
        self.canvas.leave_text();
        self.canvas.buf.extend_from_slice(b"q ");
        self.canvas.numbers(&matrix);
        self.canvas.buf.extend_from_slice(format!("cm /{kind}{index} Do Q\n").as_bytes());
    }
}

/// Points of so many hundredths.
fn points(value: Centi) -> f32 {
    // A width on paper is far below what an f32 holds exactly.
    #[expect(clippy::cast_precision_loss)]
    let points = value as f32 / 100.0;
    points
}
