//! Whether stock, orders and totals go together.

use std::collections::BTreeMap;

use sqlx::{Connection as _, PgConnection, Row as _};

use crate::Failure;

/// For each product the pieces on the shelf and those that are in orders which were not cancelled.
pub(crate) struct Books(BTreeMap<i64, (i64, i64)>);

/// Reads the books, and checks what must hold at any time.
pub(crate) async fn read(url: &str) -> Result<Books, Failure> {
    let mut connection = PgConnection::connect(url).await?;
    let count = |sql: &'static str| sqlx::query_scalar::<_, i64>(sql);
    for (sql, what) in [
        (
            "SELECT count(*) FROM products WHERE stock < 0",
            "products are below nothing",
        ),
        (
            "SELECT count(*) FROM orders o WHERE id > 2500 AND total <> coalesce((SELECT sum(price * quantity) FROM order_items WHERE order_id = o.id), 0)",
            "orders do not come to their items",
        ),
        (
            "SELECT count(*) FROM orders o WHERE id > 2500 AND NOT EXISTS (SELECT FROM order_items WHERE order_id = o.id)",
            "orders have no items",
        ),
        (
            "SELECT count(*) FROM cart_items WHERE quantity < 1",
            "lines of carts are empty",
        ),
    ] {
        let wrong = count(sql).fetch_one(&mut connection).await?;
        if wrong > 0 {
            return Err(format!("{wrong} {what}").into());
        }
    }
    let rows = sqlx::query(
        "SELECT p.id, p.stock::bigint AS stock, coalesce((
           SELECT sum(i.quantity) FROM order_items i JOIN orders o ON o.id = i.order_id
           WHERE i.product_id = p.id AND o.status <> 'cancelled'), 0)::bigint AS ordered
         FROM products p",
    )
    .fetch_all(&mut connection)
    .await?;
    let books = rows
        .iter()
        .map(|row| (row.get("id"), (row.get("stock"), row.get("ordered"))));
    Ok(Books(books.collect()))
}

/// No piece came from nowhere or went there.
pub(crate) fn balance(before: &Books, after: &Books) -> Result<(), Failure> {
    for (id, (stock, ordered)) in &after.0 {
        let (stock_before, ordered_before) = before.0.get(id).ok_or("a product came from nowhere")?;
        if stock + ordered != stock_before + ordered_before {
            return Err(format!(
                "product {id}: {stock_before} on the shelf and {ordered_before} ordered became {stock} and {ordered}"
            )
            .into());
        }
    }
    Ok(())
}
