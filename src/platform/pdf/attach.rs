//! Files within the document (ISO 32000-1 §7.11.4, ISO 19005-3 §6.8), deflated as they come.

use std::io::Write;

use super::document::Document;
use super::pack::Work;
use super::tags::text_string;
use super::xmp;
use crate::base::error::{Error, Result};
use crate::base::time::Instant;

/// How a file relates to the document (ISO 19005-3 Annex E).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relationship {
    /// Another form of the same content, as an e-invoice is.
    Alternative,
    /// What the document was made from.
    Source,
    /// What the document shows, as data.
    Data,
    /// What adds to the document.
    Supplement,
}

impl Relationship {
    fn name(self) -> &'static str {
        match self {
            Self::Alternative => "Alternative",
            Self::Source => "Source",
            Self::Data => "Data",
            Self::Supplement => "Supplement",
        }
    }
}

/// A file to attach.
#[derive(Clone, Debug)]
pub struct Attachment<'t> {
    /// Its name, such as `factur-x.xml`.
    pub name: &'t str,
    /// Its media type, such as `text/xml`.
    pub mime: &'t str,
    /// What it is, in a few words.
    pub description: &'t str,
    /// How it relates to the document.
    pub relationship: Relationship,
    /// When it was last changed.
    pub modified: Instant,
}

/// A file that was attached.
pub(super) struct Attached {
    name: String,
    spec: u32,
}

/// Hands what is written to be deflated, a piece at a time, and counts it.
struct Sink<'d, 'w> {
    document: &'d mut Document<'w>,
    raw: Vec<u8>,
    size: u64,
    failed: Option<Error>,
}

/// Bytes gathered before they are deflated.
const PIECE: usize = 65_536;

impl Sink<'_, '_> {
    fn send(&mut self) -> Result<()> {
        self.size += self.raw.len() as u64;
        let next = self.document.line.raw();
        let piece = std::mem::replace(&mut self.raw, next);
        self.document.line.push(Work::Piece(piece))?;
        self.document.write_ready()
    }
}

impl Write for Sink<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // Pieces of one size, however they come: the same file is the same bytes.
        let bytes = bytes.get(..PIECE.saturating_sub(self.raw.len())).unwrap_or(bytes);
        self.raw.extend_from_slice(bytes);
        if self.raw.len() >= PIECE
            && let Err(error) = self.send()
        {
            // The error of the house is kept for the caller; the writer sees that it must stop.
            self.failed = Some(error);
            return Err(std::io::Error::other("the document cannot be written"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Document<'_> {
    /// Attaches a file; `body` writes its bytes, which are deflated and leave for the sink as they come. Between two
    /// pages, or before the first, or after the last.
    ///
    /// # Errors
    /// Those of `body`; `internal` when the sink refuses.
    pub fn attach(&mut self, file: &Attachment<'_>, body: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        let [stream, params, spec, length] = [(); 4].map(|()| self.table.reserve());
        let mut head = format!("{stream} 0 obj\n<</Type/EmbeddedFile/Subtype/").into_bytes();
        name(&mut head, file.mime);
        head.extend_from_slice(format!("/Params {params} 0 R/Filter/FlateDecode").as_bytes());
        // §7.3.8.2: how long it is is known behind it.
        head.extend_from_slice(format!("/Length {length} 0 R>>\nstream\n").as_bytes());
        self.object(stream, &head)?;
        let from = self.written;
        let raw = self.line.raw();
        let mut sink = Sink { document: self, raw, size: 0, failed: None };
        let done = body(&mut sink);
        if let Some(error) = sink.failed.take() {
            return Err(error);
        }
        done?;
        sink.send()?;
        let size = sink.size;
        self.line.push(Work::End)?;
        self.settle()?;
        let bytes = self.written - from;
        self.write(b"\nendstream\nendobj\n")?;
        self.object(length, format!("{length} 0 obj\n{bytes}\nendobj\n").as_bytes())?;

        let stamp = xmp::date(file.modified);
        // Without the checksum that §7.11.4 allows: MD5 took as long as deflating, and nobody asks for it.
        let object = format!("{params} 0 obj\n<</ModDate({stamp})/Size {size}>>\nendobj\n");
        self.object(params, object.as_bytes())?;
        let mut object = format!("{spec} 0 obj\n<</Type/Filespec/F").into_bytes();
        // §7.11.2: bytes, for readers that know no `UF`.
        let plain: String = file.name.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '_' }).collect();
        text_string(&mut object, &plain);
        object.extend_from_slice(b"/UF");
        text_string(&mut object, file.name);
        object.extend_from_slice(b"/Desc");
        text_string(&mut object, file.description);
        let relationship = file.relationship.name();
        object.extend_from_slice(
            format!("/AFRelationship/{relationship}/EF<</F {stream} 0 R/UF {stream} 0 R>>>>\nendobj\n").as_bytes(),
        );
        self.object(spec, &object)?;
        self.attached.push(Attached { name: file.name.to_owned(), spec });
        Ok(())
    }

    /// Names the attached files in the catalog.
    pub(super) fn name_attached(&mut self, out: &mut Vec<u8>) {
        if self.attached.is_empty() {
            return;
        }
        out.extend_from_slice(b"/AF[");
        for file in &self.attached {
            out.extend_from_slice(format!("{} 0 R ", file.spec).as_bytes());
        }
        // §7.9.6: a name tree is sorted, by the bytes of its keys.
        let key = |name: &str| {
            let mut key = Vec::new();
            if name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
                key.extend_from_slice(name.as_bytes());
            } else {
                key.extend([0xFE, 0xFF]);
                key.extend(name.encode_utf16().flat_map(u16::to_be_bytes));
            }
            key
        };
        self.attached.sort_by_cached_key(|file| key(&file.name));
        out.extend_from_slice(b"]/Names<</EmbeddedFiles<</Names[");
        for file in &self.attached {
            text_string(out, &file.name);
            out.extend_from_slice(format!("{} 0 R ", file.spec).as_bytes());
        }
        out.extend_from_slice(b"]>>>>");
    }
}

/// Writes a name, without its slash (§7.3.5).
fn name(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_+".contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}
