//! Attacks with documents and variables that are cheap to send and may be expensive to answer.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::{Attack, Post};
use crate::customer::token;
use tests::Random;
use tests::grammar::{self, Sizes};

const CATALOG: &str = "product_catalog";

/// All columns of a product.
const COLUMNS: &str = "id categoryId sku name description price stock weight isFeatured attributes createdAt";

/// The maximum number of root fields (50), each with the maximum number of rows (1,000).
static LARGE_ANSWER: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{{{}}}",
        roots(&|root| format!("p{root}:products(limit:1000){{{COLUMNS}}}"))
    )
});

/// The same, with one long list as the filter of each root field.
pub(super) static LONG_LISTS: LazyLock<String> = LazyLock::new(|| {
    let root = |root: usize| format!("p{root}:products(filters:{{sku:{{in:$l}}}},limit:1000){{{COLUMNS}}}");
    format!("query($l:[String!]!){{{}}}", roots(&root))
});

fn roots(one: &dyn Fn(usize) -> String) -> String {
    (0..50).map(one).collect::<Vec<_>>().join(" ")
}

/// A list of `count` values in brackets.
fn list(count: usize, one: impl Fn(usize) -> String) -> String {
    format!("[{}]", (0..count).map(one).collect::<Vec<_>>().join(","))
}

fn catalog(document: &str, variables: &str) -> Attack {
    Attack::Post(Post::graphql(CATALOG, document, variables))
}

/// Fragments that are small, but become large when they are spread.
pub(super) fn bomb(random: &mut Random) -> Attack {
    let document = match random.below(6) {
        0 => format!("{{...F0}}{}", fragments("Query", 24, "...F ...F", "__typename")),
        1 => format!(
            "{{__schema{{...F0}}}}{}",
            fragments("__Schema", 20, "...F ...F", "queryType{name}")
        ),
        2 => format!(
            "mutation{{...F0}}{}",
            fragments("Mutation", 24, "...F ...F", "__typename")
        ),
        3 => format!(
            "{{products(limit:1){{...F0}}}}{}",
            fragments("Product", 24, "...F ...F", "id")
        ),
        4 => {
            let branches = "a:parent{...F} b:parent{...F}";
            format!(
                "{{categories(limit:1){{...F0}}}}{}",
                fragments("Category", 14, branches, "id")
            )
        }
        _ => "{...A} fragment A on Query{...B} fragment B on Query{...A ...A}".to_owned(),
    };

    catalog(&document, "{}")
}

/// A chain of fragments: in each, `...F` in `inside` spreads the next, and the last holds `leaf`.
fn fragments(on: &str, steps: usize, inside: &str, leaf: &str) -> String {
    let mut text = String::new();
    for step in 0..steps {
        let inside = inside.replace("...F", &format!("...F{}", step + 1));
        // Writing to a text does not fail.
        let _ = write!(text, " fragment F{step} on {on}{{{inside}}}");
    }
    let _ = write!(text, " fragment F{steps} on {on}{{{leaf}}}");
    text
}

/// Large filters in variables, where no limit on the document bounds them.
pub(super) fn filter(random: &mut Random) -> Attack {
    let filter = match random.below(4) {
        0 => {
            let count = 500 + random.below(1_500) as usize;
            let condition = |at: usize| format!("{{\"reviews\":{{\"some\":{{\"rating\":{{\"gt\":{}}}}}}}}}", at % 5);
            format!("{{\"or\":{}}}", list(count, condition))
        }
        1 => format!(
            "{{\"or\":{}}}",
            list(60_000, |at| format!("{{\"stock\":{{\"gt\":{at}}}}}"))
        ),
        2 => nest(random),
        _ => {
            let inner = list(200, |at| format!("{{\"price\":{{\"lt\":\"{at}.5\"}}}}"));
            format!("{{\"and\":{}}}", list(200, |_| format!("{{\"or\":{inner}}}")))
        }
    };

    catalog(
        "query($f:ProductFilter){products(filters:$f,limit:5){id}}",
        &format!("{{\"f\":{filter}}}"),
    )
}

/// Nested `and`, `or` and `not`.
fn nest(random: &mut Random) -> String {
    let mut text = "{\"stock\":{\"gt\":0}}".to_owned();
    for _ in 0..10 + random.below(100) {
        text = match random.below(3) {
            0 => format!("{{\"not\":{text}}}"),
            1 => format!("{{\"and\":[{text}]}}"),
            _ => format!("{{\"or\":[{text}]}}"),
        };
    }
    text
}

/// One variable that almost fills the largest body, used by all root fields.
pub(super) fn long_lists(random: &mut Random) -> Attack {
    let first = random.below(1_000) as usize;
    let values = list(120_000, |at| format!("\"SKU-{:06}\"", first + at));
    catalog(&LONG_LISTS, &format!("{{\"l\":{values}}}"))
}

