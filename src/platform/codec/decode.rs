//! From a picture's bytes to pixels, no larger than wanted: the decoder or the shrinking of rows keeps memory small.

use std::io::BufReader;

use super::head::{Head, MEMORY};
use super::shrink::{Shrink, factor};
use super::{Input, damaged};
use crate::base::error::{Code, Error, Result};

/// Pixels of 3 bytes (red, green, blue) or 4 (and alpha).
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) channels: usize,
    pub(super) data: Vec<u8>,
    /// How the colours are meant, when the picture says it.
    pub(super) profile: Option<Vec<u8>>,
}

impl Pixels {
    fn from(shrink: Shrink, channels: usize, profile: Option<Vec<u8>>) -> Self {
        let (data, width, height) = shrink.finish();
        let mut pixels = Self { width, height, channels, data, profile: profile.filter(|profile| is_rgb(profile)) };
        pixels.drop_idle_alpha();
        pixels
    }

    /// Alpha that hides nothing costs memory and bytes.
    fn drop_idle_alpha(&mut self) {
        if self.channels == 4 && self.data.chunks_exact(4).all(|pixel| pixel.last() == Some(&255)) {
            self.data = self.data.chunks_exact(4).flat_map(|pixel| pixel.iter().take(3)).copied().collect();
            self.channels = 3;
        }
    }
}

/// Profiles for CMYK or grey do not describe what was made of them; a huge one is not worth its bytes.
fn is_rgb(profile: &[u8]) -> bool {
    profile.get(16..20) == Some(b"RGB ") && profile.len() <= 64 << 10
}

fn broken<E>(_: E) -> Error {
    damaged("picture")
}

/// Decodes a picture whose head was judged; at least `wanted` pixels, where it has them.
pub(super) fn decode(input: &mut dyn Input, content_type: &str, head: Head, wanted: (u32, u32)) -> Result<Pixels> {
    input.rewind().map_err(broken)?;
    match content_type {
        "image/jpeg" => jpeg(input, wanted),
        "image/png" => png(input, head, wanted),
        "image/webp" => webp(input, head, wanted),
        "image/gif" => gif(input, head, wanted),
        _ => Err(damaged("picture")),
    }
}

fn side(pixels: u32) -> usize {
    usize::try_from(pixels).unwrap_or(0)
}

fn jpeg(input: &mut dyn Input, wanted: (u32, u32)) -> Result<Pixels> {
    use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};
    // A small buffer: a picture of many empty scans is noticed by the clock that reading asks.
    let mut decoder = Decoder::new(BufReader::with_capacity(8 << 10, input));
    decoder.set_max_decoding_buffer_size(usize::try_from(MEMORY).unwrap_or(usize::MAX));
    decoder.read_info().map_err(broken)?;
    let lossless = |info: jpeg_decoder::ImageInfo| {
        info.coding_process == CodingProcess::Lossless || info.pixel_format == PixelFormat::L16
    };
    if decoder.info().is_none_or(lossless) {
        return Err(Error::new(
            Code::UnsupportedMediaType,
            "This JPEG is of a kind that browsers do not show either (lossless). Save it as a plain JPEG or PNG.",
        ));
    }
    let most = |side: u32| u16::try_from(side).unwrap_or(u16::MAX);
    decoder.scale(most(wanted.0), most(wanted.1)).map_err(broken)?;
    let data = decoder.decode().map_err(broken)?;
    let info = decoder.info().ok_or_else(|| damaged("picture"))?;
    let profile = decoder.icc_profile();
    drop(decoder);
    let data = match info.pixel_format {
        PixelFormat::L8 => data.iter().flat_map(|grey| [*grey; 3]).collect(),
        // Adobe stores CMYK as how much light is left, and the decoder leaves it so.
        PixelFormat::CMYK32 => {
            let light = |colour: u8, black: u8| {
                u8::try_from(u16::from(255 - colour) * u16::from(255 - black) / 255).unwrap_or(255)
            };
            data.chunks_exact(4)
                .flat_map(|pixel| match *pixel {
                    [c, m, y, k] => [light(c, k), light(m, k), light(y, k)],
                    _ => [0; 3],
                })
                .collect()
        }
        _ => data,
    };
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    if data.len() != width * height * 3 {
        return Err(damaged("picture"));
    }
    let profile = profile.filter(|profile| is_rgb(profile));
    Ok(Pixels { width, height, channels: 3, data, profile })
}

