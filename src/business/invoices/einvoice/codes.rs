//! Code lists of EN 16931 that our own types do not keep by themselves.

use crate::base::money::Currency;

/// ISO 3166-1 alpha-2, with XI for Northern Ireland (BR-CL-14, BR-CL-15).
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ \
FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT \
JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP \
MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE \
RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV \
TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XI YE YT ZA ZM ZW";

/// Currencies of ours that the list of EN 16931 does not know (BR-CL-04): no longer, or not yet.
const UNKNOWN_CURRENCIES: &[&str] = &["ANG", "BGN", "STN"];

/// Countries whose accounts take part in SEPA (EPC409-09).
const SEPA: &str = "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO \
PL PT RO RS SE SI SK SM VA";

fn holds(list: &str, code: &str) -> bool {
    code.len() == 2 && list.split(' ').any(|known| known == code)
}

/// Whether a country is one.
pub(super) fn is_country(code: &str) -> bool {
    holds(COUNTRIES, code)
}

/// Whether a VAT id begins with the country that gave it; Greece writes EL (BR-CO-09).
pub(super) fn has_country(vat_id: &str) -> bool {
    vat_id.get(..2).is_some_and(|prefix| prefix == "EL" || is_country(prefix))
}

/// Whether an e-invoice can be written in a currency: at most two decimals (BR-DEC), and on the list.
pub(super) fn is_currency(currency: Currency) -> bool {
    currency.decimals() <= 2 && !UNKNOWN_CURRENCIES.contains(&currency.as_str())
}

/// Whether money reaches an account by a SEPA credit transfer: its country takes part, and its check digits hold
/// (ISO 13616, mod 97; BR-DE-19).
pub(super) fn is_sepa(iban: &str) -> bool {
    let (head, rest) = iban.split_at_checked(4).unwrap_or_default();
    let mut remainder: u32 = 0;
    for c in rest.chars().chain(head.chars()) {
        remainder = match c.to_digit(36) {
            Some(digit) if digit < 10 => (remainder * 10 + digit) % 97,
            Some(digit) => (remainder * 100 + digit) % 97,
            None => return false,
        };
    }
    remainder == 1 && iban.get(..2).is_some_and(|country| holds(SEPA, country))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_capitals_of_the_list() {
        assert!(["DE", "XI", "ZW"].iter().all(|code| is_country(code)));
        assert!(!["", "D", "XX", "de", "E A", "DEU"].iter().any(|code| is_country(code)));
        assert!(has_country("EL123") && has_country("DE1") && !has_country("123") && !has_country("Ä"));
    }

    #[test]
    fn a_sepa_account_has_good_check_digits_and_a_country_that_takes_part() {
        assert!(is_sepa("DE89370400440532013000") && is_sepa("GB29NWBK60161331926819"));
        assert!(!is_sepa("DE89370400440532013001"));
        // Good check digits, but Saudi Arabia.
        assert!(!is_sepa("SA0380000000608010167519") && !is_sepa("") && !is_sepa("DE8"));
    }

    #[test]
    fn a_currency_of_three_decimals_is_none_of_an_einvoice() {
        let known = |code: &str| is_currency(code.parse().expect("a currency"));
        assert!(known("EUR") && known("JPY") && !known("KWD") && !known("BGN"));
    }
}
