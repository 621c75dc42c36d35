//! `order_management`: turns carts into orders. Each order locks the rows that it touches until its transaction ends:
//! the cart, so that it is ordered only once, and the products, so that no more pieces are sold than are in stock.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use runtime::ErrorCode;
use runtime::{Many, MutationError, One, RegisteredSchema, SchemaBuilder, SchemaProvider, transaction};
use runtime::{Staff, Viewer};
use rust_decimal::Decimal;

use crate::api::cart::{CartItem, cart_item};
use crate::api::orders::{Order, OrderItem, OrderStatus, order, order_item};
use crate::api::products::{Product, product};
use crate::{cart, catalog, number, viewer_id, wrong};

/// The schema of orders.
#[derive(Debug, RegisteredSchema)]
#[schema(
    name = "order_management",
    version = "1.0.0",
    description = "Orders: customers see their own, staff sees all.",
    apps("orders"),
    models("Product"),
    query(Orders),
    mutation(Ordering),
    settings(require_authentication = true),
    provider
)]
pub struct OrderManagement;

impl SchemaProvider for OrderManagement {
    /// Adds the loaders for products, since orders show products.
    fn schema(schema: SchemaBuilder) -> Result<SchemaBuilder, String> {
        Ok(catalog::with_loaders(schema))
    }
}

/// Queries about orders. `order` and `orders` are generated; they show customers their own orders and staff all orders.
#[derive(Debug, Default)]
pub struct Orders;

#[Object]
impl Orders {
    /// Orders of the signed-in user, newest first.
    async fn my_orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20)] limit: i32,
        #[graphql(default = 0)] offset: i32,
    ) -> Result<Many<Order>> {
        let own = Order::find().filter(order::user_id.eq(viewer_id(ctx)?));
        let newest_first = own
            .order_by(order::placed_at.descending())
            .order_by(order::id.descending());
        newest_first.limit(limit).offset(offset).select(ctx).await
    }

    /// Orders of all users, newest first.
    #[graphql(guard = "Staff")]
    async fn all_orders(
        &self,
        ctx: &Context<'_>,
        status: Option<String>,
        #[graphql(default = 20)] limit: i32,
        #[graphql(default = 0)] offset: i32,
    ) -> Result<Many<Order>> {
        let mut found = Order::find()
            .order_by(order::placed_at.descending())
            .order_by(order::id.descending());
        if let Some(status) = status {
            found = found.filter(order::status.eq(status_of(&status)?));
        }
        found.limit(limit).offset(offset).select(ctx).await
    }
}

fn status_of(name: &str) -> Result<OrderStatus> {
    match name {
        "pending" => Ok(OrderStatus::Pending),
        "paid" => Ok(OrderStatus::Paid),
        "shipped" => Ok(OrderStatus::Shipped),
        "cancelled" => Ok(OrderStatus::Cancelled),
        _ => Err(wrong(format!(
            "unknown order status `{name}`; expected pending, paid, shipped or cancelled"
        ))),
    }
}

/// Result of creating or cancelling an order.
#[derive(Debug, Default, SimpleObject)]
#[graphql(complex)]
pub struct OrderPayload {
    success: bool,
    errors: Vec<MutationError>,
    #[graphql(skip)]
    id: Option<i64>,
}

#[ComplexObject]
impl OrderPayload {
    /// The order after the change; null if there were errors.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<One<Order>>> {
        let Some(id) = self.id else { return Ok(None) };
        Order::find().filter(order::id.eq(id)).select_one(ctx).await.map(Some)
    }
}

impl OrderPayload {
    fn refused(errors: Vec<MutationError>) -> Self {
        Self {
            errors,
            ..Self::default()
        }
    }

    fn done(id: i64) -> Self {
        Self {
            success: true,
            id: Some(id),
            ..Self::default()
        }
    }
}

/// Mutations of orders.
#[derive(Debug, Default)]
pub struct Ordering;

