//! Generates the types of the shop's tables from the snapshot of its database.

fn main() {
    codegen::Config::new()
        .config("codegen.toml")
        .snapshot("catalog.json")
        .generate();
}
