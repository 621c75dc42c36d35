//! The JSON schema of `codegen.toml`, for editors, is that of the types.

use codegen::config::ConfigFile;

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("codegen.schema.json");
    let schema = schemars::schema_for!(ConfigFile);
    let expected = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
    if std::env::vars().any(|(name, _)| name == "UPDATE") {
        std::fs::write(&path, &expected).expect("the schema");
    }

    let committed = std::fs::read_to_string(&path).expect("the committed schema");
    assert!(
        committed == expected,
        "{} is out of date; run the test with UPDATE=1 and read the difference",
        path.display()
    );
}
