//! The binary.

fn main() -> std::process::ExitCode {
    deskbell::app::cli::main()
}
