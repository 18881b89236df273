//! A copy of a picture for the public: the same pixels bit by bit, without what a camera or a program wrote beside
//! them (places, times, names, thumbnails). What decides how it looks stays: how it lies, and its colour profile.

use std::io::Write;
use std::ops::Range;

use super::head::{self, PNG_CHUNKS, STEPS, WEBP_CHUNKS, WINDOW, chunk, marker, riff, riff_end, segment};
use super::view::{View, written};
use super::{Input, boxes, orient};
use crate::base::error::{Code, Error, Result};

/// Writes the copy. Only what is known to be harmless is copied.
///
/// # Errors
/// `unsupported_media_type` when the file makes no sense, `insufficient_storage` or `internal` from the sink.
pub fn copy(input: &mut dyn Input, content_type: &str, sink: &mut dyn Write) -> Result<()> {
    let orientation = head::read(input, content_type)?.orientation;
    let steps = if content_type == "image/gif" { u32::MAX } else { STEPS * 10 };
    let mut view = View::new(input, "picture", WINDOW, steps)?;
    match content_type {
        "image/jpeg" => jpeg(&mut view, orientation, sink),
        "image/png" => png(&mut view, orientation, sink),
        "image/webp" => webp(&mut view, orientation, sink),
        "image/gif" => gif(&mut view, sink),
        "image/avif" => avif(&mut view, sink),
        _ => Err(view.damaged()),
    }
}

fn put(sink: &mut dyn Write, bytes: &[u8]) -> Result<()> {
    sink.write_all(bytes).map_err(written)
}

/// Up to the first end of image: what cameras put behind it (films, second pictures, places) is left out.
fn jpeg(view: &mut View<'_>, orientation: u8, sink: &mut dyn Write) -> Result<()> {
    if view.array(0)? != [0xff, 0xd8] {
        return Err(view.damaged());
    }
    put(sink, b"\xff\xd8")?;
    let mut turn = orientation > 1;
    let mut at = 2;
    loop {
        let (kind, behind) = marker(view, at)?;
        if matches!(kind, 0x01 | 0xd0..=0xd7) {
            view.step()?;
            put(sink, &[0xff, kind])?;
            at = behind;
            continue;
        }
        if kind == 0xd9 {
            return put(sink, b"\xff\xd9");
        }
        let (body, end) = segment(view, behind)?;
        let known = |view: &mut View<'_>, name: &[u8]| {
            let long = u64::try_from(name.len()).is_ok_and(|length| end - body >= length);
            Ok::<_, Error>(long && view.slice(body, name.len())? == name)
        };
        // JFIF must come first (T.871 §10.1), so the turn waits for what is not an application's.
        if turn && !matches!(kind, 0xe0..=0xef | 0xfe) {
            turn = false;
            put(sink, b"\xff\xe1\0\x22Exif\0\0")?;
            put(sink, &orient::exif(orientation))?;
        }
        match kind {
            // Without its thumbnail.
            0xe0 if end - body >= 14 && known(view, b"JFIF\0")? => {
                put(sink, b"\xff\xe0\0\x10")?;
                put(sink, &view.array::<12>(body)?)?;
                put(sink, &[0, 0])?;
            }
            0xe2 if known(view, b"ICC_PROFILE\0")? => whole_segment(view, kind, behind, end, sink)?,
            0xee if known(view, b"Adobe")? => whole_segment(view, kind, behind, end, sink)?,
            0xe0..=0xef | 0xfe => {}
            _ => whole_segment(view, kind, behind, end, sink)?,
        }
        at = end;
        if kind == 0xda {
            at = scan(view, end);
            view.copy(end, at, sink)?;
            if at == view.size() {
                // Cut short; what shows of it is shown, and ends as it should.
                return put(sink, b"\xff\xd9");
            }
        }
    }
}

fn whole_segment(view: &mut View<'_>, kind: u8, at: u64, end: u64, sink: &mut dyn Write) -> Result<()> {
    put(sink, &[0xff, kind])?;
    view.copy(at, end, sink)
}

/// Where the coded pixels from `at` on end: at a marker that is not part of them, or with the file.
fn scan(view: &mut View<'_>, mut at: u64) -> u64 {
    let mut last = 0;
    loop {
        let Ok(bytes) = view.rest(at) else { return view.size() };
        for byte in bytes {
            if last == 0xff && !matches!(byte, 0 | 0xff | 0xd0..=0xd7) {
                return at - 1;
            }
            last = *byte;
            at += 1;
        }
    }
}

