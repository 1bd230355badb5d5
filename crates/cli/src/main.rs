//! `paycred`: payment credentials from the command line.
//!
//! This is the composition root that shows how the crates fit together: the configuration makes a port and an
//! opener, and a command uses them. Data goes to standard output, all else to standard error.

mod arguments;
mod configuration;
mod credentials;
mod doctor;
mod exit;
mod explain;
mod failure;
mod generate;
mod hidden_numbers;
mod input;
mod keys;
mod manual;
mod open;
mod output;
#[cfg(feature = "sandbox")]
mod sandbox;
mod secret_arguments;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use exit::Exit;
use failure::Failure;
use output::Output;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let is_json = words.iter().any(|word| word == "--json");
    let output = Output::new(is_json, false);
    if let Some(refused) = secret_arguments::refused(&words) {
        return ended(Err(Failure::new(Exit::Usage, refused)), output);
    }
    match Arguments::try_parse_from(words) {
        Ok(arguments) => {
            let output = Output::new(arguments.json, arguments.verbose);
            ended(run(arguments.command, output), output)
        }
        Err(error) => ended(arguments::explained(&error), output),
    }
}

fn ended(result: Result<(), Failure>, output: Output) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failed(&failure);
            failure.exit().into()
        }
    }
}

fn run(command: Command, output: Output) -> Result<(), Failure> {
    match command {
        Command::Generate(arguments) => generate::run(&arguments, output),
        Command::Open(arguments) => open::run(&arguments, output),
        Command::Keys(arguments) => keys::run(&arguments, output),
        Command::Doctor(arguments) => doctor::run(&arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(arguments) => sandbox::run(&arguments, output),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man => manual::page(),
    }
}
