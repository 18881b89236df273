//! How long a film is and how large it shows, from its boxes (MP4, QuickTime) or elements (WebM), never decoded:
//! a few kilobytes of a file of any length are read.

use super::boxes::{self, Atom};
use super::view::View;
use super::{Input, ebml};
use crate::base::error::Result;

/// Bytes seen at once; a jump costs so many.
pub const WINDOW: u64 = 4 << 10;
/// Steps of a walk.
pub(super) const STEPS: u32 = 4_000;

/// What a film is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Film {
    /// Pixels, upright.
    pub width: Option<u32>,
    /// Pixels, upright.
    pub height: Option<u32>,
    /// Milliseconds.
    pub duration: Option<i64>,
}

/// Reads what a film is. What it does not say stays out.
///
/// # Errors
/// `unsupported_media_type` when it is no film, or damaged.
pub fn read(input: &mut dyn Input, content_type: &str) -> Result<Film> {
    let window = usize::try_from(WINDOW).unwrap_or(4096);
    let mut view = View::new(input, "film", window, STEPS)?;
    match content_type {
        "video/webm" | "audio/webm" => ebml::read(&mut view),
        _ => mp4(&mut view),
    }
}

/// `units` of `scale` a second, in milliseconds.
pub(super) fn milliseconds(units: u64, scale: u64) -> Option<i64> {
    let thousandths = u128::from(units) * 1000 / u128::from(scale.max(1));
    // Ten years: what says more says nonsense.
    i64::try_from(thousandths).ok().filter(|thousandths| scale > 0 && *thousandths <= 315_360_000_000)
}

fn mp4(view: &mut View<'_>) -> Result<Film> {
    let size = view.size();
    let moov = boxes::first(view, 0..size, b"moov")?.ok_or_else(|| view.damaged())?;
    let mut film = Film::default();
    let (mut scale, mut units, mut fragments) = (0, 0, None);
    for atom in boxes::all(view, moov.body..moov.end)? {
        match &atom.kind {
            b"mvhd" => (scale, units) = clock(view, atom)?,
            b"mvex" => fragments = Some(boxes::first(view, atom.body..atom.end, b"mehd")?),
            b"trak" if film.width.is_none() => track(view, atom, &mut film)?,
            _ => {}
        }
    }
    if units == 0
        && let Some(Some(mehd)) = fragments
    {
        units =
            if view.array(mehd.body)? == [0] { u64::from(view.u32(mehd.body + 4)?) } else { view.u64(mehd.body + 4)? };
    }
    film.duration = milliseconds(units, scale).filter(|_| units > 0);
    if film.duration.is_none() && fragments.is_some() {
        film.duration = fragmented(view, moov)?;
    }
    if film == Film::default() {
        return Err(view.damaged());
    }
    Ok(film)
}

/// Time scale and duration of a header (ISO 14496-12 §8.2.2, §8.4.2); all ones mean that it is not known.
fn clock(view: &mut View<'_>, atom: Atom) -> Result<(u64, u64)> {
    Ok(if view.array(atom.body)? == [1] {
        let units = view.u64(atom.body + 24)?;
        (u64::from(view.u32(atom.body + 20)?), if units == u64::MAX { 0 } else { units })
    } else {
        let units = view.u32(atom.body + 16)?;
        (u64::from(view.u32(atom.body + 12)?), if units == u32::MAX { 0 } else { u64::from(units) })
    })
}

