//! What README and guide show works: their queries answer, their settings are read, their code compiles.

use std::path::Path;

use codegen::config::ConfigFile;
use serde_json::Value;
use tests::{Engine, live_registry_with, shop};

/// The README's code, which is compiled here. It must be the same text.
#[allow(unreachable_pub, reason = "the text is that of a program's module")]
mod readme {
    use sample::api::products::{Product, product};

    // README: begin
    use async_graphql::{Context, Object, Result};
    use runtime::Many;
    use runtime::rust_decimal::Decimal;

    #[derive(Clone, Default)]
    pub struct Featured;

    #[Object]
    impl Featured {
        async fn featured_products(&self, ctx: &Context<'_>, limit: i32) -> Result<Many<Product>> {
            Product::find()
                .filter(product::is_featured.eq(true))
                .limit(limit)
                .select(ctx)
                .await
        }
    }
    // README: end

    /// Not registered: the sample has the same field.
    pub fn stock_value(product: &Product) -> Decimal {
        product.price * Decimal::from(product.stock)
    }
}

fn document(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    std::fs::read_to_string(root.join(name)).expect("the document")
}

/// The documents that users read.
fn documents() -> Vec<(String, String)> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/guide");
    let mut names: Vec<String> = std::fs::read_dir(guide)
        .expect("the guide")
        .map(|entry| {
            format!(
                "runtime/guide/{}",
                entry.expect("a chapter").file_name().to_string_lossy()
            )
        })
        .collect();
    names.push("README.md".to_owned());
    names.sort();
    names
        .into_iter()
        .map(|name| (document(&name), name))
        .map(|(text, name)| (name, text))
        .collect()
}

/// The code blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn every_query_and_mutation_answers() {
    let Some(shop) = shop(Engine::Sqlite).await else { return };
    let tables = [
        "users",
        "products",
        "categories",
        "reviews",
        "tags",
        "product_tags",
        "orders",
    ];
    let settings = tables.map(|table| {
        let search = if table == "products" {
            "search = [\"name\", \"description\"]"
        } else {
            ""
        };
        format!("[tables.{table}]\nactions = [\"create\", \"update\", \"delete\"]\n{search}\n")
    });
    let config = format!("trust_data = true\n{}", settings.concat());
    let registry = live_registry_with(&shop.url, &config).await;

    let mut count = 0;
    for (name, text) in documents() {
        for query in blocks(&text, "graphql") {
            let request = runtime::testing::Request {
                query: query.clone(),
                viewer: runtime::Viewer::known("1"),
                ..runtime::testing::Request::default()
            };
            let schema = registry.find("main").expect("the schema");
            let answer = schema.engine().execute(request).await;
            let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");

            assert!(answer.get("errors").is_none(), "{name}: {query}\n{answer}");
            let payloads = answer["data"].as_object().expect("data");
            let failed = payloads
                .values()
                .filter_map(|payload| payload.get("errors")?.as_array());
            // Rows that the shop does not have are the only reason not to write.
            for error in failed.flatten() {
                assert_eq!(error["code"], "NOT_FOUND", "{name}: {query}\n{answer}");
            }
            count += 1;
        }
    }
    assert!(count >= 5, "{count} queries were found");
}

#[test]
fn every_configuration_is_read() {
    let mut count = 0;
    for (name, text) in documents() {
        for block in blocks(&text, "toml") {
            let settings = ConfigFile::parse(&block).and_then(|file| file.settings());
            let settings = settings.unwrap_or_else(|error| panic!("{name}: {error}\n{block}"));
            assert!(settings.former_keys.is_empty(), "{name} uses a former key:\n{block}");
            count += 1;
        }
    }
    assert!(count >= 3, "{count} configurations were found");
}

#[test]
fn the_code_of_the_readme_is_what_is_compiled() {
    let source = include_str!("guide.rs");
    let compiled = source
        .split("// README: begin\n")
        .nth(1)
        .and_then(|rest| rest.split("    // README: end").next())
        .expect("the compiled code");
    let compiled: Vec<&str> = compiled
        .lines()
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();

    let shown = blocks(&document("README.md"), "rust").concat();
    assert!(
        shown.starts_with(compiled.join("\n").trim_end()),
        "README shows:\n{shown}"
    );
    assert!(shown.contains("self.price * Decimal::from(self.stock)"));
    let _ = (readme::Featured, readme::stock_value);
}

#[test]
fn every_key_of_the_configuration_is_in_its_chapter() {
    let schema = document("codegen/codegen.schema.json");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let chapter = document("runtime/guide/configuration.md") + &document("runtime/guide/policies.md");

    let definitions = schema["$defs"].as_object().expect("definitions").values();
    for object in definitions.chain([&schema]) {
        for key in object["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key)
        {
            let is_named = chapter.contains(&format!("`{key}`"))
                || chapter.contains(&format!(".{key}`"))
                || chapter.contains(&format!("`{key}.<name>"))
                || chapter.contains(&format!("[{key}.<name>]"));
            assert!(is_named, "`{key}` is not explained");
        }
    }
}
