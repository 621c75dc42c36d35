//! The command line of the generator.

use std::process::ExitCode;

fn main() -> ExitCode {
    codegen::cli::main()
}
