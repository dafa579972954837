//! The command line: one file per subcommand, thin.

mod chain;
mod chains;
mod errors;
mod finish;
mod list;
mod options;
mod run;
mod schema;
mod verbose;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::Exit;
use crate::{Error, defect};

use errors::tell;

/// Database conformance and row-level-security tests for PostgreSQL.
///
/// Starts a disposable server, applies migrations, tries as each actor what it may and may not do.
/// Exit codes: 0 passed; 1 failed; 2 wrong input; 3 could not be tested; 70 a defect of rlsgate.
#[derive(Debug, Parser)]
#[command(name = "rlsgate", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    verbose: verbose::Verbose,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run suites and write reports.
    Run(run::RunArgs),
    /// Check migration chains: up, down, over rows, against chain.lock.
    Chain(chain::ChainArgs),
    /// List the checks of suites without trying them.
    List(list::ListArgs),
    /// Print the JSON Schema of suite files, or of the run record.
    Schema(schema::SchemaArgs),
    /// Check a live database, read-only.
    Verify(verify::VerifyArgs),
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    defect::watch_panics();
    // What was started is ended as the panic passes it, as it is by an early return.
    let exit = std::panic::catch_unwind(run_to_end).unwrap_or(Exit::Defect);
    if defect::met() && exit != Exit::Defect {
        tell(&Error::defect("the harness was wrong on the way to these results"));
    }
    exit.unless_defect().into()
}

fn run_to_end() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap's own: help and version are no errors.
            drop(error.print());
            return if error.use_stderr() { Exit::Input } else { Exit::Passed };
        }
    };
    cli.verbose.begin();
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2));
    // Most is done by the server's processes; threads that only wake each other are in their way.
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return tell(&Error::environment(format!("no runtime: {error}"), "look at the limits of the process"));
        }
    };
    runtime.block_on(async {
        tokio::select! {
            result = dispatch(cli.command) => result.unwrap_or_else(|error| tell(&error)),
            // Dropped on the way out, every instance takes what it made along.
            () = interrupted() => tell(&Error::environment("interrupted", "run it again")),
        }
    })
}

async fn dispatch(command: Command) -> Result<Exit, Error> {
    match command {
        Command::Run(run) => run.execute().await,
        Command::Chain(chain) => chain.execute().await,
        Command::List(list) => list.execute().await,
        Command::Schema(schema) => schema.execute().await,
        Command::Verify(verify) => verify.execute().await,
    }
}

async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut hangup)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
        _ = hangup.recv() => {}
    }
}
