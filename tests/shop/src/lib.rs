//! A shop whose GraphQL API is generated from its database, and one field that is not.

pub mod data;
mod featured;
pub mod worth;

/// The generated code, as `build.rs` made it.
pub mod api {
    runtime::include_schema!();
}

use async_graphql::dataloader::DataLoader;
use runtime::{SchemaBuilder, SchemaProvider};

pub use featured::Featured;

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
        Ok(schema.data(|database| DataLoader::new(worth::Ratings(database.clone()), tokio::spawn)))
    }
}
