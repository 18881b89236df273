//! The rules of the house (ARCHITECTURE.md), read from the sources. Each test lists every violation at once.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files over 500 lines, each with its reason.
const LONG: &[(&str, &str)] = &[];

struct Source {
    path: String,
    /// Code without comments, tests and the contents of strings.
    code: String,
    /// The whole text.
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    walk(&root(), &mut paths);
    paths.sort();
    let mut sources = Vec::new();
    for path in paths {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        if name.starts_with("tests/") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        // Fixtures that several files' tests share.
        if text.contains("\n#![cfg(test)]\n") {
            continue;
        }
        sources.push(Source { path: name, code: code_of(&text), text });
    }
    sources
}

/// Drops comments and what stands within strings, and all from the unit tests on; keeps the lines.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let mut code = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            '"' => {
                code.push('"');
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => code.extend(chars.next().filter(|c| *c == '\n')),
                        '"' => break,
                        '\n' => code.push('\n'),
                        _ => {}
                    }
                }
                code.push('"');
            }
            '\'' => {
                // A character, or a lifetime.
                let ahead: String = chars.clone().take(3).collect();
                if ahead.starts_with('\\') || ahead.chars().nth(1) == Some('\'') {
                    for c in chars.by_ref() {
                        if c == '\'' {
                            break;
                        }
                        if c == '\\' {
                            break;
                        }
                    }
                    if ahead.starts_with('\\') {
                        chars.next();
                        chars.next();
                    }
                    code.push_str("' '");
                } else {
                    code.push('\'');
                }
            }
            c => code.push(c),
        }
    }
    code
}

/// Every path below `crate::` that the code names, with groups taken apart, and the line it stands on.
fn named(code: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with('$') || code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        expand(&code[at + "crate::".len()..], &mut Vec::new(), &mut |path| found.push((line, path.to_vec())));
    }
    found
}

fn expand<'t>(text: &'t str, prefix: &mut Vec<String>, each: &mut dyn FnMut(&[String])) -> &'t str {
    let text = text.trim_start();
    let depth = prefix.len();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = expand(rest, prefix, each).trim_start();
            match rest.chars().next() {
                Some(',') => {
                    rest = rest[1..].trim_start();
                    if let Some(behind) = rest.strip_prefix('}') {
                        return behind;
                    }
                }
                Some('}') => return &rest[1..],
                _ => return rest,
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    prefix.push(text[..end].to_owned());
    let rest = &text[end..];
    let rest = match rest.strip_prefix("::") {
        Some(rest) if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '{') => {
            expand(rest, prefix, each)
        }
        _ => {
            if prefix.last().is_some_and(|last| last == "self") {
                prefix.pop();
            }
            each(prefix);
            rest
        }
    };
    prefix.truncate(depth);
    rest
}

