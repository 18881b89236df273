//! PDF (ISO 32000-1) written as a stream: one object at a time, and what is kept is an offset for each.
//!
//! Uses: base. Never: a document whole in memory; a font that is not embedded; a character that breaks the document.

mod font;

use std::io::Write;

use pdf_writer::{Chunk, Content, Filter, Finish as _, Name, Rect, Ref, Str, TextStr};

pub use font::Face;
use font::Font;

use crate::base::error::{Error, Result};

/// A4 in points (ISO 216: 210 × 297 mm).
pub const WIDTH: f32 = 595.28;
/// A4 in points.
pub const HEIGHT: f32 = 841.89;

/// Points of so many millimetres.
pub fn mm(millimetres: f32) -> f32 {
    millimetres * 72.0 / 25.4
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Pages.
    pub pages: usize,
    /// Characters that no font had; a box stands in their place.
    pub missing_glyphs: u32,
}

/// Says what a document is.
#[derive(Clone, Debug)]
pub struct About {
    /// Its title.
    pub title: String,
    /// Who issued it.
    pub author: String,
    /// BCP 47.
    pub language: String,
}

/// A document on its way out.
pub struct Document<'w> {
    out: &'w mut dyn Write,
    written: usize,
    // Offset of each object, from number 1 (§7.5.4).
    offsets: Vec<usize>,
    fonts: [Font; 2],
    font_refs: [Ref; 2],
    tree: Ref,
    // The number of pages is known at the end; each page draws this form in its place.
    count: Ref,
    pages: Vec<Ref>,
    content: Content,
}

