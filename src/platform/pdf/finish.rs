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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io::Write;
    use std::sync::Arc;

    use super::super::types::{FacturX, Rect, Rgb, Style};
    use super::super::{Align, Artifact, Attachment, Fonts, Relationship, Scope, Tag};
    use super::*;

    const STYLE: Style = Style::regular(9.0, Rgb::BLACK);

    fn about() -> About {
        About {
            title: "Invoice 1".into(),
            author: "Studio".into(),
            subject: String::new(),
            language: "en".into(),
            created: "2026-11-24T09:00:00Z".parse().expect("a time"),
            id: [7; 16],
            factur_x: Some(FacturX {
                document_type: "INVOICE".into(),
                file_name: "factur-x.xml".into(),
                version: "1.0".into(),
                level: "EN 16931".into(),
            }),
        }
    }

    fn table(out: &mut dyn Write, pages: usize) -> (Outcome, usize) {
        let fonts = Arc::new(Fonts::new());
        let mut doc = Document::begin(out, &fonts, about()).expect("begun");
        doc.cell(Tag::Heading(1), STYLE, Align::Left, (50.0, 800.0), "Invoice");
        doc.begin_tag(Tag::Table);
        doc.begin_tag(Tag::TableHead);
        doc.begin_tag(Tag::Row);
        doc.cell(Tag::Header(Scope::Column), STYLE, Align::Left, (50.0, 780.0), "What");
        doc.end_tag();
        doc.end_tag();
        doc.begin_tag(Tag::TableBody);
        for page in 0..pages {
            for row in 0_u8..20 {
                let y = 700.0 - 12.0 * f32::from(row);
                doc.begin_tag(Tag::Row);
                doc.cell(Tag::Cell, STYLE, Align::Left, (50.0, y), &format!("Session {page} affluent"));
                doc.end_tag();
                doc.rule((50.0, y - 2.0), (500.0, y - 2.0), 0.3, Rgb::grey(200));
            }
            doc.artifact(Artifact::Footer, |doc| {
                doc.page_of(STYLE, Align::Left, (50.0, 40.0), "Page 1 of ", 1);
                Ok(())
            })
            .expect("drawn");
            doc.end_page().expect("written");
        }
        doc.end_tag();
        doc.end_tag();
        let file = Attachment {
            name: "factur-x.xml",
            mime: "text/xml",
            description: "Invoice",
            relationship: Relationship::Alternative,
            modified: about().created,
        };
        doc.attach(&file, |out| {
            (0..20_000).try_for_each(|n| writeln!(out, "<line>{n}</line>")).map_err(Error::internal)
        })
        .expect("attached");
        let held = doc.held();
        (doc.finish().expect("written"), held)
    }

    fn number(text: &[u8]) -> usize {
        let digits: String = text.iter().take_while(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
        digits.parse().expect("a number")
    }

    fn after<'b>(bytes: &'b [u8], key: &str) -> &'b [u8] {
        let at = bytes.windows(key.len()).position(|w| w == key.as_bytes()).expect("the key is there");
        &bytes[at + key.len()..]
    }

    fn inflated(object: &[u8]) -> Vec<u8> {
        let length = number(after(object, "/Length "));
        let body = after(object, "stream\n");
        miniz_oxide::inflate::decompress_to_vec_zlib(&body[..length]).expect("deflated")
    }

    /// All objects by their numbers, found through the table alone.
    fn objects(bytes: &[u8]) -> HashMap<usize, Vec<u8>> {
        let tail = &bytes[bytes.len() - 40..];
        let start = number(after(tail, "startxref\n"));
        let xref = &bytes[start..];
        let size = number(after(xref, "/Size "));
        let widths: Vec<usize> = after(xref, "/W[").split(|b| *b == b' ' || *b == b']').take(3).map(number).collect();
        let columns: usize = widths.iter().sum();
        let (mut above, mut found, mut streams) = (vec![0_u8; columns], HashMap::new(), HashMap::new());
        let rows = inflated(xref);
        assert_eq!(rows.len(), size * (columns + 1));
        for (own, row) in rows.chunks(columns + 1).enumerate() {
            assert_eq!(row[0], 2, "PNG's Up");
            above.iter_mut().zip(&row[1..]).for_each(|(above, by)| *above = above.wrapping_add(*by));
            let value = |from: usize, to: usize| above[from..to].iter().fold(0, |sum, b| sum << 8 | usize::from(*b));
            let (second, third) = (value(1, 1 + widths[1]), value(1 + widths[1], columns));
            match above[0] {
                0 => {}
                1 => {
                    let head = format!("{own} 0 obj\n");
                    assert!(bytes[second..].starts_with(head.as_bytes()), "object {own} is at {second}");
                    found.insert(own, bytes[second + head.len()..].to_vec());
                }
                _ => {
                    streams.entry(second).or_insert_with(Vec::new).push((own, third));
                }
            }
        }
        for (stream, members) in streams {
            let object = &found[&stream];
            let (count, first) = (number(after(object, "/N ")), number(after(object, "/First ")));
            let body = inflated(object);
            let head: Vec<usize> = String::from_utf8_lossy(&body[..first])
                .split_whitespace()
                .map(|digits| digits.parse().expect("digits"))
                .collect();
            assert_eq!(head.len(), 2 * count);
            for (own, index) in members {
                assert_eq!(head[2 * index], own, "index {index} of stream {stream}");
                let end = head.get(2 * index + 3).map_or(body.len(), |next| first + next);
                found.insert(own, body[first + head[2 * index + 1]..end].to_vec());
            }
        }
        found
    }

    fn with<'o>(objects: &'o HashMap<usize, Vec<u8>>, key: &str) -> Vec<(usize, &'o [u8])> {
        let mut found: Vec<_> = objects
            .iter()
            .filter(|(_, body)| body.starts_with(key.as_bytes()))
            .map(|(own, body)| (*own, body.as_slice()))
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_object_is_where_the_table_says_and_a_body_of_the_table_is_on_each_page() {
        let mut bytes = Vec::new();
        let (outcome, _) = table(&mut bytes, 70);
        assert_eq!((outcome.pages, outcome.bytes, outcome.missing_glyphs), (70, bytes.len() as u64, 0));
        let objects = objects(&bytes);
        assert_eq!(with(&objects, "<</Type/Page/").len(), 70);
        assert_eq!(with(&objects, "<</S/TBody").len(), 70);
        assert_eq!(with(&objects, "<</S/TR").len(), 70 * 20 + 1);
        assert_eq!(with(&objects, "<</S/Document").len(), 1);
        // Two nodes below a root: 64 pages are a node's most.
        assert_eq!(with(&objects, "<</Type/Pages/").len(), 3);
    }

    #[test]
    fn an_attached_file_says_its_size() {
        let mut bytes = Vec::new();
        table(&mut bytes, 1);
        let objects = objects(&bytes);
        let (_, file) = with(&objects, "<</Type/EmbeddedFile")[0];
        let length = number(&objects[&number(after(file, "/Length "))]);
        let body = &after(file, "stream\n")[..length];
        let body = miniz_oxide::inflate::decompress_to_vec_zlib(body).expect("deflated");
        assert!(body.starts_with(b"<line>0</line>\n") && body.ends_with(b"<line>19999</line>\n"));
        let (_, params) = with(&objects, "<</ModDate")[0];
        assert_eq!(number(after(params, "/Size ")), body.len());
    }

    #[test]
    fn the_same_document_is_the_same_bytes() {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        table(&mut first, 40);
        table(&mut second, 40);
        assert!(first == second);
    }

    #[test]
    fn what_is_kept_grows_by_less_than_a_hundred_bytes_a_page() {
        struct Nothing;
        impl Write for Nothing {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        // Vectors double, so that the capacity is up to twice what is kept.
        let (_, few) = table(&mut Nothing, 100);
        let (_, many) = table(&mut Nothing, 2100);
        assert!(many - few < 2000 * 200, "{few} and {many}");
    }

    #[test]
    fn a_sink_that_refuses_is_an_error() {
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0 = self.0.checked_sub(bytes.len()).ok_or_else(|| std::io::Error::other("full"))?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let fonts = Arc::new(Fonts::new());
        let mut sink = Full(20_000);
        let mut doc = Document::begin(&mut sink, &fonts, about()).expect("begun");
        let mut failed = false;
        for page in 0..2000 {
            doc.text(STYLE, (50.0, 700.0), &format!("Page {page}"));
            failed |= doc.end_page().is_err();
        }
        assert!(failed);
    }

    #[test]
    fn what_is_drawn_outside_of_any_element_is_an_artifact() {
        let mut bytes = Vec::new();
        let fonts = Arc::new(Fonts::new());
        let mut doc = Document::begin(&mut bytes, &fonts, about()).expect("begun");
        doc.begin_tag(Tag::Paragraph);
        doc.text(STYLE, (50.0, 700.0), "in");
        doc.rule((50.0, 690.0), (90.0, 690.0), 1.0, Rgb::BLACK);
        doc.text(STYLE, (90.0, 700.0), "side");
        doc.end_tag();
        doc.fill(Rect { x: 0.0, y: 0.0, width: 9.0, height: 9.0 }, Rgb(255, 0, 0));
        doc.text(STYLE, (50.0, 600.0), "out");
        doc.finish().expect("written");
        let objects = objects(&bytes);
        let (_, page) = with(&objects, "<</Type/Page/")[0];
        let content = inflated(&objects[&number(after(page, "/Contents "))]);
        let content = String::from_utf8_lossy(&content);
        let marks: Vec<&str> = content.lines().filter(|line| line.ends_with("BDC")).collect();
        assert_eq!(marks, ["/P<</MCID 0>>BDC", "/P<</MCID 1>>BDC", "/Artifact<</Type/Layout>>BDC"]);
        let (_, paragraph) = with(&objects, "<</S/P/")[0];
        assert!(String::from_utf8_lossy(paragraph).contains("/K[0 1]"));
        assert_eq!(content.matches("BDC").count(), content.matches("EMC").count());
        assert_eq!(content.matches("BT\n").count(), content.matches("ET").count());
    }

    #[test]
    fn an_empty_document_has_one_page() {
        let mut bytes = Vec::new();
        let fonts = Arc::new(Fonts::new());
        let mut doc = Document::begin(&mut bytes, &fonts, about()).expect("begun");
        // An element that draws nothing makes no page of its own.
        doc.end_page().expect("written");
        doc.tagged(Tag::Paragraph, |_| Ok(())).expect("drawn");
        assert_eq!(doc.finish().expect("written").pages, 1);
        assert_eq!(with(&objects(&bytes), "<</Type/Page/").len(), 1);
    }
}
