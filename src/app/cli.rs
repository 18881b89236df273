//! The command line: each command calls the same actions as the handlers.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::{App, demo, document, open, storage, verify};
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::time::Clock;
use crate::business::accounts;
use crate::platform::config::{Config, Sources};
use crate::platform::files::Place;

/// A self-hosted booking and invoicing desk.
#[derive(Debug, Parser)]
#[command(name = "deskbell", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Where the database and all files live.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the desk until it is stopped.
    Serve {
        /// Address and port; port 0 takes a free one.
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
        /// Fill a fresh data directory with a believable studio.
        #[arg(long)]
        demo: bool,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Bring the database schema up to date.
    Migrate,
    /// Look whether every issued document and its file are as they were issued, and no number is missing.
    Verify,
    /// The files: where they live.
    Storage {
        #[command(subcommand)]
        command: StorageCommand,
    },
    /// Give an account another password, read from standard input, and ask it for no codes of an app any more.
    ResetPassword {
        /// The account's e-mail.
        email: String,
    },
}

#[derive(Debug, Subcommand)]
enum StorageCommand {
    /// Carry all files to another home: `file:` (the data directory) or `s3://bucket/prefix?endpoint=…`.
    ///
    /// Each is copied, read back and compared by its SHA-256; nothing is removed. Broken off, it goes on where it
    /// stopped. Keys may come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    Move {
        /// Where to.
        #[arg(long, value_name = "URL")]
        to: String,
    },
}

/// Runs the command line; 0 done, 1 failed, 2 wrong use.
pub fn main() -> ExitCode {
    // Usage errors end in clap, with 2.
    let cli = Cli::parse();
    match begin(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Threads that read and write files: more of them are no faster and keep more memory each.
const FILE_THREADS: usize = 16;

fn begin(cli: Cli) -> Result<()> {
    let config = configuration(&cli)?;
    begin_log(&config);
    // A body on MySQL keeps a thread while it waits for the server; files must not wait for that.
    let threads = FILE_THREADS + config.database.threads();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(1 << 20)
        .max_blocking_threads(threads)
        .build()
        .map_err(Error::internal)?;
    runtime.block_on(run(cli, config))
}

/// What the flags, the environment and the file say. The document is made without them, on a desk for a moment.
fn configuration(cli: &Cli) -> Result<Config> {
    let mut flags = BTreeMap::new();
    if matches!(cli.command, Command::Openapi) {
        let dir = std::env::temp_dir().join(format!("deskbell-openapi-{}", std::process::id()));
        flags.insert("data_dir", dir.display().to_string());
        return Config::load(&Sources { flags, ..Sources::default() });
    }
    if let Some(dir) = &cli.data_dir {
        flags.insert("data_dir", dir.display().to_string());
    }
    if let Command::Serve { listen: Some(listen), .. } = &cli.command {
        flags.insert("listen", listen.clone());
    }
    Config::load(&Sources::of_process(flags))
}

fn fail(error: &Error) -> ExitCode {
    eprintln!("deskbell: {error}");
    ExitCode::FAILURE
}

async fn run(cli: Cli, config: Config) -> Result<()> {
    match cli.command {
        Command::Serve { demo, .. } => serve(config, demo).await,
        Command::Migrate => {
            let desk = open(config, Clock::System).await?;
            desk.db.close().await;
            println!("The database schema is up to date.");
            Ok(())
        }
        Command::Verify => verify_books(config).await,
        Command::Storage { command: StorageCommand::Move { to } } => move_files(config, &to).await,
        Command::ResetPassword { email } => reset_password(config, &email).await,
        Command::Openapi => print_document(config).await,
    }
}

/// Logs go to standard error, so that the first line of standard output is the address.
fn begin_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let begun = if config.log_json { builder.json().try_init() } else { builder.try_init() };
    if let Err(error) = begun {
        eprintln!("deskbell: the log could not begin: {error}");
    }
}

async fn serve(config: Config, with_demo: bool) -> Result<()> {
    let given = config.describe();
    let public = config.public_url.clone();
    let app = App::start(config, Clock::System).await?;
    let url = public.unwrap_or_else(|| format!("http://{}", app.address));
    // Whoever started us may have closed the pipe; the desk serves all the same.
    let mut out = std::io::stdout();
    let _ = writeln!(out, "listening on http://{}", app.address);
    if !given.is_empty() {
        tracing::info!(settings = given.trim().replace('\n', ", "), "configuration");
    }
    match (&app.setup_token, with_demo) {
        (Some(_), true) => {
            demo::fill(&app.desk).await?;
            let _ = writeln!(out, "The demo studio is ready: sign in as {} with {:?}.", demo::EMAIL, demo::PASSWORD);
        }
        (None, true) => {
            let _ = writeln!(out, "This desk is in use already; the demo is only for a fresh data directory.");
        }
        (Some(token), false) => {
            let _ = writeln!(out, "Open this link to set the desk up: {url}/setup?token={token}");
        }
        (None, false) => {}
    }
    let _ = out.flush();
    wait_for_signal().await;
    tracing::info!("stopping: running requests are finished first");
    app.stop().await;
    Ok(())
}

async fn wait_for_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}