impl<'w> Document<'w> {
    /// Begins a document.
    ///
    /// # Errors
    /// `internal` when the sink refuses.
    pub fn begin(out: &'w mut dyn Write) -> Result<Self> {
        let mut document = Self {
            out,
            written: 0,
            offsets: Vec::new(),
            fonts: [Font::new(Face::Regular)?, Font::new(Face::Bold)?],
            font_refs: [Ref::new(1), Ref::new(2)],
            tree: Ref::new(3),
            count: Ref::new(4),
            pages: Vec::new(),
            content: Content::new(),
        };
        for _ in 0..4 {
            document.reserve();
        }
        // §7.5.2: four bytes above 127 tell transports that this is binary.
        document.write(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        Ok(document)
    }

    fn reserve(&mut self) -> Ref {
        self.offsets.push(0);
        Ref::new(i32::try_from(self.offsets.len()).unwrap_or(i32::MAX))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(Error::internal)?;
        self.written += bytes.len();
        Ok(())
    }

    fn object(&mut self, id: Ref, chunk: &Chunk) -> Result<()> {
        if let Some(offset) = usize::try_from(id.get()).ok().and_then(|n| self.offsets.get_mut(n - 1)) {
            *offset = self.written;
        }
        self.write(chunk.as_bytes())
    }

    /// Width of a text in points.
    pub fn width(&self, face: Face, size: f32, text: &str) -> f32 {
        self.fonts[face as usize].width(text) * size
    }

    /// Draws a text whose baseline begins at (x, y), from the lower left of the page.
    pub fn text(&mut self, face: Face, size: f32, (x, y): (f32, f32), grey: f32, text: &str) {
        let glyphs = self.fonts[face as usize].encode(text);
        let name: &[u8] = match face {
            Face::Regular => b"R",
            Face::Bold => b"B",
        };
        self.content.set_fill_gray(grey);
        self.content.begin_text();
        self.content.set_font(Name(name), size);
        self.content.next_line(x, y);
        self.content.show(Str(&glyphs));
        self.content.end_text();
    }

    /// Draws a text that ends at `x`.
    pub fn text_right(&mut self, face: Face, size: f32, (x, y): (f32, f32), grey: f32, text: &str) {
        let width = self.width(face, size, text);
        self.text(face, size, (x - width, y), grey, text);
    }

    /// Draws a horizontal line.
    pub fn rule(&mut self, (from, to): (f32, f32), y: f32, thickness: f32, grey: f32) {
        self.content.set_stroke_gray(grey);
        self.content.set_line_width(thickness);
        self.content.move_to(from, y);
        self.content.line_to(to, y);
        self.content.stroke();
    }

    /// Draws the number of all pages at (x, y); it is filled in at the end.
    pub fn page_count(&mut self, (x, y): (f32, f32)) {
        self.content.save_state();
        self.content.transform([1.0, 0.0, 0.0, 1.0, x, y]);
        self.content.x_object(Name(b"N"));
        self.content.restore_state();
    }

    /// Pages that are done.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Ends the page that is being drawn and writes it out.
    ///
    /// # Errors
    /// `internal` when the sink refuses.
    pub fn end_page(&mut self) -> Result<()> {
        let content = std::mem::replace(&mut self.content, Content::new()).finish();
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(&content, 3);
        let (page, body) = (self.reserve(), self.reserve());
        let mut chunk = Chunk::new();
        chunk.stream(body, &packed).filter(Filter::FlateDecode);
        self.object(body, &chunk)?;
        let mut chunk = Chunk::new();
        let mut writer = chunk.page(page);
        writer.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT));
        writer.parent(self.tree);
        writer.contents(body);
        let mut resources = writer.resources();
        let mut fonts = resources.fonts();
        fonts.pair(Name(b"R"), self.font_refs[0]);
        fonts.pair(Name(b"B"), self.font_refs[1]);
        fonts.finish();
        resources.x_objects().pair(Name(b"N"), self.count);
        resources.finish();
        writer.finish();
        self.object(page, &chunk)?;
        self.pages.push(page);
        Ok(())
    }

    /// Writes what is shared, the table of offsets and the trailer.
    ///
    /// # Errors
    /// `internal` when the sink refuses.
    pub fn finish(mut self, about: &About, id: &[u8; 16], count_size: f32, grey: f32) -> Result<Outcome> {
        let pages = self.pages.len();
        let total = self.fonts[0].encode(&pages.to_string());
        let mut content = Content::new();
        content.set_fill_gray(grey);
        content.begin_text();
        content.set_font(Name(b"R"), count_size);
        content.show(Str(&total));
        content.end_text();
        let content = content.finish();
        let mut chunk = Chunk::new();
        let mut form = chunk.form_xobject(self.count, &content);
        form.bbox(Rect::new(0.0, -count_size, 20.0 * count_size, 2.0 * count_size));
        form.resources().fonts().pair(Name(b"R"), self.font_refs[0]);
        form.finish();
        self.object(self.count, &chunk)?;

        let mut missing_glyphs = 0;
        for index in 0..self.fonts.len() {
            let refs = [self.reserve(), self.reserve(), self.reserve(), self.reserve()];
            let (Some(font), Some(id)) = (self.fonts.get(index), self.font_refs.get(index).copied()) else { continue };
            missing_glyphs += font.missing();
            for (id, chunk) in font.objects(id, refs)? {
                self.object(id, &chunk)?;
            }
        }

        let mut chunk = Chunk::new();
        let count = i32::try_from(pages).unwrap_or(i32::MAX);
        chunk.pages(self.tree).count(count).kids(self.pages.iter().copied());
        self.object(self.tree, &chunk)?;
        let (catalog, info) = (self.reserve(), self.reserve());
        let mut chunk = Chunk::new();
        let mut writer = chunk.indirect(catalog).dict();
        writer.pair(Name(b"Type"), Name(b"Catalog"));
        writer.pair(Name(b"Pages"), self.tree);
        writer.pair(Name(b"Lang"), TextStr(&about.language));
        writer.insert(Name(b"ViewerPreferences")).dict().pair(Name(b"DisplayDocTitle"), true);
        writer.finish();
        self.object(catalog, &chunk)?;
        let mut chunk = Chunk::new();
        let mut writer = chunk.indirect(info).dict();
        writer.pair(Name(b"Title"), TextStr(&about.title));
        writer.pair(Name(b"Author"), TextStr(&about.author));
        writer.pair(Name(b"Producer"), TextStr("Deskbell"));
        writer.finish();
        self.object(info, &chunk)?;

        // §7.5.4: twenty bytes an entry; §7.5.5: the trailer.
        let start = self.written;
        let size = self.offsets.len() + 1;
        self.write(format!("xref\n0 {size}\n0000000000 65535 f\r\n").as_bytes())?;
        let offsets = std::mem::take(&mut self.offsets);
        for some in offsets.chunks(512) {
            let rows: String = some.iter().map(|offset| format!("{offset:010} 00000 n\r\n")).collect();
            self.write(rows.as_bytes())?;
        }
        let hash = hex::encode(id);
        self.write(
            format!(
                "trailer\n<< /Size {size} /Root {} 0 R /Info {} 0 R /ID [<{hash}> <{hash}>] >>\nstartxref\n{start}\n%%EOF\n",
                catalog.get(),
                info.get()
            )
            .as_bytes(),
        )?;
        Ok(Outcome { pages, missing_glyphs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(pages: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut document = Document::begin(&mut bytes).expect("begun");
        for _ in 0..pages {
            document.text(Face::Bold, 12.0, (50.0, 700.0), 0.0, "Größe Ω Ж");
            document.page_count((50.0, 50.0));
            document.end_page().expect("written");
        }
        let about = About { title: "T".into(), author: "A".into(), language: "de".into() };
        let outcome = document.finish(&about, &[7; 16], 8.0, 0.4).expect("written");
        assert_eq!(outcome, Outcome { pages, missing_glyphs: 0 });
        bytes
    }

    #[test]
    fn every_offset_points_to_its_object() {
        let bytes = sample(3);
        let text = String::from_utf8_lossy(&bytes);
        let start: usize =
            text.rsplit("startxref\n").next().and_then(|t| t.lines().next()).expect("there").parse().expect("a number");
        // Binary streams shift the lossy text, so the table is read from the bytes.
        let table = String::from_utf8_lossy(bytes.get(start..).expect("inside")).into_owned();
        let rows: Vec<&str> = table.lines().skip(3).take_while(|row| row.ends_with("00000 n")).collect();
        assert!(rows.len() > 10);
        for (number, row) in (1..).zip(rows) {
            let offset: usize = row.get(..10).expect("ten digits").parse().expect("a number");
            let head = format!("{number} 0 obj");
            assert_eq!(bytes.get(offset..offset + head.len()), Some(head.as_bytes()));
        }
    }

    #[test]
    fn the_same_document_is_the_same_bytes() {
        assert_eq!(sample(2), sample(2));
    }

    #[test]
    fn what_no_font_has_is_counted_and_breaks_nothing() {
        let mut bytes = Vec::new();
        let mut document = Document::begin(&mut bytes).expect("begun");
        document.text(Face::Regular, 12.0, (50.0, 700.0), 0.0, "漢字 ok");
        document.end_page().expect("written");
        let about = About { title: "T".into(), author: "A".into(), language: "en".into() };
        assert_eq!(document.finish(&about, &[7; 16], 8.0, 0.4).expect("written").missing_glyphs, 2);
    }
}
