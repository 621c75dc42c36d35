//! The rows as `INSERT` statements that all three databases accept.

/// Tables whose `id` the database generates.
pub(super) const NUMBERED: &[&str] = &[
    "users",
    "categories",
    "products",
    "tags",
    "reviews",
    "orders",
    "order_items",
    "carts",
];

/// Maximum number of rows per statement.
const BATCH: u64 = 500;

const ADJECTIVES: &[&str] = &[
    "Red", "Blue", "Small", "Large", "Quiet", "Bright", "Folding", "Oak", "Steel", "Woolen",
];
const NOUNS: &[&str] = &[
    "Chair",
    "Table",
    "Lamp",
    "Kettle",
    "Notebook",
    "Bag",
    "Blanket",
    "Clock",
    "Shelf",
    "Café Cup",
];
const PLACES: &[&str] = &["Kitchen", "Garden", "Office", "Bedroom"];
const TAGS: &[&str] = &["new", "sale", "gift", "outdoor", "handmade", "café", "bulky"];
const OPINIONS: &[&str] = &[
    "Does what it should.",
    "It's \"fine\".",
    "Broke after a week / sad.",
    "Would buy again – 100 %!",
    "日本から、ありがとう",
];

/// How many rows each table gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Users.
    pub users: u64,
    /// Categories: four at the top with two children each; one of the two has one child itself.
    pub categories: u64,
    /// Products.
    pub products: u64,
    /// Reviews.
    pub reviews: u64,
    /// Orders, with one to four items each.
    pub orders: u64,
    /// Carts; every second user has one.
    pub carts: u64,
}

impl Counts {
    /// 50 users, 200 products, 1,000 reviews, 500 orders, times `scale`.
    pub fn new(scale: u32) -> Self {
        let scale = u64::from(scale.max(1));
        Self {
            users: 50 * scale,
            categories: 16,
            products: 200 * scale,
            reviews: 1000 * scale,
            orders: 500 * scale,
            carts: 25 * scale,
        }
    }
}

/// Returns `INSERT` statements for all rows, in an order that the foreign keys allow.
pub fn insert_statements(counts: Counts) -> Vec<String> {
    let mut statements = Vec::new();
    let mut table = |head: &str, count: u64, row: &dyn Fn(u64) -> String| {
        for first in (1..=count).step_by(BATCH as usize) {
            let rows: Vec<String> = (first..=count.min(first + BATCH - 1))
                .map(row)
                .filter(|row| !row.is_empty())
                .collect();
            if !rows.is_empty() {
                statements.push(format!("INSERT INTO {head} VALUES {}", rows.join(", ")));
            }
        }
    };

    table(
        "users (id, username, email, full_name, role, is_active, created_at)",
        counts.users,
        &user,
    );
    table(
        "categories (id, parent_id, name, slug, description)",
        counts.categories,
        &category,
    );
    table(
        "products (id, category_id, sku, name, description, price, stock, weight, is_featured, attributes, created_at)",
        counts.products,
        &|id| product(id, counts),
    );
    table("tags (id, name)", TAGS.len() as u64, &|id| {
        format!("({id}, {})", text(TAGS[id as usize - 1]))
    });
    table("product_tags (product_id, tag_id)", counts.products * 3, &product_tag);
    table(
        "reviews (id, product_id, user_id, rating, body, created_at)",
        counts.reviews,
        &|id| review(id, counts),
    );
    table(
        "orders (id, user_id, status, total, note, delivery_date, placed_at)",
        counts.orders,
        &|id| order(id, counts),
    );
    table(
        "order_items (id, order_id, product_id, quantity, price)",
        counts.orders * 4,
        &|id| order_item(id, counts),
    );
    table("carts (id, user_id, updated_at)", counts.carts, &|id| {
        format!("({id}, {}, {})", id * 2, timestamp(id * 977))
    });
    table("cart_items (cart_id, product_id, quantity)", counts.carts * 3, &|at| {
        cart_item(at, counts)
    });

    statements
}

/// Returns a number that looks random and depends only on the seed (the finalizer of SplitMix64).
fn mixed(seed: u64) -> u64 {
    let mut number = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn pick<'a>(from: &[&'a str], seed: u64) -> &'a str {
    from[(mixed(seed) % from.len() as u64) as usize]
}

/// Quotes a text for SQL. The shop's texts have no backslashes, which only MySQL treats as escapes.
fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn timestamp(seconds: u64) -> String {
    let day = 1 + seconds / 86_400 % 28;
    let month = 1 + seconds / 86_400 / 28 % 12;
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("'2025-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}'")
}

