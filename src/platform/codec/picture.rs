//! Smaller pictures of a picture: upright, without metadata, in sizes that pages ask for.

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::decode::{Pixels, decode};
use super::head::{self, Head};
use super::{Input, orient};
use crate::base::error::{Error, Result};

/// Widths that are made, as far as the picture has them; of a narrower picture, its own.
pub const WIDTHS: [u32; 4] = [1920, 1280, 640, 320];
/// What is higher than this (a strip of a thousand screens) gets no smaller pictures.
const HIGHEST: u64 = 8192;
/// Of 100; where eyes stop to see a difference on a page.
const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 82;

/// How a picture is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels, upright.
    pub width: u32,
    /// Pixels, upright.
    pub height: u32,
}

/// A smaller picture.
#[derive(Debug)]
pub struct Smaller {
    /// Pixels.
    pub size: Size,
    /// `webp` or `jpg`.
    pub ending: &'static str,
    /// Its type.
    pub content_type: &'static str,
    /// Its file.
    pub bytes: Vec<u8>,
}

/// The size of a picture, as it is looked at, from its head alone.
///
/// # Errors
/// `unsupported_media_type` when the head makes no sense, `too_large` when decoding would cost too much.
pub fn size(input: &mut dyn Input, content_type: &str) -> Result<Size> {
    let (width, height) = head::read(input, content_type)?.bounded()?.upright();
    Ok(Size { width, height })
}

/// Whether smaller pictures can be made of this type. Of AVIF only the size is read: no kept decoder of it comes
/// without a system library or a licence that fits.
pub fn decodes(content_type: &str) -> bool {
    matches!(content_type, "image/jpeg" | "image/png" | "image/webp" | "image/gif")
}

/// Makes the smaller pictures, the widest first, and hands each over as it is made: WebP with alpha, JPEG on white.
///
/// # Errors
/// As [`size`], and what `each` returns.
pub fn smaller(input: &mut dyn Input, content_type: &str, each: &mut dyn FnMut(Smaller) -> Result<()>) -> Result<()> {
    let head = head::read(input, content_type)?.bounded()?;
    let sizes = sizes(head);
    let Some(largest) = sizes.first() else { return Ok(()) };
    let lying =
        if orient::swaps(head.orientation) { (largest.height, largest.width) } else { (largest.width, largest.height) };
    let pixels = decode(input, content_type, head, lying)?;
    let pixels = resize(pixels, lying)?;
    let (data, (width, height)) =
        orient::upright(pixels.data, (pixels.width, pixels.height), pixels.channels, head.orientation);
    let mut pixels = Pixels { width, height, data, ..pixels };
    for size in sizes {
        // Each is made of the one before, which costs less than of the whole and looks no worse.
        pixels = resize(pixels, (size.width, size.height))?;
        each(Smaller { size, ending: "webp", content_type: "image/webp", bytes: webp(&pixels, size)? })?;
        each(Smaller { size, ending: "jpg", content_type: "image/jpeg", bytes: jpeg(&pixels, size)? })?;
    }
    Ok(())
}

/// A picture as it is drawn on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// A JPEG of our own making, without metadata: red, green, blue.
    Jpeg(Vec<u8>),
    /// Pixels row by row from the top, four bytes each: red, green, blue, and how opaque it is.
    Pixels(Vec<u8>),
}

/// A picture for paper, upright and of at most `most` pixels: a JPEG stays one, everything else becomes pixels.
///
/// # Errors
/// As [`size`].
pub fn drawn(input: &mut dyn Input, content_type: &str, most: Size) -> Result<(Size, Drawn)> {
    let head = head::read(input, content_type)?.bounded()?;
    let size = within(head.upright(), most);
    let lying = if orient::swaps(head.orientation) { (size.height, size.width) } else { (size.width, size.height) };
    let pixels = resize(decode(input, content_type, head, lying)?, lying)?;
    let (data, (width, height)) =
        orient::upright(pixels.data, (pixels.width, pixels.height), pixels.channels, head.orientation);
    let pixels = Pixels { width, height, data, ..pixels };
    let drawn = match (content_type, pixels.channels) {
        ("image/jpeg", _) => Drawn::Jpeg(jpeg(&pixels, size)?),
        (_, 4) => Drawn::Pixels(pixels.data),
        _ => Drawn::Pixels(pixels.data.chunks_exact(3).flat_map(|rgb| rgb.iter().chain(&[255])).copied().collect()),
    };
    Ok((size, drawn))
}

/// The largest size of the same shape that fits.
fn within((width, height): (u32, u32), most: Size) -> Size {
    let scaled = |side: u32, by: u32, of: u32| {
        let scaled = u64::from(side) * u64::from(by) / u64::from(of.max(1));
        u32::try_from(scaled.max(1)).unwrap_or(1)
    };
    let (mut wide, mut high) = (width, height);
    if wide > most.width {
        (wide, high) = (most.width, scaled(high, most.width, wide));
    }
    if high > most.height {
        (wide, high) = (scaled(wide, most.height, high), most.height);
    }
    Size { width: wide, height: high }
}

fn sizes(head: Head) -> Vec<Size> {
    let (width, height) = head.upright();
    let narrow = [width];
    let widths = if width < 320 { &narrow[..] } else { &WIDTHS };
    let scaled = |wide: u32| {
        let height = (u64::from(height) * u64::from(wide) + u64::from(width) / 2) / u64::from(width.max(1));
        (height <= HIGHEST).then(|| Size { width: wide, height: u32::try_from(height.max(1)).unwrap_or(1) })
    };
    widths.iter().filter(|wide| **wide <= width).filter_map(|wide| scaled(*wide)).collect()
}