/// The document needs the handlers, and they need a desk: one that is thrown away.
async fn print_document(config: Config) -> Result<()> {
    let desk = open(config, Clock::System).await?;
    let text = document(&desk);
    desk.db.close().await;
    desk.config.remove_data_dir();
    println!("{text}");
    Ok(())
}

async fn reset_password(config: Config, email: &str) -> Result<()> {
    let mut password = String::new();
    if std::io::stdin().is_terminal() {
        eprintln!("Type the new password (10 characters or more) and Enter:");
        std::io::stdin().read_line(&mut password).map_err(Error::internal)?;
    } else {
        std::io::stdin().take(1000).read_to_string(&mut password).map_err(Error::internal)?;
    }
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let hash = accounts::api::Hasher::default().hash(password).await?;
    let desk = open(config, Clock::System).await?;
    let (address, at) = (email.to_owned(), desk.clock.now());
    let done = desk
        .db
        .write(move |tx| {
            let actor = Actor::system(at, "reset-password");
            accounts::actions::reset_access(tx, &actor, &address, &hash)
        })
        .await;
    desk.db.close().await;
    done.map_err(|error| match error.code {
        Code::NotFound => Error::new(Code::NotFound, format!("There is no account with the e-mail {email}.")),
        _ => error,
    })?;
    println!("The password of {email} was changed, its sessions were ended, and it is asked for no codes.");
    Ok(())
}

async fn verify_books(config: Config) -> Result<()> {
    let desk = open(config, Clock::System).await?;
    let found = match verify::adopt(&desk).await {
        Ok(()) => verify::verify(&desk).await,
        Err(error) => Err(error),
    };
    desk.db.close().await;
    let found = found?;
    println!("{} documents and {} files are as they were issued.", found.documents, found.files);
    if found.wrong.is_empty() {
        return Ok(());
    }
    for wrong in &found.wrong {
        eprintln!("{wrong}");
    }
    Err(Error::new(Code::InvalidState, "The books are not whole. Restore a backup, or ask whoever changed them."))
}

async fn move_files(config: Config, to: &str) -> Result<()> {
    let environment = Sources::of_process(BTreeMap::new()).environment;
    let place = match Place::parse(to, &environment) {
        Ok(place) if place != config.storage => place,
        wrong => {
            let said = wrong.map_or_else(|said| said, |_| "is where the files live now".into());
            // Wrong use: ends here with 2.
            Cli::command().error(ErrorKind::ValueValidation, format!("--to {said}.")).exit()
        }
    };
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")
    {
        bar.set_style(style);
    }
    let desk = open(config, Clock::System).await?;
    let done = storage::move_files(&desk, &place, &|moved, total| {
        bar.set_length(total);
        bar.inc(moved);
    })
    .await;
    bar.finish_and_clear();
    desk.db.close().await;
    println!("{}", done?);
    Ok(())
}
