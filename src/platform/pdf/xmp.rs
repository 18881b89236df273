//! The metadata packet (ISO 16684-1), as ISO 19005-3 §6.6, ISO 14289-1 §5 and Factur-X 1.0 ask for it.

use std::fmt::Write as _;

use super::types::About;
use crate::base::time::Instant;

/// Who makes the files.
pub(super) const PRODUCER: &str = "Deskbell";

/// A date as PDF says it (ISO 32000-1 §7.9.4), in UTC.
pub(super) fn date(at: Instant) -> String {
    let digits: String = seconds(at).chars().filter(char::is_ascii_digit).collect();
    format!("D:{digits}Z")
}

/// `2026-11-24T09:00:00`.
fn seconds(at: Instant) -> String {
    at.to_string().chars().take(19).collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no place for these.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

/// A schema that is none of XMP's own (ISO 19005-3 §6.6.2.3.3): its name, namespace, prefix and properties.
fn schema(out: &mut String, name: &str, space: &str, prefix: &str, properties: &[[&str; 4]]) {
    let _ = write!(
        out,
        "<rdf:li rdf:parseType=\"Resource\">\n<pdfaSchema:schema>{name}</pdfaSchema:schema>\n\
         <pdfaSchema:namespaceURI>{space}</pdfaSchema:namespaceURI>\n<pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>\n\
         <pdfaSchema:property><rdf:Seq>\n"
    );
    for [name, kind, category, description] in properties {
        let _ = writeln!(
            out,
            "<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>{name}</pdfaProperty:name>\
             <pdfaProperty:valueType>{kind}</pdfaProperty:valueType>\
             <pdfaProperty:category>{category}</pdfaProperty:category>\
             <pdfaProperty:description>{description}</pdfaProperty:description></rdf:li>"
        );
    }
    out.push_str("</rdf:Seq></pdfaSchema:property>\n</rdf:li>\n");
}

/// The namespace of Factur-X.
const FX: &str = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#";
const UA: &str = "http://www.aiim.org/pdfua/ns/id/";

/// The packet of a document. It is read-only (`end="r"`), so it needs no padding.
pub(super) fn packet(about: &About) -> String {
    let (title, author) = (escaped(&about.title), escaped(&about.author));
    let (language, subject) = (escaped(&about.language), escaped(&about.subject));
    let stamp = seconds(about.created) + "Z";
    let id = hex::encode(about.id);
    let uuid: String = id
        .char_indices()
        .flat_map(|(at, c)| [8, 12, 16, 20].contains(&at).then_some('-').into_iter().chain([c]))
        .collect();
    let mut out = String::with_capacity(6000);
    let _ = write!(
        out,
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" \
         xmlns:xmpMM=\"http://ns.adobe.com/xap/1.0/mm/\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" \
         xmlns:pdfuaid=\"{UA}\">\n\
         <pdfaid:part>3</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n<pdfuaid:part>1</pdfuaid:part>\n\
         <dc:format>application/pdf</dc:format>\n\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n"
    );
    if !author.is_empty() {
        let _ = writeln!(out, "<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>");
    }
    if !subject.is_empty() {
        let _ = writeln!(
            out,
            "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{subject}</rdf:li></rdf:Alt></dc:description>"
        );
    }
    let _ = write!(
        out,
        "<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>\n\
         <xmp:CreateDate>{stamp}</xmp:CreateDate>\n<xmp:ModifyDate>{stamp}</xmp:ModifyDate>\n\
         <xmp:MetadataDate>{stamp}</xmp:MetadataDate>\n<pdf:Producer>{PRODUCER}</pdf:Producer>\n\
         <xmpMM:DocumentID>uuid:{uuid}</xmpMM:DocumentID>\n<xmpMM:InstanceID>uuid:{uuid}</xmpMM:InstanceID>\n\
         </rdf:Description>\n"
    );
    if let Some(fx) = &about.factur_x {
        let _ = write!(
            out,
            "<rdf:Description rdf:about=\"\" xmlns:fx=\"{FX}\">\n<fx:DocumentType>{}</fx:DocumentType>\n\
             <fx:DocumentFileName>{}</fx:DocumentFileName>\n<fx:Version>{}</fx:Version>\n\
             <fx:ConformanceLevel>{}</fx:ConformanceLevel>\n</rdf:Description>\n",
            escaped(&fx.document_type),
            escaped(&fx.file_name),
            escaped(&fx.version),
            escaped(&fx.level)
        );
    }
    out.push_str(
        "<rdf:Description rdf:about=\"\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\" \
         xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\" \
         xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">\n<pdfaExtension:schemas><rdf:Bag>\n",
    );
    schema(
        &mut out,
        "PDF/UA Universal Accessibility Schema",
        UA,
        "pdfuaid",
        &[["part", "Integer", "internal", "Part of ISO 14289"]],
    );
    if about.factur_x.is_some() {
        schema(
            &mut out,
            "Factur-X PDFA Extension Schema",
            FX,
            "fx",
            &[
                ["DocumentFileName", "Text", "external", "The name of the embedded XML document"],
                ["DocumentType", "Text", "external", "The type of the hybrid document in capital letters"],
                ["Version", "Text", "external", "The actual version of the standard applying to the embedded XML"],
                ["ConformanceLevel", "Text", "external", "The conformance level of the embedded XML document"],
            ],
        );
    }
    out.push_str("</rdf:Bag></pdfaExtension:schemas>\n</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n");
    out.push_str("<?xpacket end=\"r\"?>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_forms_of_a_date_say_the_same() {
        let at: Instant = "2026-11-24T09:05:07.123456Z".parse().expect("a time");
        assert_eq!(date(at), "D:20261124090507Z");
        assert_eq!(seconds(at), "2026-11-24T09:05:07");
    }

    #[test]
    fn text_from_outside_stays_text() {
        assert_eq!(escaped("A & B <\u{1}c> \"d\""), "A &amp; B &lt;c&gt; &quot;d&quot;");
    }
}
