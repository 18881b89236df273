//! The elements of WebM (EBML, RFC 8794; Matroska, RFC 9559): size and duration of a film.

use super::film::{Film, milliseconds};
use super::view::View;
use crate::base::error::Result;

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;

/// An element: its id, its content, and whether it said where it ends.
#[derive(Clone, Copy)]
struct Element {
    id: u32,
    body: u64,
    end: u64,
}

/// The element at `at`, inside what ends at `end`; one of unknown size reaches to the end (RFC 8794 §6.2).
fn at(view: &mut View<'_>, at: u64, end: u64) -> Result<Option<Element>> {
    if at >= end {
        return Ok(None);
    }
    view.step()?;
    let [first] = view.array(at)?;
    let wide = u64::from(first.leading_zeros()) + 1;
    if wide > 4 {
        return Err(view.damaged());
    }
    let id = number(view, at, wide)?;
    let [first] = view.array(at + wide)?;
    let more = u64::from(first.leading_zeros()) + 1;
    if more > 8 {
        return Err(view.damaged());
    }
    let most = (1_u64 << (7 * more)) - 1;
    let size = number(view, at + wide, more)? & most;
    let body = at + wide + more;
    let behind = if size == most { Some(end) } else { body.checked_add(size) };
    let id = u32::try_from(id).map_err(|_| view.damaged())?;
    match behind {
        // What a broken-off recording leaves is shorter than it says.
        Some(behind) if body <= end => Ok(Some(Element { id, body, end: behind.min(end) })),
        _ => Err(view.damaged()),
    }
}

/// A number of so many bytes, at most eight, most significant first.
fn number(view: &mut View<'_>, at: u64, bytes: u64) -> Result<u64> {
    let bytes = usize::try_from(bytes.min(8)).unwrap_or(8);
    Ok(view.slice(at, bytes)?.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

fn children(
    view: &mut View<'_>,
    of: Element,
    each: &mut dyn FnMut(&mut View<'_>, Element) -> Result<()>,
) -> Result<()> {
    let mut next = of.body;
    while let Some(child) = at(view, next, of.end)? {
        next = child.end;
        each(view, child)?;
    }
    Ok(())
}

/// Reads what a film in WebM is.
pub(super) fn read(view: &mut View<'_>) -> Result<Film> {
    let size = view.size();
    let header = at(view, 0, size)?.filter(|header| header.id == 0x1a45_dfa3).ok_or_else(|| view.damaged())?;
    let segment = at(view, header.end, size)?.filter(|segment| segment.id == SEGMENT).ok_or_else(|| view.damaged())?;
    let mut film = Film::default();
    // Nanoseconds of a tick, unless it says otherwise.
    let (mut tick, mut ticks) = (1_000_000, None);
    let mut next = segment.body;
    let mut seen = 0;
    while seen < 2
        && let Some(part) = at(view, next, segment.end)?
    {
        match part.id {
            INFO => {
                seen += 1;
                children(view, part, &mut |view, child| {
                    match child.id {
                        0x2a_d7b1 => tick = number(view, child.body, child.end - child.body)?,
                        0x4489 => ticks = real(view, child)?,
                        _ => {}
                    }
                    Ok(())
                })?;
            }
            TRACKS => {
                seen += 1;
                children(view, part, &mut |view, track| {
                    if track.id != 0xae || film.width.is_some() {
                        return Ok(());
                    }
                    children(view, track, &mut |view, child| {
                        if child.id == 0xe0 { shown(view, child, &mut film) } else { Ok(()) }
                    })
                })?;
            }
            // Head and tracks stand before the first cluster (RFC 9559 §23).
            CLUSTER => break,
            _ => {}
        }
        next = part.end;
    }
    if seen == 0 {
        return Err(view.damaged());
    }
    let ticks = match ticks {
        Some(ticks) => Some(ticks),
        None => last_tick(view, segment),
    };
    film.duration = ticks.and_then(|ticks| milliseconds(ticks.saturating_mul(tick), 1_000_000_000));
    Ok(film)
}

/// A duration is a number with a point; half a tick more or less does not matter.
fn real(view: &mut View<'_>, element: Element) -> Result<Option<u64>> {
    let value = match element.end - element.body {
        4 => f64::from(f32::from_bits(view.u32(element.body)?)),
        8 => f64::from_bits(view.u64(element.body)?),
        _ => return Ok(None),
    };
    // The largest whole number that a float of eight bytes holds exactly.
    let sensible = value.is_finite() && (1.0..9_007_199_254_740_992.0).contains(&value);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // judged on the line above
    Ok(sensible.then_some(value.round() as u64))
}

fn shown(view: &mut View<'_>, video: Element, film: &mut Film) -> Result<()> {
    let (mut pixels, mut display, mut unit) = ((0, 0), (0, 0), 0);
    children(view, video, &mut |view, child| {
        let mut value = || number(view, child.body, child.end - child.body);
        match child.id {
            0xb0 => pixels.0 = value()?,
            0xba => pixels.1 = value()?,
            0x54b0 => display.0 = value()?,
            0x54ba => display.1 = value()?,
            0x54b2 => unit = value()?,
            _ => {}
        }
        Ok(())
    })?;
    let (width, height) = if unit == 0 && display.0 > 0 && display.1 > 0 { display } else { pixels };
    let sensible = |side: u64| u32::try_from(side).ok().filter(|side| (1..=65_535).contains(side));
    if let (Some(width), Some(height)) = (sensible(width), sensible(height)) {
        (film.width, film.height) = (Some(width), Some(height));
    }
    Ok(())
}

/// Where a recording ends that does not say it: the last block of the last cluster that the file's end shows.
fn last_tick(view: &mut View<'_>, segment: Element) -> Option<u64> {
    /// A browser writes a cluster each few seconds.
    const TAIL: u64 = 8 << 20;
    let mut found = None;
    let mut next = segment.end.saturating_sub(TAIL).max(segment.body);
    let mut last: [u8; 3] = [0; 3];
    while next < segment.end {
        let bytes = view.rest(next).ok()?;
        for byte in bytes {
            if [last[0], last[1], last[2], *byte] == CLUSTER.to_be_bytes() {
                found = Some(next - 3);
            }
            last = [last[1], last[2], *byte];
            next += 1;
        }
    }
    let cluster = at(view, found?, segment.end).ok()??;
    let (mut begins, mut furthest) = (0, 0);
    // The recording may have been cut within a block: what was read until then counts.
    let _ = children(view, cluster, &mut |view, child| {
        let block = match child.id {
            0xe7 => {
                begins = number(view, child.body, child.end - child.body)?;
                return Ok(());
            }
            0xa3 => Some(child.body),
            0xa0 => at(view, child.body, child.end)?.filter(|block| block.id == 0xa1).map(|block| block.body),
            _ => None,
        };
        if let Some(block) = block {
            let [first] = view.array(block)?;
            let wide = u64::from(first.leading_zeros()) + 1;
            let relative = u64::from(u16::from_be_bytes(view.array(block + wide)?));
            // Signed; what lies before its cluster is not the end.
            furthest = furthest.max(if relative > 0x7fff { 0 } else { relative });
        }
        Ok(())
    });
    begins.checked_add(furthest)
}
