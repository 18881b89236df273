//! Windows-1252, which DATEV reads. Pure.

/// 0x80 to 0x9F of Windows-1252; what the code page leaves out is a question mark.
const HIGH: &str = "€?‚ƒ„…†‡ˆ‰Š‹Œ?Ž??‘’“”•–—˜™š›œ?žŸ";

/// In Windows-1252. A letter that it has not loses its mark where it has one (`ł` is `l`), and is a question mark else.
pub fn encode(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| match u8::try_from(u32::from(c)) {
            Ok(byte) if !(0x80..=0x9f).contains(&byte) => byte,
            _ => high(c).unwrap_or_else(|| bare(c)),
        })
        .collect()
}

fn high(c: char) -> Option<u8> {
    let place = HIGH.chars().position(|other| other == c)?;
    u8::try_from(0x80 + place).ok()
}

/// The letter without its mark, for the languages of the union and their neighbours.
fn bare(c: char) -> u8 {
    match c {
        'Ā' | 'Ă' | 'Ą' => b'A',
        'ā' | 'ă' | 'ą' => b'a',
        'Ć' | 'Č' | 'Ċ' => b'C',
        'ć' | 'č' | 'ċ' => b'c',
        'Ď' | 'Đ' => b'D',
        'ď' | 'đ' => b'd',
        'Ē' | 'Ė' | 'Ę' | 'Ě' => b'E',
        'ē' | 'ė' | 'ę' | 'ě' => b'e',
        'Ģ' | 'Ğ' | 'Ġ' => b'G',
        'ģ' | 'ğ' | 'ġ' => b'g',
        'Ħ' => b'H',
        'ħ' => b'h',
        'Ī' | 'Į' | 'İ' => b'I',
        'ī' | 'į' | 'ı' => b'i',
        'Ķ' => b'K',
        'ķ' => b'k',
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ł' => b'L',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => b'l',
        'Ń' | 'Ņ' | 'Ň' => b'N',
        'ń' | 'ņ' | 'ň' => b'n',
        'Ō' | 'Ő' => b'O',
        'ō' | 'ő' => b'o',
        'Ŕ' | 'Ř' => b'R',
        'ŕ' | 'ř' => b'r',
        'Ś' | 'Ş' | 'Ș' => b'S',
        'ś' | 'ş' | 'ș' => b's',
        'Ţ' | 'Ť' | 'Ț' => b'T',
        'ţ' | 'ť' | 'ț' => b't',
        'Ū' | 'Ů' | 'Ű' | 'Ų' => b'U',
        'ū' | 'ů' | 'ű' | 'ų' => b'u',
        'Ź' | 'Ż' => b'Z',
        'ź' | 'ż' => b'z',
        _ => b'?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_windows_1252_and_what_it_has_not_is_near_it() {
        assert_eq!(encode("Größe 5 €"), b"Gr\xf6\xdfe 5 \x80");
        assert_eq!(encode("„Žan“ Łukasz Őz 李\u{85}"), b"\x84\x8ean\x93 Lukasz Oz ??");
        assert_eq!(HIGH.chars().count(), 32);
    }
}
