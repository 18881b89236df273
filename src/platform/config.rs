//! Configuration: flags over environment over `deskbell.toml` over defaults; every mistake said at once.
//!
//! Uses: base, db, files. Never: a secret in what is printed.
//!
//! Each setting is one line of [`SETTINGS`]: its name in the file, from which the variable `DESKBELL_NAME` follows.
//! A secret may also come as `DESKBELL_NAME_FILE` (or `name_file`), the path of a file that holds it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::error::{Code, Error, Result};
use crate::base::text;
use crate::platform::pdf::Extra;
use crate::platform::{db, files};

/// Fonts of the owner that are looked at.
const MOST_FONTS: usize = 50;

/// A setting that may be given.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Name in `deskbell.toml`.
    pub name: &'static str,
    /// What holds when it is not given, in words.
    pub default: &'static str,
    /// What it is for.
    pub about: &'static str,
    secret: bool,
}

const fn setting(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { name, default, about, secret: false }
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    setting("data_dir", "the platform's data directory", "where the database and all files live"),
    setting("listen", "127.0.0.1:8080", "address and port; port 0 takes a free one"),
    setting("public_url", "http:// and the address", "how browsers reach the desk; https makes cookies Secure"),
    setting("trust_proxy", "false", "take the client's address from X-Forwarded-For"),
    Setting {
        name: "database_url",
        default: "sqlite: in the data directory",
        about: "sqlite:PATH, or mysql://user:password@host:port/name",
        secret: true,
    },
    Setting {
        name: "storage_url",
        default: "file: in the data directory",
        about: "where whole files live: file:, or s3://bucket/prefix?endpoint=…&region=…&access_key_id=…\
                &secret_access_key=…",
        secret: true,
    },
    setting("database_max_connections", "4 on SQLite, 16 on MySQL", "connections at most"),
    setting("database_min_connections", "1", "connections kept when idle"),
    setting("database_acquire_timeout_seconds", "5", "how long a request waits for the database"),
    setting("database_idle_timeout_seconds", "300", "an idle connection is closed after this"),
    setting("database_max_age_seconds", "1800", "a connection is closed after this, and up to a tenth more"),
    setting("database_connect_retry_seconds", "30", "how long the start waits for the database"),
    setting("max_connections", "1024", "open connections of clients at most"),
    setting("head_timeout_seconds", "30", "a request's head must be whole after this"),
    setting("idle_timeout_seconds", "75", "a connection is closed when no byte has moved for this long"),
    setting("shutdown_grace_seconds", "20", "running requests may take this long at the end"),
    setting("upload_idle_seconds", "60", "an upload of which no byte comes for this long is given up"),
    setting("byte_budget_mib", "64", "bytes of uploads and downloads in memory at most"),
    setting("disk_reserve_mib", "256", "free disk that uploads leave alone"),
    setting("log", "info", "what is logged, as tracing's filter: info, debug, deskbell::access=debug"),
    setting("log_format", "text", "text or json"),
];

/// The configuration of a running program.
#[derive(Clone, Debug)]
pub struct Config {
    /// Data directory.
    pub data_dir: PathBuf,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// How browsers reach the desk; none means the address it listens on.
    pub public_url: Option<String>,
    /// Whether a proxy in front writes `X-Forwarded-For`.
    pub trust_proxy: bool,
    /// The database.
    pub database: db::Options,
    /// Where whole files live.
    pub storage: files::Place,
    /// Open connections at most.
    pub max_connections: usize,
    /// Limit of a request's head.
    pub head_timeout: Duration,
    /// Limit without a byte.
    pub idle_timeout: Duration,
    /// Limit of running requests at the end.
    pub shutdown_grace: Duration,
    /// An upload of which no byte comes for so long is given up.
    pub upload_idle: Duration,
    /// Bytes in flight at most.
    pub byte_budget: u64,
    /// Free bytes on the disk that uploads leave alone.
    pub disk_reserve: u64,
    /// Log filter.
    pub log: String,
    /// Log lines as JSON.
    pub log_json: bool,
    /// What was given, for printing; secrets masked.
    given: BTreeMap<&'static str, String>,
}

/// Where values come from, highest first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Command-line flags by setting name.
    pub flags: BTreeMap<&'static str, String>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
}

impl Sources {
    /// The process's own environment, with these flags.
    pub fn of_process(flags: BTreeMap<&'static str, String>) -> Self {
        Self { flags, environment: std::env::vars().collect() }
    }
}

