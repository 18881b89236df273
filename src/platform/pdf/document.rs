//! A document on its way out: pages, elements, the end.

use std::io::Write;
use std::sync::Arc;

use super::attach::Attached;
use super::canvas::{Canvas, Centi, centi, whole};
use super::fonts::Fonts;
use super::image::Placed;
use super::line::Typesetter;
use super::pack::{Job, Line, PageIds, Work};
use super::tags::{Artifact, Ended, Figure, Kind, Tag, Tree};
use super::types::{About, Align, Rect, Rgb, Style};
use super::xref::{NumberTree, PageTree, Table};
use crate::base::error::{Error, Result};

/// A form that shows the number of all pages, which is known at the end.
pub(super) struct Total {
    pub number: u32,
    pub style: Style,
}

/// A document on its way out.
pub struct Document<'w> {
    pub(super) out: &'w mut dyn Write,
    pub(super) written: u64,
    pub(super) about: About,
    pub(super) table: Table,
    pub(super) text: Typesetter,
    pub(super) canvas: Canvas,
    pub(super) images: Vec<Placed>,
    pub(super) totals: Vec<Total>,
    pub(super) attached: Vec<Attached>,
    page: Option<PageIds>,
    // The element of each marked sequence of this page.
    owners: Vec<u32>,
    pub(super) tree: Tree,
    pub(super) ended: Ended,
    // A table's body was cut at the end of a page; the next row begins another.
    pub(super) cut: bool,
    artifacts: Vec<Artifact>,
    pub(super) pages: PageTree,
    pub(super) keys: NumberTree,
    pub(super) count: usize,
    pub(super) line: Line,
    pub(super) others: Vec<(u32, Vec<u8>)>,
    pub(super) resources: u32,
    pub(super) structure: u32,
    pub(super) root: u32,
}

