//! What is generated from the shop's tables, without rules, and a few fields that are not generated.

mod featured;
pub mod worth;

/// The generated code, as `build.rs` made it.
pub mod api {
    runtime::include_schema!();
}

use async_graphql::dataloader::DataLoader;
use runtime::{SchemaBuilder, SchemaProvider};

pub use featured::Featured;
pub use shop_data as data;

/// All of the shop in one schema, with the hand-written fields of [`Featured`].
#[derive(Debug, runtime::RegisteredSchema)]
#[schema(
    name = "shop",
    version = "1.0.0",
    description = "All of the shop: users, products and orders.",
    apps("users", "products", "orders"),
    query(Featured),
    provider
)]
pub struct ShopSchema;

impl SchemaProvider for ShopSchema {
    /// What the hand-written fields find in their context.
    fn schema(schema: SchemaBuilder) -> Result<SchemaBuilder, String> {
        // It waits long enough for all keys of a request on a busy machine, too.
        let patience = std::time::Duration::from_millis(10);
        Ok(
            schema
                .data(move |database| DataLoader::new(worth::Ratings(database.clone()), tokio::spawn).delay(patience)),
        )
    }
}
