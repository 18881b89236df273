//! Schema: one text for both engines, with type words spelled for each.
//!
//! `{id}` 16 bytes, `{hash}` 32 bytes, `{int}` 64-bit integer, `{key}` text of at most 190 characters that can be
//! indexed, `{text}` longer text, `{blob}` bytes, `{table}` what stands behind a table's closing bracket, `{refuse}`
//! a trigger's body that lets nothing happen.
//!
//! MySQL commits each schema statement by itself, so every step is journalled by name, number and hash: a start
//! that was cut short goes on where it stopped. A journal that names a step this program does not know means that
//! a newer program was here, and the start is refused.

use rust_embed::RustEmbed;

use super::{Db, Engine, Inner};
use crate::args;
use crate::base::error::{Code, Error, Result};
use crate::base::text;
use crate::base::time::Clock;

#[derive(RustEmbed)]
#[folder = "migrations/"]
#[include = "*.sql"]
struct Files;

/// One migration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// `0001_words`.
    pub name: String,
    /// Its statements, with type words.
    pub steps: Vec<String>,
}

/// One column as an engine describes it: table, column, type word, whether it may be null, place in the primary key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnShape {
    /// Table.
    pub table: String,
    /// Column.
    pub column: String,
    /// Storage class: `int`, `text` or `blob`.
    pub kind: String,
    /// May be NULL.
    pub nullable: bool,
    /// 1 for the first column of the primary key, 0 for none.
    pub key: i64,
}

/// A schema as an engine describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introspected {
    /// Every column, sorted.
    pub columns: Vec<ColumnShape>,
    /// Every named index as `table.index(column, …)`, sorted; `unique` in front where it is.
    pub indexes: Vec<String>,
}

const JOURNAL: &str = "CREATE TABLE IF NOT EXISTS schema_steps (
    name {key} NOT NULL, step {int} NOT NULL, hash {hash} NOT NULL, applied_at {int} NOT NULL,
    PRIMARY KEY (name, step)) {table}";

/// The migrations in this program, in order of their names.
pub fn all() -> Vec<Migration> {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    names
        .iter()
        .filter_map(|name| Files::get(name).map(|file| (name, file)))
        .map(|(name, file)| Migration {
            name: name.trim_end_matches(".sql").to_owned(),
            steps: split(&String::from_utf8_lossy(&file.data)),
        })
        .collect()
}

/// Statements end with a semicolon at the end of a line; a line that begins with `--` is a comment.
fn split(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    code.join("\n")
        .split(";\n")
        .map(|step| step.trim().trim_end_matches(';').trim().to_owned())
        .filter(|step| !step.is_empty())
        .collect()
}

fn spell(step: &str, engine: Engine) -> String {
    let words: [(&str, &str, &str); 8] = [
        ("{id}", "BLOB", "BINARY(16)"),
        ("{hash}", "BLOB", "BINARY(32)"),
        ("{int}", "INTEGER", "BIGINT"),
        ("{key}", "TEXT", "VARCHAR(190)"),
        ("{text}", "TEXT", "MEDIUMTEXT"),
        ("{blob}", "BLOB", "MEDIUMBLOB"),
        ("{table}", "STRICT, WITHOUT ROWID", "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"),
        (
            "{refuse}",
            "BEGIN SELECT RAISE(ABORT, 'issued documents never change'); END",
            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'issued documents never change'",
        ),
    ];
    words.iter().fold(step.to_owned(), |step, (word, sqlite, mysql)| {
        step.replace(
            word,
            match engine {
                Engine::Sqlite => sqlite,
                Engine::Mysql => mysql,
            },
        )
    })
}