impl<'w> Document<'w> {
    /// Begins a document; its pages go to `out` as they end.
    ///
    /// # Errors
    /// `internal` when the sink refuses, or a font in the binary is damaged.
    pub fn begin(out: &'w mut dyn Write, fonts: &Arc<Fonts>, about: About) -> Result<Self> {
        let mut table = Table::default();
        let (resources, structure, root) = (table.reserve(), table.reserve(), table.reserve());
        let mut document = Self {
            out,
            written: 0,
            text: Typesetter::new(fonts, &about.language)?,
            about,
            table,
            canvas: Canvas::new(),
            images: Vec::new(),
            totals: Vec::new(),
            attached: Vec::new(),
            page: None,
            owners: Vec::new(),
            tree: Tree::default(),
            ended: Ended::default(),
            cut: false,
            artifacts: Vec::new(),
            pages: PageTree::default(),
            keys: NumberTree::default(),
            count: 0,
            line: Line::new(),
            others: Vec::new(),
            resources,
            structure,
            root,
        };
        document.tree.begin(root, Kind::Document, structure, None);
        // ISO 19005-3 §6.1.2: four bytes above 127 tell transports that this is binary.
        document.write(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        Ok(document)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(Error::internal)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Writes an object of its own, after all pages that ended before it.
    pub(super) fn object(&mut self, number: u32, bytes: &[u8]) -> Result<()> {
        self.settle()?;
        self.table.at(number, self.written);
        self.write(bytes)
    }

    /// Writes out all pages that ended, so that what follows has the same place in every run.
    pub(super) fn settle(&mut self) -> Result<()> {
        self.line.drain()?;
        self.write_ready()
    }

    /// Writes what is ready.
    pub(super) fn write_ready(&mut self) -> Result<()> {
        while let Some(packed) = self.line.ready() {
            for run in &packed.runs {
                self.table.put(run.from(self.written));
            }
            self.write(&packed.bytes)?;
            self.line.recycle(packed);
        }
        Ok(())
    }

    /// The page that is being drawn.
    fn page(&mut self) -> PageIds {
        let table = &mut self.table;
        *self.page.get_or_insert_with(|| PageIds {
            content: table.reserve(),
            stream: table.reserve(),
            page: table.reserve(),
            owners: table.reserve(),
        })
    }

    // ---- elements

    /// Begins an element within the one that is open.
    pub fn begin_tag(&mut self, tag: Tag) {
        self.begin_element(Kind::Of(tag), None);
    }

    /// Begins a figure: what it shows in words, and where it stands. Ends by [`Document::end_tag`].
    pub fn begin_figure(&mut self, alt: &str, bounds: Rect) {
        let right = bounds.x + bounds.width;
        let top = bounds.y + bounds.height;
        let bounds = [centi(bounds.x), centi(bounds.y), centi(right), centi(top)];
        self.begin_element(Kind::Figure, Some(Box::new(Figure { alt: alt.to_owned(), bounds })));
    }

    fn begin_element(&mut self, kind: Kind, figure: Option<Box<Figure>>) {
        self.canvas.unmark();
        self.page();
        if self.cut {
            self.cut = false;
            if kind == Kind::Of(Tag::Row) {
                let number = self.table.reserve();
                self.tree.begin(number, Kind::Of(Tag::TableBody), self.structure, None);
            }
        }
        let number = self.table.reserve();
        self.tree.begin(number, kind, self.structure, figure);
    }

    /// Ends the innermost element. The document itself ends by [`Document::finish`].
    pub fn end_tag(&mut self) {
        self.canvas.unmark();
        if std::mem::take(&mut self.cut) {
            // The body ended with the page.
            return;
        }
        if self.tree.depth() > 1 {
            self.tree.end(&mut self.ended);
        }
    }

    /// Draws an element.
    ///
    /// # Errors
    /// Those of `draw`.
    pub fn tagged<T>(&mut self, tag: Tag, draw: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.begin_tag(tag);
        let done = draw(self);
        self.end_tag();
        done
    }

    /// Draws a figure: what it shows in words, and where it stands.
    ///
    /// # Errors
    /// Those of `draw`.
    pub fn figure<T>(&mut self, alt: &str, bounds: Rect, draw: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.begin_figure(alt, bounds);
        let done = draw(self);
        self.end_tag();
        done
    }

    /// Draws what is no content: it is not read aloud and not part of the text.
    ///
    /// # Errors
    /// Those of `draw`.
    pub fn artifact<T>(&mut self, what: Artifact, draw: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.canvas.unmark();
        self.artifacts.push(what);
        let done = draw(self);
        self.canvas.unmark();
        self.artifacts.pop();
        done
    }

    /// Sees to it that what is drawn next stands within a marked sequence.
    pub(super) fn mark(&mut self, for_text: bool) {
        if self.canvas.is_marked() {
            return;
        }
        let ids = self.page();
        let owner = match (self.artifacts.last(), self.tree.top()) {
            (None, Some(open)) if open.kind.holds_content() => Some((open.number, open.kind)),
            _ => None,
        };
        let Some((number, kind)) = owner else {
            self.canvas.leave_text();
            let what = self.artifacts.last().copied().unwrap_or(Artifact::Layout);
            self.canvas.mark().extend_from_slice(what.operator());
            return;
        };
        if for_text {
            // One text object for many cells.
            self.canvas.enter_text();
        }
        let mcid = u32::try_from(self.owners.len()).unwrap_or(u32::MAX);
        self.owners.push(number);
        self.tree.mark(ids.page, mcid);
        let buf = self.canvas.mark();
        buf.push(b'/');
        buf.extend_from_slice(kind.name().as_bytes());
        buf.extend_from_slice(b"<</MCID ");
        whole(buf, i64::from(mcid));
        buf.extend_from_slice(b">>BDC\n");
    }

    /// Sees to it that a path or a picture can be drawn next.
    pub(super) fn mark_for_path(&mut self) {
        if self.canvas.mark_is_in_text() {
            self.canvas.unmark();
        }
        self.canvas.leave_text();
        self.mark(false);
    }

    // ---- pages

    /// Pages that are done; the one being drawn has this number plus one.
    pub fn pages(&self) -> usize {
        self.count
    }

    /// Ends the page that is being drawn; also an empty one. An open body of a table ends with it and is begun again by
    /// the next row.
    ///
    /// # Errors
    /// `internal` when the sink refuses.
    pub fn end_page(&mut self) -> Result<()> {
        self.canvas.unmark();
        if !self.cut && self.tree.top().is_some_and(|open| open.kind == Kind::Of(Tag::TableBody)) {
            self.tree.end(&mut self.ended);
            self.cut = true;
        }
        let ids = self.page();
        self.page = None;
        self.count += 1;
        let parent = self.pages.add(ids.page, &mut self.table, &mut self.others);
        let key = self.keys.add(ids.owners, &mut self.table, &mut self.others);
        let mut job = self.line.blank();
        job.page = Some((ids, parent, key));
        job.stream = ids.stream;
        job.content = self.canvas.take(std::mem::take(&mut job.content));
        std::mem::swap(&mut job.owners, &mut self.owners);
        self.submit(job)
    }

    pub(super) fn submit(&mut self, mut job: Job) -> Result<()> {
        job.resources = self.resources;
        std::mem::swap(&mut job.ended, &mut self.ended);
        std::mem::swap(&mut job.others, &mut self.others);
        self.line.push(Work::Page(job))?;
        self.write_ready()
    }
}

/// Where a text of this width begins.
pub(super) fn start(align: Align, x: Centi, width: Centi) -> Centi {
    match align {
        Align::Left => x,
        Align::Right => x - width,
        Align::Centre => x - width / 2,
    }
}

/// The font and colour of a style.
pub(super) fn look(style: Style) -> (Centi, Rgb) {
    (centi(style.size.clamp(0.01, 300.0)), style.colour)
}