fn cents(amount: u64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

fn price(product: u64) -> u64 {
    199 + mixed(product * 3) % 50_000
}

fn user(id: u64) -> String {
    let full_name = if id.is_multiple_of(5) {
        "NULL".into()
    } else {
        text(&format!("{} O'Person {id}", pick(ADJECTIVES, id)))
    };
    let role = if id % 25 == 1 { "staff" } else { "customer" };
    let active = if id.is_multiple_of(9) { "FALSE" } else { "TRUE" };

    format!(
        "({id}, 'user{id}', 'user{id}@example.com', {full_name}, '{role}', {active}, {})",
        timestamp(id * 86_411)
    )
}

fn category(id: u64) -> String {
    let parent = match id {
        1..=4 => "NULL".to_owned(),
        5..=12 => (1 + (id - 5) / 2).to_string(),
        _ => (5 + (id - 13) * 2).to_string(),
    };

    let name = format!("{} {id}", pick(PLACES, id));
    let description = if id.is_multiple_of(3) {
        "NULL".into()
    } else {
        text(&format!("For the {name}"))
    };
    format!("({id}, {parent}, {}, 'category-{id}', {description})", text(&name))
}

fn product(id: u64, counts: Counts) -> String {
    let category = 1 + mixed(id) % counts.categories;
    let name = format!("{} {}", pick(ADJECTIVES, id * 5), pick(NOUNS, id * 7));
    let description = if id.is_multiple_of(4) {
        "NULL".into()
    } else {
        text(&format!("{name}, made to last."))
    };

    let weight = if id.is_multiple_of(6) {
        "NULL".into()
    } else {
        format!("{}.25", mixed(id * 11) % 40)
    };
    let featured = if id % 10 == 3 { "TRUE" } else { "FALSE" };
    let attributes = if id.is_multiple_of(3) {
        "NULL".to_owned()
    } else {
        format!("'{{\"colour\":\"{}\",\"parts\":[{id},null]}}'", pick(ADJECTIVES, id))
    };

    format!(
        "({id}, {category}, 'SKU-{id:06}', {}, {description}, {}, {}, {weight}, {featured}, {attributes}, {})",
        text(&name),
        cents(price(id)),
        mixed(id * 13) % 100,
        timestamp(id * 7919)
    )
}

/// Returns a product's tag at one of its three places, or an empty text: a product has up to three tags.
fn product_tag(at: u64) -> String {
    let (product, place) = ((at - 1) / 3 + 1, (at - 1) % 3);
    if place >= mixed(product * 53) % 4 {
        return String::new();
    }
    format!(
        "({product}, {})",
        1 + (mixed(product * 59) + place * 2) % TAGS.len() as u64
    )
}

/// Of every four products the first gets two reviews, the second eight, the third none and the fourth ten. No user
/// reviews a product twice.
fn review(id: u64, counts: Counts) -> String {
    let (group, place) = ((id - 1) / 20, (id - 1) % 20);
    let (member, number) = match place {
        0..2 => (0, place),
        2..10 => (1, place - 2),
        _ => (3, place - 10),
    };

    let product = 1 + group * 4 + member;
    let user = 1 + (mixed(product * 47) + number) % counts.users;
    let body = if id % 4 == 1 {
        "NULL".into()
    } else {
        text(pick(OPINIONS, id))
    };

    format!(
        "({id}, {product}, {user}, {}, {body}, {})",
        1 + mixed(id * 17) % 5,
        timestamp(id * 6007)
    )
}

fn items_of(order: u64) -> u64 {
    1 + mixed(order * 19) % 4
}

fn item_product(order: u64, place: u64, counts: Counts) -> u64 {
    1 + (mixed(order * 23) + place * 37) % counts.products
}

fn item_quantity(order: u64, place: u64) -> u64 {
    1 + mixed(order * 29 + place) % 3
}

fn order(id: u64, counts: Counts) -> String {
    let total: u64 = (0..items_of(id))
        .map(|place| price(item_product(id, place, counts)) * item_quantity(id, place))
        .sum();

    let status = pick(&["pending", "paid", "shipped", "cancelled"], id * 31);
    let note = if id.is_multiple_of(7) {
        "'Leave at the door'"
    } else {
        "NULL"
    };
    let delivery = if status == "shipped" {
        format!("'2025-12-{:02}'", 1 + id % 28)
    } else {
        "NULL".into()
    };
    let user = 1 + mixed(id * 41) % counts.users;

    format!(
        "({id}, {user}, '{status}', {}, {note}, {delivery}, {})",
        cents(total),
        timestamp(id * 5003)
    )
}

fn order_item(at: u64, counts: Counts) -> String {
    let (order, place) = ((at - 1) / 4 + 1, (at - 1) % 4);
    if place >= items_of(order) {
        return String::new();
    }
    let product = item_product(order, place, counts);
    format!(
        "({at}, {order}, {product}, {}, {})",
        item_quantity(order, place),
        cents(price(product))
    )
}

fn cart_item(at: u64, counts: Counts) -> String {
    let (cart, place) = ((at - 1) / 3 + 1, (at - 1) % 3);
    if place > cart % 4 {
        return String::new();
    }
    format!(
        "({cart}, {}, {})",
        1 + (mixed(cart * 43) + place * 3) % counts.products,
        1 + place
    )
}
