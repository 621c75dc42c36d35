//! A hand-written field: it chooses the rows, and the engine plans the fields that the client selects below it.

use async_graphql::{Context, Object, Result};
use runtime::Many;

use crate::api::products::{Product, product};

/// Queries of the front page.
#[derive(Debug, Default)]
pub struct Featured;

#[Object]
impl Featured {
    /// Featured products, most expensive first.
    async fn featured_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Maximum number of products to return.", default = 5)] limit: i32,
    ) -> Result<Many<Product>> {
        Product::find()
            .filter(product::is_featured.eq(true))
            .order_by(product::price.descending())
            .limit(limit)
            .select(ctx)
            .await
    }
}
