//! Computed fields on a generated type: each declares the columns that it needs, and only these are read.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Result};
use runtime::ExecuteError;
use runtime::codegen_support::Decimal;
use runtime::{Database, Many};

use crate::api::products::{Product, Review, product, review};

#[runtime::extend]
impl Product {
    /// Value of the pieces in stock: price times stock.
    #[requires(price, stock)]
    pub async fn in_stock_value(&self) -> Decimal {
        self.price * Decimal::from(self.stock)
    }

    /// Other products of the same category, cheapest first.
    #[requires(id, category_id)]
    pub async fn alternatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 3, desc = "Maximum number of products to return.")] limit: i32,
    ) -> Result<Many<Product>> {
        Product::find()
            .filter(product::category_id.eq(self.category_id).and(product::id.ne(self.id)))
            .order_by(product::price.ascending())
            .limit(limit)
            .select(ctx)
            .await
    }

    /// Average rating as text, such as `4.2 of 5 by 10`; null if nobody has reviewed the product.
    #[requires(id)]
    pub async fn rating_text(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let ratings = ctx.data::<DataLoader<Ratings>>()?.load_one(self.id).await?;
        Ok(ratings.filter(|ratings| !ratings.is_empty()).map(|ratings| {
            let sum: i64 = ratings.iter().map(|&rating| i64::from(rating)).sum();
            format!(
                "{} of 5 by {}",
                Decimal::from(sum * 10 / ratings.len() as i64) / Decimal::from(10),
                ratings.len()
            )
        }))
    }
}

/// Loads the ratings of many products with one statement.
#[derive(Debug)]
pub struct Ratings(pub Database);

impl Loader<i64> for Ratings {
    type Value = Vec<i16>;
    type Error = Arc<ExecuteError>;

    async fn load(&self, products: &[i64]) -> Result<HashMap<i64, Vec<i16>>, Self::Error> {
        let found = Review::find().filter(review::product_id.is_in(products.iter().copied()));
        let mut ratings: HashMap<i64, Vec<i16>> = HashMap::new();
        for review in found.all(&self.0).await.map_err(Arc::new)? {
            ratings.entry(review.product_id).or_default().push(review.rating);
        }
        Ok(ratings)
    }
}
