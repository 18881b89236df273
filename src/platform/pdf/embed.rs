//! Fonts in the file: subsets with their widths and their map to Unicode (ISO 32000-1 §9.7, §9.10).

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Chunk, Finish as _, Name, Rect, Ref, Str};

use super::deflate::Deflater;
use super::document::Document;
use super::pack::stream;
use super::shape::{Slot, natural};
use crate::base::error::{Error, Result};

const SYSTEM: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

impl Document<'_> {
    /// Writes the fonts that were used: each slot and the number of its font.
    pub(super) fn write_fonts(&mut self) -> Result<Vec<(u16, u32)>> {
        let mut written = Vec::new();
        let mut deflater = Deflater::small();
        for index in 0..self.text.slots.len() {
            let numbers = [(); 5].map(|()| self.table.reserve());
            let Some(slot) = self.text.slots.get(index).filter(|slot| slot.used.len() > 1) else { continue };
            for (number, bytes) in objects(slot, index, numbers, &mut deflater)? {
                self.object(number, &bytes)?;
            }
            let [font, ..] = numbers;
            written.push((u16::try_from(index).unwrap_or(0), font));
        }
        Ok(written)
    }
}

fn reference(number: u32) -> Ref {
    Ref::new(i32::try_from(number).unwrap_or(i32::MAX))
}

/// The font's objects: itself, its descendant, its descriptor, its map to Unicode, its file.
fn objects(slot: &Slot, index: usize, numbers: [u32; 5], deflater: &mut Deflater) -> Result<Vec<(u32, Vec<u8>)>> {
    let [font_number, cid_number, descriptor_number, map_number, file_number] = numbers;
    let font = &slot.loaded.font;
    let subset = subsetter::subset(slot.loaded.bytes.as_ref(), slot.loaded.index, &slot.mapper)
        .map_err(|error| Error::internal(error.to_string()))?;
    // A font with cubic outlines is embedded as its bare CFF table (§9.9, table 126).
    let cff = table(&subset, *b"CFF ");
    // §9.6.4: six letters that tell this subset from others of the same font in the document.
    let letter = u8::try_from(index % 26).unwrap_or(0) + b'A';
    let name = format!("DSKBE{}+{}", char::from(letter), slot.loaded.name);
    let name = Name(name.as_bytes());

    let mut own = Chunk::new();
    own.type0_font(reference(font_number))
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(reference(cid_number))
        .to_unicode(reference(map_number));

    #[expect(clippy::cast_precision_loss)]
    let scale = |units: f32| units * 1000.0 / slot.loaded.upem as f32;
    let mut descendant = Chunk::new();
    let mut writer = descendant.cid_font(reference(cid_number));
    writer.subtype(if cff.is_some() { CidFontType::Type0 } else { CidFontType::Type2 });
    writer.base_font(name).system_info(SYSTEM).font_descriptor(reference(descriptor_number));
    writer.default_width(0.0);
    if cff.is_none() {
        writer.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    #[expect(clippy::cast_precision_loss)]
    let widths = slot.used.iter().map(|(glyph, _)| scale(natural(font, *glyph) as f32));
    writer.widths().consecutive(0, widths);
    writer.finish();

    let metrics = font.metrics();
    let line = metrics.hhea_line.or(metrics.typo_line).unwrap_or_default();
    let bounds = metrics.bounds;
    let mut describes = Chunk::new();
    let mut writer = describes.font_descriptor(reference(descriptor_number));
    writer
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(
            scale(bounds.x_min.to_f32()),
            scale(bounds.y_min.to_f32()),
            scale(bounds.x_max.to_f32()),
            scale(bounds.y_max.to_f32()),
        ))
        .italic_angle(0.0)
        .ascent(scale(line.ascender.to_f32()))
        .descent(scale(line.descender.to_f32()))
        .cap_height(metrics.cap_height.map_or(700.0, |height| scale(height.to_f32())))
        .stem_v(90.0);
    if cff.is_some() {
        writer.font_file3(reference(file_number));
    } else {
        writer.font_file2(reference(file_number));
    }
    writer.finish();

    let mut map = UnicodeCmap::new(Name(b"Deskbell"), SYSTEM);
    for (number, (_, text)) in (0_u16..).zip(&slot.used).skip(1) {
        if !text.is_empty() {
            map.pair_with_multiple(number, text.chars());
        }
    }
    let mut packed = Vec::new();
    deflater.all(&[&map.finish()], &mut packed)?;
    let mut unicode = Vec::new();
    stream(&mut unicode, map_number, b"", &packed);

    packed.clear();
    let (file, pairs) = match cff {
        Some(cff) => (cff, "/Subtype/CIDFontType0C".to_owned()),
        None => (subset.as_slice(), format!("/Length1 {}", subset.len())),
    };
    deflater.all(&[file], &mut packed)?;
    let mut embedded = Vec::new();
    stream(&mut embedded, file_number, pairs.as_bytes(), &packed);
    Ok(vec![
        (font_number, own.as_bytes().to_vec()),
        (cid_number, descendant.as_bytes().to_vec()),
        (descriptor_number, describes.as_bytes().to_vec()),
        (map_number, unicode),
        (file_number, embedded),
    ])
}

/// A table of a font file.
fn table(font: &[u8], tag: [u8; 4]) -> Option<&[u8]> {
    let count = u16::from_be_bytes(*font.get(4..)?.first_chunk::<2>()?);
    let (records, _) = font.get(12..)?.as_chunks::<16>();
    let record = records.iter().take(usize::from(count)).find(|record| record.starts_with(&tag))?;
    let number = |at: usize| {
        let bytes = record.get(at..)?.first_chunk::<4>()?;
        usize::try_from(u32::from_be_bytes(*bytes)).ok()
    };
    let (offset, length) = (number(8)?, number(12)?);
    font.get(offset..offset.checked_add(length)?)
}
