//! Whether the books are whole: the chain of documents, the series of their numbers, the files they were rendered to.

use crate::base::error::Result;
use crate::business::desk::Desk;
use crate::business::invoices::actions::{self as invoices, Proof};

/// Documents looked at in one transaction.
const DOCUMENTS: i64 = 50;
/// Files looked at between two questions to the database.
const FILES: i64 = 100;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Documents that are as they were issued.
    pub documents: i64,
    /// Files that are as they were rendered.
    pub files: u64,
    /// What is wrong, one sentence each; the first tampered document, every gap, every file.
    pub wrong: Vec<String>,
}

/// Gives documents from before there was a chain their places in it.
///
/// # Errors
/// `database_unavailable`.
pub async fn adopt(desk: &Desk) -> Result<()> {
    if desk.db.read(invoices::adopted).await? {
        return Ok(());
    }
    while desk.db.write(move |tx| invoices::adopt(tx, DOCUMENTS)).await? {}
    Ok(())
}

/// Looks at everything.
///
/// # Errors
/// `database_unavailable`, `unavailable` when the files cannot be read.
pub async fn verify(desk: &Desk) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut proof = Proof::START;
    while !proof.done {
        let from = proof.clone();
        match desk.db.read(move |tx| invoices::verify(tx, &from, DOCUMENTS)).await? {
            Ok(further) => proof = further,
            Err(fault) => {
                let name = if fault.number.is_empty() { "a document".into() } else { fault.number };
                findings.wrong.push(format!("Place {} of the chain, {name}: {}.", fault.place, fault.what));
                proof.place = proof.place.max(fault.place - 1);
                break;
            }
        }
    }
    findings.documents = proof.place;
    for report in desk.db.read(invoices::series).await? {
        for (first, last) in report.missing {
            let series = &report.series;
            findings.wrong.push(match first == last {
                true => format!("Series {series}: number {first} is missing."),
                false => format!("Series {series}: numbers {first} to {last} are missing."),
            });
        }
    }
    let mut after = String::new();
    loop {
        let key = after.clone();
        let files = desk.db.read(move |tx| invoices::files_after(tx, &key, FILES)).await?;
        let Some((last, _)) = files.last() else { return Ok(findings) };
        after.clone_from(last);
        for (key, known) in files {
            let Some(reader) = desk.files.reader(&key).await? else {
                findings.wrong.push(format!("File {key}: it is gone."));
                continue;
            };
            match reader.survey(0).await? {
                (_, size, hash) if size == known.size && hash == known.sha256 => findings.files += 1,
                _ => findings.wrong.push(format!("File {key}: its bytes were changed after it was rendered.")),
            }
        }
    }
}