/// Conditions on related rows, several levels deep.
pub(super) fn relations(random: &mut Random) -> Attack {
    let least = random.below(100);
    let depth = 2 + random.below(6);
    if random.chance(25) {
        let mut filter = format!("{{quantity:{{gt:{least}}}}}");
        for _ in 0..depth {
            filter = format!("{{order:{{orderItems:{{some:{filter}}}}}}}");
        }

        let document = format!("{{ordersAggregate(filters:{{orderItems:{{none:{filter}}}}}){{count}}}}");
        let user = token(200 + random.below(49));
        let post = Post::graphql("order_management", &document, "{}");
        return Attack::Post(post.header("authorization", format!("Bearer {user}")));
    }

    let mut filter = format!("{{stock:{{lt:{least}}}}}");
    for _ in 0..depth {
        filter = match random.below(2) {
            0 => format!("{{category:{{products:{{some:{filter}}}}}}}"),
            _ => format!("{{tags:{{some:{{products:{{every:{filter}}}}}}}}}"),
        };
    }

    catalog(&format!("{{productsAggregate(filters:{filter}){{count}}}}"), "{}")
}

/// An answer of 50,000 rows.
pub(super) fn large_answer(random: &mut Random) -> Attack {
    catalog(&large_document(random), "{}")
}

/// A document that requests 50,000 rows from one of fifty offsets, so that few answers come from the cache.
pub(super) fn large_document(random: &mut Random) -> String {
    let limit = format!("limit:1000,offset:{}", random.below(50));
    LARGE_ANSWER.replace("limit:1000", &limit)
}

/// As many parameters as a statement can have, or more.
pub(super) fn conditions(random: &mut Random) -> Attack {
    let count = 65_530 + random.below(10) as usize;
    let filter = list(count, |at| format!("{{\"id\":{{\"ne\":\"{}\"}}}}", at + 5_000));
    let document = "query($f:ProductFilter){productsAggregate(filters:$f){count}}";
    catalog(document, &format!("{{\"f\":{{\"and\":{filter}}}}}"))
}

/// Deeply nested JSON and documents.
pub(super) fn deep(random: &mut Random) -> Attack {
    let depth = 100 + random.size(100_000);
    let few = depth.min(10_000);
    let (arrays, closed) = ("[".repeat(depth), "]".repeat(depth));
    match random.below(5) {
        0 => catalog("query($v:JSON){__typename}", &format!("{{\"v\":{arrays}{closed}}}")),
        1 => catalog(
            "{__typename}",
            &format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)),
        ),
        2 => catalog(&format!("{}id{}", "{parent".repeat(few), "}".repeat(few)), "{}"),
        3 => {
            let filter = format!("{}{{}}{}", "{not:".repeat(few), "}".repeat(few));
            catalog(&format!("{{products(filters:{filter}){{id}}}}"), "{}")
        }
        _ => Attack::Post(Post::new(CATALOG, arrays).header("content-type", "application/json")),
    }
}

/// Sign-ins with wrong passwords; verifying one is slow on purpose.
pub(super) fn sign_ins(random: &mut Random) -> Attack {
    let user = random.below(300);
    let document = match random.below(10) {
        // The name is taken, so no account is created.
        0 => format!(
            "mutation{{createUser(input:{{username:\"user1\",email:\"a@example.com\",password:\"password {user}\"}}){{success}}}}"
        ),
        kind => {
            let count = if kind == 1 { 50 } else { 5 };
            let login = |at: u32| format!("l{at}:login(username:\"user{user}\",password:\"wrong {at}\"){{token}}");
            format!("mutation{{{}}}", (0..count).map(login).collect::<Vec<_>>().join(" "))
        }
    };

    Attack::Post(Post::graphql("user_schema", &document, "{}"))
}

/// Requests for and with media types that the server does not support.
pub(super) fn media_types(random: &mut Random) -> Attack {
    let kinds = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
        "image/png",
        "",
    ];

    let post = Post::new(CATALOG, "{\"query\":\"{__typename}\"}".to_owned());
    let post = match random.below(3) {
        0 => post.header("content-type", *random.pick(&kinds)),
        1 => post
            .header("content-type", "application/json")
            .header("accept", *random.pick(&kinds)),
        _ => post
            .header("content-type", "application/json")
            .header("content-encoding", "gzip"),
    };

    Attack::Post(post)
}

/// Random requests from the grammar, mostly valid and mostly small.
pub(super) fn random(random: &mut Random) -> Attack {
    let request = grammar::request(
        random,
        Sizes {
            document: 4 * 1024,
            variables: 16 * 1024,
        },
    );
    catalog(&request.document, &request.variables)
}
