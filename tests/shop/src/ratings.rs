//! Fields of products and reviews that the database computes for all rows of a request at once.

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
    /// The mean of its ratings; null if nobody reviewed it.
    #[requires(id)]
    pub async fn average_rating(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        let totals = ctx.data::<DataLoader<Ratings>>()?.load_one(self.id).await?;
        Ok(totals.and_then(|totals| totals.average))
    }

    /// How many people reviewed it.
    #[requires(id)]
    pub async fn review_count(&self, ctx: &Context<'_>) -> Result<u64> {
        let totals = ctx.data::<DataLoader<Ratings>>()?.load_one(self.id).await?;
        Ok(totals.map_or(0, |totals| totals.count))
    }
}

#[runtime::extend]
impl Product {
    /// What the pieces on the shelf are worth.
    #[requires(price, stock)]
    #[guard(Staff)]
    pub async fn stock_value(&self) -> Decimal {
        self.price * Decimal::from(self.stock)
    }
}

#[runtime::extend]
impl Review {
    /// The name of who wrote it; nothing else of other people's accounts is shown.
    #[requires(user_id)]
    pub async fn author_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.data::<DataLoader<Authors>>()?.load_one(self.user_id).await?)
    }
}

/// Loads what the ratings of products come to.
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

/// Loads the names of people.
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
