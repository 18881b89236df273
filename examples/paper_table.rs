//! paper_table LINES FILE: the invoice of `benches/paper.py` drawn by the PDF engine alone, as its peers draw theirs:
//! from memory, without a database, an e-invoice or a store. Tagged and archivable all the same.

use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use deskbell::base::error::{Error, Result};
use deskbell::platform::pdf::{About, Align, Artifact, Document, Fonts, Rgb, Scope, Style, Tag};

const NAMES: [&str; 19] = [
    "Adler", "Berg", "Costa", "Diaz", "Evers", "Falk", "Grau", "Haas", "Ivers", "Jung", "Klein", "Lang", "Maier",
    "Nagy", "Olsen", "Peter", "Roth", "Sahl", "Thal",
];
const INK: Rgb = Rgb(26, 26, 26);
const GREY: Rgb = Rgb(115, 115, 115);
const PALE: Rgb = Rgb(210, 210, 210);
const COLUMNS: [(&str, f32, Align); 6] = [
    ("#", 70.0, Align::Left),
    ("Description", 100.0, Align::Left),
    ("Qty", 385.0, Align::Right),
    ("Unit", 440.0, Align::Right),
    ("Tax", 475.0, Align::Right),
    ("Amount", 538.0, Align::Right),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, lines, file] = arguments.as_slice() else {
        eprintln!("usage: paper_table LINES FILE");
        return ExitCode::from(2);
    };
    let (Ok(lines), Ok(out)) = (lines.parse(), std::fs::File::create(file)) else {
        eprintln!("paper_table: LINES must be a number, and FILE must be one that can be written");
        return ExitCode::from(2);
    };
    match draw(&mut std::io::BufWriter::with_capacity(256 << 10, out), lines) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("paper_table: {error}");
            ExitCode::FAILURE
        }
    }
}

fn draw(out: &mut dyn Write, lines: i64) -> Result<()> {
    let about = About {
        title: "Invoice 4711".into(),
        author: "Deskbell".into(),
        subject: "Courses".into(),
        language: "en".into(),
        created: "2026-11-24T09:00:00Z".parse()?,
        id: *b"0123456789abcdef",
        factur_x: None,
    };
    let mut pdf = Document::begin(out, &Arc::new(Fonts::new()), about)?;
    let (body, grey) = (Style::regular(9.0, INK), Style::regular(9.0, GREY));
    pdf.tagged(Tag::Heading(1), |pdf| {
        pdf.text(Style::bold(17.0, INK), (70.0, 770.0), "Invoice 4711");
        Ok(())
    })?;
    pdf.begin_tag(Tag::Table);
    let mut y = 700.0;
    head(&mut pdf, y, true)?;
    pdf.begin_tag(Tag::TableBody);
    let mut text = String::new();
    for place in 1..=lines {
        y -= 16.0;
        if y < 70.0 {
            foot(&mut pdf)?;
            y = 780.0;
            head(&mut pdf, y, false)?;
            y -= 16.0;
        }
        let name = usize::try_from(place % 19).ok().and_then(|index| NAMES.get(index)).copied().unwrap_or_default();
        let (count, price) = (1 + place % 3, 1000 + place % 977);
        pdf.begin_tag(Tag::Row);
        for ((_, x, align), column) in COLUMNS.into_iter().zip(0..) {
            text.clear();
            let written = match column {
                0 => write!(text, "{place}"),
                1 => write!(text, "Session {place} of the course, room {}, teacher {name}", place % 12),
                2 => write!(text, "{count}"),
                3 => money(&mut text, price),
                4 => write!(text, "{} %", if place % 2 == 1 { 19 } else { 7 }),
                _ => money(&mut text, count * price),
            };
            written.map_err(Error::internal)?;
            pdf.cell(Tag::Cell, if column == 0 { grey } else { body }, align, (x, y), &text);
        }
        pdf.end_tag();
        pdf.rule((70.0, y - 5.0), (538.0, y - 5.0), 0.3, PALE);
    }
    pdf.end_tag();
    pdf.end_tag();
    foot(&mut pdf)?;
    pdf.finish().map(|_| ())
}

fn money(text: &mut String, cents: i64) -> std::fmt::Result {
    match cents / 100 {
        whole @ 1000.. => write!(text, "{},{:03}.{:02}", whole / 1000, whole % 1000, cents % 100),
        whole => write!(text, "{whole}.{:02}", cents % 100),
    }
}

fn head(pdf: &mut Document<'_>, y: f32, first: bool) -> Result<()> {
    let bold = Style::bold(8.0, GREY);
    if first {
        pdf.begin_tag(Tag::TableHead);
        pdf.begin_tag(Tag::Row);
        for (label, x, align) in COLUMNS {
            pdf.cell(Tag::Header(Scope::Column), bold, align, (x, y), label);
        }
        pdf.end_tag();
        pdf.end_tag();
    }
    pdf.artifact(Artifact::Header, |pdf| {
        if !first {
            for (label, x, align) in COLUMNS {
                pdf.text_aligned(bold, align, (x, y), label);
            }
        }
        pdf.rule((70.0, y - 5.0), (538.0, y - 5.0), 0.7, INK);
        Ok(())
    })
}

fn foot(pdf: &mut Document<'_>) -> Result<()> {
    let small = Style::regular(7.5, GREY);
    let page = pdf.pages() + 1;
    pdf.artifact(Artifact::Footer, |pdf| {
        pdf.text(small, (70.0, 44.0), "Deskbell · Street 12 · 10115 Town");
        pdf.page_of(small, Align::Right, (538.0, 44.0), &format!("Page {page} of "), 1);
        Ok(())
    })?;
    pdf.end_page()
}