/// The size of a track that shows pictures (§8.3.2): 16.16 numbers, and a matrix that may turn it.
fn track(view: &mut View<'_>, trak: Atom, film: &mut Film) -> Result<()> {
    let handler = boxes::path(view, trak.body..trak.end, &[b"mdia", b"hdlr"])?;
    let Some(handler) = handler else { return Ok(()) };
    if handler.len() < 12 || view.array(handler.body + 8)? != *b"vide" {
        return Ok(());
    }
    let Some(tkhd) = boxes::first(view, trak.body..trak.end, b"tkhd")? else { return Ok(()) };
    let wide = view.array(tkhd.body)? == [1];
    let matrix = tkhd.body + if wide { 52 } else { 40 };
    let (stays, turns) = (view.u32(matrix)?, view.u32(matrix + 4)?);
    let (width, height) = (view.u32(matrix + 36)? >> 16, view.u32(matrix + 40)? >> 16);
    if width > 0 && height > 0 {
        let (width, height) = if stays == 0 && turns != 0 { (height, width) } else { (width, height) };
        (film.width, film.height) = (Some(width), Some(height));
    }
    Ok(())
}

/// A film that was written while it was recorded says in no header how long it became: the last fragment does
/// (§8.8.12: when it begins; §8.8.8: how long its samples are).
fn fragmented(view: &mut View<'_>, moov: Atom) -> Result<Option<i64>> {
    let Some(mdhd) = boxes::path(view, moov.body..moov.end, &[b"trak", b"mdia", b"mdhd"])? else { return Ok(None) };
    let Some(tkhd) = boxes::path(view, moov.body..moov.end, &[b"trak", b"tkhd"])? else { return Ok(None) };
    let (scale, _) = clock(view, mdhd)?;
    let wide = view.array(tkhd.body)? == [1];
    let id = view.u32(tkhd.body + if wide { 20 } else { 12 })?;
    let usual = match boxes::path(view, moov.body..moov.end, &[b"mvex", b"trex"])? {
        Some(trex) => u64::from(view.u32(trex.body + 12)?),
        None => 0,
    };
    let (size, mut at) = (view.size(), moov.end);
    let mut end = None;
    while view.steps_left() {
        let Ok(Some(atom)) = boxes::at(view, at, size) else { break };
        at = atom.end;
        if atom.kind != *b"moof" {
            continue;
        }
        for traf in boxes::all(view, atom.body..atom.end)?.iter().filter(|atom| atom.kind == *b"traf") {
            if let Some(reached) = fragment(view, *traf, id, usual)? {
                end = Some(reached.max(end.unwrap_or(0)));
            }
        }
    }
    // A walk that was too long to finish knows only a beginning.
    Ok(end.filter(|_| at >= size.saturating_sub(8)).and_then(|units| milliseconds(units, scale)))
}

/// When the samples of one track in one fragment end.
fn fragment(view: &mut View<'_>, traf: Atom, id: u32, usual: u64) -> Result<Option<u64>> {
    let (mut begins, mut length, mut usual) = (None, 0_u64, usual);
    for atom in boxes::all(view, traf.body..traf.end)? {
        match &atom.kind {
            b"tfhd" => {
                if view.u32(atom.body + 4)? != id {
                    return Ok(None);
                }
                let flags = view.u32(atom.body)?;
                if flags & 0x08 != 0 {
                    let before = if flags & 0x01 != 0 { 8 } else { 0 } + if flags & 0x02 != 0 { 4 } else { 0 };
                    usual = u64::from(view.u32(atom.body + 8 + before)?);
                }
            }
            b"tfdt" => {
                let wide = view.array(atom.body)? == [1];
                begins = Some(if wide { view.u64(atom.body + 4)? } else { u64::from(view.u32(atom.body + 4)?) });
            }
            b"trun" => {
                let (flags, count) = (view.u32(atom.body)?, u64::from(view.u32(atom.body + 4)?));
                if flags & 0x100 == 0 {
                    length = length.saturating_add(count.saturating_mul(usual));
                    continue;
                }
                let each = 4 * u64::from((flags & 0xf00).count_ones());
                let first = atom.body + 8 + if flags & 1 != 0 { 4 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
                if count.checked_mul(each).is_none_or(|bytes| first + bytes > atom.end) {
                    return Err(view.damaged());
                }
                for sample in 0..count {
                    length = length.saturating_add(u64::from(view.u32(first + sample * each)?));
                }
            }
            _ => {}
        }
    }
    Ok(begins.map(|begins: u64| begins.saturating_add(length)))
}