fn png(view: &mut View<'_>, orientation: u8, sink: &mut dyn Write) -> Result<()> {
    put(sink, &view.array::<8>(0)?)?;
    let mut turn = orientation > 1;
    let mut at = PNG_CHUNKS;
    loop {
        let (kind, _, end) = chunk(view, at)?;
        if turn && matches!(&kind, b"PLTE" | b"IDAT") {
            turn = false;
            let mut block = b"eXIf".to_vec();
            block.extend(orient::exif(orientation));
            put(sink, &26_u32.to_be_bytes())?;
            put(sink, &block)?;
            put(sink, &crc32(&block).to_be_bytes())?;
        }
        let looks = matches!(
            &kind,
            b"IHDR"
                | b"PLTE"
                | b"IDAT"
                | b"IEND"
                | b"tRNS"
                | b"cHRM"
                | b"gAMA"
                | b"iCCP"
                | b"sBIT"
                | b"sRGB"
                | b"bKGD"
                | b"hIST"
                | b"pHYs"
                | b"sPLT"
                | b"cICP"
                | b"mDCV"
                | b"cLLI"
                | b"acTL"
                | b"fcTL"
                | b"fdAT"
        );
        if looks {
            view.copy(at, end + 4, sink)?;
        }
        if kind == *b"IEND" {
            return Ok(());
        }
        at = end + 4;
    }
}

/// The checksum of a PNG chunk (PNG third edition §5.5), of few bytes.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fn webp(view: &mut View<'_>, orientation: u8, sink: &mut dyn Write) -> Result<()> {
    const EXIF: u8 = 0x08;
    const XMP: u8 = 0x04;
    let mut kept: Vec<([u8; 4], Range<u64>)> = Vec::new();
    let mut at = WEBP_CHUNKS;
    let behind = riff_end(view)?;
    while at + 8 <= behind {
        let (kind, _, end, next) = riff(view, at)?;
        if matches!(&kind, b"VP8X" | b"ICCP" | b"ANIM" | b"ANMF" | b"ALPH" | b"VP8 " | b"VP8L") {
            kept.push((kind, at..end));
        }
        at = next;
    }
    // Only the extended form may say how it lies.
    let turn = orientation > 1 && kept.first().is_some_and(|(kind, _)| kind == b"VP8X");
    let padded = |range: &Range<u64>| (range.end - range.start).next_multiple_of(2);
    let size = 4 + kept.iter().map(|(_, range)| padded(range)).sum::<u64>() + if turn { 34 } else { 0 };
    put(sink, b"RIFF")?;
    put(sink, &u32::try_from(size).map_err(|_| view.damaged())?.to_le_bytes())?;
    put(sink, b"WEBP")?;
    for (kind, range) in kept {
        if kind == *b"VP8X" {
            let mut head: [u8; 18] = view.array(range.start)?;
            head[8] = head[8] & !(EXIF | XMP) | if turn { EXIF } else { 0 };
            put(sink, &head)?;
            if range.end - range.start != 18 {
                return Err(view.damaged());
            }
            continue;
        }
        view.copy(range.start, range.end, sink)?;
        if padded(&range) > range.end - range.start {
            put(sink, &[0])?;
        }
    }
    if turn {
        put(sink, b"EXIF\x1a\0\0\0")?;
        put(sink, &orient::exif(orientation))?;
    }
    Ok(())
}

/// GIF89a §17 to §27: frames and their controls; of the applications' blocks only how often it plays.
fn gif(view: &mut View<'_>, sink: &mut dyn Write) -> Result<()> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let [flags] = view.array(10)?;
    let mut at = 13 + table(flags);
    view.copy(0, at, sink)?;
    loop {
        view.step()?;
        let [kind] = view.array(at)?;
        match kind {
            0x3b => return put(sink, &[0x3b]),
            0x2c => {
                let [flags] = view.array(at + 9)?;
                // The table, and how many bits a number begins with.
                let pixels = at + 10 + table(flags) + 1;
                let end = blocks(view, pixels)?;
                view.copy(at, end, sink)?;
                at = end;
            }
            0x21 => {
                let [label] = view.array(at + 1)?;
                let end = blocks(view, at + 2)?;
                let plays = label == 0xff && end - at > 14 && {
                    let name = view.slice(at + 2, 12)?;
                    name == b"\x0bNETSCAPE2.0" || name == b"\x0bANIMEXTS1.0"
                };
                // How often it plays takes one block of three bytes; more would be a place to hide words.
                if label == 0xf9 || plays && end - at == 19 {
                    view.copy(at, end, sink)?;
                }
                at = end;
            }
            _ => return Err(view.damaged()),
        }
    }
}

/// Where the blocks of a GIF that begin at `at` end, with their terminator.
fn blocks(view: &mut View<'_>, mut at: u64) -> Result<u64> {
    loop {
        let [length] = view.array(at)?;
        at += 1 + u64::from(length);
        if length == 0 {
            return Ok(at);
        }
    }
}

