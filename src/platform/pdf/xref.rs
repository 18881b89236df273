//! Where each object stands (ISO 32000-1 §7.5.8), and the trees over pages that are written while they grow.
//!
//! Kept a page, in bytes: 3 runs of offsets (24 each), a table's body among its table's children (12), and its place
//! in the nodes of two trees until they are full (8). That is 92; 3,000 pages are 270 KiB, whatever stands on them.

use super::canvas::whole;
use super::deflate::Deflater;
use crate::base::error::Result;

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At a byte of the file.
    At(u64),
    /// Within an object stream, from this index on.
    Within { stream: u32, index: u32 },
}

/// Objects that follow each other in number and in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub first: u32,
    pub count: u32,
    pub place: Place,
}

impl Run {
    /// The same, with offsets that count from `start`.
    pub fn from(self, start: u64) -> Self {
        match self.place {
            Place::At(offset) => Self { place: Place::At(start + offset), ..self },
            Place::Within { .. } => self,
        }
    }
}

/// The table of all objects.
#[derive(Debug, Default)]
pub(super) struct Table {
    last: u32,
    runs: Vec<Run>,
}

impl Table {
    /// A number for an object; the first is 1.
    pub fn reserve(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    pub fn put(&mut self, run: Run) {
        self.runs.push(run);
    }

    pub fn at(&mut self, number: u32, offset: u64) {
        self.put(Run { first: number, count: 1, place: Place::At(offset) });
    }

    /// The cross-reference stream, whose own number is the last one and which stands at `offset`, with `trailer` (pairs
    /// of a dictionary) in its dictionary.
    ///
    /// # Errors
    /// As [`Deflater::all`].
    pub fn write(mut self, offset: u64, trailer: &[u8]) -> Result<Vec<u8>> {
        let own = self.reserve();
        self.at(own, offset);
        self.runs.sort_unstable_by_key(|run| run.first);
        let bytes = |value: u64| (1..8).find(|n| value >> (8 * n) == 0).unwrap_or(8_usize);
        let widest = self.runs.iter().fold((0, 0), |(second, third), run| match run.place {
            Place::At(offset) => (offset.max(second), third),
            Place::Within { stream, index } => (u64::from(stream).max(second), u64::from(index + run.count).max(third)),
        });
        // Three bytes hold the generation of a free entry too.
        let (second, third) = (bytes(widest.0), bytes(widest.1).max(2));
        let mut rows = Rows { second, third, before: vec![0; 1 + second + third], raw: Vec::new() };
        let (mut deflater, mut packed) = (Deflater::fast(), Vec::new());
        let mut next = 0_u32;
        for run in &self.runs {
            // A number that was taken and never written is free; number 0 heads their list (§7.5.4).
            while next < run.first {
                rows.push(0, 0, 65_535);
                next += 1;
            }
            for step in 0..run.count {
                match run.place {
                    Place::At(offset) => rows.push(1, offset, 0),
                    Place::Within { stream, index } => rows.push(2, u64::from(stream), u64::from(index + step)),
                }
                if rows.raw.len() > 32_768 {
                    deflater.piece(&rows.raw, &mut packed)?;
                    rows.raw.clear();
                }
            }
            next = next.max(run.first + run.count);
        }
        deflater.piece(&rows.raw, &mut packed)?;
        deflater.end(&mut packed)?;
        let mut out = Vec::with_capacity(packed.len() + 300);
        whole(&mut out, i64::from(own));
        out.extend_from_slice(b" 0 obj\n<</Type/XRef/Size ");
        whole(&mut out, i64::from(next));
        out.extend_from_slice(format!("/W[1 {second} {third}]/Filter/FlateDecode").as_bytes());
        let columns = 1 + second + third;
        out.extend_from_slice(format!("/DecodeParms<</Predictor 12/Columns {columns}>>").as_bytes());
        out.extend_from_slice(trailer);
        out.extend_from_slice(format!("/Length {}>>\nstream\n", packed.len()).as_bytes());
        out.extend_from_slice(&packed);
        out.extend_from_slice(format!("\nendstream\nendobj\nstartxref\n{offset}\n%%EOF\n").as_bytes());
        Ok(out)
    }

    /// Bytes that stand for what was written; for the test of memory.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.runs.capacity() * size_of::<Run>()
    }
}

/// Rows of the table, each as its difference from the one above (PNG's Up, §7.4.4.4), which deflates to nearly nothing.
struct Rows {
    second: usize,
    third: usize,
    before: Vec<u8>,
    raw: Vec<u8>,
}

