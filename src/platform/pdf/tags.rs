//! The structure of a document (ISO 32000-1 §14.7, ISO 14289-1 §7): elements, written when they end.
//!
//! An element's number is taken when it begins, because its children name it, and its object is written with the page
//! on which it ends. What is kept meanwhile is the stack of open elements and their children; a table's children are
//! its bodies, one a page (12 bytes each).

use super::canvas::{Centi, hundredths, whole};

/// A structure type of ISO 32000-1 §14.8.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// A part of the document that belongs together.
    Section,
    /// A heading of level 1 to 6; levels are not skipped (ISO 14289-1 §7.4.2).
    Heading(u8),
    /// A paragraph. Holds text.
    Paragraph,
    /// A stretch of text within another. Holds text.
    Span,
    /// A list.
    List,
    /// An item of a list.
    Item,
    /// The number or bullet of an item. Holds text.
    Label,
    /// What an item says. Holds text.
    ItemBody,
    /// A table.
    Table,
    /// What a table or figure is called. Holds text.
    Caption,
    /// The rows with the names of the columns.
    TableHead,
    /// Rows. Cut at each page's end and begun again on the next, so that memory does not grow with the pages.
    TableBody,
    /// The rows with the sums.
    TableFoot,
    /// A row.
    Row,
    /// A cell that names a column or row. Holds text.
    Header(Scope),
    /// A cell. Holds text.
    Cell,
    /// A cell over several columns. Holds text.
    WideCell(u8),
}

/// What a header cell names (ISO 14289-1 §7.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The cells below.
    Column,
    /// The cells beside it.
    Row,
}

/// What is drawn and is no content (ISO 32000-1 §14.8.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Artifact {
    /// Repeated at the top of pages: heads of tables, carried sums.
    Header,
    /// Repeated at the foot of pages: page numbers, the sender's line.
    Footer,
    /// Rules, backgrounds, fold marks.
    Layout,
}

impl Artifact {
    /// The operator that begins it.
    pub(super) fn operator(self) -> &'static [u8] {
        match self {
            Self::Header => b"/Artifact<</Type/Pagination/Subtype/Header/Attached[/Top]>>BDC\n",
            Self::Footer => b"/Artifact<</Type/Pagination/Subtype/Footer/Attached[/Bottom]>>BDC\n",
            Self::Layout => b"/Artifact<</Type/Layout>>BDC\n",
        }
    }
}

/// The type of an element, with those that the engine makes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    Figure,
    Of(Tag),
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Document => "Document",
            Self::Figure => "Figure",
            Self::Of(tag) => match tag {
                Tag::Section => "Sect",
                Tag::Heading(level) => match level {
                    0 | 1 => "H1",
                    2 => "H2",
                    3 => "H3",
                    4 => "H4",
                    5 => "H5",
                    _ => "H6",
                },
                Tag::Paragraph => "P",
                Tag::Span => "Span",
                Tag::List => "L",
                Tag::Item => "LI",
                Tag::Label => "Lbl",
                Tag::ItemBody => "LBody",
                Tag::Table => "Table",
                Tag::Caption => "Caption",
                Tag::TableHead => "THead",
                Tag::TableBody => "TBody",
                Tag::TableFoot => "TFoot",
                Tag::Row => "TR",
                Tag::Header(_) => "TH",
                Tag::Cell | Tag::WideCell(_) => "TD",
            },
        }
    }

    /// Whether text and pictures are its content; elsewhere they are artifacts.
    pub fn holds_content(self) -> bool {
        match self {
            Self::Document => false,
            Self::Figure => true,
            Self::Of(tag) => !matches!(
                tag,
                Tag::Section
                    | Tag::List
                    | Tag::Item
                    | Tag::Table
                    | Tag::TableHead
                    | Tag::TableBody
                    | Tag::TableFoot
                    | Tag::Row
            ),
        }
    }
}

