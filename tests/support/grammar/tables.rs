//! What the catalogue serves, as far as random requests need it.

/// The kinds of columns, by what conditions on them look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Id,
    Text,
    Int,
    Decimal,
}

/// A type with its root fields.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The root list, whose name the pages, the aggregate and the groups share.
    pub(super) list: &'static str,
    pub(super) columns: &'static [(&'static str, Family)],
    /// Fields that no filter knows.
    pub(super) computed: &'static [&'static str],
    /// Relations to one row, and where they lead.
    pub(super) ones: &'static [(&'static str, usize)],
    /// Relations to lists.
    pub(super) lists: &'static [(&'static str, usize)],
}

const PRODUCT: usize = 0;
const REVIEW: usize = 1;
const CATEGORY: usize = 2;
const TAG: usize = 3;
const PRODUCT_TAG: usize = 4;

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "Product",
        list: "products",
        columns: &[
            ("id", Family::Id),
            ("categoryId", Family::Id),
            ("sku", Family::Text),
            ("name", Family::Text),
            ("description", Family::Text),
            ("price", Family::Decimal),
            ("stock", Family::Int),
        ],
        computed: &[
            "weight",
            "isFeatured",
            "attributes",
            "createdAt",
            "averageRating",
            "reviewCount",
        ],
        ones: &[("category", CATEGORY)],
        lists: &[("productTags", PRODUCT_TAG), ("reviews", REVIEW), ("tags", TAG)],
    },
    Table {
        name: "Review",
        list: "reviews",
        columns: &[
            ("id", Family::Id),
            ("productId", Family::Id),
            ("userId", Family::Id),
            ("rating", Family::Int),
            ("body", Family::Text),
        ],
        computed: &["createdAt", "authorName"],
        ones: &[("product", PRODUCT)],
        lists: &[],
    },
    Table {
        name: "Category",
        list: "categories",
        columns: &[
            ("id", Family::Id),
            ("parentId", Family::Id),
            ("name", Family::Text),
            ("slug", Family::Text),
            ("description", Family::Text),
        ],
        computed: &[],
        ones: &[("parent", CATEGORY)],
        lists: &[("categories", CATEGORY), ("products", PRODUCT)],
    },
    Table {
        name: "Tag",
        list: "tags",
        columns: &[("id", Family::Id), ("name", Family::Text)],
        computed: &[],
        ones: &[],
        lists: &[("productTags", PRODUCT_TAG), ("products", PRODUCT)],
    },
    Table {
        name: "ProductTag",
        list: "productTags",
        columns: &[("productId", Family::Id), ("tagId", Family::Id)],
        computed: &[],
        ones: &[("product", PRODUCT), ("tag", TAG)],
        lists: &[],
    },
];
