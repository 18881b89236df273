//! Text from outside: trimmed, bounded, and closed sets of words.

use crate::base::error::{Error, Result};

/// Declares a closed set of words with their wire form: `as_str`, `FromStr`, `Display`, serde.
///
/// The wire form is what API, database and exports show; it is never renamed.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word of the set, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The wire form.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::base::error::Error;

            fn from_str(text: &str) -> $crate::base::error::Result<Self> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::base::error::Error::field(
                        stringify!($name),
                        concat!("must be one of:", $(" ", $word),+),
                    )),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// Characters of references that people read aloud: no 0/O, 1/I/L, 5/S, 8/B, 2/Z, U/V.
const READABLE: &[u8] = b"34679ACDEFGHJKMNPQRTWXY";

/// One line of text: trimmed, no control characters, 1 to `max` characters.
///
/// # Errors
/// `invalid_field` naming `field`.
pub fn line(field: &str, text: &str, max: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::field(field, "must not be empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::field(field, "must be one line without control characters"));
    }
    bounded(field, text, max)
}

/// Several lines of text: trimmed, line ends as `\n`, at most `max` characters; may be empty.
///
/// # Errors
/// `invalid_field` naming `field`.
pub fn block(field: &str, text: &str, max: usize) -> Result<String> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Error::field(field, "must not hold control characters"));
    }
    bounded(field, text, max)
}

/// As [`line()`], where an absent or blank text means none.
///
/// # Errors
/// `invalid_field` naming `field`.
pub fn optional_line(field: &str, text: Option<&str>, max: usize) -> Result<Option<String>> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => line(field, text, max).map(Some),
    }
}

fn bounded(field: &str, text: &str, max: usize) -> Result<String> {
    if text.chars().count() > max {
        return Err(Error::field(field, format!("must have at most {max} characters")));
    }
    Ok(text.to_owned())
}

/// An e-mail address in lower case: one `@`, a domain with a dot, 6 to 190 characters.
///
/// The full grammar of RFC 5322 admits what no mail server takes, so this asks only for what is always there;
/// whether an address works is known once a mail arrives.
///
/// # Errors
/// `invalid_field` naming `field`.
pub fn email(field: &str, text: &str) -> Result<String> {
    let text = text.trim().to_lowercase();
    let good = text.len() <= 190
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == ',' || c == '<' || c == '>')
        && match text.split_once('@') {
            Some((local, domain)) => {
                !local.is_empty()
                    && domain.contains('.')
                    && !domain.contains('@')
                    && domain.split('.').all(|label| !label.is_empty())
            }
            None => false,
        };
    if good { Ok(text) } else { Err(Error::field(field, "must be an e-mail address such as ada@example.org")) }
}

/// A URL part made of a title: lower case letters, digits and single hyphens, at most 80 characters.
pub fn slug(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    for c in title.chars().flat_map(char::to_lowercase) {
        let plain = match c {
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => "a",
            'ö' | 'ò' | 'ó' | 'ô' | 'õ' | 'ø' => "o",
            'ü' | 'ù' | 'ú' | 'û' => "u",
            'é' | 'è' | 'ê' | 'ë' => "e",
            'í' | 'ì' | 'î' | 'ï' => "i",
            'ñ' => "n",
            'ç' => "c",
            'ß' => "ss",
            _ => "",
        };
        if !plain.is_empty() {
            slug.push_str(plain);
        } else if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= 80 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Text for comparing: in lower case, Latin letters without their marks, `ß` as `ss`; other scripts as they are.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' | 'ǽ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            // Combining marks, as some systems write them apart from their letter.
            '\u{300}'..='\u{36f}' => {}
            c => folded.push(plain(c)),
        }
    }
    folded
}

