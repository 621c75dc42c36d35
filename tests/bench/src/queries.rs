//! The queries of the benchmark: as GraphQL, and as one SQL statement that returns the same JSON.

/// A query in both forms.
pub(crate) struct Query {
    pub(crate) name: &'static str,
    pub(crate) graphql: &'static str,
    pub(crate) sql: Reference,
    /// The ratio to reach: requests per second, divided by those of the reference.
    pub(crate) goal: f64,
}

/// The reference that a query is compared with.
pub(crate) enum Reference {
    /// The hand-written server's statement.
    Sql(&'static str),
    /// Another query on our own server.
    Query(usize),
}

pub(crate) const QUERIES: &[Query] = &[
    Query {
        name: "Q1 row by key",
        graphql: "{ product(id: 4711) { id sku name description price stock isFeatured createdAt } }",
        sql: Reference::Sql(
            "SELECT json_build_object('data', json_build_object('product', (SELECT json_build_object('id', id::text, 'sku', sku, \
              'name', name, 'description', description, 'price', price::text, 'stock', stock, 'isFeatured', is_featured, \
              'createdAt', created_at) FROM products WHERE id = 4711)))::text",
        ),
        goal: 0.95,
    },
    Query {
        name: "Q2 20 filtered rows of 8 columns",
        graphql: "{ products(filters: {categoryId: {eq: \"7\"}, stock: {gt: 50}}, orderBy: [{id: DESC}], limit: 20) \
                  { id sku name description price stock isFeatured createdAt } }",
        sql: Reference::Sql(
            "SELECT json_build_object('data', json_build_object('products', (SELECT coalesce(json_agg(json_build_object('id', id::text, \
              'sku', sku, 'name', name, 'description', description, 'price', price::text, 'stock', stock, 'isFeatured', is_featured, \
              'createdAt', created_at)), '[]') FROM (SELECT * FROM products WHERE category_id = 7 AND stock > 50 \
              ORDER BY id DESC LIMIT 20) p)))::text",
        ),
        goal: 0.95,
    },
    Query {
        name: "Q3 20 products, category, reviews, users",
        graphql: "{ products(limit: 20) { id name price category { name } reviews { rating body user { username } } } }",
        sql: Reference::Sql(
            "SELECT json_build_object('data', json_build_object('products', (SELECT json_agg(json_build_object('id', p.id::text, \
              'name', p.name, 'price', p.price::text, 'category', json_build_object('name', c.name), 'reviews', \
              (SELECT coalesce(json_agg(json_build_object('rating', r.rating, 'body', r.body, 'user', \
              json_build_object('username', r.username))), '[]') FROM (SELECT reviews.rating, reviews.body, users.username FROM reviews \
              JOIN users ON users.id = reviews.user_id WHERE reviews.product_id = p.id ORDER BY reviews.id LIMIT 100) r))) \
              FROM (SELECT * FROM products ORDER BY id LIMIT 20) p JOIN categories c ON c.id = p.category_id)))::text",
        ),
        goal: 1.5,
    },
    Query {
        name: "Q4 10 users, orders, items, product, category",
        graphql: "{ users(limit: 10) { username orders { status total orderItems { quantity price product { name category { name } } } } } }",
        sql: Reference::Sql(
            "SELECT json_build_object('data', json_build_object('users', (SELECT json_agg(json_build_object('username', u.username, \
              'orders', (SELECT coalesce(json_agg(json_build_object('status', o.status, 'total', o.total::text, 'orderItems', \
              (SELECT coalesce(json_agg(json_build_object('quantity', i.quantity, 'price', i.price::text, 'product', \
              json_build_object('name', i.product, 'category', json_build_object('name', i.category)))), '[]') FROM \
              (SELECT oi.quantity, oi.price, p.name AS product, c.name AS category FROM order_items oi JOIN products p ON p.id = oi.product_id \
              JOIN categories c ON c.id = p.category_id WHERE oi.order_id = o.id ORDER BY oi.id LIMIT 100) i))), '[]') \
              FROM (SELECT * FROM orders WHERE user_id = u.id ORDER BY id LIMIT 100) o))) \
              FROM (SELECT * FROM users ORDER BY id LIMIT 10) u)))::text",
        ),
        goal: 1.8,
    },
    Query {
        name: "Q5 1,000 rows of 8 columns",
        graphql: "{ products(limit: 1000) { id sku name description price stock isFeatured createdAt } }",
        sql: Reference::Sql(
            "SELECT json_build_object('data', json_build_object('products', (SELECT json_agg(json_build_object('id', id::text, \
              'sku', sku, 'name', name, 'description', description, 'price', price::text, 'stock', stock, 'isFeatured', is_featured, \
              'createdAt', created_at)) FROM (SELECT * FROM products ORDER BY id LIMIT 1000) p)))::text",
        ),
        goal: 2.2,
    },
    Query {
        name: "Q6 Q3 with a computed field",
        graphql: "{ products(limit: 20) { id name price inStockValue category { name } reviews { rating body user { username } } } }",
        sql: Reference::Query(2),
        goal: 0.6,
    },
];