#[Object]
impl Ordering {
    /// Orders everything in the cart and empties the cart.
    async fn create_order(&self, ctx: &Context<'_>, note: Option<String>) -> Result<OrderPayload> {
        let user = viewer_id(ctx)?;
        transaction(ctx, async |tx| {
            let cart = cart::locked(user, &tx).await?;
            let in_cart = || cart_item::cart_id.eq(cart.id);
            let lines = CartItem::find().filter(in_cart()).all(&tx).await?;
            if lines.is_empty() {
                let error = MutationError {
                    field: None,
                    message: "the cart is empty".into(),
                    code: ErrorCode::Required,
                };
                return Ok(OrderPayload::refused(vec![error]));
            }

            // Every transaction locks products in the order of their keys, so no two wait for each other.
            let ids = lines.iter().map(|line| line.product_id);
            let products = Product::find()
                .filter(product::id.is_in(ids))
                .for_update()
                .all(&tx)
                .await?;

            let mut errors = Vec::new();
            let mut items = Vec::with_capacity(lines.len());
            for line in &lines {
                let Some(product) = products.iter().find(|product| product.id == line.product_id) else {
                    continue;
                };
                if product.stock < line.quantity {
                    let message = format!("only {} pieces of {} are in stock", product.stock, product.name);
                    errors.push(MutationError {
                        field: None,
                        message,
                        code: ErrorCode::Check,
                    });
                }
                items.push((product, line.quantity));
            }

            if !errors.is_empty() {
                return Ok(OrderPayload::refused(errors));
            }

            let total: Decimal = items
                .iter()
                .map(|(product, quantity)| product.price * Decimal::from(*quantity))
                .sum();

            let made = Order::insert()
                .set(order::user_id, user)
                .set(order::status, OrderStatus::Pending)
                .set(order::total, total)
                .set_optional(order::note, note)
                .run(&tx)
                .await?;

            for (product, quantity) in items {
                OrderItem::insert()
                    .set(order_item::order_id, made.id)
                    .set(order_item::product_id, product.id)
                    .set(order_item::quantity, quantity)
                    .set(order_item::price, product.price)
                    .run(&tx)
                    .await?;
                let left = Product::update().set(product::stock, product.stock - quantity);
                left.filter(product::id.eq(product.id)).run(&tx).await?;
            }

            CartItem::delete().filter(in_cart()).run(&tx).await?;

            Ok::<_, async_graphql::Error>(OrderPayload::done(made.id))
        })
        .await
    }

    /// Cancels an order that has not been shipped; its pieces go back into stock.
    async fn cancel_order(&self, ctx: &Context<'_>, id: ID) -> Result<OrderPayload> {
        let (user, id) = (viewer_id(ctx)?, number(&id, "id")?);
        let is_staff = ctx.data_opt::<Viewer>().is_some_and(|viewer| viewer.is_staff);
        transaction(ctx, async |tx| {
            let refuse =
                |code: ErrorCode, message: &str| OrderPayload::refused(vec![MutationError::new("id", code, message)]);

            let found = Order::find().filter(order::id.eq(id)).for_update().one(&tx).await?;
            let Some(found) = found.filter(|found| found.user_id == user || is_staff) else {
                return Ok(refuse(ErrorCode::NotFound, "the order does not exist"));
            };
            if !matches!(found.status, OrderStatus::Pending | OrderStatus::Paid) {
                return Ok(refuse(ErrorCode::Check, "the order is already shipped or cancelled"));
            }

            let items = OrderItem::find().filter(order_item::order_id.eq(id)).all(&tx).await?;
            let ids = items.iter().map(|item| item.product_id);
            for product in Product::find()
                .filter(product::id.is_in(ids))
                .for_update()
                .all(&tx)
                .await?
            {
                let back: i32 = items
                    .iter()
                    .filter(|item| item.product_id == product.id)
                    .map(|item| item.quantity)
                    .sum();

                let there = Product::update().set(product::stock, product.stock + back);
                there.filter(product::id.eq(product.id)).run(&tx).await?;
            }

            Order::update()
                .set(order::status, OrderStatus::Cancelled)
                .filter(order::id.eq(id))
                .run(&tx)
                .await?;
            Ok::<_, async_graphql::Error>(OrderPayload::done(id))
        })
        .await
    }
}
