//! Why and how much an amount is taxed, and how taxes are rounded.
//!
//! The categories are those of EN 16931-1 (UNTDID 5305, the subset of BT-151).

use crate::base::money::BasisPoints;
use crate::words;

words! {
    /// Why an amount is taxed as it is (BT-151, UNTDID 5305).
    pub enum Category {
        /// At a rate.
        Standard = "S",
        /// At a rate of nothing.
        Zero = "Z",
        /// Exempt, with a reason.
        Exempt = "E",
        /// The buyer owes the tax (reverse charge).
        ReverseCharge = "AE",
        /// Goods to a business in another country of the union.
        IntraCommunity = "K",
        /// Goods that leave the union.
        Export = "G",
        /// No tax applies to it at all.
        OutOfScope = "O",
    }
}

impl Category {
    /// Whether the breakdown must say why no tax is charged (BR-E-10, BR-AE-10, BR-IC-10, BR-G-10, BR-O-10).
    pub const fn needs_reason(self) -> bool {
        !matches!(self, Self::Standard | Self::Zero)
    }

    /// What a document says when the business says nothing else; in the language of the document.
    pub fn usual_reason(self, language: &str) -> Option<&'static str> {
        let words: [&'static str; 6] = match self {
            Self::Standard | Self::Zero => return None,
            Self::Exempt => [
                "Exempt from tax",
                "Steuerfrei",
                "Exonéré de TVA",
                "Exento de IVA",
                "Esente da IVA",
                "Vrijgesteld van btw",
            ],
            Self::ReverseCharge => [
                "Reverse charge",
                "Steuerschuldnerschaft des Leistungsempfängers",
                "Autoliquidation",
                "Inversión del sujeto pasivo",
                "Inversione contabile",
                "Btw verlegd",
            ],
            Self::IntraCommunity => [
                "Intra-Community supply",
                "Steuerfreie innergemeinschaftliche Lieferung",
                "Livraison intracommunautaire exonérée",
                "Entrega intracomunitaria exenta",
                "Cessione intracomunitaria non imponibile",
                "Intracommunautaire levering",
            ],
            Self::Export => [
                "Export outside the EU",
                "Steuerfreie Ausfuhrlieferung",
                "Exportation hors UE exonérée",
                "Exportación fuera de la UE exenta",
                "Esportazione extra UE non imponibile",
                "Uitvoer buiten de EU",
            ],
            Self::OutOfScope => [
                "Not subject to tax",
                "Nicht steuerbar",
                "Hors champ de la TVA",
                "No sujeto a IVA",
                "Fuori campo IVA",
                "Niet onderworpen aan btw",
            ],
        };
        let [english, german, french, spanish, italian, dutch] = words;
        Some(match language.get(..2) {
            Some("de") => german,
            Some("fr") => french,
            Some("es") => spanish,
            Some("it") => italian,
            Some("nl") => dutch,
            _ => english,
        })
    }

    /// The code of the reason (BT-121, VATEX).
    pub const fn reason_code(self) -> Option<&'static str> {
        match self {
            Self::Standard | Self::Zero | Self::Exempt => None,
            Self::ReverseCharge => Some("VATEX-EU-AE"),
            Self::IntraCommunity => Some("VATEX-EU-IC"),
            Self::Export => Some("VATEX-EU-G"),
            Self::OutOfScope => Some("VATEX-EU-O"),
        }
    }
}

/// A category with its rate; the rate is nothing for all but [`Category::Standard`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Tax {
    /// Why.
    pub category: Category,
    /// How much.
    pub rate: BasisPoints,
}

words! {
    /// How the taxes of a document are rounded. Halves always go away from zero.
    pub enum Rounding {
        /// The tax of each line is rounded, and the taxes are added.
        PerLine = "per_line",
        /// The nets of a rate are added, and the tax on the sum is rounded (EN 16931, BR-CO-17).
        Sum = "sum",
        /// Prices with tax are added and stay as agreed; net and tax follow from the sum of a rate, and where both
        /// together miss it, a rounding amount (BT-114) makes up the difference.
        Gross = "gross",
    }
}
