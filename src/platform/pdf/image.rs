//! Pictures (ISO 32000-1 §8.9): written once, drawn as often as one likes.

use std::fmt::Write as _;

use super::deflate::Deflater;
use super::document::Document;
use crate::base::error::{Error, Result};

/// A picture of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageId(pub(super) usize);

/// A picture that was written.
pub(super) struct Placed {
    pub number: u32,
}

/// Pixels deflated at a time.
const STRIP: usize = 16_384;

impl Document<'_> {
    /// Takes a JPEG as it is (§7.4.8): grey or RGB, of so many pixels.
    ///
    /// # Errors
    /// `internal` when it has another count of components (CMYK is not sRGB, ISO 19005-3 §6.2.4.3), or when the sink
    /// refuses.
    pub fn add_jpeg(&mut self, bytes: &[u8], width: u32, height: u32, components: u8) -> Result<ImageId> {
        let space = match components {
            1 => "DeviceGray",
            3 => "DeviceRGB",
            _ => return Err(Error::internal("a JPEG in a PDF is grey or RGB")),
        };
        let number = self.table.reserve();
        let head =
            head(number, width, height, space) + &format!("/Filter/DCTDecode/Length {}>>\nstream\n", bytes.len());
        self.object(number, head.as_bytes())?;
        self.write(bytes)?;
        self.write(b"\nendstream\nendobj\n")?;
        Ok(self.placed(number))
    }

    /// Takes pixels, row by row from the top, four bytes each: red, green, blue, and how opaque it is. They are deflated
    /// in strips; a soft mask (§11.6.5.3) is written only when a pixel is not opaque.
    ///
    /// # Errors
    /// `internal` when there are fewer bytes than pixels, or when the sink refuses.
    pub fn add_rgba(&mut self, rgba: &[u8], width: u32, height: u32) -> Result<ImageId> {
        let pixels = usize::try_from(u64::from(width) * u64::from(height)).map_err(Error::internal)?;
        let (rgba, []) = rgba.split_at_checked(pixels.saturating_mul(4)).ok_or_else(short)? else {
            return Err(short());
        };
        let (rgba, _) = rgba.as_chunks::<4>();
        let mask = match rgba.iter().any(|[_, _, _, alpha]| *alpha < 255) {
            true => Some(self.plane(rgba, &head_of(width, height, "DeviceGray"), |[_, _, _, alpha], out| {
                out.push(*alpha);
            })?),
            false => None,
        };
        let mut pairs = head_of(width, height, "DeviceRGB");
        if let Some(mask) = mask {
            let _ = write!(pairs, "/SMask {mask} 0 R");
        }
        let number = self.plane(rgba, &pairs, |[red, green, blue, _], out| out.extend([*red, *green, *blue]))?;
        Ok(self.placed(number))
    }

    /// Writes one plane of a picture; its length follows it, since it is known at its end.
    fn plane(&mut self, rgba: &[[u8; 4]], pairs: &str, take: impl Fn(&[u8; 4], &mut Vec<u8>)) -> Result<u32> {
        let (number, length) = (self.table.reserve(), self.table.reserve());
        let head = format!("{number} 0 obj\n{pairs}/Filter/FlateDecode/Length {length} 0 R>>\nstream\n");
        self.object(number, head.as_bytes())?;
        let from = self.written;
        let mut deflater = Deflater::small();
        let (mut raw, mut packed) = (Vec::with_capacity(3 * STRIP), Vec::new());
        for strip in rgba.chunks(STRIP) {
            raw.clear();
            for pixel in strip {
                take(pixel, &mut raw);
            }
            deflater.piece(&raw, &mut packed)?;
            self.write(&packed)?;
            packed.clear();
        }
        deflater.end(&mut packed)?;
        self.write(&packed)?;
        let bytes = self.written - from;
        self.write(b"\nendstream\nendobj\n")?;
        self.object(length, format!("{length} 0 obj\n{bytes}\nendobj\n").as_bytes())?;
        Ok(number)
    }

    fn placed(&mut self, number: u32) -> ImageId {
        self.images.push(Placed { number });
        ImageId(self.images.len() - 1)
    }
}

fn short() -> Error {
    Error::internal("a picture has another count of bytes than of pixels")
}

fn head_of(width: u32, height: u32, space: &str) -> String {
    format!("<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/{space}/BitsPerComponent 8")
}

fn head(number: u32, width: u32, height: u32, space: &str) -> String {
    format!("{number} 0 obj\n{}", head_of(width, height, space))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{About, Fonts};
    use super::*;

    fn with(draw: impl FnOnce(&mut Document<'_>)) -> String {
        let fonts = Arc::new(Fonts::new());
        let mut bytes = Vec::new();
        let about = About {
            title: "T".into(),
            author: "A".into(),
            subject: String::new(),
            language: "en".into(),
            created: "2026-11-24T09:00:00Z".parse().expect("a time"),
            id: [7; 16],
            factur_x: None,
        };
        let mut document = Document::begin(&mut bytes, &fonts, about).expect("begun");
        draw(&mut document);
        document.finish().expect("written");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn a_mask_is_written_only_for_what_is_not_opaque() {
        let opaque = with(|doc| assert_eq!(doc.add_rgba(&[255; 16], 2, 2).expect("taken"), ImageId(0)));
        assert!(!opaque.contains("/SMask"));
        assert!(with(|doc| assert!(doc.add_rgba(&[100; 16], 2, 2).is_ok())).contains("/SMask"));
    }

    #[test]
    fn bytes_that_are_no_picture_are_refused() {
        with(|doc| {
            assert!(doc.add_rgba(&[0; 15], 2, 2).is_err());
            assert!(doc.add_rgba(&[0; 17], 2, 2).is_err());
            assert!(doc.add_jpeg(b"...", 1, 1, 4).is_err());
        });
    }
}
