//! A line of text becomes the operators that show it (ISO 32000-1 §9.4.3).
//!
//! Two ways. Words in the face's own font are shaped once and kept as bytes; a line of them is put together from what
//! is kept, figures from a table. All else (other fonts, right to left, marks above, glyphs that stand for different
//! texts) goes through bidi, the choice of fonts and `/ActualText` each time.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::canvas::{Centi, FontAt, whole};
use super::fonts::{Fonts, Loaded};
use super::shape::{self, Shaper, Slot};
use super::types::Face;
use crate::base::error::Result;

/// Bytes of words that are kept; all are let go when there are more, so that memory has a bound.
const KEPT: usize = 192 << 10;
/// Words longer than this are not kept.
const LONGEST: usize = 48;
/// Characters without a glyph that are named.
const NAMED: usize = 16;

/// FNV-1a by eight bytes. The keys come from outside, but the table has a bound, so that collisions cost little.
#[derive(Default)]
struct Fast(u64);

impl Hasher for Fast {
    fn write(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks::<8>();
        for chunk in chunks {
            self.mix(u64::from_le_bytes(*chunk));
        }
        let tail = rest.iter().fold(rest.len() as u64, |tail, byte| tail << 8 | u64::from(*byte));
        self.mix(tail);
    }

    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Fast {
    fn mix(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
        self.0 ^= self.0 >> 32;
    }
}

/// A word that was shaped: its bytes within the arena, its width in millionths of an em.
#[derive(Clone, Copy)]
struct Word {
    at: u32,
    len: u32,
    width: i32,
    // It holds kerning, so that it stands in an array.
    kerned: bool,
    // It needs the long way.
    complex: bool,
}

/// A figure: its number in the font and its width; none when the font lacks it.
type Figure = Option<(u16, i32)>;

/// Makes lines of text.
pub(super) struct Typesetter {
    pub(super) fonts: Arc<Fonts>,
    pub(super) shaper: Shaper,
    pub(super) slots: Vec<Slot>,
    // Extra fonts that this document has asked for, by their place.
    extra: Vec<Option<Option<u16>>>,
    words: [HashMap<Box<str>, Word, BuildHasherDefault<Fast>>; 4],
    arena: Vec<u8>,
    // By face, learned when the face is first set.
    figures: [Option<Box<[Figure; 128]>>; 4],
    pub(super) text: String,
    pub(super) body: Vec<u8>,
    pub(super) first: FontAt,
    pub(super) last: FontAt,
    // Characters of this line without a glyph; they count once the line is drawn.
    pub(super) lacks: Vec<char>,
    // Whether the next line belongs to a paragraph that goes from right to left; none: as the line itself says.
    pub(super) base: Option<bool>,
    // The line that is set, and its width.
    held: String,
    holds: bool,
    width: Centi,
    missing: u32,
    named: Vec<char>,
    broken: Vec<String>,
}

impl Typesetter {
    pub fn new(fonts: &Arc<Fonts>, language: &str) -> Result<Self> {
        // The first slots are the faces, by their numbers. A font is embedded only when a glyph of it was learned.
        let slots = fonts.faces()?.map(Slot::new);
        let at = FontAt { slot: 0, size: 0 };
        Ok(Self {
            fonts: Arc::clone(fonts),
            shaper: Shaper::new(language),
            slots: slots.into_iter().collect(),
            extra: vec![None; fonts.extra().len()],
            words: [(); 4].map(|()| HashMap::default()),
            arena: Vec::new(),
            figures: [None, None, None, None],
            text: String::new(),
            body: Vec::new(),
            first: at,
            last: at,
            lacks: Vec::new(),
            base: None,
            held: String::new(),
            holds: false,
            width: 0,
            missing: 0,
            named: Vec::new(),
            broken: Vec::new(),
        })
    }

    /// Figures have one width and no kerning, so that amounts stand below each other.
    fn learn_figures(&mut self, face: Face) {
        let mut all = Box::new([None; 128]);
        for c in " 0123456789.,-+%/:'".chars() {
            let Some(slot) = self.slots.get_mut(face as usize) else { return };
            let Some(glyph) = slot.loaded.glyph(c).and_then(|glyph| u16::try_from(glyph).ok()) else { continue };
            let (number, _) = slot.learn(glyph, c.encode_utf8(&mut [0; 4]));
            let width = millionths(shape::natural(&slot.loaded.font, glyph), slot.loaded.upem);
            if let Some(figure) = all.get_mut(c as usize) {
                *figure = Some((number, i32::try_from(width).unwrap_or(0)));
            }
        }
        if let Some(figures) = self.figures.get_mut(face as usize) {
            *figures = Some(all);
        }
    }