fn resize(pixels: Pixels, (width, height): (u32, u32)) -> Result<Pixels> {
    let side = |side: usize| u32::try_from(side).map_err(Error::internal);
    let from = (side(pixels.width)?, side(pixels.height)?);
    if from == (width, height) {
        return Ok(pixels);
    }
    let kind = if pixels.channels == 4 { PixelType::U8x4 } else { PixelType::U8x3 };
    let source = Image::from_vec_u8(from.0, from.1, pixels.data, kind).map_err(Error::internal)?;
    let mut target = Image::new(width, height, kind);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize(&source, &mut target, &options).map_err(Error::internal)?;
    let side = |side: u32| usize::try_from(side).map_err(Error::internal);
    Ok(Pixels { width: side(width)?, height: side(height)?, data: target.into_vec(), ..pixels })
}

fn webp(pixels: &Pixels, size: Size) -> Result<Vec<u8>> {
    let encoder = if pixels.channels == 4 {
        webp::Encoder::from_rgba(&pixels.data, size.width, size.height)
    } else {
        webp::Encoder::from_rgb(&pixels.data, size.width, size.height)
    };
    let made = encoder
        .encode_simple(false, WEBP_QUALITY)
        .map_err(|error| Error::internal(format!("libwebp refused a picture: {error:?}")))?;
    Ok(match &pixels.profile {
        Some(profile) => with_profile(&made, profile, size),
        None => made.to_vec(),
    })
}

/// Puts a colour profile into a WebP (RFC 9649 §2.7.1): the encoder makes none.
fn with_profile(made: &[u8], profile: &[u8], size: Size) -> Vec<u8> {
    const PROFILE: u8 = 0x20;
    let chunks = made.get(12..).unwrap_or_default();
    let (flags, chunks) = match chunks.strip_prefix(b"VP8X") {
        Some(extended) => (extended.get(4).copied().unwrap_or(0), extended.get(14..).unwrap_or_default()),
        None => (0, chunks),
    };
    let mut body = b"WEBPVP8X\x0a\0\0\0".to_vec();
    body.extend([flags | PROFILE, 0, 0, 0]);
    for side in [size.width, size.height] {
        body.extend(side.saturating_sub(1).to_le_bytes().iter().take(3));
    }
    body.extend(b"ICCP");
    body.extend(u32::try_from(profile.len()).unwrap_or(0).to_le_bytes());
    body.extend(profile);
    if profile.len() % 2 == 1 {
        body.push(0);
    }
    body.extend(chunks);
    let mut file = b"RIFF".to_vec();
    file.extend(u32::try_from(body.len()).unwrap_or(0).to_le_bytes());
    file.extend(body);
    file
}

fn jpeg(pixels: &Pixels, size: Size) -> Result<Vec<u8>> {
    let side = |side: u32| u16::try_from(side).map_err(Error::internal);
    let mut made = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut made, JPEG_QUALITY);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::R_4_2_0);
    encoder.set_optimized_huffman_tables(true);
    if let Some(profile) = &pixels.profile {
        encoder.add_icc_profile(profile).map_err(Error::internal)?;
    }
    let (width, height) = (side(size.width)?, side(size.height)?);
    let kind = jpeg_encoder::ColorType::Rgb;
    if pixels.channels == 4 {
        let flat = on_white(&pixels.data);
        encoder.encode(&flat, width, height, kind).map_err(Error::internal)?;
    } else {
        encoder.encode(&pixels.data, width, height, kind).map_err(Error::internal)?;
    }
    Ok(made)
}

/// JPEG has no alpha; a page behind a poster is white more often than black.
fn on_white(pixels: &[u8]) -> Vec<u8> {
    let mut flat = Vec::with_capacity(pixels.len() / 4 * 3);
    for pixel in pixels.chunks_exact(4) {
        let alpha = pixel.last().copied().map_or(255, u16::from);
        for value in pixel.iter().take(3) {
            let mixed = (u16::from(*value) * alpha + 255 * (255 - alpha) + 127) / 255;
            flat.push(u8::try_from(mixed).unwrap_or(255));
        }
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_for_paper_keeps_its_shape_and_fits() {
        let most = Size { width: 800, height: 400 };
        assert_eq!(within((400, 100), most), Size { width: 400, height: 100 });
        assert_eq!(within((1600, 400), most), Size { width: 800, height: 200 });
        assert_eq!(within((400, 4000), most), Size { width: 40, height: 400 });
        assert_eq!(within((1, 65_535), most), Size { width: 1, height: 400 });
    }

    #[test]
    fn transparent_pixels_stay_so_and_opaque_ones_get_their_byte() {
        for (kind, channels, pixel) in
            [(png::ColorType::Rgba, 4, [10, 20, 30, 0]), (png::ColorType::Rgb, 3, [10, 20, 30, 255])]
        {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
            encoder.set_color(kind);
            let row: Vec<u8> = pixel.iter().take(channels).chain(pixel.iter().take(channels)).copied().collect();
            encoder.write_header().expect("a head").write_image_data(&row).expect("written");
            let most = Size { width: 800, height: 400 };
            let (size, drawn) = drawn(&mut std::io::Cursor::new(bytes), "image/png", most).expect("a picture");
            assert_eq!((size.width, drawn), (2, Drawn::Pixels([pixel, pixel].concat())));
        }
    }
}
