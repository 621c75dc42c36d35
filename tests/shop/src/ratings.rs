//! Computed fields of products and reviews. Loaders read their values for all rows of a request at once.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Result};
use runtime::Database;
use runtime::ExecuteError;
use runtime::Staff;
use runtime::Totals;
use rust_decimal::Decimal;

use crate::api::accounts::{User, user};
use crate::api::products::{Product, Review, product, review};

#[runtime::extend]
impl Product {
    /// Average rating, from 1 to 5; null if nobody has reviewed the product.
    #[requires(id)]
    pub async fn average_rating(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        let totals = ctx.data::<DataLoader<Ratings>>()?.load_one(self.id).await?;
        Ok(totals.and_then(|totals| totals.average))
    }

    /// Number of reviews.
    #[requires(id)]
    pub async fn review_count(&self, ctx: &Context<'_>) -> Result<u64> {
        let totals = ctx.data::<DataLoader<Ratings>>()?.load_one(self.id).await?;
        Ok(totals.map_or(0, |totals| totals.count))
    }
}

#[runtime::extend]
impl Product {
    /// Value of the pieces in stock: price times stock.
    #[requires(price, stock)]
    #[guard(Staff)]
    pub async fn stock_value(&self) -> Decimal {
        self.price * Decimal::from(self.stock)
    }
}

#[runtime::extend]
impl Review {
    /// User name of the author. Nothing else of other users' accounts is visible.
    #[requires(user_id)]
    pub async fn author_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.data::<DataLoader<Authors>>()?.load_one(self.user_id).await?)
    }
}

/// Loads the rating totals of products: the number and the average of their ratings.
#[derive(Debug)]
pub struct Ratings(pub Database);

impl Loader<i64> for Ratings {
    type Value = Totals;
    type Error = Arc<ExecuteError>;

    async fn load(&self, products: &[i64]) -> Result<HashMap<i64, Totals>, Self::Error> {
        let reviews = Review::find().filter(review::product_id.is_in(products.iter().copied()));
        let totals = reviews
            .totals_by(review::product_id, review::rating, &self.0)
            .await
            .map_err(Arc::new)?;
        Ok(totals.into_iter().collect())
    }
}

/// Loads user names by user id.
#[derive(Debug)]
pub struct Authors(pub Database);

impl Loader<i64> for Authors {
    type Value = String;
    type Error = Arc<ExecuteError>;

    async fn load(&self, users: &[i64]) -> Result<HashMap<i64, String>, Self::Error> {
        let found = User::find()
            .filter(user::id.is_in(users.iter().copied()))
            .all(&self.0)
            .await
            .map_err(Arc::new)?;
        Ok(found.into_iter().map(|user| (user.id, user.username)).collect())
    }
}