    /// Sets a line and says its width. What shows it is [`Typesetter::result`].
    pub fn set(&mut self, face: Face, size: Centi, text: &str) -> Centi {
        let at = FontAt { slot: face as u16, size };
        // A row is often measured and then drawn.
        if self.holds && self.base.is_none() && self.first == at && self.held == text {
            return self.width;
        }
        (self.first, self.last) = (at, at);
        let width = self.measure(face, size, text);
        self.width = i32::try_from((width * i64::from(size) + 500_000).div_euclid(1_000_000)).unwrap_or(i32::MAX);
        self.held.clear();
        self.held.push_str(text);
        self.holds = self.base.is_none();
        self.width
    }

    /// Sets a line and says its width in millionths of an em.
    pub fn measure(&mut self, face: Face, size: Centi, text: &str) -> i64 {
        self.holds = false;
        self.lacks.clear();
        if self.figures.get(face as usize).is_some_and(Option::is_none) {
            self.learn_figures(face);
        }
        match self.plain(face, text) {
            Some(width) => width,
            None => self.complex(face, size, text),
        }
    }

    /// The font to begin with, the font that it ends with, and the operators.
    pub fn result(&mut self) -> (FontAt, FontAt, &[u8]) {
        self.missing = self.missing.saturating_add(u32::try_from(self.lacks.len()).unwrap_or(u32::MAX));
        for c in &self.lacks {
            if self.named.len() < NAMED && !self.named.contains(c) {
                self.named.push(*c);
            }
        }
        (self.first, self.last, &self.body)
    }

    /// How many characters no font had, and some of them.
    pub fn missing(&mut self) -> (u32, Vec<char>) {
        (self.missing, std::mem::take(&mut self.named))
    }

    /// Extra fonts that could not be read.
    pub fn broken(&mut self) -> Vec<String> {
        std::mem::take(&mut self.broken)
    }

    /// Bytes that are kept for words; for the test of memory.
    #[cfg(test)]
    pub fn kept(&self) -> usize {
        let words: usize = self.words.iter().map(|words| words.len() * 96).sum();
        self.arena.capacity() + words
    }

    /// The short way; none when a word needs the long one.
    fn plain(&mut self, face: Face, text: &str) -> Option<i64> {
        self.body.clear();
        // The first byte becomes `[` when a word is kerned.
        self.body.extend_from_slice(b" (");
        let (mut width, mut kerned) = (0_i64, false);
        let space = (*self.figures.get(face as usize)?.as_ref()?.get(usize::from(b' '))?)?;
        for (index, word) in text.split(' ').enumerate() {
            if index > 0 {
                push_number(&mut self.body, space.0);
                width += i64::from(space.1);
            }
            if word.is_empty() {
                continue;
            }
            let before = self.body.len();
            let figures = self.figures.get(face as usize)?.as_ref()?;
            let mut sum = 0;
            let all = word.bytes().all(|byte| match figures.get(usize::from(byte)) {
                Some(Some((number, width))) => {
                    push_number(&mut self.body, *number);
                    sum += i64::from(*width);
                    true
                }
                _ => false,
            });
            if all {
                width += sum;
                continue;
            }
            self.body.truncate(before);
            let known = self.words.get(face as usize)?.get(word).copied();
            let known = match known {
                Some(known) => known,
                None => self.learn(face, word),
            };
            if known.complex {
                return None;
            }
            let bytes = self.arena.get(known.at as usize..(known.at + known.len) as usize)?;
            self.body.extend_from_slice(bytes);
            width += i64::from(known.width);
            kerned |= known.kerned;
        }
        if kerned {
            if let Some(first) = self.body.first_mut() {
                *first = b'[';
            }
            self.body.extend_from_slice(b")]TJ\n");
        } else {
            self.body.extend_from_slice(b")Tj\n");
        }
        Some(width)
    }

    /// Shapes a word and keeps it.
    fn learn(&mut self, face: Face, word: &str) -> Word {
        if self.arena.len() > KEPT {
            self.arena.clear();
            self.words.iter_mut().for_each(HashMap::clear);
        }
        let at = self.arena.len();
        let found = self.shape_plain(face, word);
        if found.is_none() {
            self.arena.truncate(at);
        }
        let place = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let len = place(self.arena.len() - at);
        let word_of = |(width, kerned)| Word { at: place(at), len, width, kerned, complex: false };
        let complex = Word { at: 0, len: 0, width: 0, kerned: false, complex: true };
        let known = found.map_or(complex, word_of);
        if word.len() <= LONGEST
            && let Some(words) = self.words.get_mut(face as usize)
        {
            // The key and the entry count too.
            if words.len() * 96 > KEPT {
                words.clear();
            }
            words.insert(Box::from(word), known);
        }
        known
    }

