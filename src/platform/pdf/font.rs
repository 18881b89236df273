//! Fonts: widths and glyphs while drawing, a subset with its Unicode map at the end (ISO 32000-1 §9.7, §9.10).

use std::collections::HashMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Chunk, Filter, Finish as _, Name, Rect, Ref, Str};
use subsetter::GlyphRemapper;
use ttf_parser::GlyphId;

use crate::base::error::{Error, Result};

/// Open Sans (Apache-2.0): Latin, Greek, Cyrillic.
const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/OpenSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../assets/fonts/OpenSans-Semibold.ttf");

/// Which cut of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// For text.
    Regular = 0,
    /// For what stands out.
    Bold = 1,
}

/// A font in use.
pub struct Font {
    data: &'static [u8],
    name: &'static str,
    face: ttf_parser::Face<'static>,
    mapper: GlyphRemapper,
    // Glyph of the font, and the character it first stood for.
    used: Vec<(GlyphId, char)>,
    cache: HashMap<char, (u16, f32)>,
    missing: u32,
}

const SYSTEM: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

impl Font {
    pub fn new(face: Face) -> Result<Self> {
        let (data, name) = match face {
            Face::Regular => (REGULAR, "DSKBEL+OpenSans"),
            Face::Bold => (BOLD, "DSKBEM+OpenSans-Semibold"),
        };
        let face = ttf_parser::Face::parse(data, 0).map_err(Error::internal)?;
        let used = vec![(GlyphId(0), '\u{fffd}')];
        Ok(Self { data, name, face, mapper: GlyphRemapper::new(), used, cache: HashMap::new(), missing: 0 })
    }

    fn em(&self) -> f32 {
        f32::from(self.face.units_per_em())
    }

    fn advance(&self, glyph: GlyphId) -> f32 {
        f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0)) / self.em()
    }

    /// Width of a text, in ems.
    pub fn width(&self, text: &str) -> f32 {
        text.chars()
            .map(|c| match self.cache.get(&c) {
                Some((_, advance)) => *advance,
                None => self.advance(self.face.glyph_index(c).unwrap_or(GlyphId(0))),
            })
            .sum()
    }

    /// The glyphs of a text as two bytes each, big end first.
    pub fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len() * 2);
        for c in text.chars() {
            let glyph = match self.cache.get(&c) {
                Some((glyph, _)) => *glyph,
                None => self.learn(c),
            };
            if glyph == 0 {
                self.missing += 1;
            }
            bytes.extend(glyph.to_be_bytes());
        }
        bytes
    }

    fn learn(&mut self, c: char) -> u16 {
        let glyph = self.face.glyph_index(c).unwrap_or(GlyphId(0));
        let advance = self.advance(glyph);
        let place = self.mapper.remap(glyph.0);
        if usize::from(place) == self.used.len() {
            self.used.push((glyph, c));
        }
        self.cache.insert(c, (place, advance));
        place
    }

    /// Characters that the font lacks.
    pub fn missing(&self) -> u32 {
        self.missing
    }

    /// The font's objects: itself, its descendant, its descriptor, its Unicode map, its file.
    pub fn objects(&self, id: Ref, [cid, descriptor, cmap, file]: [Ref; 4]) -> Result<Vec<(Ref, Chunk)>> {
        let name = Name(self.name.as_bytes());
        let mut own = Chunk::new();
        own.type0_font(id)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(cmap);

        let mut descendant = Chunk::new();
        let mut writer = descendant.cid_font(cid);
        writer.subtype(CidFontType::Type2).base_font(name).system_info(SYSTEM).font_descriptor(descriptor);
        writer.default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        let widths = self.used.iter().map(|(glyph, _)| self.advance(*glyph) * 1000.0);
        writer.widths().consecutive(0, widths);
        writer.finish();

        let scale = |units: i16| f32::from(units) * 1000.0 / self.em();
        let bounds = self.face.global_bounding_box();
        let mut describes = Chunk::new();
        describes
            .font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(scale(bounds.x_min), scale(bounds.y_min), scale(bounds.x_max), scale(bounds.y_max)))
            .italic_angle(0.0)
            .ascent(scale(self.face.ascender()))
            .descent(scale(self.face.descender()))
            .cap_height(scale(self.face.capital_height().unwrap_or(1462)))
            .stem_v(90.0)
            .font_file2(file);

        let mut map = UnicodeCmap::new(Name(b"Deskbell"), SYSTEM);
        for (place, (_, c)) in (0_u16..).zip(&self.used).skip(1) {
            map.pair(place, *c);
        }
        let map = map.finish();
        let mut unicode = Chunk::new();
        unicode.cmap(cmap, &map);

        let subset =
            subsetter::subset(self.data, 0, &self.mapper).map_err(|error| Error::internal(error.to_string()))?;
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(&subset, 6);
        let mut embedded = Chunk::new();
        let mut stream = embedded.stream(file, &packed);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Length1"), i32::try_from(subset.len()).unwrap_or(i32::MAX));
        stream.finish();
        Ok(vec![(id, own), (cid, descendant), (descriptor, describes), (cmap, unicode), (file, embedded)])
    }
}
