//! What the head of a picture says, read without decoding: its size, how it lies, and what decoding would cost.

use super::view::View;
use super::{Input, boxes, orient};
use crate::base::error::{Code, Error, Result};

/// Pixels of a picture at most: what the cameras of today make.
pub(super) const PIXELS: u64 = 64 << 20;
/// A side of a picture at most.
const SIDE: u32 = 65_535;
/// Bytes that decoding a picture may take.
pub(super) const MEMORY: u64 = 192 << 20;
/// Steps of a walk through segments, chunks or boxes.
pub(super) const STEPS: u32 = 20_000;
/// Bytes seen at once.
pub(super) const WINDOW: usize = 64 << 10;

/// What the head of a picture says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Pixels as they are stored.
    pub(super) width: u32,
    /// Pixels as they are stored.
    pub(super) height: u32,
    /// How it is to be turned, 1 to 8.
    pub(super) orientation: u8,
    /// Bytes that a decoder holds beside its rows.
    pub(super) memory: u64,
}

impl Head {
    fn new(width: u32, height: u32) -> Self {
        Self { width, height, orientation: 1, memory: 0 }
    }

    /// Pixels as it is looked at.
    pub(super) fn upright(self) -> (u32, u32) {
        if orient::swaps(self.orientation) { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// Refuses what would cost too much, before anything is made ready for it.
    pub(super) fn bounded(self) -> Result<Self> {
        let pixels = u64::from(self.width) * u64::from(self.height);
        if pixels == 0 {
            return Err(Error::new(Code::UnsupportedMediaType, "This picture has no pixels."));
        }
        if pixels > PIXELS || self.width > SIDE || self.height > SIDE {
            return Err(Error::new(
                Code::TooLarge,
                format!(
                    "This picture has {} x {} pixels. Send one of 64 megapixels at most, and 65,535 a side.",
                    self.width, self.height
                ),
            ));
        }
        if self.memory > MEMORY {
            return Err(Error::new(
                Code::TooLarge,
                "This picture would take too much memory to read. Save it smaller, or as a plain JPEG or PNG.",
            ));
        }
        Ok(self)
    }
}

/// Reads the head of a picture of this type.
pub(super) fn read(input: &mut dyn Input, content_type: &str) -> Result<Head> {
    let mut view = View::new(input, "picture", WINDOW, STEPS)?;
    match content_type {
        "image/jpeg" => jpeg(&mut view),
        "image/png" => png(&mut view),
        "image/webp" => webp(&mut view),
        "image/gif" => {
            let [w0, w1, h0, h1] = view.array(6)?;
            let (width, height) = (u16::from_le_bytes([w0, w1]).into(), u16::from_le_bytes([h0, h1]).into());
            // One byte a pixel: the numbers of its colours.
            Ok(Head { memory: u64::from(width) * u64::from(height), ..Head::new(width, height) })
        }
        "image/avif" => avif(&mut view),
        _ => Err(view.damaged()),
    }
}

/// The next marker of a JPEG from `at` on, and the first byte behind it (ITU T.81 §B.1.1.2).
pub(super) fn marker(view: &mut View<'_>, mut at: u64) -> Result<(u8, u64)> {
    if view.array(at)? != [0xff] {
        return Err(view.damaged());
    }
    loop {
        at += 1;
        let [byte] = view.array(at)?;
        if byte != 0xff {
            return Ok((byte, at + 1));
        }
        view.step()?;
    }
}

/// The content of the segment at `at`: its first byte and the first behind it.
pub(super) fn segment(view: &mut View<'_>, at: u64) -> Result<(u64, u64)> {
    view.step()?;
    let length = u64::from(view.u16(at)?);
    if length < 2 { Err(view.damaged()) } else { Ok((at + 2, at + length)) }
}

fn jpeg(view: &mut View<'_>) -> Result<Head> {
    let (mut at, mut orientation) = (2, 1);
    loop {
        let (kind, behind) = marker(view, at)?;
        if matches!(kind, 0x01 | 0xd0..=0xd7) {
            view.step()?;
            at = behind;
            continue;
        }
        let (body, end) = segment(view, behind)?;
        match kind {
            0xe1 if end - body > 6 && view.array(body)? == *b"Exif\0\0" => {
                let length = usize::try_from(end - body - 6).unwrap_or(0);
                orientation = orient::of_exif(view.slice(body + 6, length)?);
            }
            // Start of frame; the gaps are other markers (T.81 table B.1).
            0xc0..=0xcf if !matches!(kind, 0xc4 | 0xc8 | 0xcc) => {
                let (height, width) = (view.u16(body + 1)?, view.u16(body + 3)?);
                let mut head = Head { orientation, ..Head::new(width.into(), height.into()) };
                if matches!(kind, 0xc2 | 0xc6 | 0xca | 0xce) {
                    head.memory = coefficients(view, body, end, head)?;
                }
                return Ok(head);
            }
            0xd9 | 0xda => return Err(view.damaged()),
            _ => {}
        }
        at = end;
    }
}

/// A progressive picture is gathered as coefficients of two bytes, each component as fine as it was sampled.
fn coefficients(view: &mut View<'_>, body: u64, end: u64, head: Head) -> Result<u64> {
    let [components] = view.array(body + 5)?;
    let mut samplings = Vec::new();
    for component in 0..u64::from(components.min(4)) {
        if body + 8 + component * 3 > end {
            return Err(view.damaged());
        }
        let [sampling] = view.array(body + 7 + component * 3)?;
        samplings.push((u64::from(sampling >> 4), u64::from(sampling & 15)));
    }
    let most = samplings.iter().fold((1, 1), |most, s| (most.0.max(s.0), most.1.max(s.1)));
    let blocks = |side: u32, most: u64, own: u64| u64::from(side).div_ceil(8 * most) * own * 8;
    Ok(samplings.iter().map(|s| 2 * blocks(head.width, most.0, s.0) * blocks(head.height, most.1, s.1)).sum())
}

/// The chunk of a PNG at `at`: kind, content (PNG third edition §5.3). Its checksum of four bytes stands behind.
pub(super) fn chunk(view: &mut View<'_>, at: u64) -> Result<([u8; 4], u64, u64)> {
    view.step()?;
    let (length, kind) = (u64::from(view.u32(at)?), view.array(at + 4)?);
    if length > u64::from(u32::MAX >> 1) || at + 12 + length > view.size() {
        return Err(view.damaged());
    }
    Ok((kind, at + 8, at + 8 + length))
}

/// Where the chunks of a PNG begin.
pub(super) const PNG_CHUNKS: u64 = 8;

fn png(view: &mut View<'_>) -> Result<Head> {
    let (kind, body, _) = chunk(view, PNG_CHUNKS)?;
    if kind != *b"IHDR" {
        return Err(view.damaged());
    }
    let (width, height) = (view.u32(body)?, view.u32(body + 4)?);
    let [interlaced] = view.array(body + 12)?;
    let mut head = Head::new(width, height);
    if interlaced != 0 {
        // Its rows do not come in order, so it is held whole.
        head.memory = u64::from(width).saturating_mul(height.into()).saturating_mul(4);
    }
    let mut at = PNG_CHUNKS;
    loop {
        let (kind, body, end) = chunk(view, at)?;
        match &kind {
            b"eXIf" if end - body < 60_000 => {
                head.orientation = orient::of_exif(view.slice(body, usize::try_from(end - body).unwrap_or(0))?);
                return Ok(head);
            }
            b"IDAT" | b"IEND" => return Ok(head),
            _ => at = end + 4,
        }
    }
}

/// The chunk of a WebP at `at`: kind, content, and where the next begins (RFC 9649 §2.3).
pub(super) fn riff(view: &mut View<'_>, at: u64) -> Result<([u8; 4], u64, u64, u64)> {
    view.step()?;
    let (kind, length) = (view.array(at)?, u64::from(view.u32_le(at + 4)?));
    let end = at + 8 + length;
    if end > view.size() {
        return Err(view.damaged());
    }
    Ok((kind, at + 8, end, end + length % 2))
}

/// Where the chunks of a WebP begin.
pub(super) const WEBP_CHUNKS: u64 = 12;

/// Where the chunks of a WebP end; what stands behind them is not the picture's.
pub(super) fn riff_end(view: &mut View<'_>) -> Result<u64> {
    Ok(view.size().min(8 + u64::from(view.u32_le(4)?)))
}

fn webp(view: &mut View<'_>) -> Result<Head> {
    let mut head: Option<Head> = None;
    let (mut at, mut a_pixel) = (WEBP_CHUNKS, 0);
    let behind = riff_end(view)?;
    while at + 8 <= behind {
        let (kind, body, end, next) = riff(view, at)?;
        match &kind {
            b"VP8X" => {
                let [_, _, _, _, w0, w1, w2, h0, h1, h2] = view.array(body)?;
                let side = |a, b, c| u32::from_le_bytes([a, b, c, 0]) + 1;
                head = Some(Head::new(side(w0, w1, w2), side(h0, h1, h2)));
            }
            b"VP8 " => {
                // Planes of 1.5 bytes, and what they become.
                a_pixel = a_pixel.max(11);
                let [w0, w1, h0, h1] = view.array(body + 6)?;
                let side = |a, b| u32::from(u16::from_le_bytes([a, b]) & 0x3fff);
                head.get_or_insert_with(|| Head::new(side(w0, w1), side(h0, h1)));
            }
            b"VP8L" => {
                a_pixel = 16;
                let bits = view.u32_le(body + 1)?;
                head.get_or_insert_with(|| Head::new((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1));
            }
            b"ANMF" => a_pixel = 16,
            b"EXIF" if end - body < 60_000 => {
                let block = view.slice(body, usize::try_from(end - body).unwrap_or(0))?;
                // Some writers put the JPEG's introduction in front.
                let orientation = orient::of_exif(block.strip_prefix(b"Exif\0\0").unwrap_or(block));
                if let Some(head) = &mut head {
                    head.orientation = orientation;
                }
            }
            _ => {}
        }
        at = next;
    }
    let mut head = head.ok_or_else(|| view.damaged())?;
    head.memory = u64::from(head.width) * u64::from(head.height) * a_pixel / 2;
    Ok(head)
}

/// The size of the primary item: of its properties, `ispe` says how large and `irot` how it is turned
/// (ISO 23008-12 §6.5).
fn avif(view: &mut View<'_>) -> Result<Head> {
    let size = view.size();
    let meta = boxes::first(view, 0..size, *b"meta")?.ok_or_else(|| view.damaged())?;
    let within = meta.body + 4..meta.end;
    let primary = match boxes::first(view, within.clone(), *b"pitm")? {
        Some(pitm) if view.array(pitm.body)? == [0] => Some(u32::from(view.u16(pitm.body + 4)?)),
        Some(pitm) => Some(view.u32(pitm.body + 4)?),
        None => None,
    };
    let properties = boxes::path(view, within.clone(), &[b"iprp", b"ipco"])?.ok_or_else(|| view.damaged())?;
    let properties = boxes::all(view, properties.body..properties.end)?;
    let linked = boxes::path(view, within, &[b"iprp", b"ipma"])?;
    let mine = match (linked, primary) {
        (Some(ipma), Some(primary)) => linked_properties(view, ipma, primary)?,
        _ => Vec::new(),
    };
    let mut head: Option<Head> = None;
    let mut turned = false;
    for (number, property) in (1_u16..).zip(&properties) {
        if !mine.is_empty() && !mine.contains(&number) {
            continue;
        }
        match &property.kind {
            b"ispe" if head.is_none() => {
                head = Some(Head::new(view.u32(property.body + 4)?, view.u32(property.body + 8)?));
            }
            b"irot" => turned = view.array(property.body)?.map(|angle: u8| angle & 1) == [1],
            _ => {}
        }
    }
    let mut head = head.ok_or_else(|| view.damaged())?;
    if turned {
        (head.width, head.height) = (head.height, head.width);
    }
    Ok(head)
}

/// The numbers of the properties that belong to an item (ISO 23008-12 §9.3.1).
fn linked_properties(view: &mut View<'_>, ipma: boxes::Atom, item: u32) -> Result<Vec<u16>> {
    let [version, _, _, flags] = view.array(ipma.body)?;
    let entries = view.u32(ipma.body + 4)?;
    let mut at = ipma.body + 8;
    for _ in 0..entries {
        view.step()?;
        let (id, wide) = if version == 0 { (u32::from(view.u16(at)?), 2) } else { (view.u32(at)?, 4) };
        at += wide;
        let [count] = view.array(at)?;
        at += 1;
        let mut numbers = Vec::new();
        for _ in 0..count {
            let (number, wide) = if flags & 1 == 1 {
                (view.u16(at)? & 0x7fff, 2)
            } else {
                let [byte] = view.array(at)?;
                (u16::from(byte & 0x7f), 1)
            };
            at += wide;
            numbers.push(number);
        }
        if id == item {
            return Ok(numbers);
        }
        if at >= ipma.end {
            break;
        }
    }
    Ok(Vec::new())
}
