//! The long way of a line: bidi (UAX #9), a font for each character, shaping by script, and what is copied.

use std::ops::Range;

use unicode_bidi::{Direction, Level, ParagraphBidiInfo, get_base_direction};

use harfrust::Script;

use super::canvas::{Centi, FontAt, hundredths, set_font, whole};
use super::line::{Typesetter, millionths, push_number};
use super::shape;
use super::tags::utf16;
use super::types::Face;

/// A stretch of one font, script and direction.
#[derive(Clone, Debug)]
struct Stretch {
    range: Range<usize>,
    slot: u16,
    script: Option<Script>,
    // No font has its character.
    lacks: Option<char>,
}

/// What stands in the place of a character that no font has.
const INSTEAD: char = '\u{fffd}';

impl Typesetter {
    /// Sets a line the long way; its width in millionths of an em.
    pub(super) fn complex(&mut self, face: Face, size: Centi, text: &str) -> i64 {
        self.body.clear();
        self.body.push(b' ');
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let base = self.base.map(|rtl| if rtl { Level::rtl() } else { Level::ltr() });
        let bidi = ParagraphBidiInfo::new(&text, base);
        let (levels, runs) = bidi.visual_runs(0..text.len());
        let (mut width, mut pieces) = (0, Vec::new());
        for run in runs {
            let rtl = levels.get(run.start).is_some_and(|level| level.is_rtl());
            let mut stretches = self.stretches(face, &text, run);
            if rtl {
                stretches.reverse();
            }
            for stretch in stretches {
                pieces.push(self.lay(&text, stretch, rtl, &mut width));
            }
        }
        // Content goes in the order in which it is read (ISO 14289-1 §7.2), whatever its place on the line.
        pieces.sort_by_key(|piece| piece.stretch.range.start);
        let mut ink = Ink { pen: 0, rise: 0, shows: false, within: false };
        for piece in &pieces {
            self.show(&mut ink, size, &text, piece);
        }
        self.close(&mut ink);
        if ink.rise != 0 {
            self.body.extend_from_slice(b"0 Ts\n");
        }
        width
    }

    /// Cuts a run into stretches.
    fn stretches(&mut self, face: Face, text: &str, run: Range<usize>) -> Vec<Stretch> {
        let mut all: Vec<Stretch> = Vec::new();
        for (at, c) in text.get(run.clone()).unwrap_or_default().char_indices() {
            let at = run.start + at;
            let end = at + c.len_utf8();
            let script = shape::script(c);
            if let Some(last) = all.last_mut().filter(|last| last.lacks.is_none()) {
                // Marks stay with what they stand on: shaping may find the two as one glyph. Spaces stay too.
                let has = || self.slots.get(usize::from(last.slot)).is_some_and(|slot| slot.loaded.draws(c));
                let stays = shape::is_ignorable(c) || is_mark(c) || (c == ' ' && has());
                if stays {
                    last.range.end = end;
                    continue;
                }
            }
            let slot = if shape::is_ignorable(c) { Some(face as u16) } else { self.slot_for(face, c) };
            let Some(slot) = slot else {
                all.push(Stretch { range: at..end, slot: face as u16, script: None, lacks: Some(c) });
                continue;
            };
            match all.last_mut() {
                Some(last)
                    if last.lacks.is_none()
                        && last.slot == slot
                        && (script.is_none() || last.script.is_none() || script == last.script) =>
                {
                    last.range.end = end;
                    last.script = last.script.or(script);
                }
                _ => all.push(Stretch { range: at..end, slot, script, lacks: None }),
            }
        }
        all
    }

    /// Shapes a stretch and gives each glyph its place, from `width` on, which grows by the stretch.
    fn lay(&mut self, text: &str, stretch: Stretch, rtl: bool, width: &mut i64) -> Piece {
        let mut glyphs = Vec::new();
        let Some(slot) = self.slots.get(usize::from(stretch.slot)) else { return Piece { stretch, glyphs, rtl } };
        let own = text.get(stretch.range.clone()).unwrap_or_default();
        match stretch.lacks {
            Some(c) => {
                self.lacks.push(c);
                self.shaper.shape(&slot.loaded, INSTEAD.encode_utf8(&mut [0; 4]), None, false);
            }
            None => self.shaper.shape(&slot.loaded, own, stretch.script, rtl),
        }
        let upem = slot.loaded.upem;
        for glyph in &self.shaper.glyphs {
            glyphs.push(Placed {
                id: glyph.id,
                cluster: glyph.cluster,
                x: *width + millionths(glyph.dx, upem),
                natural: millionths(glyph.natural, upem),
                dy: glyph.dy,
            });
            *width += millionths(glyph.advance, upem);
        }
        if rtl {
            glyphs.reverse();
        }
        Piece { stretch, glyphs, rtl }
    }

