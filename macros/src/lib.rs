//! The derives and attributes of the runtime. Each reads its attributes and checks them before it expands: input that
//! passed the check expands without an error, and all errors of one type are shown together.

mod database_enum;
mod entity;
mod extend;
mod schema;

use proc_macro::TokenStream;
use syn::{DeriveInput, ItemFn, ItemImpl, parse_macro_input};

/// Registers a schema when the program is linked.
///
/// ```ignore
/// #[derive(RegisteredSchema)]
/// #[schema(
///     name = "user_schema",            // required; the last part of `/graphql/<name>/`
///     version = "1.2.0",               // semantic, `1.0.0` if not given
///     description = "Users and who they are.",
///     apps("users"),                   // generated apps it serves
///     models("Product"),               // further tables, by GraphQL type
///     exclude_models("Session"),
///     settings(default_page_size = 50, enable_graphiql = false),
///     query(UserQueries),              // hand-written roots: `#[Object]` types with `Default`
///     mutation(UserMutations),
///     provider,                        // the type implements `SchemaProvider`, for what attributes cannot express
/// )]
/// struct UserSchema;
/// ```
///
/// A wrong attribute is a compile error at the attribute.
#[proc_macro_derive(RegisteredSchema, attributes(schema))]
pub fn registered_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    schema::derive(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Registers a schema when the program is linked; the function adds the hand-written parts.
///
/// ```ignore
/// #[register_schema(name = "reports", version = "1.0.0", apps("orders"), settings(enable_caching = true))]
/// fn reports(schema: SchemaBuilder) -> SchemaBuilder {
///     schema.query(Reports)
/// }
/// ```
///
/// It takes the attributes of [`macro@RegisteredSchema`]. The function may return a `Result`; its error is a text, and
/// the schema is then rejected.
#[proc_macro_attribute]
pub fn register_schema(arguments: TokenStream, input: TokenStream) -> TokenStream {
    let item = parse_macro_input!(input as ItemFn);
    schema::function(arguments.into(), &item).into()
}

/// Makes a struct the row of a table: `#[entity(TABLE)]` names the static of its metadata, whose columns are the
/// struct's fields in order. Written by the generator.
#[proc_macro_derive(Entity, attributes(entity))]
pub fn entity(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    entity::derive(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Makes an enum the values of a database enumeration: `#[database_enum(TYPE)]` names the static of its metadata,
/// and `#[label("...")]` on each variant the database's label. Written by the generator.
#[proc_macro_derive(DatabaseEnum, attributes(database_enum, label))]
pub fn database_enum(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    database_enum::derive(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Adds fields to a table's GraphQL type.
///
/// ```ignore
/// #[extend]
/// impl Product {
///     /// The value of the items in stock.
///     #[requires(price, stock)]
///     async fn in_stock_value(&self) -> Decimal {
///         self.price * Decimal::from(self.stock)
///     }
/// }
/// ```
///
/// A method with `#[requires(...)]` becomes a computed field of every schema that serves the table. `self` has only the
/// columns that it requires, and only these are read. After `&self` it may take `ctx: &Context<'_>` and arguments, with
/// `#[graphql(default = ..., desc = "...")]`; it may be `async`, and may return a `Result`. `#[guard(Staff)]` restricts
/// the field to callers that the guard accepts. All rows of a request are computed at once, so a `DataLoader` gathers
/// their keys. The module of the table's typed columns must be in scope next to the row type (`use
/// crate::api::products::{Product, product};`).
#[proc_macro_attribute]
pub fn extend(attribute: TokenStream, input: TokenStream) -> TokenStream {
    let item = parse_macro_input!(input as ItemImpl);
    extend::expand(&attribute.into(), item).into()
}
