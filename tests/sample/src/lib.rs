//! The API that is generated from the shop's tables without policies, and a few hand-written fields.

mod featured;
pub mod worth;

/// The code that `codegen` wrote. It is committed, so that a change of the generator is seen in review.
#[rustfmt::skip]
#[path = "../generated/mod.rs"]
pub mod api;

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
    /// Adds the loader that the hand-written fields use.
    fn schema(schema: SchemaBuilder) -> Result<SchemaBuilder, String> {
        // The loader waits long enough to collect all keys of a request, even on a busy machine.
        let patience = std::time::Duration::from_millis(10);
        Ok(
            schema
                .data(move |database| DataLoader::new(worth::Ratings(database.clone()), tokio::spawn).delay(patience)),
        )
    }
}