impl Rows {
    fn push(&mut self, kind: u8, second: u64, third: u64) {
        self.raw.push(2);
        let (a, b) = (second.to_be_bytes(), third.to_be_bytes());
        let row =
            [kind].into_iter().chain(a.into_iter().skip(8 - self.second)).chain(b.into_iter().skip(8 - self.third));
        for (now, above) in row.zip(&mut self.before) {
            self.raw.push(now.wrapping_sub(*above));
            *above = now;
        }
    }
}

/// Children of a node before it is written.
const FULL: usize = 64;

/// A balanced tree of pages (§7.7.3), whose full nodes are written at once.
#[derive(Debug, Default)]
pub(super) struct PageTree {
    // From the leaves up: a node's number, its children, the pages below it.
    levels: Vec<(u32, Vec<u32>, u64)>,
}

impl PageTree {
    /// Adds a page and says its parent. Nodes that became full go to `done`.
    pub fn add(&mut self, page: u32, table: &mut Table, done: &mut Vec<(u32, Vec<u8>)>) -> u32 {
        self.put(0, page, 1, table, done)
    }

    fn put(&mut self, level: usize, kid: u32, pages: u64, table: &mut Table, done: &mut Vec<(u32, Vec<u8>)>) -> u32 {
        if let Some((number, kids, count)) =
            self.levels.get_mut(level).filter(|(_, kids, _)| kids.len() == FULL).map(std::mem::take)
        {
            let parent = self.put(level + 1, number, count, table, done);
            done.push((number, Self::node(&kids, count, Some(parent))));
            if let Some(slot) = self.levels.get_mut(level) {
                *slot = (table.reserve(), Vec::with_capacity(FULL), 0);
            }
        }
        if self.levels.len() == level {
            self.levels.push((table.reserve(), Vec::with_capacity(FULL), 0));
        }
        let Some((number, kids, count)) = self.levels.get_mut(level) else { return 0 };
        kids.push(kid);
        *count += pages;
        *number
    }

    fn node(kids: &[u32], count: u64, parent: Option<u32>) -> Vec<u8> {
        let mut out = b"<</Type/Pages/Count ".to_vec();
        whole(&mut out, i64::try_from(count).unwrap_or(i64::MAX));
        match parent {
            Some(parent) => {
                out.extend_from_slice(b"/Parent ");
                whole(&mut out, i64::from(parent));
                out.extend_from_slice(b" 0 R");
            }
            // What all pages inherit stands in the root.
            None => out.extend_from_slice(b"/MediaBox[0 0 595.28 841.89]"),
        }
        references(&mut out, b"/Kids[", kids.iter().copied());
        out.extend_from_slice(b"]>>");
        out
    }

    /// Ends the tree and says its root.
    pub fn finish(mut self, table: &mut Table, done: &mut Vec<(u32, Vec<u8>)>) -> u32 {
        let mut level = 0;
        loop {
            let Some((number, kids, count)) = self.levels.get_mut(level).map(std::mem::take) else { return 0 };
            if self.levels.len() == level + 1 {
                done.push((number, Self::node(&kids, count, None)));
                return number;
            }
            let parent = self.put(level + 1, number, count, table, done);
            done.push((number, Self::node(&kids, count, Some(parent))));
            level += 1;
        }
    }
}

/// A number tree (§7.9.7) of references whose keys are 0, 1, 2 and so on; full nodes are written at once.
#[derive(Debug, Default)]
pub(super) struct NumberTree {
    next: u32,
    // From the leaves up: the first key of the node, its children.
    levels: Vec<(u32, Vec<u32>)>,
}

impl NumberTree {
    /// Adds a value and says its key.
    pub fn add(&mut self, value: u32, table: &mut Table, done: &mut Vec<(u32, Vec<u8>)>) -> u32 {
        let key = self.next;
        self.put(0, key, value, table, done);
        self.next += 1;
        key
    }

    fn put(&mut self, level: usize, key: u32, kid: u32, table: &mut Table, done: &mut Vec<(u32, Vec<u8>)>) {
        if let Some((first, kids)) =
            self.levels.get_mut(level).filter(|(_, kids)| kids.len() == FULL).map(std::mem::take)
        {
            let number = table.reserve();
            done.push((number, Self::node(level, first, key.saturating_sub(1), &kids, true)));
            self.put(level + 1, first, number, table, done);
        }
        if self.levels.len() == level {
            self.levels.push((key, Vec::with_capacity(FULL)));
        }
        if let Some((first, kids)) = self.levels.get_mut(level) {
            if kids.is_empty() {
                *first = key;
            }
            kids.push(kid);
        }
    }

