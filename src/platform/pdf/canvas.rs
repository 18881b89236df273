//! A page's content (ISO 32000-1 §7.8.2), written by hand: numbers are whole hundredths of a point, and an operator
//! that would change nothing is left out. `pdf_writer` prints floats, which cost more than all else on the page.

use super::types::Rgb;

/// A length in hundredths of a point.
pub(super) type Centi = i32;

/// Hundredths of so many points; what is no number or far outside any page is cut to its edge.
pub(super) fn centi(points: f32) -> Centi {
    // The cast saturates, and NaN becomes 0.
    #[expect(clippy::cast_possible_truncation)]
    let value = (points.clamp(-20_000.0, 20_000.0) * 100.0).round() as Centi;
    value
}

/// Writes a whole number.
pub(super) fn whole(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut left = value.unsigned_abs();
    loop {
        at -= 1;
        if let Some(place) = digits.get_mut(at) {
            *place = b'0' + u8::try_from(left % 10).unwrap_or(0);
        }
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(digits.get(at..).unwrap_or_default());
}

/// Writes hundredths as a decimal with as few digits as it needs.
pub(super) fn hundredths(out: &mut Vec<u8>, value: Centi) {
    let size = value.unsigned_abs();
    if value < 0 {
        out.push(b'-');
    }
    let (points, rest) = (size / 100, size % 100);
    if points > 0 || rest == 0 {
        whole(out, i64::from(points));
    }
    if rest > 0 {
        let digit = |value: u32| b'0' + u8::try_from(value % 10).unwrap_or(0);
        out.push(b'.');
        out.push(digit(rest / 10));
        if rest % 10 > 0 {
            out.push(digit(rest));
        }
    }
}

/// Writes a part of a colour, from 0 to 1 in thousandths.
fn part(out: &mut Vec<u8>, value: u8) {
    match value {
        0 => out.push(b'0'),
        255 => out.push(b'1'),
        _ => {
            let thousandths = (u32::from(value) * 1000 + 127) / 255;
            out.push(b'.');
            for place in [100, 10, 1] {
                out.push(b'0' + u8::try_from(thousandths / place % 10).unwrap_or(0));
            }
        }
    }
}

/// Which of text object and marked sequence stands within the other (§14.6.1: they nest).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nest {
    None,
    Text,
    Mark,
    MarkInText,
    TextInMark,
}

/// A font as it is set: its place among the document's fonts, and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FontAt {
    pub slot: u16,
    pub size: Centi,
}

/// The content of the page that is being drawn.
pub(super) struct Canvas {
    pub buf: Vec<u8>,
    nest: Nest,
    font: Option<FontAt>,
    fill: Rgb,
    stroke: Rgb,
    width: Centi,
    dashed: bool,
    // Where the text's line began (§9.4.2): the next one is said relative to it, in exact hundredths.
    line: (Centi, Centi),
}

impl Canvas {
    pub fn new() -> Self {
        Self {
            buf: Vec::new(),
            nest: Nest::None,
            font: None,
            fill: Rgb::BLACK,
            stroke: Rgb::BLACK,
            width: 100,
            dashed: false,
            line: (0, 0),
        }
    }

    /// The content so far, and `next` as the place for another page's.
    pub fn take(&mut self, next: Vec<u8>) -> Vec<u8> {
        self.leave_text();
        let done = std::mem::take(&mut self.buf);
        *self = Self { buf: next, ..Self::new() };
        self.buf.clear();
        done
    }

    pub fn is_marked(&self) -> bool {
        matches!(self.nest, Nest::Mark | Nest::MarkInText | Nest::TextInMark)
    }

    /// Begins a marked sequence; the caller writes its `BDC` or `BMC` right after.
    pub fn mark(&mut self) -> &mut Vec<u8> {
        self.nest = if self.nest == Nest::Text { Nest::MarkInText } else { Nest::Mark };
        &mut self.buf
    }

    /// Ends the marked sequence, if one is open.
    pub fn unmark(&mut self) {
        self.nest = match self.nest {
            Nest::None | Nest::Text => return,
            Nest::Mark => Nest::None,
            Nest::MarkInText => Nest::Text,
            Nest::TextInMark => {
                self.buf.extend_from_slice(b"ET ");
                Nest::None
            }
        };
        self.buf.extend_from_slice(b"EMC\n");
    }

    /// Whether a path or a picture can be drawn only after the marked sequence ended, because it began within a text.
    pub fn mark_is_in_text(&self) -> bool {
        self.nest == Nest::MarkInText
    }

    /// Ends the text object, if one is open and no mark stands in the way.
    pub fn leave_text(&mut self) {
        self.nest = match self.nest {
            Nest::Text => Nest::None,
            Nest::TextInMark => Nest::Mark,
            other => return self.nest = other,
        };
        self.buf.extend_from_slice(b"ET\n");
    }