/// What stands only in figures.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    /// What it shows, for who cannot see it (ISO 14289-1 §7.3).
    pub alt: String,
    /// Left, bottom, right, top.
    pub bounds: [Centi; 4],
}

/// A child of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kid {
    /// An element.
    Element(u32),
    /// A marked sequence: the number of the page's object, and its own on that page.
    Mark { page: u32, mcid: u32 },
}

/// An element that is open.
#[derive(Debug)]
pub(super) struct Open {
    pub number: u32,
    pub parent: u32,
    pub kind: Kind,
    figure: Option<Box<Figure>>,
    // Its children begin here in the stack of all.
    first: usize,
}

/// An element that ended: ready to be written.
#[derive(Debug)]
pub(super) struct Node {
    pub number: u32,
    pub parent: u32,
    pub kind: Kind,
    pub figure: Option<Box<Figure>>,
    /// Its children within [`Ended::kids`].
    pub kids: std::ops::Range<u32>,
}

/// Elements that ended and are not yet written.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub nodes: Vec<Node>,
    pub kids: Vec<Kid>,
}

impl Ended {
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.kids.clear();
    }
}

/// The elements that are open.
#[derive(Debug, Default)]
pub(super) struct Tree {
    open: Vec<Open>,
    kids: Vec<Kid>,
}

impl Tree {
    pub fn top(&self) -> Option<&Open> {
        self.open.last()
    }

    pub fn depth(&self) -> usize {
        self.open.len()
    }

    pub fn begin(&mut self, number: u32, kind: Kind, root: u32, figure: Option<Box<Figure>>) {
        let parent = self.open.last().map_or(root, |open| open.number);
        self.open.push(Open { number, parent, kind, figure, first: self.kids.len() });
    }

    /// A marked sequence of the innermost element.
    pub fn mark(&mut self, page: u32, mcid: u32) {
        self.kids.push(Kid::Mark { page, mcid });
    }

    /// Ends the innermost element.
    pub fn end(&mut self, ended: &mut Ended) -> Option<Kind> {
        let Open { number, parent, kind, figure, first } = self.open.pop()?;
        let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let from = place(ended.kids.len());
        ended.kids.extend_from_slice(self.kids.get(first..).unwrap_or_default());
        self.kids.truncate(first);
        let kids = from..place(ended.kids.len());
        ended.nodes.push(Node { number, parent, kind, figure, kids });
        self.kids.push(Kid::Element(number));
        Some(kind)
    }

    /// Bytes that stand ready for open elements; for the test of memory.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.kids.capacity() * size_of::<Kid>() + self.open.capacity() * size_of::<Open>()
    }
}

fn reference(out: &mut Vec<u8>, number: u32) {
    whole(out, i64::from(number));
    out.extend_from_slice(b" 0 R");
}

