//! Checks that stock, orders and totals are consistent.

use std::collections::BTreeMap;

use sqlx::{Connection as _, PgConnection, Row as _};

use crate::Failure;

/// For each product, by id: the pieces in stock, and the pieces in orders that are not cancelled.
pub(crate) struct Books(BTreeMap<i64, (i64, i64)>);

/// Reads the books, and checks the conditions that hold at any time.
pub(crate) async fn read(url: &str) -> Result<Books, Failure> {
    let mut connection = PgConnection::connect(url).await?;
    let count = |sql: &'static str| sqlx::query_scalar::<_, i64>(sql);

    for (sql, what) in [
        (
            "SELECT count(*) FROM products WHERE stock < 0",
            "products have a negative stock",
        ),
        (
            "SELECT count(*) FROM orders o WHERE id > 2500 AND total <> coalesce((SELECT sum(price * quantity) FROM order_items WHERE order_id = o.id), 0)",
            "orders have a total that is not the sum of their items",
        ),
        (
            "SELECT count(*) FROM orders o WHERE id > 2500 AND NOT EXISTS (SELECT FROM order_items WHERE order_id = o.id)",
            "orders have no items",
        ),
        (
            "SELECT count(*) FROM cart_items WHERE quantity < 1",
            "cart lines have a quantity below 1",
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

/// Checks that no piece appeared or disappeared between two readings.
pub(crate) fn balance(before: &Books, after: &Books) -> Result<(), Failure> {
    for (id, (stock, ordered)) in &after.0 {
        let (stock_before, ordered_before) = before.0.get(id).ok_or("a product was added in the meantime")?;
        if stock + ordered != stock_before + ordered_before {
            return Err(format!(
                "product {id}: {stock_before} in stock and {ordered_before} ordered, then {stock} and {ordered}"
            )
            .into());
        }
    }
    Ok(())
}
