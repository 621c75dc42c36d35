//! The server with `DataLoader`s: async-graphql's derives, a pool, and a `DataLoader` for each relation.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{
    ComplexObject, Context, EmptyMutation, EmptySubscription, Enum, ID, InputObject, Object, Result, Schema,
    SimpleObject,
};
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use rust_decimal::Decimal;
use sqlx::postgres::{PgPool, PgPoolOptions};

#[derive(SimpleObject, sqlx::FromRow, Clone)]
#[graphql(complex)]
struct Product {
    #[graphql(skip)]
    id: i64,
    #[graphql(skip)]
    category_id: i64,
    sku: String,
    name: String,
    description: Option<String>,
    price: Decimal,
    stock: i32,
    is_featured: bool,
    created_at: chrono::DateTime<chrono::Utc>,
}

#[derive(SimpleObject, sqlx::FromRow, Clone)]
struct Category {
    #[graphql(skip)]
    id: i64,
    name: String,
}

#[derive(SimpleObject, sqlx::FromRow, Clone)]
#[graphql(complex)]
struct Review {
    #[graphql(skip)]
    product_id: i64,
    #[graphql(skip)]
    user_id: i64,
    rating: i16,
    body: Option<String>,
}

#[derive(SimpleObject, sqlx::FromRow, Clone)]
#[graphql(complex)]
struct User {
    #[graphql(skip)]
    id: i64,
    username: String,
}

#[derive(SimpleObject, sqlx::FromRow, Clone)]
#[graphql(complex)]
struct Order {
    #[graphql(skip)]
    id: i64,
    #[graphql(skip)]
    user_id: i64,
    status: String,
    total: Decimal,
}

#[derive(SimpleObject, sqlx::FromRow, Clone)]
#[graphql(complex)]
struct OrderItem {
    #[graphql(skip)]
    order_id: i64,
    #[graphql(skip)]
    product_id: i64,
    quantity: i32,
    price: Decimal,
}

struct Rows(PgPool);

macro_rules! loader {
    ($key:ident, $value:ty, $sql:literal, one $field:ident) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        struct $key(i64);

        impl Loader<$key> for Rows {
            type Value = $value;
            type Error = Arc<sqlx::Error>;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>, Self::Error> {
                let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
                let rows: Vec<$value> = sqlx::query_as($sql)
                    .bind(ids)
                    .fetch_all(&self.0)
                    .await
                    .map_err(Arc::new)?;
                Ok(rows.into_iter().map(|row| ($key(row.$field), row)).collect())
            }
        }
    };
    ($key:ident, $value:ty, $sql:literal, many $field:ident) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        struct $key(i64);

        impl Loader<$key> for Rows {
            type Value = Vec<$value>;
            type Error = Arc<sqlx::Error>;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Vec<$value>>, Self::Error> {
                let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
                let rows: Vec<$value> = sqlx::query_as($sql)
                    .bind(ids)
                    .fetch_all(&self.0)
                    .await
                    .map_err(Arc::new)?;
                let mut found: HashMap<$key, Vec<$value>> = HashMap::new();
                for row in rows {
                    found.entry($key(row.$field)).or_default().push(row);
                }
                Ok(found)
            }
        }
    };
}

loader!(CategoryId, Category, "SELECT id, name FROM categories WHERE id = ANY($1)", one id);
loader!(UserId, User, "SELECT id, username FROM users WHERE id = ANY($1)", one id);
loader!(ProductId, Product, "SELECT * FROM products WHERE id = ANY($1)", one id);
loader!(ReviewsOf, Review, "SELECT product_id, user_id, rating, body FROM reviews WHERE product_id = ANY($1) ORDER BY id", many product_id);
loader!(OrdersOf, Order, "SELECT id, user_id, status::text AS status, total FROM orders WHERE user_id = ANY($1) ORDER BY id", many user_id);
loader!(ItemsOf, OrderItem, "SELECT order_id, product_id, quantity, price FROM order_items WHERE order_id = ANY($1) ORDER BY id", many order_id);

type Load = DataLoader<Rows>;

#[ComplexObject]
impl Product {
    async fn id(&self) -> ID {
        self.id.into()
    }

    async fn category(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        Ok(ctx
            .data_unchecked::<Load>()
            .load_one(CategoryId(self.category_id))
            .await?)
    }