fn png(input: &mut dyn Input, head: Head, wanted: (u32, u32)) -> Result<Pixels> {
    use png::{ColorType, Limits, Transformations};
    let mut decoder = png::Decoder::new(BufReader::with_capacity(64 << 10, input));
    // Beside a few rows: palette, profile and what else may stand before the pixels.
    decoder.set_limits(Limits { bytes: 16 << 20 });
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(broken)?;
    let info = reader.info();
    if (info.width, info.height) != (head.width, head.height) {
        return Err(damaged("picture"));
    }
    let interlaced = info.interlaced;
    let profile = info.icc_profile.as_ref().map(|profile| profile.to_vec());
    let (colours, _) = reader.output_color_type();
    let stored = colours.samples();
    let channels = if matches!(colours, ColorType::GrayscaleAlpha | ColorType::Rgba) { 4 } else { 3 };
    let mut shrink = Shrink::new(factor((head.width, head.height), wanted), side(head.width), channels);
    let mut full = Vec::with_capacity(side(head.width) * channels);
    let mut take = |row: &[u8]| match stored {
        1 | 2 => {
            full.clear();
            for pixel in row.chunks_exact(stored) {
                let grey = pixel.first().copied().unwrap_or(0);
                full.extend_from_slice(&[grey; 3]);
                full.extend(pixel.get(1));
            }
            shrink.row(&full);
        }
        _ => shrink.row(row),
    };
    if interlaced {
        let size = reader.output_buffer_size().filter(|size| u64::try_from(*size).is_ok_and(|size| size <= MEMORY));
        let mut whole = vec![0; size.ok_or_else(|| damaged("picture"))?];
        reader.next_frame(&mut whole).map_err(broken)?;
        whole.chunks_exact((side(head.width) * stored).max(1)).for_each(&mut take);
    } else {
        for _ in 0..head.height {
            let row = reader.next_row().map_err(broken)?.ok_or_else(|| damaged("picture"))?;
            take(row.data());
        }
    }
    Ok(Pixels::from(shrink, channels, profile))
}

fn webp(input: &mut dyn Input, head: Head, wanted: (u32, u32)) -> Result<Pixels> {
    let mut decoder = image_webp::WebPDecoder::new(BufReader::with_capacity(64 << 10, input)).map_err(broken)?;
    decoder.set_memory_limit(usize::try_from(MEMORY).unwrap_or(usize::MAX));
    if decoder.dimensions() != (head.width, head.height) {
        return Err(damaged("picture"));
    }
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let size = side(head.width) * side(head.height) * channels;
    if decoder.output_buffer_size() != Some(size) {
        return Err(damaged("picture"));
    }
    let profile = decoder.icc_profile().ok().flatten();
    let mut whole = vec![0; size];
    decoder.read_image(&mut whole).map_err(broken)?;
    drop(decoder);
    let factor = factor((head.width, head.height), wanted);
    let profile = profile.filter(|profile| is_rgb(profile));
    if factor == 1 {
        let (width, height) = (side(head.width), side(head.height));
        let mut pixels = Pixels { width, height, channels, data: whole, profile };
        pixels.drop_idle_alpha();
        return Ok(pixels);
    }
    let mut shrink = Shrink::new(factor, side(head.width), channels);
    whole.chunks_exact(side(head.width) * channels).for_each(|row| shrink.row(row));
    Ok(Pixels::from(shrink, channels, profile))
}

fn gif(input: &mut dyn Input, head: Head, wanted: (u32, u32)) -> Result<Pixels> {
    use std::num::NonZeroU64;
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::Indexed);
    options.set_memory_limit(gif::MemoryLimit::Bytes(NonZeroU64::new(MEMORY).unwrap_or(NonZeroU64::MIN)));
    let mut decoder = options.read_info(BufReader::with_capacity(64 << 10, input)).map_err(broken)?;
    let frame = decoder.next_frame_info().map_err(broken)?.ok_or_else(|| damaged("picture"))?;
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let (wide, high) = (usize::from(frame.width), usize::from(frame.height));
    let invisible = frame.transparent;
    let mut numbers = vec![0; decoder.buffer_size()];
    decoder.read_into_buffer(&mut numbers).map_err(broken)?;
    let palette = decoder.palette().map_err(broken)?;
    // What the first frame leaves out of the picture is seen through.
    let colour = |number: u8| match palette.get(usize::from(number) * 3..usize::from(number) * 3 + 3) {
        Some(&[r, g, b]) if Some(number) != invisible => [r, g, b, 255],
        _ => [0; 4],
    };
    let (width, height) = (side(head.width), side(head.height));
    let mut shrink = Shrink::new(factor((head.width, head.height), wanted), width, 4);
    let mut row = vec![0; width * 4];
    for y in 0..height {
        row.fill(0);
        let line = y.checked_sub(top).filter(|y| *y < high).and_then(|y| numbers.get(y * wide..(y + 1) * wide));
        let places = row.chunks_exact_mut(4).skip(left);
        for (place, number) in places.zip(line.unwrap_or_default()) {
            place.copy_from_slice(&colour(*number));
        }
        shrink.row(&row);
    }
    Ok(Pixels::from(shrink, 4, None))
}