/// Writes an element's dictionary (§14.7.2). `/Type` may be left out, and is.
pub(super) fn write(out: &mut Vec<u8>, node: &Node, all: &[Kid]) {
    let kids = all.get(node.kids.start as usize..node.kids.end as usize).unwrap_or_default();
    out.extend_from_slice(b"<</S/");
    out.extend_from_slice(node.kind.name().as_bytes());
    out.extend_from_slice(b"/P ");
    reference(out, node.parent);
    // The page of the first mark stands once; marks on other pages say theirs (§14.7.4.3).
    let page = kids.iter().find_map(|kid| if let Kid::Mark { page, .. } = kid { Some(*page) } else { None });
    if let Some(page) = page {
        out.extend_from_slice(b"/Pg ");
        reference(out, page);
    }
    if !kids.is_empty() {
        out.extend_from_slice(b"/K");
        if let [Kid::Mark { mcid, .. }] = kids {
            out.push(b' ');
            whole(out, i64::from(*mcid));
        } else {
            out.push(b'[');
            for (index, kid) in kids.iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                match kid {
                    Kid::Element(number) => reference(out, *number),
                    Kid::Mark { page: own, mcid } if Some(*own) == page => whole(out, i64::from(*mcid)),
                    Kid::Mark { page, mcid } => {
                        out.extend_from_slice(b"<</Type/MCR/Pg ");
                        reference(out, *page);
                        out.extend_from_slice(b"/MCID ");
                        whole(out, i64::from(*mcid));
                        out.extend_from_slice(b">>");
                    }
                }
            }
            out.push(b']');
        }
    }
    match node.kind {
        Kind::Of(Tag::Header(Scope::Column)) => out.extend_from_slice(b"/A<</O/Table/Scope/Column>>"),
        Kind::Of(Tag::Header(Scope::Row)) => out.extend_from_slice(b"/A<</O/Table/Scope/Row>>"),
        Kind::Of(Tag::WideCell(columns)) => {
            out.extend_from_slice(b"/A<</O/Table/ColSpan ");
            whole(out, i64::from(columns.max(1)));
            out.extend_from_slice(b">>");
        }
        Kind::Of(Tag::List) => out.extend_from_slice(b"/A<</O/List/ListNumbering/None>>"),
        _ => {}
    }
    if let Some(figure) = &node.figure {
        out.extend_from_slice(b"/Alt");
        text_string(out, &figure.alt);
        out.extend_from_slice(b"/A<</O/Layout/Placement/Block/BBox[");
        for (index, value) in figure.bounds.iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            hundredths(out, *value);
        }
        out.extend_from_slice(b"]>>");
    }
    out.extend_from_slice(b">>");
}

/// Writes a text string (§7.9.2.2): as it is when it is plain ASCII, else as UTF-16.
pub(super) fn text_string(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return utf16(out, text);
    }
    out.push(b'(');
    for byte in text.bytes() {
        if b"()\\".contains(&byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b')');
}

/// Writes a text string as UTF-16 in hexadecimal digits, so that nothing needs to be escaped.
pub(super) fn utf16(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"<FEFF");
    for unit in text.encode_utf16() {
        hex(out, unit);
    }
    out.push(b'>');
}

/// Four hexadecimal digits.
pub(super) fn hex(out: &mut Vec<u8>, unit: u16) {
    for shift in [12, 8, 4, 0] {
        let digit = u8::try_from(unit >> shift & 15).unwrap_or(0);
        out.push(if digit < 10 { b'0' + digit } else { b'A' + digit - 10 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(ended: &Ended, at: usize) -> String {
        let mut out = Vec::new();
        write(&mut out, ended.nodes.get(at).expect("there"), &ended.kids);
        String::from_utf8(out).expect("ascii")
    }

    #[test]
    fn children_stand_in_their_parents_in_order() {
        let (mut tree, mut ended) = (Tree::default(), Ended::default());
        tree.begin(2, Kind::Of(Tag::Row), 1, None);
        tree.begin(3, Kind::Of(Tag::Header(Scope::Row)), 1, None);
        tree.mark(9, 0);
        tree.end(&mut ended);
        tree.begin(4, Kind::Of(Tag::Cell), 1, None);
        tree.mark(9, 1);
        tree.mark(10, 0);
        tree.end(&mut ended);
        tree.end(&mut ended);
        assert_eq!(written(&ended, 0), "<</S/TH/P 2 0 R/Pg 9 0 R/K 0/A<</O/Table/Scope/Row>>>>");
        assert_eq!(written(&ended, 1), "<</S/TD/P 2 0 R/Pg 9 0 R/K[1 <</Type/MCR/Pg 10 0 R/MCID 0>>]>>");
        assert_eq!(written(&ended, 2), "<</S/TR/P 1 0 R/K[3 0 R 4 0 R]>>");
    }

    #[test]
    fn a_text_string_says_any_character() {
        let mut out = Vec::new();
        text_string(&mut out, "ä(😀");
        assert_eq!(out, b"<FEFF00E40028D83DDE00>");
        out.clear();
        text_string(&mut out, "a (b) \\ c");
        assert_eq!(out, b"(a \\(b\\) \\\\ c)");
    }
}
