//! The end of a document: what all pages share, the catalog, the table of objects.

use super::canvas::{Canvas, centi, hundredths, whole};
use super::deflate::Deflater;
use super::document::{Document, Total};
use super::pack::stream;
use super::tags;
use super::types::{About, Outcome};
use super::xmp;
use super::xref::references;
use crate::base::error::{Error, Result};

/// sRGB as an ICC profile of version 4 (see `assets/icc/README.md`).
const SRGB: &[u8] = include_bytes!("../../../assets/icc/srgb.icc");

impl Document<'_> {
    /// Ends all that is open and writes what is shared, the table of objects and the trailer.
    ///
    /// # Errors
    /// `internal` when the sink refuses.
    pub fn finish(mut self) -> Result<Outcome> {
        if !self.canvas.buf.is_empty() || self.count == 0 {
            self.end_page()?;
        }
        self.cut = false;
        while self.tree.depth() > 0 {
            self.tree.end(&mut self.ended);
        }
        self.settle()?;
        self.write_totals()?;
        let fonts = self.write_fonts()?;
        self.shared(&fonts);
        let pages = self.pages_root();
        let meta = self.metadata()?;
        let intent = self.output_intent()?;
        let catalog = self.catalog(pages, meta, intent);
        let info = self.info();
        let mut job = self.line.blank();
        job.page = None;
        job.stream = self.table.reserve();
        self.submit(job)?;
        self.settle()?;
        let id = hex::encode(self.about.id);
        let trailer = format!("/Root {catalog} 0 R/Info {info} 0 R/ID[<{id}><{id}>]");
        let end = std::mem::take(&mut self.table).write(self.written, trailer.as_bytes())?;
        self.write(&end)?;
        self.out.flush().map_err(Error::internal)?;
        let (missing_glyphs, missing) = self.text.missing();
        let broken_fonts = self.text.broken();
        Ok(Outcome { pages: self.count, bytes: self.written, missing_glyphs, missing, broken_fonts })
    }

    fn pages_root(&mut self) -> u32 {
        let root = std::mem::take(&mut self.pages).finish(&mut self.table, &mut self.others);
        let owners = std::mem::take(&mut self.keys).finish(&mut self.table, &mut self.others);
        let next = self.count;
        let body =
            format!("<</Type/StructTreeRoot/K {} 0 R/ParentTree {owners} 0 R/ParentTreeNextKey {next}>>", self.root);
        self.others.push((self.structure, body.into_bytes()));
        root
    }

    /// The forms that show the number of all pages (§8.10).
    fn write_totals(&mut self) -> Result<()> {
        let count = self.count.to_string();
        for index in 0..self.totals.len() {
            let Some(Total { number, style }) = self.totals.get(index) else { continue };
            let (number, style) = (*number, *style);
            let size = centi(style.size);
            let width = self.text.set(style.face, size, &count);
            let mut canvas = Canvas::new();
            let (font, left, body) = self.text.result();
            canvas.show(font, left, style.colour, (0, 0), body);
            let content = canvas.take(Vec::new());
            let mut packed = Vec::new();
            Deflater::small().all(&[&content], &mut packed)?;
            let mut pairs = b"/Type/XObject/Subtype/Form/BBox[".to_vec();
            for (value, behind) in [(0, b' '), (-size, b' '), (width, b' '), (2 * size, b']')] {
                hundredths(&mut pairs, value);
                pairs.push(behind);
            }
            pairs.extend_from_slice(format!("/Resources {} 0 R", self.resources).as_bytes());
            let mut object = Vec::new();
            stream(&mut object, number, &pairs, &packed);
            self.object(number, &object)?;
        }
        Ok(())
    }

    /// The dictionary of resources of all pages (§7.8.3).
    fn shared(&mut self, fonts: &[(u16, u32)]) {
        let mut out = b"<</Font<<".to_vec();
        for (slot, number) in fonts {
            out.extend_from_slice(format!("/F{slot} {number} 0 R").as_bytes());
        }
        out.extend_from_slice(b">>");
        if !self.images.is_empty() || !self.totals.is_empty() {
            out.extend_from_slice(b"/XObject<<");
            for (index, image) in self.images.iter().enumerate() {
                out.extend_from_slice(format!("/I{index} {} 0 R", image.number).as_bytes());
            }
            for (index, total) in self.totals.iter().enumerate() {
                out.extend_from_slice(format!("/N{index} {} 0 R", total.number).as_bytes());
            }
            out.extend_from_slice(b">>");
        }
        out.extend_from_slice(b">>");
        self.others.push((self.resources, out));
    }

    /// The metadata stream, plain so that any program finds it (ISO 19005-3 §6.6.2.1).
    fn metadata(&mut self) -> Result<u32> {
        let number = self.table.reserve();
        let packet = xmp::packet(&self.about);
        let head = format!("{number} 0 obj\n<</Type/Metadata/Subtype/XML/Length {}>>\nstream\n", packet.len());
        let object = [head.as_bytes(), packet.as_bytes(), b"\nendstream\nendobj\n"].concat();
        self.object(number, &object)?;
        Ok(number)
    }

    /// The profile that says what the document's colours are (ISO 19005-3 §6.2.3).
    fn output_intent(&mut self) -> Result<u32> {
        let (profile, intent) = (self.table.reserve(), self.table.reserve());
        let mut packed = Vec::new();
        Deflater::small().all(&[SRGB], &mut packed)?;
        let mut object = Vec::new();
        stream(&mut object, profile, b"/N 3", &packed);
        self.object(profile, &object)?;
        let name = "sRGB IEC61966-2.1";
        let body = format!(
            "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier({name})/Info({name})/RegistryName\
             (http://www.color.org)/DestOutputProfile {profile} 0 R>>"
        );
        self.others.push((intent, body.into_bytes()));
        Ok(intent)
    }

    fn catalog(&mut self, pages: u32, metadata: u32, intent: u32) -> u32 {
        let number = self.table.reserve();
        let mut out = b"<</Type/Catalog/Pages ".to_vec();
        whole(&mut out, i64::from(pages));
        out.extend_from_slice(b" 0 R/Lang");
        tags::text_string(&mut out, &self.about.language);
        out.extend_from_slice(b"/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>");
        for (name, number) in
            [("StructTreeRoot", self.structure), ("Metadata", metadata)].into_iter().filter(|(_, number)| *number > 0)
        {
            out.extend_from_slice(format!("/{name} {number} 0 R").as_bytes());
        }
        references(&mut out, b"/OutputIntents[", [intent].into_iter());
        out.push(b']');
        self.name_attached(&mut out);
        out.extend_from_slice(b">>");
        self.others.push((number, out));
        number
    }

    /// The information dictionary (§14.3.3); the XMP says the same.
    fn info(&mut self) -> u32 {
        let number = self.table.reserve();
        let mut out = b"<<".to_vec();
        let About { title, author, subject, .. } = &self.about;
        for (key, value) in
            [("Title", title.as_str()), ("Author", author), ("Subject", subject), ("Producer", xmp::PRODUCER)]
        {
            if !value.is_empty() {
                out.extend_from_slice(format!("/{key}").as_bytes());
                tags::text_string(&mut out, value);
            }
        }
        let stamp = xmp::date(self.about.created);
        out.extend_from_slice(format!("/CreationDate({stamp})/ModDate({stamp})>>").as_bytes());
        self.others.push((number, out));
        number
    }

    /// Bytes that the engine keeps for what was drawn; for the test of memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.table.held() + self.tree.held()
    }
}