fn order(file: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

fn report(rule: &str, violations: &[String]) {
    assert!(violations.is_empty(), "{rule}:\n  {}", violations.join("\n  "));
}

fn floors_broken(sources: &[Source], floors: &[String]) -> Vec<String> {
    let mut violations = Vec::new();
    for source in sources {
        let own = source.path.split(['/', '.']).next().unwrap();
        let Some(height) = floors.iter().position(|floor| floor == own) else { continue };
        for (line, path) in named(&source.code) {
            if let Some(other) = floors.iter().position(|floor| *floor == path[0])
                && other > height
            {
                violations.push(format!("{}:{line} names {}", source.path, path.join("::")));
            }
        }
    }
    violations
}

#[test]
fn a_floor_names_only_floors_below_it() {
    report("a floor names a floor above", &floors_broken(&sources(), &order("lib.rs")));
}

fn rooms_broken(sources: &[Source], floor: &str, rooms: &[String]) -> Vec<String> {
    let mut violations = Vec::new();
    for source in sources.iter().filter(|source| source.path.starts_with(&format!("{floor}/"))) {
        let own = source.path[floor.len() + 1..].split(['/', '.']).next().unwrap();
        let Some(place) = rooms.iter().position(|room| room == own) else { continue };
        for (line, path) in named(&source.code) {
            if path[0] != floor || path.len() < 2 {
                continue;
            }
            if let Some(other) = rooms.iter().position(|room| *room == path[1])
                && other > place
            {
                violations.push(format!("{}:{line} names {}", source.path, path.join("::")));
            }
        }
    }
    violations
}

#[test]
fn a_room_names_only_rooms_above_it_in_its_floors_list() {
    let sources = sources();
    for floor in ["platform", "business"] {
        let rooms = order(&format!("{floor}/mod.rs"));
        report("a room names one below it", &rooms_broken(&sources, floor, &rooms));
    }
}

/// `model ← sql ← actions ← api`; of another room, `model` and `actions`, and from an `api` also its `api`.
#[test]
fn inside_a_noun_model_sql_actions_and_api_name_each_other_in_one_direction() {
    let mut violations = Vec::new();
    for source in sources() {
        let Some((noun, file)) = source.path.strip_prefix("business/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        let file = file.trim_end_matches(".rs");
        let may_not: &[&str] = match file {
            "model" => &["super::sql", "super::actions", "super::api"],
            "sql" => &["super::actions", "super::api"],
            "actions" => &["super::api"],
            "api" | "wire" => &["super::sql"],
            _ => &[],
        };
        for forbidden in may_not {
            for (at, _) in source.code.match_indices(forbidden) {
                let line = source.code[..at].matches('\n').count() + 1;
                violations.push(format!("{}:{line} names {forbidden}", source.path));
            }
        }
        for (line, path) in named(&source.code) {
            if path[0] != "business" || path.len() < 3 || path[1] == noun || path[1] == "desk" {
                continue;
            }
            let good = match path[2].as_str() {
                "model" | "actions" => true,
                "api" | "render" => matches!(file, "api" | "wire"),
                _ => false,
            };
            if !good {
                violations.push(format!("{}:{line} names {}", source.path, path.join("::")));
            }
        }
    }
    report("a noun is named past its model and actions", &violations);
}

/// Names, and the paths that may say them.
type Fence<'f> = (&'f [&'f str], &'f dyn Fn(&str) -> bool);

#[test]
fn crates_are_fenced() {
    let fences: &[Fence<'_>] = &[
        (&["poem::", "poem_openapi::"], &|path| {
            let wire = path.ends_with("/api.rs") || path.ends_with("/wire.rs");
            path.starts_with("platform/http/") || wire || path.starts_with("app/")
        }),
        (&["rusqlite::", "sqlx::"], &|path| path.starts_with("platform/db/")),
        (&["pdf_writer::", "harfrust::", "subsetter::", "ttf_parser::", "unicode_bidi::"], &|path| {
            path.starts_with("platform/pdf/")
        }),
        (&["flate2::"], &|path| path.starts_with("platform/pdf/") || path == "platform/codec/gzip.rs"),
        (
            &[
                "fast_image_resize::",
                "gif::",
                "image_webp::",
                "jpeg_decoder::",
                "jpeg_encoder::",
                "ropus::",
                "png::",
                "symphonia::",
                "webp::",
            ],
            &|path| path.starts_with("platform/codec/"),
        ),
        (&["std::fs", "tokio::fs"], &|path| {
            ["platform/files/", "platform/config.rs", "platform/db/"].iter().any(|room| path.starts_with(room))
        }),
        (&["SystemTime::now", "Timestamp::now", "getrandom::"], &|path| path.starts_with("base/")),
    ];
    let mut violations = Vec::new();
    for source in sources() {
        for (names, allowed) in fences {
            for name in *names {
                for (at, _) in source.code.match_indices(name) {
                    let before = source.code[..at].chars().last().unwrap_or(' ');
                    if !allowed(&source.path) && !before.is_alphanumeric() && before != '_' {
                        let line = source.code[..at].matches('\n').count() + 1;
                        violations.push(format!("{}:{line} names {name}", source.path));
                    }
                }
            }
        }
    }
    report("a crate is named outside its fence", &violations);
}

#[test]
fn there_is_no_global_state() {
    let mut violations = Vec::new();
    for source in sources().iter().filter(|source| source.path != "main.rs") {
        for (number, line) in source.code.lines().enumerate() {
            let line = line.trim_start();
            let word = ["static ", "pub static ", "thread_local!", "lazy_static!"];
            if word.iter().any(|word| line.starts_with(word))
                || line.contains("OnceLock<")
                || line.contains("LazyLock<")
            {
                violations.push(format!("{}:{} {line}", source.path, number + 1));
            }
        }
    }
    report("a global", &violations);
}

#[test]
fn a_file_has_at_most_500_lines_or_a_reason() {
    let mut violations = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > 500 && !LONG.iter().any(|(path, _)| *path == source.path) {
            violations.push(format!("{} has {lines}", source.path));
        }
    }
    report("too long", &violations);
}

#[test]
fn sql_is_portable_and_its_exceptions_are_few() {
    let (mut violations, mut exceptions) = (Vec::new(), 0);
    for source in sources() {
        exceptions += source.code.matches("sql! {").count();
        if !source.path.ends_with("/sql.rs") {
            continue;
        }
        let upper = source.text.to_uppercase();
        for word in ["RETURNING", "ON CONFLICT", "ON DUPLICATE", "REPLACE INTO", " || ", "STRFTIME", "NOW()", "OFFSET"]
        {
            if upper.contains(word) {
                violations.push(format!("{} says {word}", source.path));
            }
        }
    }
    report("SQL of one engine", &violations);
    assert!((1..=12).contains(&exceptions), "{exceptions} exceptions");
}

#[test]
fn each_noun_says_what_it_owns_and_each_table_has_one_owner() {
    let (mut violations, mut owners) = (Vec::new(), BTreeMap::new());
    let sources = sources();
    for source in sources.iter().filter(|s| s.path.starts_with("business/") && s.path.ends_with("/mod.rs")) {
        let noun = source.path.strip_prefix("business/").and_then(|rest| rest.strip_suffix("/mod.rs"));
        // A part of a room that is a folder itself is not a room.
        let Some(noun) = noun.filter(|noun| !noun.contains('/')) else { continue };
        let header: String = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
        for word in ["Owns:", "Uses:", "Never:"] {
            if !header.contains(word) {
                violations.push(format!("{} has no {word}", source.path));
            }
        }
        let owns = header.split("Owns:").nth(1).unwrap_or("").split("Uses:").next().unwrap_or("");
        for table in owns.split([',', '.', ' ', '/', '!']).filter(|word| !word.is_empty() && *word != "nothing") {
            if let Some(other) = owners.insert(table.to_owned(), noun.to_owned()) {
                violations.push(format!("{table} is owned by {other} and {noun}"));
            }
        }
    }
    for source in sources.iter().filter(|source| source.path.ends_with("/sql.rs")) {
        let noun = source.path.split('/').nth(1).unwrap();
        for verb in ["INSERT INTO ", "UPDATE ", "DELETE FROM "] {
            for (at, _) in source.text.match_indices(verb) {
                let rest = &source.text[at + verb.len()..];
                let table: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if !table.is_empty() && owners.get(&table).map(String::as_str) != Some(noun) {
                    violations.push(format!("{} writes {table}", source.path));
                }
            }
        }
    }
    assert!(owners.len() > 20, "the headers are read: {owners:?}");
    report("ownership", &violations);
}

#[test]
fn nothing_from_outside_is_unwrapped() {
    let mut violations = Vec::new();
    for source in sources() {
        for (number, line) in source.code.lines().enumerate() {
            for word in [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!("] {
                if line.contains(word) {
                    violations.push(format!("{}:{} {word}", source.path, number + 1));
                }
            }
        }
    }
    report("a panic", &violations);
}

#[test]
fn the_scanner_finds_planted_faults() {
    let planted = |path: &str, text: &str| Source { path: path.into(), code: code_of(text), text: text.into() };
    let floors: Vec<String> = ["base", "platform"].map(String::from).into();
    let up = planted("base/x.rs", "use crate::{\n    base::y,\n    platform::db,\n};");
    assert_eq!(floors_broken(&[up], &floors), ["base/x.rs:1 names platform::db"]);
    let comment = planted("base/x.rs", "// crate::platform::db\nlet a = \"crate::platform::db\";");
    assert!(floors_broken(&[comment], &floors).is_empty());
    let rooms: Vec<String> = ["clients", "bookings"].map(String::from).into();
    let below = planted("business/clients/actions.rs", "\nuse crate::business::{clients, bookings::actions};");
    assert_eq!(
        rooms_broken(&[below], "business", &rooms),
        ["business/clients/actions.rs:2 names business::bookings::actions"]
    );
}
