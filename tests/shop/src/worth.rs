//! Fields written by hand on a generated type: each says which columns it needs, and only these are read.

use async_graphql::{Context, Result};
use runtime::Many;
use runtime::codegen_support::Decimal;

use crate::api::products::{Product, product};

#[runtime::extend]
impl Product {
    /// What the pieces on the shelf are worth.
    #[requires(price, stock)]
    pub async fn in_stock_value(&self) -> Decimal {
        self.price * Decimal::from(self.stock)
    }

    /// Other products of the same category, the cheapest first.
    #[requires(id, category_id)]
    pub async fn alternatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 3, desc = "At most so many.")] limit: i32,
    ) -> Result<Many<Product>> {
        Product::find()
            .filter(product::category_id.eq(self.category_id).and(product::id.ne(self.id)))
            .order_by(product::price.ascending())
            .limit(limit)
            .select(ctx)
            .await
    }
}