/// AVIF: everything lies where tables say, so nothing is taken out; what describes is written over in its place.
fn avif(view: &mut View<'_>, sink: &mut dyn Write) -> Result<()> {
    let size = view.size();
    let mut over: Vec<(Range<u64>, bool)> = Vec::new();
    for atom in boxes::all(view, 0..size)? {
        match &atom.kind {
            b"ftyp" | b"mdat" | b"free" | b"skip" => {}
            b"meta" => over.extend(described(view, atom)?),
            // A box of somebody's own, or a film whose boxes may describe: not for the public.
            b"uuid" => over.push((atom.body..atom.end, false)),
            _ => {
                return Err(Error::new(
                    Code::UnsupportedMediaType,
                    "Moving AVIF pictures cannot be shown to the public. Send a still one, a GIF or a film.",
                ));
            }
        }
    }
    over.sort_by_key(|(range, _)| range.start);
    let mut at = 0;
    for (range, exif) in over {
        // Two items that share bytes would be a trick.
        if range.start < at || range.end > size {
            return Err(view.damaged());
        }
        view.copy(at, range.start, sink)?;
        at = range.end;
        let mut left = range.end - range.start;
        // An empty Exif block is still a block: readers that look into it find nothing, not nonsense.
        if exif && left >= 30 {
            put(sink, &[0; 4])?;
            put(sink, &orient::exif(1))?;
            left -= 30;
        }
        let blank = [if exif { 0 } else { b' ' }; 512];
        while left > 0 {
            let part = blank.get(..usize::try_from(left).unwrap_or(512).min(512)).unwrap_or(&blank);
            put(sink, part)?;
            left -= u64::try_from(part.len()).unwrap_or(left);
        }
    }
    view.copy(at, size, sink)
}

/// Where the Exif and XMP items lie (ISO 14496-12 §8.11.3 and §8.11.6); true for Exif.
fn described(view: &mut View<'_>, meta: boxes::Atom) -> Result<Vec<(Range<u64>, bool)>> {
    let within = meta.body + 4..meta.end;
    let mut items = Vec::new();
    let mut over = Vec::new();
    let Some(infos) = boxes::first(view, within.clone(), *b"iinf")? else { return Ok(over) };
    let [version] = view.array(infos.body)?;
    let first = infos.body + if version == 0 { 6 } else { 8 };
    for info in boxes::all(view, first..infos.end)? {
        let [version] = view.array(info.body)?;
        let (id, kind) = match version {
            2 => (u32::from(view.u16(info.body + 4)?), view.array(info.body + 8)?),
            3 => (view.u32(info.body + 4)?, view.array(info.body + 10)?),
            _ => return Err(view.damaged()),
        };
        match &kind {
            b"Exif" => items.push((id, true)),
            // XMP and whatever else is text.
            b"mime" | b"uri " => items.push((id, false)),
            _ => {}
        }
    }
    for atom in boxes::all(view, within.clone())? {
        if matches!(&atom.kind, b"uuid" | b"udta" | b"xml " | b"bxml") {
            over.push((atom.body..atom.end, false));
        }
    }
    if items.is_empty() {
        return Ok(over);
    }
    let data = boxes::first(view, within.clone(), *b"idat")?;
    let iloc = boxes::first(view, within, *b"iloc")?.ok_or_else(|| view.damaged())?;
    let [version, _, _, _, sizes, bases] = view.array(iloc.body)?;
    let number = |view: &mut View<'_>, at: &mut u64, bytes: u8| -> Result<u64> {
        let value = match bytes {
            0 => 0,
            4 => u64::from(view.u32(*at)?),
            8 => view.u64(*at)?,
            _ => return Err(view.damaged()),
        };
        *at += u64::from(bytes);
        Ok(value)
    };
    let short = |view: &mut View<'_>, at: &mut u64| -> Result<u16> {
        *at += 2;
        view.u16(*at - 2)
    };
    let mut at = iloc.body + 6;
    let count =
        if version < 2 { u32::from(short(view, &mut at)?) } else { number(view, &mut at, 4)?.try_into().unwrap_or(0) };
    for _ in 0..count {
        view.step()?;
        let id = if version < 2 {
            u32::from(short(view, &mut at)?)
        } else {
            number(view, &mut at, 4)?.try_into().unwrap_or(0)
        };
        let method = if version > 0 { short(view, &mut at)? & 15 } else { 0 };
        short(view, &mut at)?;
        let base = number(view, &mut at, bases >> 4)?;
        for _ in 0..short(view, &mut at)? {
            view.step()?;
            if version > 0 {
                number(view, &mut at, bases & 15)?;
            }
            let offset = number(view, &mut at, sizes >> 4)?;
            let length = number(view, &mut at, sizes & 15)?;
            let Some((_, exif)) = items.iter().find(|(item, _)| *item == id) else { continue };
            let from = match (method, data) {
                (0, _) => base.checked_add(offset),
                (1, Some(data)) => base.checked_add(offset).and_then(|offset| data.body.checked_add(offset)),
                _ => None,
            };
            // A length of nought means the whole file, which is a picture's.
            match from.and_then(|from| Some(from..from.checked_add(length).filter(|_| length > 0)?)) {
                Some(range) => over.push((range, *exif)),
                None => return Err(view.damaged()),
            }
        }
    }
    Ok(over)
}