    fn node(level: usize, first: u32, last: u32, kids: &[u32], limits: bool) -> Vec<u8> {
        let mut out = b"<<".to_vec();
        if limits {
            out.extend_from_slice(format!("/Limits[{first} {last}]").as_bytes());
        }
        if level > 0 {
            references(&mut out, b"/Kids[", kids.iter().copied());
        } else {
            out.extend_from_slice(b"/Nums[");
            for (key, kid) in (first..).zip(kids) {
                out.extend_from_slice(format!("{key} {kid} 0 R ").as_bytes());
            }
        }
        out.extend_from_slice(b"]>>");
        out
    }

    /// Ends the tree and says its root.
    pub fn finish(mut self, table: &mut Table, done: &mut Vec<(u32, Vec<u8>)>) -> u32 {
        let last = self.next.saturating_sub(1);
        let mut level = 0;
        loop {
            let Some((first, kids)) = self.levels.get_mut(level).map(std::mem::take) else { return 0 };
            let number = table.reserve();
            let root = self.levels.len() == level + 1;
            done.push((number, Self::node(level, first, last, &kids, !root)));
            if root {
                return number;
            }
            // A node above takes it as its last child; when that node is full it is written first.
            self.put(level + 1, first, number, table, done);
            level += 1;
        }
    }
}

/// Writes references after `head`.
pub(super) fn references(out: &mut Vec<u8>, head: &[u8], numbers: impl Iterator<Item = u32>) {
    out.extend_from_slice(head);
    for number in numbers {
        whole(out, i64::from(number));
        out.extend_from_slice(b" 0 R ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_of_any_size_reach_each_leaf_once_and_in_order() {
        for size in [1_u32, 63, 64, 65, 128, 129, 4096, 4097, 5000] {
            let (mut table, mut done) = (Table::default(), Vec::new());
            let (mut pages, mut keys) = (PageTree::default(), NumberTree::default());
            let mut parents = Vec::new();
            for n in 0..size {
                let page = table.reserve();
                parents.push((page, pages.add(page, &mut table, &mut done)));
                assert_eq!(keys.add(page, &mut table, &mut done), n);
            }
            let root = pages.finish(&mut table, &mut done);
            let keys_root = keys.finish(&mut table, &mut done);
            let text = |number: u32| {
                let found: Vec<_> = done.iter().filter(|(own, _)| *own == number).collect();
                assert!(found.len() < 2, "written twice");
                found.first().map(|(_, bytes)| String::from_utf8(bytes.clone()).expect("ascii"))
            };
            let list = |text: &str, key: &str| -> Vec<String> {
                let inside = text.split(&format!("/{key}[")).nth(1).and_then(|rest| rest.split(']').next());
                inside.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
            };
            let (mut open, mut leaves) = (vec![(root, None)], Vec::new());
            while let Some((number, parent)) = open.pop() {
                let Some(text) = text(number) else {
                    leaves.push((number, parent.expect("a page has a parent")));
                    continue;
                };
                if let Some(parent) = parent {
                    assert!(text.contains(&format!("/Parent {parent} 0 R")));
                }
                let kids = list(&text, "Kids");
                open.extend(kids.chunks(3).rev().map(|kid| (kid.concat_number(), Some(number))));
            }
            assert_eq!(leaves, parents);
            assert!(text(root).expect("there").contains(&format!("/Count {size}/")));
            let (mut open, mut found) = (vec![keys_root], Vec::new());
            while let Some(number) = open.pop() {
                let text = text(number).expect("a node");
                let kids = list(&text, "Kids");
                open.extend(kids.chunks(3).rev().map(ConcatNumber::concat_number));
                let nums = list(&text, "Nums");
                found
                    .extend(nums.chunks(4).map(|four| (four.concat_number(), four[1].parse::<u32>().expect("digits"))));
                if number != keys_root && !nums.is_empty() {
                    let limits = list(&text, "Limits");
                    assert_eq!(limits.first(), nums.first());
                    assert_eq!(limits.get(1), nums.get(nums.len() - 4));
                }
            }
            let want: Vec<_> = (0..size).zip(parents.iter().map(|(page, _)| *page)).collect();
            assert_eq!(found, want);
        }
    }

    trait ConcatNumber {
        fn concat_number(&self) -> u32;
    }

    impl ConcatNumber for [String] {
        fn concat_number(&self) -> u32 {
            self.first().and_then(|first| first.parse().ok()).expect("digits")
        }
    }
}
