//! The values that a page is drawn with.

use crate::base::time::Instant;

/// A4 in points (ISO 216: 210 × 297 mm).
pub const WIDTH: f32 = 595.28;
/// A4 in points.
pub const HEIGHT: f32 = 841.89;

/// Points of so many millimetres.
pub const fn mm(millimetres: f32) -> f32 {
    millimetres * 72.0 / 25.4
}

/// A colour in sRGB, the space that the document's output intent names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// Black.
    pub const BLACK: Self = Self(0, 0, 0);
    /// White.
    pub const WHITE: Self = Self(255, 255, 255);

    /// A grey, from 0 (black) to 255 (white).
    pub const fn grey(value: u8) -> Self {
        Self(value, value, value)
    }

    /// `#1a2b3c` or `1a2b3c`; none when it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let part = |from: usize| digits.get(from..from + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
        Some(Self(part(0)?, part(2)?, part(4)?))
    }
}

/// Which cut of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    /// For text.
    Regular = 0,
    /// For what stands out.
    Bold = 1,
    /// For the payment part of a Swiss QR bill, whose style guide names the families that may be used.
    Slip = 2,
    /// The same for its headings.
    SlipBold = 3,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// The cut.
    pub face: Face,
    /// Points, from 0.01 to 300.
    pub size: f32,
    /// The colour.
    pub colour: Rgb,
}

impl Style {
    /// Regular text.
    pub const fn regular(size: f32, colour: Rgb) -> Self {
        Self { face: Face::Regular, size, colour }
    }

    /// Text that stands out.
    pub const fn bold(size: f32, colour: Rgb) -> Self {
        Self { face: Face::Bold, size, colour }
    }

    /// The same in another colour.
    #[must_use]
    pub const fn coloured(self, colour: Rgb) -> Self {
        Self { colour, ..self }
    }
}

/// Where the given point lies on a text's baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At its left end.
    Left,
    /// At its right end.
    Right,
    /// In its middle.
    Centre,
}

/// A rectangle: its lower left corner, its width and height, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// From the left of the page.
    pub x: f32,
    /// From the bottom of the page.
    pub y: f32,
    /// To the right.
    pub width: f32,
    /// Upwards.
    pub height: f32,
}

/// What the XMP says of the invoice that is attached (Factur-X 1.0, the extension schema `fx`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacturX {
    /// `INVOICE` for invoices and credit notes alike.
    pub document_type: String,
    /// The name it is attached under.
    pub file_name: String,
    /// `1.0`.
    pub version: String,
    /// `EN 16931`.
    pub level: String,
}

/// Says what a document is.
#[derive(Clone, Debug)]
pub struct About {
    /// Its title; readers show it in their window.
    pub title: String,
    /// Who issued it.
    pub author: String,
    /// What it is about; may be empty.
    pub subject: String,
    /// BCP 47, such as `de-CH`.
    pub language: String,
    /// When it was made. Say the instant of issue, so that a second rendering is the same bytes.
    pub created: Instant,
    /// What tells this document from all others.
    pub id: [u8; 16],
    /// The e-invoice that is attached, if one is.
    pub factur_x: Option<FacturX>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Pages.
    pub pages: usize,
    /// Bytes.
    pub bytes: u64,
    /// Characters that no font had; a box stands in the place of each.
    pub missing_glyphs: u32,
    /// The first few of these characters, for the log.
    pub missing: Vec<char>,
    /// Names of extra fonts that were needed and could not be read.
    pub broken_fonts: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_hex_digits() {
        assert_eq!(Rgb::parse("#1a2B3c"), Some(Rgb(0x1a, 0x2b, 0x3c)));
        assert_eq!(Rgb::parse("1a2b3"), None);
        assert_eq!(Rgb::parse("+a2b3c"), None);
        assert_eq!(Rgb::parse("äbcd"), None);
    }
}
