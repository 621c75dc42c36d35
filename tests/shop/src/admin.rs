//! `admin_schema`: everything in one schema, for staff. It has no resolvers; it combines the tables, the policies and
//! the fields of the other modules.

use runtime::{RegisteredSchema, SchemaBuilder, SchemaProvider};

use crate::catalog;

/// The schema for staff; a hook in `extras.rs` refuses everybody else.
#[derive(Debug, RegisteredSchema)]
#[schema(
    name = "admin_schema",
    version = "1.0.0",
    description = "All tables of the shop, for staff.",
    apps("accounts", "products", "cart", "orders"),
    query(crate::accounts::Accounts),
    query(crate::catalog::Catalog),
    query(crate::orders::Orders),
    mutation(crate::orders::Ordering),
    settings(require_authentication = true, max_page_size = 500),
    provider
)]
pub struct AdminSchema;

impl SchemaProvider for AdminSchema {
    /// Adds the loaders for products, as the catalogue does.
    fn schema(schema: SchemaBuilder) -> Result<SchemaBuilder, String> {
        Ok(catalog::with_loaders(schema))
    }
}
