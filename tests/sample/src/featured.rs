//! A field written by hand: it says which rows, and the engine plans whatever the client asks below it.

use async_graphql::{Context, Object, Result};
use runtime::Many;

use crate::api::products::{Product, product};

/// What the front page shows.
#[derive(Debug, Default)]
pub struct Featured;

#[Object]
impl Featured {
    /// Products on the front page, the dearest first.
    async fn featured_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many.", default = 5)] limit: i32,
    ) -> Result<Many<Product>> {
        Product::find()
            .filter(product::is_featured.eq(true))
            .order_by(product::price.descending())
            .limit(limit)
            .select(ctx)
            .await
    }
}
