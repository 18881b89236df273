//! Kinds of files: what each takes, how large it may be, and what its first bytes say it is.

use crate::base::error::{Code, Error, Result};
use crate::{word_column, words};

words! {
    /// What a file is for.
    pub enum Kind {
        /// The picture of a program.
        Poster = "poster",
        /// A picture of a gallery.
        Image = "image",
        /// A film.
        Video = "video",
        /// A spoken note.
        Audio = "audio",
        /// A document.
        Document = "document",
    }
}
word_column!(Kind);

/// So many first bytes are enough to tell every type that is taken.
pub const SNIFF: usize = 512;

impl Kind {
    /// Largest size in bytes, unless the business says otherwise.
    pub const fn default_limit(self) -> u64 {
        match self {
            Self::Poster | Self::Image => 32 << 20,
            Self::Video => 8 << 30,
            Self::Audio => 256 << 20,
            Self::Document => 64 << 20,
        }
    }

    /// Types that are taken, as content types.
    pub const fn content_types(self) -> &'static [&'static str] {
        match self {
            Self::Poster | Self::Image => &["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"],
            Self::Video => &["video/mp4", "video/webm", "video/quicktime"],
            Self::Audio => &["audio/webm", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/wav", "audio/flac"],
            Self::Document => &["application/pdf"],
        }
    }

    /// Bytes gathered before they are written; an accounting unit, not a buffer that an upload holds.
    pub const fn write_size(self) -> usize {
        match self {
            Self::Poster | Self::Image | Self::Document => 1 << 20,
            Self::Video => 2 << 20,
            Self::Audio => 512 << 10,
        }
    }

    /// What the first bytes say, if this kind takes it. The name and what the client said do not count.
    ///
    /// # Errors
    /// `unsupported_media_type`.
    pub fn content_type(self, head: &[u8]) -> Result<&'static str> {
        let found = sniff(head);
        // The containers of films carry sound alone as well.
        let found = match (self, found) {
            (Self::Audio, Some("video/webm")) => Some("audio/webm"),
            (Self::Audio, Some("video/mp4")) => Some("audio/mp4"),
            (_, found) => found,
        };
        let taken = found.filter(|found| self.content_types().contains(found));
        taken.ok_or_else(|| {
            let takes = match self {
                Self::Poster | Self::Image => "JPEG, PNG, WebP, AVIF or GIF",
                Self::Video => "MP4, WebM or QuickTime",
                Self::Audio => "WebM, Ogg, MP3, M4A, WAV or FLAC",
                Self::Document => "PDF",
            };
            Error::new(Code::UnsupportedMediaType, format!("This is not a file that can be a {self}. Send {takes}."))
        })
    }
}

fn sniff(head: &[u8]) -> Option<&'static str> {
    if head.get(4..8) == Some(b"ftyp") {
        return Some(match head.get(8..12) {
            Some(b"avif" | b"avis") => "image/avif",
            Some(b"M4A " | b"M4B ") => "audio/mp4",
            Some(b"qt  ") => "video/quicktime",
            Some(b"heic" | b"heix" | b"mif1" | b"msf1") => return None,
            _ => "video/mp4",
        });
    }
    // A layer-3 frame without a tag in front (ISO 11172-3 §2.4.1.3).
    if let Some([0xff, second, ..]) = head.get(..3)
        && second & 0xe6 == 0xe2
    {
        return Some("audio/mpeg");
    }
    match infer::get(head)?.mime_type() {
        "image/jpeg" => Some("image/jpeg"),
        "image/png" => Some("image/png"),
        "image/webp" => Some("image/webp"),
        "image/gif" => Some("image/gif"),
        "video/webm" => Some("video/webm"),
        "video/quicktime" => Some("video/quicktime"),
        "audio/ogg" | "audio/opus" | "video/ogg" => Some("audio/ogg"),
        "audio/mpeg" => Some("audio/mpeg"),
        "audio/x-wav" => Some("audio/wav"),
        "audio/x-flac" => Some("audio/flac"),
        "audio/m4a" => Some("audio/mp4"),
        "application/pdf" => Some("application/pdf"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide_and_not_the_name() {
        assert_eq!(Kind::Poster.content_type(b"\x89PNG\r\n\x1a\n....").expect("a PNG"), "image/png");
        assert_eq!(Kind::Video.content_type(b"\0\0\0\x20ftypisom\0\0\x02\0").expect("an MP4"), "video/mp4");
        assert_eq!(Kind::Audio.content_type(b"OggS\0\x02\0\0\0\0\0\0\0\0").expect("Ogg"), "audio/ogg");
        assert_eq!(Kind::Document.content_type(b"%PDF-1.7\n").expect("a PDF"), "application/pdf");
    }

    #[test]
    fn pages_and_drawings_that_could_run_are_refused() {
        for bad in [&b"<svg xmlns='http://www.w3.org/2000/svg'>"[..], b"<!doctype html>", b"MZ\x90\0", b""] {
            for kind in Kind::ALL {
                assert_eq!(kind.content_type(bad).expect_err("refused").code, Code::UnsupportedMediaType);
            }
        }
        assert!(Kind::Video.content_type(b"\x89PNG\r\n\x1a\n").is_err());
    }
}
