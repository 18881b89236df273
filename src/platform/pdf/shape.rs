//! Shaping: characters become glyphs with kerning, ligatures and joining forms, through HarfBuzz's rules in Rust.

use std::sync::Arc;

use harfrust::font::Font;
use harfrust::{Buffer, BufferFlags, Direction, GlyphId, Language, Script, ShapeOptions, ShaperFont, Tag};
use subsetter::GlyphRemapper;

use super::fonts::{Loaded, PlanKey};

/// A font as one document uses it: its glyphs are numbered in the order of their first use.
pub(super) struct Slot {
    pub loaded: Arc<Loaded>,
    pub mapper: GlyphRemapper,
    /// For each number the font's own glyph, and the text that it stands for (§9.10.3).
    pub used: Vec<(u16, Box<str>)>,
}

impl Slot {
    pub fn new(loaded: Arc<Loaded>) -> Self {
        Self { loaded, mapper: GlyphRemapper::new(), used: vec![(0, Box::from(""))] }
    }

    /// The number of a glyph, and whether it stands for `text` wherever it stands.
    pub fn learn(&mut self, glyph: u16, text: &str) -> (u16, bool) {
        let number = self.mapper.remap(glyph);
        match self.used.get(usize::from(number)) {
            Some((_, known)) => (number, &**known == text),
            None => {
                self.used.push((glyph, Box::from(text)));
                (number, true)
            }
        }
    }
}

/// A glyph's own width, in the font's units, as the embedded font has it.
pub(super) fn natural(font: &Font, glyph: u16) -> i32 {
    // Whole units in any font without variations.
    #[expect(clippy::cast_possible_truncation)]
    let width = font.glyph_metrics().h_advance(GlyphId::new(u32::from(glyph))).round() as i32;
    width
}

/// A glyph and its place, in the font's units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub id: u16,
    /// First byte of the text that it comes from.
    pub cluster: usize,
    pub advance: i32,
    pub natural: i32,
    pub dx: i32,
    pub dy: i32,
}

/// Shapes, with buffers that are used again.
pub(super) struct Shaper {
    buffer: Buffer,
    language: Option<Language>,
    pub glyphs: Vec<Glyph>,
}

impl Shaper {
    pub fn new(language: &str) -> Self {
        Self { buffer: Buffer::new(), language: Language::new(language), glyphs: Vec::new() }
    }

    /// Shapes a text of one script and direction; the glyphs stand in `glyphs` from left to right. No glyph when the
    /// font's tables are so damaged that it cannot be.
    pub fn shape(&mut self, loaded: &Loaded, text: &str, script: Option<Script>, rtl: bool) {
        self.glyphs.clear();
        let buffer = &mut self.buffer;
        buffer.reset();
        buffer.push_str(text);
        buffer.set_direction(if rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        buffer.set_script(script);
        buffer.set_language(self.language.clone());
        buffer.set_flags(
            BufferFlags::BEGINNING_OF_TEXT | BufferFlags::END_OF_TEXT | BufferFlags::REMOVE_DEFAULT_IGNORABLES,
        );
        let plan = loaded.plan(&PlanKey { script, rtl, language: self.language.clone() });
        let font = ShaperFont::new(&loaded.font);
        if harfrust::shape(&font, buffer, ShapeOptions::new().plan(Some(&plan))).is_err() {
            return;
        }
        for (info, at) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()) {
            let id = u16::try_from(info.glyph_id).unwrap_or(0);
            self.glyphs.push(Glyph {
                id,
                cluster: info.cluster as usize,
                advance: at.x_advance,
                natural: natural(&loaded.font, id),
                dx: at.x_offset,
                dy: at.y_offset,
            });
        }
    }
}

/// The script of a character, none for what all scripts share.
pub(super) fn script(c: char) -> Option<Script> {
    use unicode_script::{Script as Own, UnicodeScript as _};
    match c.script() {
        Own::Common | Own::Inherited | Own::Unknown => None,
        own => {
            let name = own.short_name().as_bytes();
            let tag = [0, 1, 2, 3].map(|at| name.get(at).copied().unwrap_or(b' '));
            Script::from_iso15924_tag(Tag::new(&tag))
        }
    }
}

/// Whether a character is never drawn, so that no glyph stands for it.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(u32::from(c), 0xAD | 0x34F | 0x61C | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F
        | 0xFEFF | 0xE0100..=0xE01EF)
}

/// What a cluster says when it is copied: spaces of all widths are spaces, what is not drawn is left out.
pub(super) fn said(cluster: &str, out: &mut String) {
    out.clear();
    for c in cluster.chars().filter(|c| !is_ignorable(*c)) {
        let space = c.is_control() || matches!(c, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}');
        out.push(if space { ' ' } else { c });
    }
}
