//! Money in integer minor units, tax rates in basis points, and the one rounding rule.
//!
//! Never: a float. Every rounding is half up, away from zero (EN 16931-1 §6.4 leaves the method to the parties;
//! this is the commercial one, DIN 1333).

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::base::error::{Code, Error, Result};

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// ISO 4217 codes without minor units.
const NO_DECIMALS: &[&str] =
    &["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];
/// ISO 4217 codes with a thousandth.
const THREE_DECIMALS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
/// Active ISO 4217 codes of two decimals.
const TWO_DECIMALS: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD \
CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR \
MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits after the point: 0, 2 or 3.
    pub fn decimals(self) -> u8 {
        if NO_DECIMALS.contains(&self.as_str()) {
            0
        } else if THREE_DECIMALS.contains(&self.as_str()) {
            3
        } else {
            2
        }
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = text.len() == 3
            && (NO_DECIMALS.contains(&text)
                || THREE_DECIMALS.contains(&text)
                || TWO_DECIMALS.as_bytes().chunks(4).any(|code| code.starts_with(text.as_bytes())));
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if known => Ok(Self(code)),
            _ => Err(Error::field("currency", "must be an ISO 4217 code in capitals such as EUR")),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(|_| serde::de::Error::custom("must be an ISO 4217 code in capitals such as EUR"))
    }
}

/// An amount in minor units (cents) of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Money {
    /// Minor units; may be negative.
    pub amount: i64,
    /// ISO 4217.
    pub currency: Currency,
}

/// Largest amount that is taken from outside: ten thousand million major units of two decimals.
pub const MAX_AMOUNT: i64 = 1_000_000_000_000;

impl Money {
    /// `amount` minor units.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// The sum.
    ///
    /// # Errors
    /// `invalid_field` when the currencies differ or the sum leaves the range.
    pub fn plus(self, other: Self) -> Result<Self> {
        self.same_currency(other)?;
        self.amount.checked_add(other.amount).map(|amount| Self { amount, ..self }).ok_or_else(out_of_range)
    }

    /// The difference.
    ///
    /// # Errors
    /// As [`Money::plus`].
    pub fn minus(self, other: Self) -> Result<Self> {
        self.plus(Self { amount: other.amount.checked_neg().ok_or_else(out_of_range)?, ..other })
    }

    fn same_currency(self, other: Self) -> Result<()> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(Error::field("currency", format!("must be {}", self.currency)))
        }
    }
}

fn out_of_range() -> Error {
    Error::new(Code::InvalidField, "The amount is too large.")
}

/// A rate in basis points (hundredths of a percent: 1900 is 19 %), exact to a hundredth of one, since there are taxes
/// such as 9.975 %. On the wire a number: whole where it can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(i64);

impl BasisPoints {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All: 100 %.
    pub const ALL: Self = Self::new(10_000);

    /// So many whole basis points.
    pub const fn new(points: i64) -> Self {
        Self(points * 100)
    }

    /// So many millionths: 190,000 is 19 %.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// In millionths.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// In percent, without zeros at the end: `19`, `9.975`.
    pub fn percent(self) -> Decimal {
        Decimal::new(self.0, 4).normalize()
    }

    /// Whether it is 0 to 100 %.
    pub const fn is_share(self) -> bool {
        self.0 >= 0 && self.0 <= Self::ALL.0
    }
}

impl fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Decimal::new(self.0, 2).normalize())
    }
}

impl serde::Serialize for BasisPoints {
    fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        match (self.0 % 100, rust_decimal::prelude::ToPrimitive::to_f64(&Decimal::new(self.0, 2))) {
            (0, _) | (_, None) => s.serialize_i64(self.0 / 100),
            // Two decimals survive the way through a binary fraction and back.
            (_, Some(points)) => s.serialize_f64(points),
        }
    }
}

impl<'de> serde::Deserialize<'de> for BasisPoints {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        let wrong = || serde::de::Error::custom("must be basis points such as 1900, with at most two decimals");
        let exact = serde_json::Number::deserialize(d)?.to_string().parse::<Decimal>().map_err(|_| wrong())?;
        let millionths = exact.checked_mul(Decimal::ONE_HUNDRED).filter(|m| m.fract().is_zero()).ok_or_else(wrong)?;
        rust_decimal::prelude::ToPrimitive::to_i64(&millionths).map(Self).ok_or_else(wrong)
    }
}

/// `numerator / denominator`, half up away from zero. `denominator` must be positive.
pub fn divide_half_up(numerator: i128, denominator: i128) -> i128 {
    let half = denominator / 2;
    if numerator >= 0 { (numerator + half) / denominator } else { (numerator - half) / denominator }
}

