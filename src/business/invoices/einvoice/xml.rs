//! Writes XML as it goes: nothing is kept but the sink.

use std::io::Write;

use crate::base::error::{Error, Result};

/// What a character reference or a forbidden character becomes; none where the character stands for itself.
///
/// Never: a character that XML 1.0 §2.2 forbids. It could not even be written as a reference, so U+FFFD stands for it.
const fn escaped(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        // A reader turns a bare one into a line feed (§2.11).
        '\r' => Some("&#13;"),
        '\t' | '\n' => None,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => Some("\u{fffd}"),
        _ => None,
    }
}

/// A writer of elements. Names and attributes are ours; texts are from outside.
pub(super) struct Xml<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Xml<'a> {
    /// Begins a document.
    ///
    /// # Errors
    /// `internal` when the sink fails, as everything here.
    pub(super) fn new(out: &'a mut dyn Write) -> Result<Self> {
        let mut xml = Self { out };
        xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        Ok(xml)
    }

    fn raw(&mut self, text: &str) -> Result<()> {
        self.out.write_all(text.as_bytes()).map_err(Error::internal)
    }

    fn text(&mut self, text: &str) -> Result<()> {
        let mut from = 0;
        for (at, c) in text.char_indices() {
            if let Some(instead) = escaped(c) {
                self.raw(text.get(from..at).unwrap_or_default())?;
                self.raw(instead)?;
                from = at + c.len_utf8();
            }
        }
        self.raw(text.get(from..).unwrap_or_default())
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<()> {
        self.raw("<")?;
        self.raw(name)?;
        for (attribute, value) in attributes {
            self.raw(" ")?;
            self.raw(attribute)?;
            self.raw("=\"")?;
            self.text(value)?;
            self.raw("\"")?;
        }
        self.raw(">")
    }

    fn end(&mut self, name: &str) -> Result<()> {
        self.raw("</")?;
        self.raw(name)?;
        self.raw(">")
    }

    /// The outermost element with its name spaces.
    pub(super) fn root(
        &mut self,
        name: &str,
        spaces: &[(&str, &str)],
        inside: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.start(name, spaces)?;
        inside(self)?;
        self.end(name)?;
        self.raw("\n")
    }

    /// An element of elements. The caller knows that something stands in it: an empty one breaks PEPPOL-EN16931-R008.
    pub(super) fn group(&mut self, name: &str, inside: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.start(name, &[])?;
        inside(self)?;
        self.end(name)
    }

    /// An element of text.
    pub(super) fn leaf(&mut self, name: &str, text: &str) -> Result<()> {
        self.start(name, &[])?;
        self.text(text)?;
        self.end(name)
    }

    /// An element of text, where there is one.
    pub(super) fn maybe(&mut self, name: &str, text: Option<&str>) -> Result<()> {
        text.map_or(Ok(()), |text| self.leaf(name, text))
    }

    /// An element of text with an attribute.
    pub(super) fn leaf_with(&mut self, name: &str, attribute: (&str, &str), text: &str) -> Result<()> {
        self.start(name, &[attribute])?;
        self.text(text)?;
        self.end(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        let mut xml = Xml::new(&mut out).expect("a sink");
        xml.root("r", &[("a", text)], |xml| xml.leaf("t", text)).expect("a sink");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn what_means_something_to_xml_is_escaped_in_texts_and_attributes() {
        let xml = written("a<b> & \"c\" 'd' ]]>");
        let escaped = "a&lt;b&gt; &amp; &quot;c&quot; 'd' ]]&gt;";
        assert!(xml.ends_with(&format!("<r a=\"{escaped}\"><t>{escaped}</t></r>\n")), "{xml}");
    }

    #[test]
    fn what_xml_forbids_is_replaced_and_the_rest_stays() {
        for forbidden in ['\0', '\u{8}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
            assert!(written(&format!("x{forbidden}y")).contains("<t>x\u{fffd}y</t>"), "{forbidden:?}");
        }
        for allowed in ["\t", "\n", "\u{85}", "é", "ﷺ", "𝄞", "\u{fffd}"] {
            assert!(written(allowed).contains(&format!("<t>{allowed}</t>")), "{allowed:?}");
        }
        assert!(written("a\r\nb").contains("<t>a&#13;\nb</t>"));
    }

    #[test]
    fn a_sink_that_fails_is_told() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        assert!(Xml::new(&mut Full).is_err());
    }
}
