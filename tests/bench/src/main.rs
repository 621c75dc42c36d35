//! `cargo run --release -p bench`

fn main() -> std::process::ExitCode {
    bench::main()
}