/// The net inside a gross amount, in minor units: `gross / (1 + rate)`. The rate is not negative.
pub fn net_of_gross(gross: i64, rate: BasisPoints) -> i64 {
    let net = divide_half_up(i128::from(gross) * 1_000_000, i128::from(1_000_000 + rate.0));
    i64::try_from(net).unwrap_or(gross)
}

/// A share of an amount, in minor units: the tax on top of a net amount, or a discount.
pub fn share_of(amount: i64, rate: BasisPoints) -> i64 {
    i64::try_from(divide_half_up(i128::from(amount) * i128::from(rate.0), 1_000_000)).unwrap_or(0)
}

/// A quantity from its decimal text: up to 9 digits before and 4 after the point, not zero.
///
/// # Errors
/// `invalid_field` naming `field`.
pub fn quantity(field: &str, text: &str) -> Result<Decimal> {
    let wrong = || Error::field(field, "must be a decimal number such as 1 or 2.5, not zero, at most 4 decimals");
    let value = Decimal::from_str_exact(text.trim()).map_err(|_| wrong())?;
    if value.is_zero() || value.scale() > 4 || value.abs() >= Decimal::from(1_000_000_000) {
        return Err(wrong());
    }
    Ok(value.normalize())
}

/// `quantity × unit_price` in minor units, rounded half up away from zero.
///
/// # Errors
/// `invalid_field` when the product leaves the range.
pub fn line_total(quantity: Decimal, unit_price: i64) -> Result<i64> {
    let numerator = quantity.mantissa().checked_mul(i128::from(unit_price)).ok_or_else(out_of_range)?;
    let total = divide_half_up(numerator, 10_i128.pow(quantity.scale()));
    i64::try_from(total)
        .ok()
        .filter(|total| total.unsigned_abs() <= MAX_AMOUNT.unsigned_abs() * 1000)
        .ok_or_else(out_of_range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero() {
        assert_eq!(divide_half_up(5, 10), 1);
        assert_eq!(divide_half_up(-5, 10), -1);
        assert_eq!(divide_half_up(4, 10), 0);
        assert_eq!(share_of(250, BasisPoints::new(1000)), 25);
        assert_eq!(share_of(-50, BasisPoints::new(100)), -1);
    }

    #[test]
    fn a_rate_of_9_975_percent_is_exact() {
        let rate: BasisPoints = serde_json::from_str("997.5").expect("a rate");
        // 8180.00 × 9.975 % = 815.955, which a binary fraction makes 815.95.
        assert_eq!(share_of(818_000, rate), 81_596);
        assert_eq!((rate.percent().to_string(), rate.to_string()), ("9.975".into(), "997.5".into()));
        assert_eq!(serde_json::to_string(&rate).expect("json"), "997.5");
    }

    #[test]
    fn whole_basis_points_stay_whole_on_the_wire() {
        for points in [0, 1, 550, 1900, 10_000] {
            let text = serde_json::to_string(&BasisPoints::new(points)).expect("json");
            assert_eq!(text, points.to_string());
            assert_eq!(serde_json::from_str::<BasisPoints>(&text).expect("back"), BasisPoints::new(points));
        }
        for millionths in 0..30_000 {
            let text = serde_json::to_string(&BasisPoints::from_millionths(millionths)).expect("json");
            assert_eq!(serde_json::from_str::<BasisPoints>(&text).expect("back").millionths(), millionths);
        }
        for bad in ["1.234", "\"19\"", "1e30"] {
            assert!(serde_json::from_str::<BasisPoints>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_net_inside_353_90_at_19_percent_is_297_39() {
        assert_eq!(net_of_gross(35_390, BasisPoints::new(1900)), 29_739);
    }

    #[test]
    fn net_and_the_tax_on_it_are_within_a_cent_of_the_gross_amount() {
        for gross in -2_000..2_000 {
            for rate in [0, 700, 997, 1900, 2550] {
                let rate = BasisPoints::new(rate);
                let net = net_of_gross(gross, rate);
                assert!((gross - net - share_of(net, rate)).abs() <= 1, "{gross} at {rate}");
            }
        }
    }

    #[test]
    fn quantities_are_decimals_and_products_are_rounded_once() {
        let quantity = quantity("quantity", "2.345").expect("a decimal");
        assert_eq!(line_total(quantity, 100).expect("in range"), 235);
        for bad in ["", "0", "1.23456", "abc", "1e9", "1000000000"] {
            assert!(super::quantity("quantity", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn currencies_have_their_decimals() {
        let decimals = |code: &str| code.parse::<Currency>().expect("a currency").decimals();
        assert_eq!((decimals("EUR"), decimals("JPY"), decimals("KWD")), (2, 0, 3));
        assert!("eur".parse::<Currency>().is_err());
        assert!("ABC".parse::<Currency>().is_err());
    }
}
