//! `shopping_cart`: the products that a customer is about to buy. Each change locks the cart's row until its
//! transaction ends, so that two browser windows do not overwrite each other's changes.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use runtime::ErrorCode;
use runtime::Source;
use runtime::{MutationError, Reader, RegisteredSchema, Tx, transaction};
use rust_decimal::Decimal;

use crate::api::cart::{Cart, CartItem, cart, cart_item};
use crate::api::products::{Product, product};
use crate::{number, viewer_id};

/// The schema of carts.
#[derive(Debug, RegisteredSchema)]
#[schema(
    name = "shopping_cart",
    version = "1.0.0",
    description = "The cart of the signed-in user.",
    query(MyCart),
    mutation(CartChanges),
    settings(require_authentication = true, session_required = true)
)]
pub struct ShoppingCart;

/// A product in a cart.
#[derive(Debug, SimpleObject)]
pub struct CartLine {
    product_id: ID,
    sku: String,
    name: String,
    /// Price of one piece.
    price: Decimal,
    quantity: i32,
    /// Whether this quantity is in stock.
    available: bool,
    /// Price of all pieces.
    subtotal: Decimal,
}

/// A cart with its products.
#[derive(Debug, SimpleObject)]
pub struct CartContents {
    lines: Vec<CartLine>,
    /// Number of pieces in all lines.
    count: i32,
    /// Sum of all subtotals.
    total: Decimal,
}

/// Result of a change of the cart.
#[derive(Debug, SimpleObject)]
pub struct CartPayload {
    success: bool,
    errors: Vec<MutationError>,
    /// The cart after the change; if there were errors, the unchanged cart.
    cart: CartContents,
}

/// Queries about the cart.
#[derive(Debug, Default)]
pub struct MyCart;

#[Object]
impl MyCart {
    /// The cart of the signed-in user.
    async fn my_cart(&self, ctx: &Context<'_>) -> Result<CartContents> {
        contents(viewer_id(ctx)?, &Reader::of(ctx)?).await
    }
}

/// Mutations of the cart.
#[derive(Debug, Default)]
pub struct CartChanges;

#[Object]
impl CartChanges {
    /// Adds pieces of a product to the cart.
    async fn add_to_cart(
        &self,
        ctx: &Context<'_>,
        product_id: ID,
        #[graphql(default = 1)] quantity: i32,
    ) -> Result<CartPayload> {
        change(ctx, &product_id, quantity, i32::saturating_add).await
    }

    /// Sets the quantity of a product in the cart; 0 removes the product.
    async fn update_quantity(&self, ctx: &Context<'_>, product_id: ID, quantity: i32) -> Result<CartPayload> {
        change(ctx, &product_id, quantity, |_, wanted| wanted).await
    }

    /// Removes a product from the cart.
    async fn remove_from_cart(&self, ctx: &Context<'_>, product_id: ID) -> Result<CartPayload> {
        change(ctx, &product_id, 0, |_, _| 0).await
    }
}

/// Returns a user's cart, locked until the transaction ends; creates it if there is none.
pub async fn locked(user: i64, tx: &Tx) -> Result<Cart> {
    let own = || Cart::find().filter(cart::user_id.eq(user)).for_update();
    if let Some(cart) = own().one(tx).await? {
        return Ok(cart);
    }
    Ok(Cart::insert()
        .set(cart::user_id, user)
        .or_update(cart::user_id, tx)
        .await?)
}

async fn change(
    ctx: &Context<'_>,
    product_id: &ID,
    quantity: i32,
    combine: impl FnOnce(i32, i32) -> i32 + Send,
) -> Result<CartPayload> {
    let (user, id) = (viewer_id(ctx)?, number(product_id, "productId")?);
    transaction(ctx, async |tx| {
        let refuse = |field: &str, code: ErrorCode, message: String| vec![MutationError::new(field, code, message)];

        let mut errors = Vec::new();
        if quantity < 0 {
            errors = refuse("quantity", ErrorCode::Invalid, "the quantity must be at least 0".into());
        } else if let Some(wanted) = Product::find().filter(product::id.eq(id)).one(&tx).await? {
            let cart = locked(user, &tx).await?;
            let line = || cart_item::cart_id.eq(cart.id).and(cart_item::product_id.eq(id));
            let there = CartItem::find().filter(line()).one(&tx).await?;
            let quantity = combine(there.as_ref().map_or(0, |line| line.quantity), quantity);

            if quantity > wanted.stock {
                let message = format!("only {} pieces of {} are in stock", wanted.stock, wanted.name);
                errors = refuse("quantity", ErrorCode::Check, message);
            } else if quantity == 0 {
                CartItem::delete().filter(line()).run(&tx).await?;
            } else if there.is_some() {
                CartItem::update()
                    .set(cart_item::quantity, quantity)
                    .filter(line())
                    .run(&tx)
                    .await?;
            } else {
                let line = CartItem::insert()
                    .set(cart_item::cart_id, cart.id)
                    .set(cart_item::product_id, id);
                line.set(cart_item::quantity, quantity).run(&tx).await?;
            }
        } else {
            errors = refuse("productId", ErrorCode::NotFound, "the product does not exist".into());
        }

        let cart = contents(user, &tx).await?;
        Ok::<_, async_graphql::Error>(CartPayload {
            success: errors.is_empty(),
            errors,
            cart,
        })
    })
    .await
}

/// Reads a user's cart: the lines and their totals.
async fn contents(user: i64, source: &impl Source) -> Result<CartContents> {
    let Some(cart) = Cart::find().filter(cart::user_id.eq(user)).one(source).await? else {
        return Ok(CartContents {
            lines: Vec::new(),
            count: 0,
            total: Decimal::new(0, 2),
        });
    };

    let items = CartItem::find()
        .filter(cart_item::cart_id.eq(cart.id))
        .all(source)
        .await?;
    let ids = items.iter().map(|item| item.product_id);
    let products = Product::find().filter(product::id.is_in(ids)).all(source).await?;
    let products: HashMap<i64, Product> = products.into_iter().map(|product| (product.id, product)).collect();

    let mut lines = Vec::with_capacity(items.len());
    for item in items {
        let Some(product) = products.get(&item.product_id) else {
            continue;
        };
        lines.push(CartLine {
            product_id: product.id.into(),
            sku: product.sku.clone(),
            name: product.name.clone(),
            price: product.price,
            quantity: item.quantity,
            available: item.quantity <= product.stock,
            subtotal: product.price * Decimal::from(item.quantity),
        });
    }

    let count = lines.iter().map(|line| line.quantity).sum();
    let total = lines
        .iter()
        .fold(Decimal::new(0, 2), |total, line| total + line.subtotal);
    Ok(CartContents { lines, count, total })
}
