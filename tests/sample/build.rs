//! Generates the API from the snapshot of the shop's database.

fn main() {
    codegen::Config::new()
        .config("codegen.toml")
        .snapshot("catalog.json")
        .generate();
}
