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
    let moov = boxes::first(view, 0..size, *b"moov")?.ok_or_else(|| view.damaged())?;
    let mut film = Film::default();
    let (mut scale, mut units, mut fragments) = (0, 0, None);
    for atom in boxes::all(view, moov.body..moov.end)? {
        match &atom.kind {
            b"mvhd" => (scale, units) = clock(view, atom)?,
            b"mvex" => fragments = Some(boxes::first(view, atom.body..atom.end, *b"mehd")?),
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
    let Some(tkhd) = boxes::first(view, trak.body..trak.end, *b"tkhd")? else { return Ok(()) };
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

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, Seek, SeekFrom};

    use super::super::faults;
    use super::*;

    fn atom(kind: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let mut file = u32::try_from(content.len() + 8).expect("short").to_be_bytes().to_vec();
        file.extend(kind);
        file.extend(content);
        file
    }

    fn sample(rotated: bool, units: u32, fragments: &[u32], end: bool) -> Vec<u8> {
        let header = atom(b"mvhd", &[&[0; 12], &600_u32.to_be_bytes(), &units.to_be_bytes(), &[0; 80]]);
        let matrix: [u32; 9] = if rotated {
            [0, 1 << 16, 0, 0xffff_0000, 0, 0, 0, 0, 1 << 30]
        } else {
            [1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30]
        };
        let matrix: Vec<u8> = matrix.iter().flat_map(|number| number.to_be_bytes()).collect();
        let track = atom(
            b"tkhd",
            &[
                &[0; 12],
                &[0, 0, 0, 7],
                &[0; 24],
                &matrix,
                &(1920_u32 << 16).to_be_bytes(),
                &(1080_u32 << 16).to_be_bytes(),
            ],
        );
        let clock = atom(b"mdhd", &[&[0; 12], &1000_u32.to_be_bytes(), &[0; 8]]);
        let media = atom(b"mdia", &[&clock, &atom(b"hdlr", &[&[0; 8], b"vide", &[0; 13]])]);
        let extends =
            atom(b"mvex", &[&atom(b"trex", &[&[0; 4], &[0, 0, 0, 7], &[0, 0, 0, 1], &40_u32.to_be_bytes(), &[0; 8]])]);
        let moov = if fragments.is_empty() {
            atom(b"moov", &[&header, &atom(b"trak", &[&track, &media])])
        } else {
            atom(b"moov", &[&header, &atom(b"trak", &[&track, &media]), &extends])
        };
        let data = atom(b"mdat", &[&[7; 5000]]);
        let file_type = atom(b"ftyp", &[b"isom\0\0\0\0"]);
        let mut file =
            if end { [file_type, data.clone(), moov].concat() } else { [file_type, moov, data.clone()].concat() };
        for begins in fragments {
            let of = atom(b"tfhd", &[&[0; 4], &[0, 0, 0, 7]]);
            let when = atom(b"tfdt", &[&[0; 4], &begins.to_be_bytes()]);
            let usual = atom(b"trun", &[&[0; 4], &[0, 0, 0, 5]]);
            let own = atom(b"trun", &[&[0, 0, 1, 0], &[0, 0, 0, 1], &50_u32.to_be_bytes()]);
            file.extend(atom(b"moof", &[&atom(b"traf", &[&of, &when, &usual, &own])]));
            file.extend(&data);
        }
        file
    }

    fn element(id: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let size = u32::try_from(content.len()).expect("short") | 0x1000_0000;
        [id, &size.to_be_bytes(), &content].concat()
    }

    /// As a browser records it: no duration, segment and clusters of unknown size. Or as a file is made.
    fn webm(duration: Option<f64>) -> Vec<u8> {
        const UNKNOWN: [u8; 8] = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let length = duration.map(|ticks| element(&[0x44, 0x89], &[&ticks.to_be_bytes()])).unwrap_or_default();
        let tick = element(&[0x2a, 0xd7, 0xb1], &[&[0x0f, 0x42, 0x40]]);
        let info = element(&[0x15, 0x49, 0xa9, 0x66], &[&tick, &length]);
        let video = element(&[0xe0], &[&element(&[0xb0], &[&[0x02, 0x80]]), &element(&[0xba], &[&[0x01, 0xe0]])]);
        let tracks = element(&[0x16, 0x54, 0xae, 0x6b], &[&element(&[0xae], &[&video])]);
        let cluster = |at: u16| {
            let block = |relative: u16| element(&[0xa3], &[&[0x81], &relative.to_be_bytes(), &[0x80], &[7; 300]]);
            [&[0x1f, 0x43, 0xb6, 0x75][..], &UNKNOWN, &element(&[0xe7], &[&at.to_be_bytes()]), &block(0), &block(960)]
                .concat()
        };
        let header = element(&[0x1a, 0x45, 0xdf, 0xa3], &[&element(&[0x42, 0x82], &[b"webm"])]);
        [header, [0x18, 0x53, 0x80, 0x67].to_vec(), UNKNOWN.to_vec(), info, tracks, cluster(0), cluster(5000)].concat()
    }

    #[test]
    fn a_film_says_its_length_and_size_wherever_its_head_is() {
        let said = |file: Vec<u8>| read(&mut Cursor::new(file), "video/mp4").expect("a film");
        let film =
            |width, height, duration| Film { width: Some(width), height: Some(height), duration: Some(duration) };
        assert_eq!(said(sample(false, 1500, &[], false)), film(1920, 1080, 2500));
        assert_eq!(said(sample(true, 1500, &[], true)), film(1080, 1920, 2500));
        assert_eq!(said(sample(false, 0, &[0, 250, 500], false)), film(1920, 1080, 750), "fragments");
        let said = |file: Vec<u8>| read(&mut Cursor::new(file), "video/webm").expect("a film");
        assert_eq!(said(webm(Some(2500.0))), film(640, 480, 2500));
        assert_eq!(said(webm(None)), film(640, 480, 5960), "as a browser records it");
    }

    #[test]
    fn a_film_of_many_gigabytes_costs_a_few_kilobytes() {
        /// A head, eight gigabytes of nothing, and a tail.
        struct Huge(Vec<u8>, u64, Vec<u8>, u64, usize);
        impl Read for Huge {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let (front, back) = (self.0.len() as u64, self.0.len() as u64 + self.1);
                for (n, byte) in buffer.iter_mut().enumerate() {
                    let at = self.3 + n as u64;
                    *byte = match at {
                        at if at < front => self.0[usize::try_from(at).expect("small")],
                        at if at < back => 0,
                        at => *self.2.get(usize::try_from(at - back).expect("small")).unwrap_or(&0),
                    };
                }
                let left = (back + self.2.len() as u64).saturating_sub(self.3);
                let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                self.3 += count as u64;
                self.4 += count;
                Ok(count)
            }
        }
        impl Seek for Huge {
            fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
                self.3 = match to {
                    SeekFrom::Start(at) => at,
                    SeekFrom::End(_) => self.0.len() as u64 + self.1 + self.2.len() as u64,
                    SeekFrom::Current(by) => self.3.checked_add_signed(by).expect("inside"),
                };
                Ok(self.3)
            }
        }
        let whole = sample(false, 1500, &[], true);
        let (front, moov) = (16, 16 + 5008);
        let mut head = whole[..front].to_vec();
        let gap = 8_u64 << 30;
        head.extend([&1_u32.to_be_bytes()[..], b"mdat", &(gap + 16).to_be_bytes()].concat());
        let mut huge = Huge(head, gap, whole[moov..].to_vec(), 0, 0);
        let said = read(&mut huge, "video/mp4").expect("a film");
        assert_eq!((said.duration, said.width), (Some(2500), Some(1920)));
        assert!(huge.4 <= 64 << 10, "{} bytes were read", huge.4);
    }

    #[test]
    fn boxes_that_lie_about_their_size_are_refused() {
        for size in [0_u32, 1, 2, 7, 0x7fff_ffff, u32::MAX] {
            for at in [0, 16, 24, 24 + 108] {
                let mut file = sample(false, 1500, &[0, 250], false);
                file[at..at + 4].copy_from_slice(&size.to_be_bytes());
                let _ = read(&mut Cursor::new(&file), "video/mp4");
                // A size of eight bytes that points past every end.
                file[at..at + 4].copy_from_slice(&1_u32.to_be_bytes());
                file[at + 8..at + 16].copy_from_slice(&u64::MAX.to_be_bytes());
                assert!(read(&mut Cursor::new(&file), "video/mp4").is_err());
            }
        }
        assert!(read(&mut Cursor::new(b""), "video/mp4").is_err());
        // A million empty boxes: the walk ends before they do.
        let many = [0, 0, 0, 8].iter().chain(b"free").copied().cycle().take(8_000_000).collect::<Vec<u8>>();
        assert!(read(&mut Cursor::new(many), "video/mp4").is_err());
    }

    #[test]
    fn films_that_are_cut_or_have_random_faults_neither_panic_nor_hang() {
        let mp4 = sample(true, 0, &[0, 250], true);
        let films = [("video/mp4", mp4), ("video/webm", webm(None)), ("video/webm", webm(Some(1.0)))];
        for (content_type, file) in &films {
            for length in 0..file.len() {
                let _ = read(&mut Cursor::new(&file[..length]), content_type);
            }
        }
        faults::many(2, |faults, _| {
            for (content_type, file) in &films {
                let _ = read(&mut Cursor::new(faults.of(file)), content_type);
            }
        });
    }
}
