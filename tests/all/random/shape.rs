//! The shop as the evaluator knows it, written by hand: it shares nothing with what the planner reads.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Id,
    Int,
    Money,
    Float,
    Text,
    Bool,
    Moment,
    Date,
    Json,
    Enum(&'static [&'static str]),
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) field: &'static str,
    pub(super) stored: &'static str,
    pub(super) ty: Type,
    pub(super) nullable: bool,
}

#[derive(Debug)]
pub(super) struct Relation {
    pub(super) field: &'static str,
    pub(super) target: usize,
    /// Column indexes that are equal: here, there.
    pub(super) here: usize,
    pub(super) there: usize,
    pub(super) many: bool,
    /// The join table, and its columns: equal to `here`, and to `there`.
    pub(super) through: Option<(usize, usize, usize)>,
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) type_name: &'static str,
    pub(super) one: &'static str,
    pub(super) many: &'static str,
    pub(super) stored: &'static str,
    pub(super) columns: &'static [Column],
    pub(super) relations: &'static [Relation],
    pub(super) key: &'static [usize],
    /// The root field and the columns of unique keys.
    pub(super) unique: &'static [(&'static str, &'static [usize])],
}

const fn column(field: &'static str, stored: &'static str, ty: Type) -> Column {
    Column {
        field,
        stored,
        ty,
        nullable: false,
    }
}

const fn nullable(field: &'static str, stored: &'static str, ty: Type) -> Column {
    Column {
        field,
        stored,
        ty,
        nullable: true,
    }
}

const fn one(field: &'static str, target: usize, here: usize, there: usize) -> Relation {
    Relation {
        field,
        target,
        here,
        there,
        many: false,
        through: None,
    }
}

const fn many(field: &'static str, target: usize, here: usize, there: usize) -> Relation {
    Relation {
        field,
        target,
        here,
        there,
        many: true,
        through: None,
    }
}

const fn through(field: &'static str, target: usize, join: (usize, usize, usize)) -> Relation {
    Relation {
        field,
        target,
        here: 0,
        there: 0,
        many: true,
        through: Some(join),
    }
}