    /// Writes a piece.
    fn show(&mut self, ink: &mut Ink, size: Centi, text: &str, piece: &Piece) {
        let at = FontAt { slot: piece.stretch.slot, size };
        if self.last != at && !piece.glyphs.is_empty() {
            self.close(ink);
            set_font(&mut self.body, at);
            self.last = at;
        }
        let own = text.get(piece.stretch.range.clone()).unwrap_or_default();
        let mut rest = piece.glyphs.as_slice();
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|glyph| glyph.cluster == first.cluster).count();
            let (group, behind) = rest.split_at(count);
            let end = behind.first().map_or(own.len(), |next| next.cluster);
            let cluster = own.get(first.cluster..end).unwrap_or_default();
            self.group(ink, &piece.stretch, group, cluster, piece.rtl);
            rest = behind;
        }
    }

    /// Writes the glyphs of one cluster.
    fn group(&mut self, ink: &mut Ink, stretch: &Stretch, group: &[Placed], cluster: &str, rtl: bool) {
        let mut said = std::mem::take(&mut self.text);
        shape::said(cluster, &mut said);
        // A glyph that the font lacks is never shown (ISO 19005-3 §6.2.11.8): another one stands for it.
        let lost = group.iter().any(|glyph| glyph.id == 0);
        if lost && stretch.lacks.is_none() {
            let draws = |c| self.slots.get(usize::from(stretch.slot)).is_some_and(|slot| slot.loaded.draws(c));
            self.lacks.extend(said.chars().filter(|c| !draws(*c)));
        }
        let Some(slot) = self.slots.get_mut(usize::from(stretch.slot)) else { return };
        let (upem, size) = (slot.loaded.upem, self.last.size);
        let instead = slot.loaded.glyph(INSTEAD).or_else(|| slot.loaded.glyph('?')).or_else(|| slot.loaded.glyph(' '));
        let instead = instead.and_then(|glyph| u16::try_from(glyph).ok()).unwrap_or(0);
        // The map of the font says one text a glyph (§9.10.3); where that is not so, the text is said here (§14.9.4).
        let mut numbers = Vec::with_capacity(group.len());
        let mut agrees = group.len() == 1 && stretch.lacks.is_none() && !lost;
        // Readers turn what stands from right to left around, also within one glyph. So a ligature says its first
        // letter there, and the others follow it unseen (see below).
        let split = rtl && agrees && said.chars().skip(1).all(|c| slot.loaded.glyph(c).is_some());
        for (index, glyph) in group.iter().enumerate() {
            let id = if glyph.id == 0 { instead } else { glyph.id };
            // A glyph of several is in the map too (ISO 14289-1 §7.21.7), with the character at its place.
            let own = match stretch.lacks {
                _ if glyph.id == 0 || stretch.lacks.is_some() => INSTEAD.to_string(),
                _ if split => said.chars().next().map(String::from).unwrap_or_default(),
                _ if group.len() == 1 => said.clone(),
                _ => said.chars().nth(index).or(said.chars().last()).map(String::from).unwrap_or_default(),
            };
            let (number, same) = slot.learn(id, &own);
            agrees &= same;
            numbers.push(number);
        }
        let aside = !agrees && !said.is_empty();
        if aside {
            self.close(ink);
            self.body.extend_from_slice(b"/Span<</ActualText");
            utf16(&mut self.body, &said);
            self.body.extend_from_slice(b">>BDC ");
        }
        for (glyph, number) in group.iter().zip(numbers) {
            let rise = i64::from(glyph.dy) * i64::from(size) / i64::from(upem.max(1));
            let rise = i32::try_from(rise).unwrap_or(0);
            if rise != ink.rise {
                self.close(ink);
                hundredths(&mut self.body, rise);
                self.body.extend_from_slice(b" Ts ");
                ink.rise = rise;
            }
            self.open(ink, glyph.x);
            push_number(&mut self.body, number);
            ink.pen += glyph.natural;
        }
        if aside {
            self.close(ink);
            self.body.extend_from_slice(b"EMC ");
        }
        if let ([glyph], true) = (group, split) {
            self.unseen(ink, stretch.slot, glyph.x, said.chars().skip(1));
        }
        self.text = said;
    }

    /// Writes letters that a ligature shows already, each a little more to the left, in the mode that draws nothing
    /// (§9.3.6): they are copied and searched, in the right order.
    fn unseen(&mut self, ink: &mut Ink, slot: u16, mut x: i64, letters: impl Iterator<Item = char>) {
        let mut any = false;
        for c in letters {
            let Some(slot) = self.slots.get_mut(usize::from(slot)) else { return };
            let Some(glyph) = slot.loaded.glyph(c).and_then(|glyph| u16::try_from(glyph).ok()) else { continue };
            let (number, _) = slot.learn(glyph, c.encode_utf8(&mut [0; 4]));
            let natural = millionths(shape::natural(&slot.loaded.font, glyph), slot.loaded.upem);
            if !any {
                self.close(ink);
                self.body.extend_from_slice(b"3 Tr ");
            }
            any = true;
            x -= 10_000;
            self.open(ink, x);
            push_number(&mut self.body, number);
            ink.pen += natural;
        }
        if any {
            self.close(ink);
            self.body.extend_from_slice(b"0 Tr\n");
        }
    }

    /// Opens the string that the next glyph goes into, and moves the pen to where it stands.
    fn open(&mut self, ink: &mut Ink, x: i64) {
        if !ink.shows {
            self.body.push(b'[');
            ink.shows = true;
        }
        let left = (ink.pen - x + 500).div_euclid(1000);
        if left != 0 {
            if ink.within {
                self.body.push(b')');
            }
            whole(&mut self.body, left);
            ink.within = false;
            ink.pen -= left * 1000;
        }
        if !ink.within {
            self.body.push(b'(');
            ink.within = true;
        }
    }

    fn close(&mut self, ink: &mut Ink) {
        if ink.within {
            self.body.push(b')');
        }
        if ink.shows {
            self.body.extend_from_slice(b"]TJ\n");
        }
        (ink.shows, ink.within) = (false, false);
    }
}

