//! `shopping_cart`: what somebody is about to buy. Whoever changes a cart holds its row until the change is kept, so
//! that two browser windows lose nothing of each other's.

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
    description = "The cart of who is signed in.",
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
    /// Of one piece.
    price: Decimal,
    quantity: i32,
    /// Whether there are so many pieces on the shelf.
    available: bool,
    /// Of all pieces.
    subtotal: Decimal,
}

/// A cart with its products.
#[derive(Debug, SimpleObject)]
pub struct CartContents {
    lines: Vec<CartLine>,
    /// How many pieces there are.
    count: i32,
    /// What all lines come to.
    total: Decimal,
}

/// What became of a change.
#[derive(Debug, SimpleObject)]
pub struct CartPayload {
    success: bool,
    errors: Vec<MutationError>,
    /// The cart as it is now.
    cart: CartContents,
}

/// Questions about carts.
#[derive(Debug, Default)]
pub struct MyCart;

#[Object]
impl MyCart {
    /// The cart of who asks.
    async fn my_cart(&self, ctx: &Context<'_>) -> Result<CartContents> {
        contents(viewer_id(ctx)?, &Reader::of(ctx)?).await
    }
}

/// Changes of carts.
#[derive(Debug, Default)]
pub struct CartChanges;

#[Object]
impl CartChanges {
    /// Adds pieces of a product.
    async fn add_to_cart(
        &self,
        ctx: &Context<'_>,
        product_id: ID,
        #[graphql(default = 1)] quantity: i32,
    ) -> Result<CartPayload> {
        change(ctx, &product_id, quantity, i32::saturating_add).await
    }

    /// Sets how many pieces of a product there are; none removes it.
    async fn update_quantity(&self, ctx: &Context<'_>, product_id: ID, quantity: i32) -> Result<CartPayload> {
        change(ctx, &product_id, quantity, |_, wanted| wanted).await
    }

    /// Removes a product.
    async fn remove_from_cart(&self, ctx: &Context<'_>, product_id: ID) -> Result<CartPayload> {
        change(ctx, &product_id, 0, |_, _| 0).await
    }
}

/// The cart of a user, kept from others until the transaction ends; made if there is none.
pub async fn locked(user: i64, tx: &Tx) -> Result<Cart> {
    let own = || Cart::find().filter(cart::user_id.eq(user)).for_update();
    if let Some(cart) = own().one(tx).await? {
        return Ok(cart);
    }
    Ok(Cart::insert()
        .set(cart::user_id, user)
        .or_update([cart::user_id.index()], tx)
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
            errors = refuse("quantity", ErrorCode::Invalid, "a quantity is no less than 0".into());
        } else if let Some(wanted) = Product::find().filter(product::id.eq(id)).one(&tx).await? {
            let cart = locked(user, &tx).await?;
            let line = || cart_item::cart_id.eq(cart.id).and(cart_item::product_id.eq(id));
            let there = CartItem::find().filter(line()).one(&tx).await?;
            let quantity = combine(there.as_ref().map_or(0, |line| line.quantity), quantity);
            if quantity > wanted.stock {
                let message = format!("there are only {} pieces of {}", wanted.stock, wanted.name);
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
            errors = refuse("productId", ErrorCode::NotFound, "there is no such product".into());
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

/// The lines of a user's cart, and what they come to.
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