/// Brings the schema up to date.
///
/// # Errors
/// `internal` when the schema is newer than this program, or a step fails.
pub async fn run(db: &Db) -> Result<()> {
    let engine = db.engine();
    ddl(db, vec![spell(JOURNAL, engine)]).await?;
    let done: Vec<(String, i64, [u8; 32])> = db
        .read(|tx| {
            tx.all("SELECT name, step, hash FROM schema_steps", args![], |row| {
                Ok((row.next()?, row.next()?, row.next()?))
            })
        })
        .await?;
    let known = all();
    for (name, step, hash) in &done {
        let text = usize::try_from(*step)
            .ok()
            .and_then(|step| known.iter().find(|migration| &migration.name == name)?.steps.get(step));
        match text {
            None => {
                return Err(Error::new(
                    Code::Internal,
                    format!(
                        "The database was made by a newer Deskbell (step {name}/{step}). Install that version or a later one."
                    ),
                ));
            }
            Some(text) if text::sha256(text.as_bytes()) != *hash => {
                return Err(Error::new(
                    Code::Internal,
                    format!(
                        "Step {name}/{step} of the database differs from this program's. Install the version that made it."
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    let at = Clock::System.now().micros();
    let mut steps = Vec::new();
    for migration in &known {
        for (number, step) in migration.steps.iter().enumerate() {
            if done.iter().any(|(name, n, _)| *name == migration.name && usize::try_from(*n).ok() == Some(number)) {
                continue;
            }
            let hash = hex::encode(text::sha256(step.as_bytes()));
            steps.push(spell(step, engine));
            steps.push(format!(
                "INSERT INTO schema_steps (name, step, hash, applied_at) VALUES ('{}', {number}, x'{hash}', {at})",
                migration.name
            ));
        }
    }
    if steps.is_empty() {
        return Ok(());
    }
    tracing::info!(steps = steps.len() / 2, "bringing the database schema up to date");
    ddl(db, steps).await
}

async fn ddl(db: &Db, steps: Vec<String>) -> Result<()> {
    match &*db.0 {
        Inner::Sqlite(engine) => engine.schema(steps).await,
        Inner::Mysql(engine) => engine.schema(steps).await,
    }
}

/// The schema as the engine describes it.
///
/// # Errors
/// `database_unavailable`.
pub async fn introspect(db: &Db) -> Result<Introspected> {
    // The catalogues are the engines' own; nothing portable describes them.
    let columns = crate::sql! {
        sqlite: "SELECT m.name, p.name, lower(p.type), 1 - p.\"notnull\", p.pk
                 FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'",
        mysql: "SELECT c.table_name, c.column_name, lower(c.data_type), CASE c.is_nullable WHEN 'YES' THEN 1 ELSE 0 END,
                    CAST(COALESCE(k.ordinal_position, 0) AS SIGNED)
                FROM information_schema.columns c LEFT JOIN information_schema.key_column_usage k
                    ON k.table_schema = c.table_schema AND k.table_name = c.table_name
                    AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'
                WHERE c.table_schema = DATABASE()",
    };
    // As above.
    let indexes = crate::sql! {
        sqlite: "SELECT m.name, i.name, i.\"unique\", x.seqno, x.name
                 FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) x
                 WHERE m.type = 'table' AND i.origin = 'c'",
        mysql: "SELECT table_name, index_name, CASE non_unique WHEN 0 THEN 1 ELSE 0 END,
                    CAST(seq_in_index AS SIGNED), column_name
                FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name LIKE '%\\_by\\_%'",
    };
    db.read(move |tx| {
        let mut shapes = tx.all(columns, args![], |row| {
            let (table, column, kind): (String, String, String) = (row.next()?, row.next()?, row.next()?);
            let kind = match kind.as_str() {
                "integer" | "bigint" => "int",
                "text" | "varchar" | "mediumtext" => "text",
                "blob" | "binary" | "mediumblob" => "blob",
                other => other,
            };
            let (nullable, key) = (row.next()?, row.next()?);
            Ok(ColumnShape { table, column, kind: kind.to_owned(), nullable, key })
        })?;
        shapes.sort();
        let mut parts = tx.all(indexes, args![], |row| {
            let (table, index, unique): (String, String, bool) = (row.next()?, row.next()?, row.next()?);
            let (place, column): (i64, String) = (row.next()?, row.next()?);
            Ok((table, index, unique, place, column))
        })?;
        parts.sort();
        let mut listed: Vec<(String, Vec<String>)> = Vec::new();
        for (table, index, unique, _, column) in parts {
            let name = format!("{}{table}.{index}", if unique { "unique " } else { "" });
            match listed.last_mut() {
                Some((last, columns)) if *last == name => columns.push(column),
                _ => listed.push((name, vec![column])),
            }
        }
        let mut indexes: Vec<String> =
            listed.into_iter().map(|(name, columns)| format!("{name}({})", columns.join(", "))).collect();
        indexes.sort();
        Ok(Introspected { columns: shapes, indexes })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_split_at_semicolons_that_end_a_line() {
        let steps = split("-- a comment;\nCREATE TABLE a (b {int});\n\nCREATE INDEX a_by_b\n  ON a (b);\n");
        assert_eq!(steps, ["CREATE TABLE a (b {int})", "CREATE INDEX a_by_b\n  ON a (b)"]);
    }

    #[test]
    fn every_type_word_is_spelled_on_both_engines() {
        for migration in all() {
            for step in &migration.steps {
                for engine in [Engine::Sqlite, Engine::Mysql] {
                    assert!(!spell(step, engine).contains('{'), "{}: {step}", migration.name);
                }
            }
        }
    }
}