pub(super) const TABLES: &[Table] = &[
    Table {
        type_name: "User",
        one: "user",
        many: "users",
        stored: "users",
        columns: &[
            column("id", "id", Type::Id),
            column("username", "username", Type::Text),
            column("email", "email", Type::Text),
            nullable("fullName", "full_name", Type::Text),
            column("role", "role", Type::Enum(&["customer", "staff"])),
            column("isActive", "is_active", Type::Bool),
            column("createdAt", "created_at", Type::Moment),
        ],
        relations: &[many("reviews", 3, 0, 2), many("orders", 4, 0, 1), one("cart", 6, 0, 1)],
        key: &[0],
        unique: &[("userByUsername", &[1]), ("userByEmail", &[2])],
    },
    Table {
        type_name: "Category",
        one: "category",
        many: "categories",
        stored: "categories",
        columns: &[
            column("id", "id", Type::Id),
            nullable("parentId", "parent_id", Type::Id),
            column("name", "name", Type::Text),
            column("slug", "slug", Type::Text),
            nullable("description", "description", Type::Text),
        ],
        relations: &[
            one("parent", 1, 1, 0),
            many("categories", 1, 0, 1),
            many("products", 2, 0, 1),
        ],
        key: &[0],
        unique: &[("categoryBySlug", &[3])],
    },
    Table {
        type_name: "Product",
        one: "product",
        many: "products",
        stored: "products",
        columns: &[
            column("id", "id", Type::Id),
            column("categoryId", "category_id", Type::Id),
            column("sku", "sku", Type::Text),
            column("name", "name", Type::Text),
            nullable("description", "description", Type::Text),
            column("price", "price", Type::Money),
            column("stock", "stock", Type::Int),
            nullable("weight", "weight", Type::Float),
            column("isFeatured", "is_featured", Type::Bool),
            nullable("attributes", "attributes", Type::Json),
            column("createdAt", "created_at", Type::Moment),
        ],
        relations: &[
            one("category", 1, 1, 0),
            many("reviews", 3, 0, 1),
            many("orderItems", 5, 0, 2),
            many("cartItems", 7, 0, 1),
            many("productTags", 9, 0, 0),
            through("tags", 8, (9, 0, 1)),
        ],
        key: &[0],
        unique: &[("productBySku", &[2])],
    },
    Table {
        type_name: "Review",
        one: "review",
        many: "reviews",
        stored: "reviews",
        columns: &[
            column("id", "id", Type::Id),
            column("productId", "product_id", Type::Id),
            column("userId", "user_id", Type::Id),
            column("rating", "rating", Type::Int),
            nullable("body", "body", Type::Text),
            column("createdAt", "created_at", Type::Moment),
        ],
        relations: &[one("product", 2, 1, 0), one("user", 0, 2, 0)],
        key: &[0],
        unique: &[("reviewByProductIdAndUserId", &[1, 2])],
    },
    Table {
        type_name: "Order",
        one: "order",
        many: "orders",
        stored: "orders",
        columns: &[
            column("id", "id", Type::Id),
            column("userId", "user_id", Type::Id),
            column(
                "status",
                "status",
                Type::Enum(&["pending", "paid", "shipped", "cancelled"]),
            ),
            column("total", "total", Type::Money),
            nullable("note", "note", Type::Text),
            nullable("deliveryDate", "delivery_date", Type::Date),
            column("placedAt", "placed_at", Type::Moment),
        ],
        relations: &[one("user", 0, 1, 0), many("orderItems", 5, 0, 1)],
        key: &[0],
        unique: &[],
    },
    Table {
        type_name: "OrderItem",
        one: "orderItem",
        many: "orderItems",
        stored: "order_items",
        columns: &[
            column("id", "id", Type::Id),
            column("orderId", "order_id", Type::Id),
            column("productId", "product_id", Type::Id),
            column("quantity", "quantity", Type::Int),
            column("price", "price", Type::Money),
        ],
        relations: &[one("order", 4, 1, 0), one("product", 2, 2, 0)],
        key: &[0],
        unique: &[("orderItemByOrderIdAndProductId", &[1, 2])],
    },
    Table {
        type_name: "Cart",
        one: "cart",
        many: "carts",
        stored: "carts",
        columns: &[
            column("id", "id", Type::Id),
            column("userId", "user_id", Type::Id),
            column("updatedAt", "updated_at", Type::Moment),
        ],
        relations: &[one("user", 0, 1, 0), many("cartItems", 7, 0, 0)],
        key: &[0],
        unique: &[("cartByUserId", &[1])],
    },
    Table {
        type_name: "CartItem",
        one: "cartItem",
        many: "cartItems",
        stored: "cart_items",
        columns: &[
            column("cartId", "cart_id", Type::Id),
            column("productId", "product_id", Type::Id),
            column("quantity", "quantity", Type::Int),
        ],
        relations: &[one("cart", 6, 0, 0), one("product", 2, 1, 0)],
        key: &[0, 1],
        unique: &[],
    },
    Table {
        type_name: "Tag",
        one: "tag",
        many: "tags",
        stored: "tags",
        columns: &[column("id", "id", Type::Id), column("name", "name", Type::Text)],
        relations: &[many("productTags", 9, 0, 1), through("products", 2, (9, 1, 0))],
        key: &[0],
        unique: &[("tagByName", &[1])],
    },
    Table {
        type_name: "ProductTag",
        one: "productTag",
        many: "productTags",
        stored: "product_tags",
        columns: &[
            column("productId", "product_id", Type::Id),
            column("tagId", "tag_id", Type::Id),
        ],
        relations: &[one("product", 2, 0, 0), one("tag", 8, 1, 0)],
        key: &[0, 1],
        unique: &[],
    },
];

/// The table whose lists have `search`, and the columns that it looks into.
pub(super) const SEARCHED: (usize, &[usize]) = (2, &[3, 4]);
