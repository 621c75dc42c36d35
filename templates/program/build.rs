//! Generates the API from the snapshot.

fn main() {
    codegen::Config::new().config("codegen.toml").snapshot("catalog.json").generate();
}