/// A glyph and where it stands on the line, in millionths of an em.
struct Placed {
    id: u16,
    cluster: usize,
    x: i64,
    natural: i64,
    // Up, in the font's units.
    dy: i32,
}

/// A stretch that was shaped, its glyphs in the order of the text.
struct Piece {
    stretch: Stretch,
    glyphs: Vec<Placed>,
    rtl: bool,
}

/// How far the writing of a line is.
struct Ink {
    // Where the pen stands, in millionths of an em from where the line began.
    pen: i64,
    rise: Centi,
    // An array is open, and a string in it.
    shows: bool,
    within: bool,
}

/// Whether a paragraph goes from right to left: its first letter says so (UAX #9, P2).
pub(super) fn is_rtl(paragraph: &str) -> bool {
    get_base_direction(paragraph) == Direction::Rtl
}

/// Whether a character stands above or below the one before it.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36F | 0x483..=0x489 | 0x591..=0x5BD | 0x5BF | 0x5C1..=0x5C2 | 0x5C4..=0x5C5 | 0x5C7
        | 0x610..=0x61A | 0x64B..=0x65F | 0x670 | 0x6D6..=0x6ED | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF
        | 0xFE20..=0xFE2F)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::fonts::{Extra, Fonts};
    use super::*;

    /// What a reader copies from a line: the operators are read as §9.10.2 and §14.9.4 say.
    fn copied(set: &Typesetter) -> String {
        let (mut out, mut slot, mut at, mut aside) = (String::new(), set.first.slot, 0, false);
        let body = &set.body;
        while at < body.len() {
            let rest = &body[at..];
            if rest.starts_with(b"(") {
                let mut bytes = Vec::new();
                at += 1;
                while body[at] != b')' {
                    if body[at] == b'\\' {
                        at += 1;
                    }
                    bytes.push(if body[at] == b'r' && body[at - 1] == b'\\' { b'\r' } else { body[at] });
                    at += 1;
                }
                for pair in bytes.chunks(2) {
                    let number = usize::from(pair[0]) << 8 | usize::from(pair[1]);
                    assert_ne!(number, 0, "no .notdef is shown");
                    if !aside {
                        out.push_str(&set.slots[usize::from(slot)].used[number].1);
                    }
                }
            } else if let Some(hex) = rest.strip_prefix(b"/Span<</ActualText<FEFF") {
                let end = hex.iter().position(|b| *b == b'>').expect("ends");
                let digits = std::str::from_utf8(&hex[..end]).expect("ascii");
                let units: Vec<u16> = (0..end / 4)
                    .map(|n| u16::from_str_radix(&digits[4 * n..4 * n + 4], 16).expect("hexadecimal"))
                    .collect();
                out.push_str(&String::from_utf16(&units).expect("text"));
                aside = true;
                at += 22 + end;
            } else if rest.starts_with(b"EMC") {
                aside = false;
            } else if let Some(font) = rest.strip_prefix(b"/F") {
                slot = font.iter().take_while(|b| b.is_ascii_digit()).fold(0, |n, b| n * 10 + u16::from(b - b'0'));
            }
            at += 1;
        }
        out
    }

    fn set(text: &str) -> (String, Centi, u32) {
        let fonts = Arc::new(Fonts::new());
        let mut set = Typesetter::new(&fonts, "en").expect("fonts");
        let width = set.set(Face::Regular, 1000, text);
        set.result();
        (copied(&set), width, set.missing().0)
    }

    #[test]
    fn what_is_copied_is_what_was_written() {
        for text in [
            "Office affluent fjord AVATAR To. ffi",
            "Γειά σου Κόσμε",
            "Счёт-фактура № 12",
            "السلام عليكم لا إله الأول",
            "مَرْحَبًا",
            "חשבונית מס 123 שלום",
            "Invoice فاتورة 45 (two) and חשבונית 46, end.",
            "1,234.50 − 19 %",
        ] {
            assert_eq!(set(text).0, text);
            assert_eq!(set(text).2, 0, "{text}");
        }
    }

    #[test]
    fn a_row_goes_as_its_paragraph_goes() {
        assert!(is_rtl("12 فاتورة Invoice") && !is_rtl("12 Invoice فاتورة") && !is_rtl("12"));
        let fonts = Arc::new(Fonts::new());
        let mut set = Typesetter::new(&fonts, "ar").expect("fonts");
        // The full stop of a row that begins with Latin stands at its left end when its paragraph is Arabic.
        let mut begins = |base| {
            set.base = base;
            set.set(Face::Regular, 1000, "Invoice, فاتورة.");
            let body = String::from_utf8_lossy(&set.body).into_owned();
            let way = body.split('[').nth(1).and_then(|rest| rest.split('(').next()).unwrap_or_default().to_owned();
            way.parse::<i64>().unwrap_or(0)
        };
        assert_eq!(begins(Some(false)), 0);
        assert!(begins(Some(true)) < -1000, "the Latin word stands to the right");
    }

    #[test]
    fn a_character_without_a_glyph_is_counted_and_can_still_be_copied() {
        let (copied, _, missing) = set("漢字 ok 😀");
        assert_eq!((copied.as_str(), missing), ("漢字 ok 😀", 3));
    }

    #[test]
    fn a_composed_letter_needs_no_glyph_for_its_mark() {
        assert_eq!(set("a\u{308}").2, 0);
        assert_eq!(set("a\u{308}").1, set("ä").1);
    }

    #[test]
    fn letters_are_kerned_and_figures_are_not() {
        assert!(set("AVAV").1 < set("A").1 * 2 + set("V").1 * 2);
        assert_eq!(set("1.11").1, set("9.99").1);
    }

    #[test]
    fn arabic_letters_join() {
        let apart: Centi = "سلم".chars().map(|c| set(c.encode_utf8(&mut [0; 4])).1).sum();
        assert!(set("سلم").1 < apart);
    }

    #[test]
    fn an_extra_font_is_read_only_when_it_is_needed_and_a_broken_one_is_named() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let reads = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&reads);
        let broken = Extra::new("broken.ttf", move || {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(b"no font".to_vec())
        });
        let hebrew =
            Extra::new("more.ttf", || Ok(include_bytes!("../../../assets/fonts/NotoSansHebrew-Regular.ttf").to_vec()));
        let fonts = Arc::new(Fonts::with_extra(vec![broken, hebrew]));
        let mut set = Typesetter::new(&fonts, "en").expect("fonts");
        set.set(Face::Regular, 1000, "Latin, שלום");
        assert_eq!(reads.load(Ordering::Relaxed), 0);
        // U+25CC is in the Hebrew font alone.
        set.set(Face::Regular, 1000, "\u{25cc}");
        set.result();
        set.set(Face::Regular, 1000, "漢");
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        assert_eq!((set.missing().0, set.broken()), (0, vec!["broken.ttf".to_owned()]));
    }

    #[test]
    fn words_that_are_kept_have_a_bound() {
        let fonts = Arc::new(Fonts::new());
        let mut set = Typesetter::new(&fonts, "en").expect("fonts");
        for n in 0..60_000 {
            set.set(Face::Regular, 1000, &format!("word{n}"));
        }
        assert!(set.kept() < 1 << 20, "{}", set.kept());
    }
}