    async fn reviews(&self, ctx: &Context<'_>) -> Result<Vec<Review>> {
        Ok(ctx
            .data_unchecked::<Load>()
            .load_one(ReviewsOf(self.id))
            .await?
            .unwrap_or_default())
    }

    async fn in_stock_value(&self) -> Decimal {
        self.price * Decimal::from(self.stock)
    }
}

#[ComplexObject]
impl Review {
    async fn user(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        Ok(ctx.data_unchecked::<Load>().load_one(UserId(self.user_id)).await?)
    }
}

#[ComplexObject]
impl User {
    async fn orders(&self, ctx: &Context<'_>) -> Result<Vec<Order>> {
        Ok(ctx
            .data_unchecked::<Load>()
            .load_one(OrdersOf(self.id))
            .await?
            .unwrap_or_default())
    }
}

#[ComplexObject]
impl Order {
    async fn order_items(&self, ctx: &Context<'_>) -> Result<Vec<OrderItem>> {
        Ok(ctx
            .data_unchecked::<Load>()
            .load_one(ItemsOf(self.id))
            .await?
            .unwrap_or_default())
    }
}

#[ComplexObject]
impl OrderItem {
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<Product>> {
        Ok(ctx
            .data_unchecked::<Load>()
            .load_one(ProductId(self.product_id))
            .await?)
    }
}

#[derive(InputObject)]
struct Equals {
    eq: ID,
}

#[derive(InputObject)]
struct Above {
    gt: i32,
}

#[derive(InputObject)]
struct ProductFilter {
    category_id: Equals,
    stock: Above,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Desc,
}

#[derive(InputObject)]
struct ProductOrder {
    id: Direction,
}

struct Query;

#[Object]
impl Query {
    async fn product(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Product>> {
        let pool = ctx.data_unchecked::<PgPool>();
        let id: i64 = id.parse()?;
        Ok(sqlx::query_as("SELECT * FROM products WHERE id = $1")
            .bind(id)
            .fetch_optional(pool)
            .await?)
    }

    async fn products(
        &self,
        ctx: &Context<'_>,
        filters: Option<ProductFilter>,
        #[graphql(name = "orderBy")] order: Option<Vec<ProductOrder>>,
        limit: i64,
    ) -> Result<Vec<Product>> {
        let pool = ctx.data_unchecked::<PgPool>();

        // The benchmark has one order, which is written into the statement.
        let _ = order.iter().flatten().map(|order| order.id);
        let query = match filters {
            Some(filters) => {
                sqlx::query_as("SELECT * FROM products WHERE category_id = $2 AND stock > $3 ORDER BY id DESC LIMIT $1")
                    .bind(limit)
                    .bind(filters.category_id.eq.parse::<i64>()?)
                    .bind(filters.stock.gt)
            }
            None => sqlx::query_as("SELECT * FROM products ORDER BY id LIMIT $1").bind(limit),
        };
        Ok(query.fetch_all(pool).await?)
    }

    async fn users(&self, ctx: &Context<'_>, limit: i64) -> Result<Vec<User>> {
        let pool = ctx.data_unchecked::<PgPool>();
        let query = sqlx::query_as("SELECT id, username FROM users ORDER BY id LIMIT $1").bind(limit);
        Ok(query.fetch_all(pool).await?)
    }
}

type Served = Schema<Query, EmptyMutation, EmptySubscription>;

pub(crate) async fn serve(url: &str, connections: u32, address: SocketAddr) -> Result<(), Box<dyn std::error::Error>> {
    let options = PgPoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false);
    let pool = options.connect(url).await?;

    let schema = Schema::build(Query, EmptyMutation, EmptySubscription)
        .data(pool.clone())
        .finish();

    let app = Router::new()
        .route("/graphql/shop/", post(answer))
        .with_state((schema, pool));
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await?;
    Ok(())
}

async fn answer(State((schema, pool)): State<(Served, PgPool)>, body: axum::body::Bytes) -> impl IntoResponse {
    let answer = match serde_json::from_slice::<async_graphql::Request>(&body) {
        // A loader per request, so that no request sees another's rows.
        Ok(request) => {
            schema
                .execute(request.data(DataLoader::new(Rows(pool), tokio::spawn)))
                .await
        }
        Err(error) => {
            async_graphql::Response::from_errors(vec![async_graphql::ServerError::new(error.to_string(), None)])
        }
    };
    (
        [(header::CONTENT_TYPE, "application/json")],
        serde_json::to_vec(&answer).unwrap_or_default(),
    )
}