    /// Shapes a word of the face's own font into the arena: its width, and whether it is kerned.
    fn shape_plain(&mut self, face: Face, word: &str) -> Option<(i32, bool)> {
        let slot = self.slots.get_mut(face as usize)?;
        if !word.chars().all(|c| is_plain(c) && slot.loaded.draws(c)) {
            return None;
        }
        let script = word.chars().find_map(shape::script);
        self.shaper.shape(&slot.loaded, word, script, false);
        let (mut width, mut kerned, mut left) = (0_i64, false, 0);
        let mut glyphs = self.shaper.glyphs.iter().peekable();
        while let Some(glyph) = glyphs.next() {
            let end = glyphs.peek().map_or(word.len(), |next| next.cluster);
            if end == glyph.cluster || glyph.dy != 0 || glyph.id == 0 {
                return None;
            }
            shape::said(word.get(glyph.cluster..end)?, &mut self.text);
            let (number, agrees) = slot.learn(glyph.id, &self.text);
            if !agrees {
                return None;
            }
            // How far the pen goes to the left before this glyph: half of the kerning is the glyph's own offset.
            let closer = adjust(left - glyph.dx, slot.loaded.upem);
            if closer != 0 {
                kerned = true;
                self.arena.push(b')');
                whole(&mut self.arena, closer);
                self.arena.push(b'(');
            }
            push_number(&mut self.arena, number);
            left = glyph.natural + glyph.dx - glyph.advance;
            width += millionths(glyph.advance, slot.loaded.upem);
        }
        (!self.shaper.glyphs.is_empty()).then_some((i32::try_from(width).ok()?, kerned))
    }

    /// The slot whose font draws a character; none when no font has it.
    pub(super) fn slot_for(&mut self, face: Face, c: char) -> Option<u16> {
        let own = face as u16;
        let has =
            |slots: &[Slot], slot: u16| slots.get(usize::from(slot)).is_some_and(|slot| slot.loaded.glyph(c).is_some());
        if has(&self.slots, own) {
            return Some(own);
        }
        if let Some(late) = self.fonts.late(c) {
            let slot = self.slot_of(late);
            if has(&self.slots, slot) {
                return Some(slot);
            }
        }
        for index in 0..self.extra.len() {
            let known = match self.extra.get(index).copied().flatten() {
                Some(known) => known,
                None => self.load_extra(index, c)?,
            };
            if let Some(slot) = known
                && has(&self.slots, slot)
            {
                return Some(slot);
            }
        }
        None
    }

    /// The slot of an extra font, read now when it may have the character.
    #[expect(clippy::option_option)]
    fn load_extra(&mut self, index: usize, c: char) -> Option<Option<u16>> {
        let fonts = Arc::clone(&self.fonts);
        let Some(extra) = fonts.extra().get(index).filter(|extra| extra.may_have(c)) else { return Some(None) };
        let slot = extra.load().map(|loaded| self.slot_of(Arc::new(loaded)));
        if slot.is_none() {
            self.broken.push(extra.name().to_owned());
        }
        *self.extra.get_mut(index)? = Some(slot);
        Some(slot)
    }

    fn slot_of(&mut self, loaded: Arc<Loaded>) -> u16 {
        let found = self.slots.iter().position(|slot| Arc::ptr_eq(&slot.loaded, &loaded));
        let index = found.unwrap_or_else(|| {
            self.slots.push(Slot::new(loaded));
            self.slots.len() - 1
        });
        u16::try_from(index).unwrap_or(0)
    }
}

/// Whether a character is of a script that is written from left to right without joining.
fn is_plain(c: char) -> bool {
    matches!(u32::from(c), 0x21..=0x7E | 0xA0..=0xAC | 0xAE..=0x34E | 0x350..=0x58F | 0x1E00..=0x1FFF | 0x2010..=0x2027
        | 0x202F..=0x205F | 0x2070..=0x20CF | 0x2100..=0x23FF | 0xFB00..=0xFB06)
}

/// Writes a glyph's number into a string (§7.3.4.2): two bytes, the four that mean something there escaped.
pub(super) fn push_number(out: &mut Vec<u8>, number: u16) {
    for byte in number.to_be_bytes() {
        match byte {
            b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.push(byte),
        }
    }
}

/// Millionths of an em of so many units.
pub(super) fn millionths(units: i32, upem: i32) -> i64 {
    i64::from(units) * 1_000_000 / i64::from(upem.max(1))
}

/// What stands in an array of strings to move left by so many units: thousandths of an em, rounded.
pub(super) fn adjust(units: i32, upem: i32) -> i64 {
    let upem = i64::from(upem.max(1));
    (i64::from(units) * 2000 + upem).div_euclid(2 * upem)
}