impl Config {
    /// Gathers the configuration.
    ///
    /// # Errors
    /// `invalid_field` with every wrong setting.
    pub fn load(sources: &Sources) -> Result<Self> {
        let mut reading = Reading { sources, file: toml::Table::new(), given: BTreeMap::new(), wrong: Vec::new() };
        let data_dir = reading.data_dir();
        reading.read_file(&data_dir.join("deskbell.toml"));
        let sqlite = format!("sqlite:{}", data_dir.join("deskbell.db").display());
        let url = match reading.text("database_url") {
            None => sqlite,
            Some(url) if url == "sqlite:" || url == "sqlite" => sqlite,
            Some(url) => url,
        };
        if !url.starts_with("sqlite:") && !url.starts_with("mysql://") && !url.starts_with("mariadb://") {
            reading.wrong("database_url", "must begin with sqlite: or mysql://");
        }
        let mysql = !url.starts_with("sqlite:");
        let database = db::Options {
            url: url.replacen("mariadb://", "mysql://", 1),
            max: reading.number("database_max_connections", if mysql { 16 } else { 4 }, 1, 10_000),
            min: reading.number("database_min_connections", 1, 0, 10_000),
            acquire_timeout: reading.seconds("database_acquire_timeout_seconds", 5),
            idle_timeout: reading.seconds("database_idle_timeout_seconds", 300),
            max_age: reading.seconds("database_max_age_seconds", 1800),
            connect_retry: reading.seconds("database_connect_retry_seconds", 30),
        };
        let storage = match reading.text("storage_url").map(|url| files::Place::parse(&url, &sources.environment)) {
            None => files::Place::default(),
            Some(Ok(place)) => place,
            Some(Err(message)) => {
                reading.wrong("storage_url", &message);
                files::Place::default()
            }
        };
        let listen = reading.parsed("listen", "must be an address with a port such as 127.0.0.1:8080");
        let public_url = reading.text("public_url").map(|url| url.trim_end_matches('/').to_owned());
        if public_url.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            reading.wrong("public_url", "must begin with http:// or https://");
        }
        let log_json = match reading.text("log_format").as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(_) => {
                reading.wrong("log_format", "must be text or json");
                false
            }
        };
        let config = Self {
            data_dir,
            listen: listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url,
            trust_proxy: reading.parsed("trust_proxy", "must be true or false").unwrap_or(false),
            database,
            storage,
            max_connections: usize::try_from(reading.number("max_connections", 1024, 1, 1_000_000)).unwrap_or(1024),
            head_timeout: reading.seconds("head_timeout_seconds", 30),
            idle_timeout: reading.seconds("idle_timeout_seconds", 75),
            shutdown_grace: reading.seconds("shutdown_grace_seconds", 20),
            upload_idle: reading.seconds("upload_idle_seconds", 60),
            byte_budget: u64::from(reading.number("byte_budget_mib", 64, 4, 1 << 20)) << 20,
            disk_reserve: u64::from(reading.number("disk_reserve_mib", 256, 0, 1 << 30)) << 20,
            log: reading.text("log").unwrap_or_else(|| "info".into()),
            log_json,
            given: std::mem::take(&mut reading.given),
        };
        reading.finish()?;
        Ok(config)
    }

    /// What was given, one setting a line, secrets masked.
    pub fn describe(&self) -> String {
        self.given.iter().fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name} = {value}");
            text
        })
    }

    /// Removes a data directory that was only for a moment.
    pub fn remove_data_dir(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.data_dir) {
            tracing::debug!(%error, "a temporary data directory could not be removed");
        }
    }

    /// Fonts that the owner put into the folder `fonts` of the data directory, by name: for characters that the
    /// program's own lack. Each is read when a document first needs it.
    pub fn fonts(&self) -> Vec<Extra> {
        let Ok(folder) = std::fs::read_dir(self.data_dir.join("fonts")) else { return Vec::new() };
        let is_font = |path: &Path| {
            let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
            matches!(ending.as_deref(), Some("ttf" | "otf" | "ttc"))
        };
        let mut paths: Vec<PathBuf> =
            folder.flatten().map(|entry| entry.path()).filter(|path| is_font(path)).take(MOST_FONTS).collect();
        paths.sort();
        let font = |path: PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Extra::new(name, move || std::fs::read(&path))
        };
        paths.into_iter().map(font).collect()
    }

    /// Makes the data directory, for its owner alone.
    ///
    /// # Errors
    /// `unavailable` when it cannot be made.
    pub fn make_data_dir(&self) -> Result<()> {
        let cannot = |error: std::io::Error| {
            Error::new(
                Code::Unavailable,
                format!(
                    "The data directory {} cannot be used: {error}. Choose another with --data-dir.",
                    self.data_dir.display()
                ),
            )
        };
        std::fs::create_dir_all(&self.data_dir).map_err(cannot)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // A directory of somebody else's is used as it is.
            let _ = std::fs::set_permissions(&self.data_dir, std::fs::Permissions::from_mode(0o700));
        }
        Ok(())
    }
}

