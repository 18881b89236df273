//! A program and its rules.

use crate::base::error::{Check, Result};
use crate::base::id::Id;
use crate::base::money::{BasisPoints, MAX_AMOUNT, Money};
use crate::base::text;
use crate::base::time::Instant;
use crate::business::media::model::{Media, MediaId};
use crate::{word_column, words};

/// The id of a program.
pub type ProgramId = Id<Program>;

words! {
    /// Who sees it.
    pub enum Status {
        /// Staff alone.
        Draft = "draft",
        /// The public.
        Published = "published",
        /// Staff alone; it is over.
        Archived = "archived",
    }
}
word_column!(Status);

/// What is offered.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its id.
    pub id: ProgramId,
    /// Words and numbers.
    pub details: Details,
    /// The poster.
    pub poster: Option<MediaId>,
    /// The film.
    pub video: Option<MediaId>,
    /// Counts changes.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
}

/// Words and numbers of a program.
#[derive(Clone, Debug)]
pub struct Details {
    /// Its title.
    pub title: String,
    /// Its part of a URL; made from the title when empty.
    pub slug: String,
    /// One sentence.
    pub summary: Option<String>,
    /// Markdown.
    pub description: Option<String>,
    /// Who sees it.
    pub status: Status,
    /// Of one seat.
    pub price: Money,
    /// Basis points.
    pub tax_rate: BasisPoints,
    /// Seats of an occurrence, unless it says otherwise.
    pub default_capacity: i64,
    /// Minutes, unless an occurrence says otherwise.
    pub duration_minutes: i64,
    /// Where.
    pub location: Option<String>,
}

/// A program with the files it shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The program.
    pub program: Program,
    /// The poster.
    pub poster: Option<Media>,
    /// The gallery, in order.
    pub images: Vec<Media>,
    /// The film.
    pub video: Option<Media>,
}

impl Details {
    /// Itself, tidied.
    ///
    /// # Errors
    /// `invalid_field` naming each wrong field.
    pub fn checked(mut self) -> Result<Self> {
        let mut check = Check::new();
        self.title = check.take("title", text::line("title", &self.title, 120)).unwrap_or_default();
        if self.slug.trim().is_empty() {
            self.slug = text::slug(&self.title);
        }
        let good = self.slug.len() <= 80 && text::is_slug(&self.slug);
        check.that(good, "slug", "must be lower-case letters, digits and single hyphens, such as pottery-basics");
        for (field, value, most) in
            [("summary", &mut self.summary, 500), ("description", &mut self.description, 50_000)]
        {
            if let Some(text) = value {
                *value = check.take(field, text::block(field, text, most)).filter(|text| !text.is_empty());
            }
        }
        self.location =
            check.take("location", text::optional_line("location", self.location.as_deref(), 190)).flatten();
        check.that((0..=MAX_AMOUNT).contains(&self.price.amount), "price", "must not be negative or absurdly large");
        check.that(self.tax_rate.is_share(), "tax_rate", "must be 0 to 10000 basis points");
        check.that((1..=1_000_000).contains(&self.default_capacity), "default_capacity", "must be 1 to 1000000");
        check.that(
            (1..=60 * 24 * 31).contains(&self.duration_minutes),
            "duration_minutes",
            "must be 1 minute to 31 days",
        );
        check.done()?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Currency;

    #[test]
    fn a_slug_follows_from_the_title_unless_it_is_given() {
        let details = Details {
            title: " Töpfern ".into(),
            slug: String::new(),
            summary: None,
            description: Some("  ".into()),
            status: Status::Draft,
            price: Money::new(4900, Currency::EUR),
            tax_rate: BasisPoints::new(1900),
            default_capacity: 8,
            duration_minutes: 90,
            location: None,
        };
        let good = details.clone().checked().expect("good");
        assert_eq!((good.title.as_str(), good.slug.as_str(), good.description), ("Töpfern", "topfern", None));
        let wrong = Details { slug: "Not One".into(), default_capacity: 0, ..details };
        let fields: Vec<_> = wrong.checked().expect_err("two").fields.into_iter().map(|f| f.field).collect();
        assert_eq!(fields, ["slug", "default_capacity"]);
    }
}