    /// Begins a text object, if none is open.
    pub fn enter_text(&mut self) {
        self.nest = match self.nest {
            Nest::None => Nest::Text,
            Nest::Mark => Nest::TextInMark,
            other => return self.nest = other,
        };
        self.buf.extend_from_slice(b"BT\n");
        self.line = (0, 0);
    }

    /// Shows a line of text: `body` is whole operators, made for `font`, and leaves `left` set.
    pub fn show(&mut self, font: FontAt, left: FontAt, colour: Rgb, (x, y): (Centi, Centi), body: &[u8]) {
        self.enter_text();
        self.fill(colour);
        if self.font != Some(font) {
            set_font(&mut self.buf, font);
        }
        self.font = Some(left);
        hundredths(&mut self.buf, x - self.line.0);
        self.buf.push(b' ');
        hundredths(&mut self.buf, y - self.line.1);
        self.buf.extend_from_slice(b" Td");
        self.line = (x, y);
        self.buf.extend_from_slice(body);
    }

    pub fn fill(&mut self, colour: Rgb) {
        if self.fill != colour {
            self.fill = colour;
            self.colour(colour, b"g\n", b"rg\n");
        }
    }

    fn colour(&mut self, Rgb(red, green, blue): Rgb, grey: &[u8], full: &[u8]) {
        part(&mut self.buf, red);
        self.buf.push(b' ');
        if red == green && green == blue {
            self.buf.extend_from_slice(grey);
            return;
        }
        part(&mut self.buf, green);
        self.buf.push(b' ');
        part(&mut self.buf, blue);
        self.buf.push(b' ');
        self.buf.extend_from_slice(full);
    }

    /// How lines are drawn from here on.
    pub fn pen(&mut self, width: Centi, colour: Rgb, dash: Option<(Centi, Centi)>) {
        if self.stroke != colour {
            self.stroke = colour;
            self.colour(colour, b"G\n", b"RG\n");
        }
        if self.width != width {
            self.width = width;
            self.numbers(&[width]);
            self.buf.extend_from_slice(b"w\n");
        }
        match dash {
            Some((on, off)) => {
                self.buf.push(b'[');
                self.numbers(&[on, off]);
                self.buf.extend_from_slice(b"]0 d\n");
            }
            None if self.dashed => self.buf.extend_from_slice(b"[]0 d\n"),
            None => {}
        }
        self.dashed = dash.is_some();
    }

    /// Writes numbers, each with a space behind it.
    pub fn numbers(&mut self, values: &[Centi]) {
        for value in values {
            hundredths(&mut self.buf, *value);
            self.buf.push(b' ');
        }
    }

    /// Writes numbers and the operator that takes them.
    pub fn operator(&mut self, values: &[Centi], operator: &str) {
        self.numbers(values);
        self.buf.extend_from_slice(operator.as_bytes());
        self.buf.push(b'\n');
    }
}

/// Sets a font (§9.3.1).
pub(super) fn set_font(out: &mut Vec<u8>, font: FontAt) {
    out.extend_from_slice(b"/F");
    whole(out, i64::from(font.slot));
    out.push(b' ');
    hundredths(out, font.size);
    out.extend_from_slice(b" Tf ");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: Centi) -> String {
        let mut out = Vec::new();
        hundredths(&mut out, value);
        String::from_utf8(out).expect("ascii")
    }

    #[test]
    fn a_number_has_as_few_digits_as_it_needs() {
        let all = [0, 5, 50, 100, 150, 12_345, -5, -120, -30_000];
        let want = ["0", ".05", ".5", "1", "1.5", "123.45", "-.05", "-1.2", "-300"];
        assert_eq!(all.map(said), want);
        assert_eq!((centi(f32::NAN), centi(f32::INFINITY), centi(1.004)), (0, 2_000_000, 100));
    }

    #[test]
    fn text_objects_and_marks_nest() {
        let at = FontAt { slot: 0, size: 900 };
        let mut canvas = Canvas::new();
        canvas.show(at, at, Rgb::BLACK, (0, 0), b"()Tj ");
        canvas.mark().extend_from_slice(b"M ");
        assert!(canvas.mark_is_in_text());
        canvas.unmark();
        canvas.leave_text();
        canvas.mark().extend_from_slice(b"M ");
        canvas.show(at, at, Rgb::BLACK, (0, 0), b"()Tj ");
        canvas.unmark();
        let text = String::from_utf8(canvas.take(Vec::new())).expect("ascii");
        assert_eq!(text, "BT\n/F0 9 Tf 0 0 Td()Tj M EMC\nET\nM BT\n0 0 Td()Tj ET EMC\n");
    }
}