struct Reading<'s> {
    sources: &'s Sources,
    file: toml::Table,
    given: BTreeMap<&'static str, String>,
    wrong: Vec<(String, String)>,
}

impl Reading<'_> {
    fn wrong(&mut self, name: &str, message: &str) {
        self.wrong.push((name.to_owned(), message.to_owned()));
    }

    /// The data directory decides where the file is, so it comes from flags and environment alone.
    fn data_dir(&mut self) -> PathBuf {
        if let Some(dir) = self.text("data_dir") {
            return PathBuf::from(dir);
        }
        match directories::ProjectDirs::from("", "", "deskbell") {
            Some(dirs) => dirs.data_dir().to_path_buf(),
            None => {
                self.wrong("data_dir", "this account has no home; say where with --data-dir");
                PathBuf::new()
            }
        }
    }

    fn read_file(&mut self, path: &Path) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.wrong("deskbell.toml", &error.to_string()),
        };
        match text.parse::<toml::Table>() {
            Ok(table) => {
                for name in table.keys() {
                    let base = name.strip_suffix("_file").unwrap_or(name);
                    let known = SETTINGS.iter().any(|s| s.name == name || (s.secret && s.name == base));
                    if !known || name == "data_dir" {
                        self.wrong(name, "is not a setting of deskbell.toml");
                    }
                }
                self.file = table;
            }
            Err(error) => self.wrong("deskbell.toml", error.message()),
        }
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        let secret = SETTINGS.iter().any(|setting| setting.name == name && setting.secret);
        let variable = format!("DESKBELL_{}", name.to_ascii_uppercase());
        let in_file = |key: &str| match self.file.get(key) {
            Some(toml::Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
            None => None,
        };
        let mut value = (self.sources.flags.get(name).cloned())
            .or_else(|| self.sources.environment.get(&variable).filter(|text| !text.is_empty()).cloned());
        if value.is_none() && secret {
            let path = self.sources.environment.get(&format!("{variable}_FILE")).cloned();
            if let Some(path) = path.or_else(|| in_file(&format!("{name}_file"))) {
                match std::fs::read_to_string(&path) {
                    Ok(text) => value = Some(text.trim().to_owned()),
                    Err(error) => {
                        let message = format!("{path} cannot be read: {error}");
                        self.wrong.push((format!("{name}_file"), message));
                    }
                }
            }
        }
        let value = value.or_else(|| in_file(name))?;
        self.given.insert(name, if secret { mask(&value) } else { value.clone() });
        Some(value)
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &'static str, message: &str) -> Option<T> {
        let text = self.text(name)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.wrong(name, &format!("{message}, not {text:?}"));
        }
        parsed
    }

    fn number(&mut self, name: &'static str, default: u32, least: u32, most: u32) -> u32 {
        let message = format!("must be a whole number from {least} to {most}");
        match self.parsed::<u32>(name, &message) {
            Some(n) if (least..=most).contains(&n) => n,
            Some(n) => {
                self.wrong(name, &format!("{message}, not {n}"));
                default
            }
            None => default,
        }
    }

    fn seconds(&mut self, name: &'static str, default: u32) -> Duration {
        Duration::from_secs(u64::from(self.number(name, default, 1, 10_000_000)))
    }

    fn finish(mut self) -> Result<()> {
        for name in self.sources.environment.keys() {
            let Some(rest) = name.strip_prefix("DESKBELL_") else { continue };
            let rest = rest.to_ascii_lowercase();
            let base = rest.strip_suffix("_file").unwrap_or(&rest);
            let known = SETTINGS.iter().any(|s| s.name == rest || (s.secret && s.name == base));
            // The tests' own settings.
            if !known && !rest.starts_with("test_") {
                self.wrong.push((name.clone(), "is not a setting".to_owned()));
            }
        }
        if self.wrong.is_empty() {
            return Ok(());
        }
        let list: Vec<String> = self.wrong.iter().map(|(name, message)| format!("{name} {message}")).collect();
        Err(Error::new(Code::InvalidField, format!("The configuration is wrong: {}.", list.join("; "))))
    }
}

/// `mysql://user:password@host` shows everything but the password, `s3://bucket?…` everything but the keys.
fn mask(secret: &str) -> String {
    if secret.starts_with("s3:") || secret.starts_with("file:") {
        return files::Place::mask(secret);
    }
    match (secret.split_once("://"), secret.rfind('@')) {
        (Some((scheme, _)), Some(at)) => {
            let user = secret.get(scheme.len() + 3..at).and_then(|login| login.split(':').next()).unwrap_or("");
            format!("{scheme}://{user}:***{}", secret.get(at..).unwrap_or(""))
        }
        (None, _) if secret.starts_with("sqlite") => secret.to_owned(),
        _ => "***".into(),
    }
}

