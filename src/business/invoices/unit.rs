//! What quantities count. Pure.

use crate::{word_column, words};

words! {
    /// What a quantity counts.
    pub enum Unit {
        /// Anything.
        One = "one",
        /// A piece.
        Piece = "piece",
        /// A person.
        Person = "person",
        /// An hour.
        Hour = "hour",
        /// A minute.
        Minute = "minute",
        /// A day.
        Day = "day",
        /// A week.
        Week = "week",
        /// A month.
        Month = "month",
        /// A year.
        Year = "year",
        /// A set.
        Set = "set",
        /// A kilogram.
        Kilogram = "kg",
        /// A litre.
        Litre = "l",
        /// A metre.
        Metre = "m",
        /// A square metre.
        SquareMetre = "m2",
        /// A kilometre.
        Kilometre = "km",
    }
}
word_column!(Unit);

impl Unit {
    /// UN/ECE Recommendation 20 (BT-130).
    pub const fn code(self) -> &'static str {
        match self {
            Self::One => "C62",
            Self::Piece => "H87",
            Self::Person => "IE",
            Self::Hour => "HUR",
            Self::Minute => "MIN",
            Self::Day => "DAY",
            Self::Week => "WEE",
            Self::Month => "MON",
            Self::Year => "ANN",
            Self::Set => "SET",
            Self::Kilogram => "KGM",
            Self::Litre => "LTR",
            Self::Metre => "MTR",
            Self::SquareMetre => "MTK",
            Self::Kilometre => "KMT",
        }
    }
}
