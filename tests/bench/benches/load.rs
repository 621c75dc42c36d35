//! `cargo bench -p bench`

fn main() -> std::process::ExitCode {
    bench::main()
}