/// The token of the first run: made once, kept in `setup-token` in the data directory, gone after use.
///
/// # Errors
/// `unavailable` when the file cannot be written.
pub fn setup_token(data_dir: &Path) -> Result<String> {
    let path = data_dir.join("setup-token");
    if let Ok(token) = std::fs::read_to_string(&path)
        && !token.trim().is_empty()
    {
        return Ok(token.trim().to_owned());
    }
    let token = text::secret()?;
    let write = || -> std::io::Result<()> {
        std::fs::write(&path, format!("{token}\n"))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(())
    };
    write().map_err(|error| {
        Error::new(Code::Unavailable, format!("The file {} cannot be written.", path.display())).because(error)
    })?;
    Ok(token)
}

/// The token as it stands in the data directory; none once it was used.
pub fn read_setup_token(data_dir: &Path) -> Option<String> {
    let token = std::fs::read_to_string(data_dir.join("setup-token")).ok()?;
    Some(token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// Removes the token of the first run; that it is gone already is as good.
pub fn forget_setup_token(data_dir: &Path) {
    if let Err(error) = std::fs::remove_file(data_dir.join("setup-token"))
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the used setup token could not be removed");
    }
}

/// What the system says of this process's memory (Linux: `/proc/self/statm`); none elsewhere.
pub fn process_memory() -> Option<String> {
    std::fs::read_to_string("/proc/self/statm").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(flags: &[(&'static str, &str)], environment: &[(&str, &str)]) -> Result<Config> {
        Config::load(&Sources {
            flags: flags.iter().map(|(k, v)| (*k, (*v).to_owned())).collect(),
            environment: environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        })
    }

    fn folder(name: &str, toml: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("deskbell-config-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        std::fs::write(dir.join("deskbell.toml"), toml).expect("a file");
        dir
    }

    #[test]
    fn a_flag_goes_before_the_environment_and_that_before_the_file() {
        let dir = folder("order", "listen = \"127.0.0.1:1\"\nlog = \"warn\"\nbyte_budget_mib = 8\n");
        let dir = dir.to_str().expect("UTF-8");
        let environment = [("DESKBELL_LISTEN", "127.0.0.1:2"), ("DESKBELL_LOG", "debug")];
        let config = load(&[("data_dir", dir), ("listen", "127.0.0.1:3")], &environment).expect("good");
        assert_eq!((config.listen.port(), config.log.as_str(), config.byte_budget), (3, "debug", 8 << 20));
    }

    #[test]
    fn every_mistake_is_said_at_once() {
        let dir = folder("wrong", "colour = 1\nbyte_budget_mib = \"many\"\n");
        let error = load(
            &[("data_dir", dir.to_str().expect("UTF-8")), ("listen", "here")],
            &[
                ("DESKBELL_DATABASE_URL", "postgres://x"),
                ("DESKBELL_STORAGE_URL", "s3://desk?access_key_id=AKIA&secret_access_kee=hunter2"),
                ("DESKBELL_COLOUR", "1"),
            ],
        )
        .expect_err("six mistakes");
        for word in ["colour", "byte_budget_mib", "listen", "database_url", "storage_url", "DESKBELL_COLOUR"] {
            assert!(error.detail.contains(word), "{word} in {}", error.detail);
        }
        assert!(!error.detail.contains("hunter2"), "{}", error.detail);
    }

    #[test]
    fn a_secret_may_come_from_a_file_and_is_never_printed() {
        let dir = folder("secret", "");
        let path = dir.join("url");
        std::fs::write(&path, "mysql://desk:hunter2@db:3306/desk\n").expect("a file");
        let environment = [("DESKBELL_DATABASE_URL_FILE", path.to_str().expect("UTF-8"))];
        let config = load(&[("data_dir", dir.to_str().expect("UTF-8"))], &environment).expect("good");
        assert_eq!(config.database.url, "mysql://desk:hunter2@db:3306/desk");
        assert!(config.describe().contains("mysql://desk:***@db:3306/desk"), "{}", config.describe());
        assert!(!config.describe().contains("hunter2"));
        std::fs::write(&path, "s3://desk?region=eu-central-1&access_key_id=AKIA&secret_access_key=hunter2\n")
            .expect("a file");
        let environment = [("DESKBELL_STORAGE_URL_FILE", path.to_str().expect("UTF-8"))];
        let config = load(&[("data_dir", dir.to_str().expect("UTF-8"))], &environment).expect("good");
        let shown = format!("{} {config:?}", config.describe());
        assert!(shown.contains("s3://desk?region=eu-central-1&access_key_id=***"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
