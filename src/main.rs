//! The binary: parse, run, report.

use std::process::ExitCode;

use stepstream::cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::parse(std::env::args_os()) {
        Ok(arguments) => cli::report(cli::run(arguments)),
        Err(usage) => cli::report_usage(&usage),
    }
}
