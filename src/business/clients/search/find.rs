//! Finding those who have all that is asked for, without reading all who have a part of it.

use std::slice;

use super::{Wanted, sql};
use crate::base::error::Result;
use crate::business::clients::model::{Order, Place};
use crate::platform::db::Tx;

/// Entries of a term above which they are not sorted but read in order.
const FEW: i64 = 1500;
/// Terms whose clients are read side by side.
const SIDE_BY_SIDE: usize = 32;
/// Most clients of a term that one page looks at, when they must have other terms too.
pub const LOOKED_AT: i64 = 2000;

/// What a search found.
pub struct Found {
    /// In the order asked for.
    pub places: Vec<Place>,
    /// How far it looked; none when there is nothing behind.
    pub looked_to: Option<Place>,
}

impl Found {
    fn all(places: Vec<Place>) -> Self {
        Self { places, looked_to: None }
    }
}

/// Where those stand that have every term: read by the term that the fewest have.
///
/// # Errors
/// `database_unavailable`.
pub fn places(tx: &mut dyn Tx, order: Order, wanted: &[Wanted], after: Option<&Place>, limit: i64) -> Result<Found> {
    let mut fewest: Option<(i64, &Wanted)> = None;
    for one in wanted {
        let count = match wanted.len() {
            // Nothing to choose among, and an exact term is in order anyway.
            1 if one.exact => FEW,
            _ => sql::count(tx, one, FEW)?,
        };
        // Of two that many have, the exact one is in order.
        if fewest.is_none_or(|(least, best)| count < least || (count == least && one.exact && !best.exact)) {
            fewest = Some((count, one));
        }
    }
    let Some((count, leading)) = fewest else { return Ok(Found::all(Vec::new())) };
    let mut others: Vec<&Wanted> = wanted.iter().filter(|one| *one != leading).collect();
    if leading.exact {
        return in_order(tx, order, slice::from_ref(&leading.term), &others, after, limit);
    }
    if count < FEW {
        return sql::places_within(tx, (order, leading), &others, after, limit).map(Found::all);
    }
    let mut terms: Vec<String> = Vec::new();
    while let Some(term) = sql::next_term(tx, leading, terms.last().map(String::as_str))? {
        if terms.len() == SIDE_BY_SIDE {
            // Many different words: those who have their beginning are in order.
            others.push(leading);
            return in_order(tx, order, &[super::beginning(&leading.term)], &others, after, limit);
        }
        terms.push(term);
    }
    in_order(tx, order, &terms, &others, after, limit)
}

/// Where those stand that have one of the terms and the others too; the clients of each term are in order already.
fn in_order(
    tx: &mut dyn Tx,
    order: Order,
    terms: &[String],
    others: &[&Wanted],
    after: Option<&Place>,
    limit: i64,
) -> Result<Found> {
    let before = |a: &Place, b: &Place| match order {
        Order::Newest => b.id.cmp(&a.id),
        Order::Name => (&a.name_key, a.id).cmp(&(&b.name_key, b.id)),
    };
    let mut looked_to: Option<Place> = None;
    if !others.is_empty() {
        let each = LOOKED_AT / i64::try_from(terms.len()).unwrap_or(1).max(1);
        for term in terms {
            let (count, last) = sql::reach(tx, (order, term), after, each + 1)?;
            if let Some(place) = last.filter(|_| count > each)
                && looked_to.as_ref().is_none_or(|nearest| before(&place, nearest).is_lt())
            {
                looked_to = Some(place);
            }
        }
    }
    let mut places = Vec::new();
    for term in terms {
        places.extend(sql::places(tx, (order, term), others, (after, looked_to.as_ref()), limit)?);
    }
    places.sort_by(before);
    places.dedup();
    places.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(Found { places, looked_to })
}
