//! The long way of a line: bidi (UAX #9), a font for each character, shaping by script, and what is copied.

use std::ops::Range;

use unicode_bidi::ParagraphBidiInfo;

use harfrust::Script;

use super::canvas::{Centi, FontAt, hundredths, set_font, whole};
use super::line::{Typesetter, adjust, millionths, push_number};
use super::shape::{self, Glyph};
use super::tags::text_string;
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
        let bidi = ParagraphBidiInfo::new(&text, None);
        let (levels, runs) = bidi.visual_runs(0..text.len());
        let mut width = 0;
        for run in runs {
            let rtl = levels.get(run.start).is_some_and(|level| level.is_rtl());
            let mut stretches = self.stretches(face, &text, run);
            if rtl {
                stretches.reverse();
            }
            for stretch in stretches {
                width += self.show(size, &text, &stretch, rtl);
            }
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
                // Marks and spaces stay with what they follow, when its font has them.
                let stays = script.is_none()
                    && (c == ' ' || shape::is_ignorable(c) || is_mark(c))
                    && (shape::is_ignorable(c)
                        || self.slots.get(usize::from(last.slot)).is_some_and(|slot| slot.loaded.glyph(c).is_some()));
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

    /// Writes a stretch; its width in millionths of an em.
    fn show(&mut self, size: Centi, text: &str, stretch: &Stretch, rtl: bool) -> i64 {
        let Some(slot) = self.slots.get(usize::from(stretch.slot)) else { return 0 };
        let own = text.get(stretch.range.clone()).unwrap_or_default();
        match stretch.lacks {
            Some(c) => {
                self.lacks.push(c);
                self.shaper.shape(&slot.loaded, INSTEAD.encode_utf8(&mut [0; 4]), None, false);
            }
            None => self.shaper.shape(&slot.loaded, own, stretch.script, rtl),
        }
        let glyphs = std::mem::take(&mut self.shaper.glyphs);
        let at = FontAt { slot: stretch.slot, size };
        if self.last != at && !glyphs.is_empty() {
            set_font(&mut self.body, at);
            self.last = at;
        }
        let mut width = 0;
        let mut rest = glyphs.as_slice();
        let mut ink = Ink { move_by: 0, rise: 0, shows: false, within: false };
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|glyph| glyph.cluster == first.cluster).count();
            let (group, behind) = rest.split_at(count);
            // The cluster ends where the next one in the text begins.
            let end = glyphs.iter().map(|glyph| glyph.cluster).filter(|at| *at > first.cluster).min();
            let cluster = own.get(first.cluster..end.unwrap_or(own.len())).unwrap_or_default();
            width += self.group(&mut ink, stretch, group, cluster);
            rest = behind;
        }
        self.close(&mut ink);
        if ink.rise != 0 {
            self.body.extend_from_slice(b"0 Ts\n");
        }
        self.shaper.glyphs = glyphs;
        width
    }

    /// Writes the glyphs of one cluster; its width in millionths of an em.
    fn group(&mut self, ink: &mut Ink, stretch: &Stretch, group: &[Glyph], cluster: &str) -> i64 {
        let mut said = std::mem::take(&mut self.text);
        shape::said(cluster, &mut said);
        let size = self.last.size;
        let Some(slot) = self.slots.get_mut(usize::from(stretch.slot)) else { return 0 };
        let upem = slot.loaded.upem;
        // The map of the font says one text a glyph (§9.10.3); where that is not so, the text is said here (§14.9.4).
        let mut numbers = Vec::with_capacity(group.len());
        let mut agrees = group.len() == 1 && stretch.lacks.is_none();
        for (index, glyph) in group.iter().enumerate() {
            // A glyph of several says the cluster too: whatever it says, it must be in the map (ISO 14289-1 §7.21.7).
            let own = match stretch.lacks {
                Some(_) => INSTEAD.encode_utf8(&mut [0; 4]).to_owned(),
                None if index == 0 || group.len() == 1 => said.clone(),
                None => said.chars().nth(index).or(said.chars().last()).map(String::from).unwrap_or_default(),
            };
            let (number, same) = slot.learn(glyph.id, &own);
            agrees &= same;
            numbers.push(number);
        }
        let aside = !agrees && !said.is_empty();
        if aside {
            self.close(ink);
            self.body.extend_from_slice(b"/Span<</ActualText");
            text_string(&mut self.body, &said);
            self.body.extend_from_slice(b">>BDC ");
        }
        let mut width = 0;
        for (glyph, number) in group.iter().zip(numbers) {
            let rise = i64::from(glyph.dy) * i64::from(size) / i64::from(upem.max(1));
            let rise = i32::try_from(rise).unwrap_or(0);
            if rise != ink.rise {
                self.close(ink);
                hundredths(&mut self.body, rise);
                self.body.extend_from_slice(b" Ts ");
                ink.rise = rise;
            }
            ink.move_by -= glyph.dx;
            self.open(ink, upem);
            push_number(&mut self.body, number);
            ink.move_by += glyph.natural + glyph.dx - glyph.advance;
            width += millionths(glyph.advance, upem);
        }
        if aside {
            self.close(ink);
            self.body.extend_from_slice(b"EMC ");
        }
        self.text = said;
        width
    }

    /// Opens the string that the next glyph goes into, after the way that is still to go.
    fn open(&mut self, ink: &mut Ink, upem: i32) {
        if !ink.shows {
            self.body.push(b'[');
            ink.shows = true;
        }
        let way = adjust(ink.move_by, upem);
        ink.move_by = 0;
        if way != 0 {
            if ink.within {
                self.body.push(b')');
            }
            whole(&mut self.body, way);
            ink.within = false;
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

/// How far the writing of a stretch is.
struct Ink {
    // Units to move left before the next glyph.
    move_by: i32,
    rise: Centi,
    // An array is open, and a string in it.
    shows: bool,
    within: bool,
}

/// Whether a character stands above or below the one before it.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36F | 0x483..=0x489 | 0x591..=0x5BD | 0x5BF | 0x5C1..=0x5C2 | 0x5C4..=0x5C5 | 0x5C7
        | 0x610..=0x61A | 0x64B..=0x65F | 0x670 | 0x6D6..=0x6ED | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF
        | 0xFE20..=0xFE2F)
}
