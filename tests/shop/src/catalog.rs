//! `product_catalog`: everything the shop sells. The generated lists filter, search, order and page at every depth.
//! This module adds the lists that visitors need most, and a mutation for reviews.

use async_graphql::dataloader::DataLoader;
use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use runtime::ErrorCode;
use runtime::SignedIn;
use runtime::{Many, MutationError, One, RegisteredSchema, SchemaBuilder, SchemaProvider, transaction};
use rust_decimal::Decimal;

use crate::api::products::{Category, Product, Review, category, product, review};
use crate::ratings::{Authors, Ratings};
use crate::{number, viewer_id};

/// The schema of the catalogue. Its answers are cached for five minutes, or until a table that they read is written to.
#[derive(Debug, RegisteredSchema)]
#[schema(
    name = "product_catalog",
    version = "1.0.0",
    description = "Products, their categories and their reviews.",
    apps("products"),
    query(Catalog),
    mutation(Reviewing),
    settings(enable_caching = true, cache_timeout = 300, require_authentication = false),
    provider
)]
pub struct ProductCatalog;

impl SchemaProvider for ProductCatalog {
    /// Adds the loaders that the fields of `ratings.rs` use.
    fn schema(schema: SchemaBuilder) -> Result<SchemaBuilder, String> {
        Ok(with_loaders(schema))
    }
}

/// Adds the loaders that every schema with products needs.
pub fn with_loaders(schema: SchemaBuilder) -> SchemaBuilder {
    schema
        .data(|database| DataLoader::new(Ratings(database.clone()), tokio::spawn))
        .data(|database| DataLoader::new(Authors(database.clone()), tokio::spawn))
}

/// Queries about products.
#[derive(Debug, Default)]
pub struct Catalog;

#[Object]
impl Catalog {
    /// Products in a category and a price range, cheapest first.
    #[expect(clippy::too_many_arguments, reason = "GraphQL arguments, which clients give by name")]
    async fn find_products(
        &self,
        ctx: &Context<'_>,
        category: Option<ID>,
        min_price: Option<Decimal>,
        max_price: Option<Decimal>,
        #[graphql(desc = "Text that the name contains, ignoring case.")] search: Option<String>,
        #[graphql(default = 20)] limit: i32,
        #[graphql(default = 0)] offset: i32,
    ) -> Result<Many<Product>> {
        let mut found = Product::find()
            .order_by(product::price.ascending())
            .limit(limit)
            .offset(offset);

        if let Some(category) = category {
            found = found.filter(product::category_id.eq(number(&category, "category")?));
        }
        if let Some(least) = min_price {
            found = found.filter(product::price.gte(least));
        }
        if let Some(most) = max_price {
            found = found.filter(product::price.lte(most));
        }
        if let Some(text) = search {
            found = found.filter(product::name.icontains(text));
        }

        found.select(ctx).await
    }

    /// Featured products that are in stock, most expensive first.
    async fn featured_products(&self, ctx: &Context<'_>, #[graphql(default = 6)] limit: i32) -> Result<Many<Product>> {
        let featured = Product::find().filter(product::is_featured.eq(true).and(product::stock.gt(0)));
        featured
            .order_by(product::price.descending())
            .limit(limit)
            .select(ctx)
            .await
    }

    /// Top-level categories, ordered by name; select `categories` for their subcategories.
    async fn category_tree(&self, ctx: &Context<'_>) -> Result<Many<Category>> {
        let top = Category::find().filter(category::parent_id.is_null());
        top.order_by(category::name.ascending()).select(ctx).await
    }
}

/// Result of `addReview`.
#[derive(Debug, Default, SimpleObject)]
#[graphql(complex)]
pub struct AddReviewPayload {
    success: bool,
    errors: Vec<MutationError>,
    #[graphql(skip)]
    id: Option<i64>,
}

#[ComplexObject]
impl AddReviewPayload {
    /// The new review; null if there were errors.
    async fn review(&self, ctx: &Context<'_>) -> Result<Option<One<Review>>> {
        let Some(id) = self.id else { return Ok(None) };
        Review::find().filter(review::id.eq(id)).select_one(ctx).await.map(Some)
    }
}

/// Mutations of reviews.
#[derive(Debug, Default)]
pub struct Reviewing;

#[Object]
impl Reviewing {
    /// Adds a review of a product. Each user may review a product once.
    #[graphql(guard = "SignedIn")]
    async fn add_review(
        &self,
        ctx: &Context<'_>,
        product_id: ID,
        #[graphql(desc = "From 1 to 5.")] rating: i16,
        body: Option<String>,
    ) -> Result<AddReviewPayload> {
        if !(1..=5).contains(&rating) {
            let error = MutationError::new("rating", ErrorCode::Invalid, "the rating must be from 1 to 5");
            return Ok(AddReviewPayload {
                errors: vec![error],
                ..AddReviewPayload::default()
            });
        }

        let (product, user) = (number(&product_id, "productId")?, viewer_id(ctx)?);
        transaction(ctx, async |tx| {
            let made = Review::insert()
                .set(review::product_id, product)
                .set(review::user_id, user)
                .set(review::rating, rating)
                .set_optional(review::body, body)
                .run(&tx)
                .await;

            Ok::<_, async_graphql::Error>(match made {
                Ok(made) => AddReviewPayload {
                    success: true,
                    id: Some(made.id),
                    ..AddReviewPayload::default()
                },
                // The user has reviewed this product already, or the product does not exist.
                Err(error) => AddReviewPayload {
                    errors: MutationError::all_of(error)?,
                    ..AddReviewPayload::default()
                },
            })
        })
        .await
    }
}
