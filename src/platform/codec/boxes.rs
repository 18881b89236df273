//! The boxes of ISO base media files (ISO 14496-12 §4.2): MP4, QuickTime, AVIF.

use std::ops::Range;

use super::view::View;
use crate::base::error::Result;

/// A box: what it is, and where its content lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Atom {
    /// Four letters.
    pub(super) kind: [u8; 4],
    /// The first byte of its content.
    pub(super) body: u64,
    /// The first byte behind it.
    pub(super) end: u64,
}

impl Atom {
    /// Bytes of the content.
    pub(super) fn len(&self) -> u64 {
        self.end - self.body
    }
}

/// The box at `at`, inside what ends at `end`; none at the end.
pub(super) fn at(view: &mut View<'_>, at: u64, end: u64) -> Result<Option<Atom>> {
    // Less than a head's bytes at the end is padding.
    if end.saturating_sub(at) < 8 {
        return Ok(None);
    }
    view.step()?;
    let (size, kind) = (view.u32(at)?, view.array(at + 4)?);
    let (body, length) = match size {
        0 => (at + 8, Some(end - at)),
        1 => (at + 16, Some(view.u64(at + 8)?)),
        size => (at + 8, Some(u64::from(size))),
    };
    let behind = length.and_then(|length| at.checked_add(length));
    match behind {
        Some(behind) if behind >= body && behind <= end => Ok(Some(Atom { kind, body, end: behind })),
        _ => Err(view.damaged()),
    }
}

/// Every box inside a range.
pub(super) fn all(view: &mut View<'_>, within: Range<u64>) -> Result<Vec<Atom>> {
    let mut found = Vec::new();
    let mut next = within.start;
    while let Some(atom) = at(view, next, within.end)? {
        next = atom.end;
        found.push(atom);
    }
    Ok(found)
}

/// The first box of a kind inside a range.
pub(super) fn first(view: &mut View<'_>, within: Range<u64>, kind: [u8; 4]) -> Result<Option<Atom>> {
    let mut next = within.start;
    while let Some(atom) = at(view, next, within.end)? {
        if atom.kind == kind {
            return Ok(Some(atom));
        }
        next = atom.end;
    }
    Ok(None)
}

/// The first box at the end of a path of kinds.
pub(super) fn path(view: &mut View<'_>, mut within: Range<u64>, kinds: &[&[u8; 4]]) -> Result<Option<Atom>> {
    let mut found = None;
    for kind in kinds {
        found = first(view, within, **kind)?;
        match found {
            Some(atom) => within = atom.body..atom.end,
            None => return Ok(None),
        }
    }
    Ok(found)
}