/// A lower-case Latin letter without its marks.
fn plain(c: char) -> char {
    // Most text never comes here.
    if c.is_ascii() {
        return c;
    }
    let families = [
        ('a', "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
        ('c', "çćĉċčḉ"),
        ('d', "ďđḋḍḏḑḓ"),
        ('e', "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
        ('g', "ĝğġģǧǵḡ"),
        ('h', "ĥħȟḣḥḧḩḫẖ"),
        ('i', "ìíîïĩīĭįıǐȉȋḭḯỉị"),
        ('j', "ĵǰ"),
        ('k', "ķǩḱḳḵ"),
        ('l', "ĺļľłŀḷḹḻḽ"),
        ('m', "ḿṁṃ"),
        ('n', "ñńņňǹṅṇṉṋ"),
        ('o', "òóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ"),
        ('r', "ŕŗřȑȓṙṛṝṟ"),
        ('s', "śŝşšșṡṣṥṧṩ"),
        ('t', "ţťŧțṫṭṯṱẗ"),
        ('u', "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"),
        ('w', "ŵẁẃẅẇẉẘ"),
        ('y', "ýÿŷȳẏẙỳỵỷỹ"),
        ('z', "źżžẑẓẕ"),
    ];
    families.iter().find(|(_, marked)| marked.contains(c)).map_or(c, |(letter, _)| *letter)
}

/// Whether `text` is a slug as [`slug`] makes them.
pub fn is_slug(text: &str) -> bool {
    !text.is_empty() && slug(text) == text
}

/// Random bytes from the operating system.
///
/// # Errors
/// `internal` when the system has none to give.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

/// A reference of 8 characters without look-alikes (23⁸, about 78 thousand million).
///
/// # Errors
/// `internal` when the system has no randomness.
pub fn reference() -> Result<String> {
    let bytes: [u8; 16] = random()?;
    // Two bytes a character keep the bias of the remainder under 0.04 %.
    Ok(bytes
        .chunks_exact(2)
        .map(|pair| usize::from(u16::from_le_bytes([pair[0], pair[1]])) % READABLE.len())
        .filter_map(|index| READABLE.get(index).copied().map(char::from))
        .collect())
}

/// A secret of 256 bits as 43 URL-safe characters.
///
/// # Errors
/// `internal` when the system has no randomness.
pub fn secret() -> Result<String> {
    use base64::Engine as _;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// SHA-256, 32 bytes (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}

/// The last part of a path of either system, without control characters, 190 at most.
pub fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let plain: String = last.chars().filter(|c| !c.is_control()).take(190).collect();
    let plain = plain.trim().trim_matches('.');
    if plain.is_empty() { "file".into() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_has_no_control_characters() {
        assert_eq!(line("name", "  Ada ", 10).expect("good"), "Ada");
        assert!(line("name", " ", 10).is_err());
        assert!(line("name", "a\nb", 10).is_err());
        assert!(line("name", "abcdefghijk", 10).is_err());
    }

    #[test]
    fn an_address_needs_a_local_part_and_a_dotted_domain() {
        assert_eq!(email("email", " Ada@Example.ORG ").expect("good"), "ada@example.org");
        for bad in ["", "ada", "@example.org", "ada@", "ada@org", "a@b@c.d", "a b@c.d", "ada@example..org"] {
            assert!(email("email", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_slug_is_plain_and_stable() {
        assert_eq!(slug("Töpfern für Anfänger — Teil 2!"), "topfern-fur-anfanger-teil-2");
        assert_eq!(slug(&slug("Größe & Maß")), slug("Größe & Maß"));
        assert!(!is_slug("Not A Slug"));
    }

    #[test]
    fn folded_text_has_no_case_and_no_marks() {
        assert_eq!(fold("Jürgen GROẞ, Łódź; Œuvre"), "jurgen gross, lodz; oeuvre");
        assert_eq!(fold("Zoe\u{308} 東京 Анна"), "zoe 東京 анна");
    }

    #[test]
    fn references_have_eight_readable_characters() {
        let reference = reference().expect("randomness");
        assert_eq!(reference.len(), 8);
        assert!(reference.bytes().all(|b| READABLE.contains(&b)));
    }

    #[test]
    fn a_file_name_has_no_folders_and_no_control_characters() {
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\films\\a.mp4"), "a.mp4");
        assert_eq!(file_name("a\r\nb.png"), "ab.png");
        assert_eq!(file_name(".."), "file");
    }
}
