//! Checks that preparing a request costs at most a multiple of its size, whatever its shape.

use async_graphql::Variables;
use runtime::ServerConfig;
use runtime::testing::Request;
use runtime::testing::registry;
use runtime::{Registry, Viewer};
use tests::grammar::{self, Sizes};
use tests::{Engine, Random, empty_database};

/// Preparing a request may allocate at most `FOR_EACH` bytes per byte of the request, plus `FOR_ANY`.
const FOR_EACH: u64 = 700;
const FOR_ANY: u64 = 8 * 1024 * 1024;

/// The largest requests that the server accepts.
const SIZES: Sizes = Sizes {
    document: 64 * 1024,
    variables: 1024 * 1024,
};

/// Returns the shop's schemas on their own database, and the async runtime for them.
fn shop() -> (tokio::runtime::Runtime, Registry) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");

    let registry = runtime.block_on(async {
        let url = empty_database(Engine::Sqlite, "limits")
            .await
            .expect("SQLite needs no server");
        shop::setup::create(&url, 1).await.expect("the shop's rows");
        let config = shop::start(
            ServerConfig::new().database_url(url),
            b"of the limits, and of no other place",
        );
        registry(&config.expect("a configuration")).await.expect("the shop")
    });

    (runtime, registry)
}

/// Prepares a request; returns the number of allocated bytes, and the error code if the request is refused.
fn prepared(
    (runtime, registry): &(tokio::runtime::Runtime, Registry),
    schema: &str,
    document: &str,
    variables: &str,
) -> (u64, String) {
    let schema = registry.find(schema).expect("the schema");
    let given: serde_json::Value = serde_json::from_str(variables).unwrap_or_default();
    let request = Request {
        query: document.to_owned(),
        variables: Variables::from_json(given),
        viewer: Viewer::anonymous(),
        ..Request::default()
    };

    let mut code = String::new();
    let counted = allocation_counter::measure(|| {
        if let Err(answer) = runtime.block_on(schema.engine().prepare(request)) {
            let answer: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
            code.push_str(answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default());
        }
    });

    (counted.bytes_total, code)
}

#[test]
fn random_requests_cost_a_multiple_of_their_size() {
    let runs = std::env::vars()
        .find(|(name, _)| name == "LIMITS_RUNS")
        .and_then(|(_, runs)| runs.parse().ok());

    let shop = shop();
    let mut worst = (0, 0);
    for seed in 0..runs.unwrap_or(2_000) {
        let request = grammar::request(&mut Random::new(seed), SIZES);
        let size = (request.document.len() + request.variables.len()) as u64;
        let (bytes, _) = prepared(&shop, "product_catalog", &request.document, &request.variables);
        assert!(
            bytes <= FOR_ANY + FOR_EACH * size,
            "seed {seed}: {bytes} bytes for {size}"
        );
        worst = worst.max((bytes.saturating_sub(1024 * 1024) / size.max(1), seed));
    }

    eprintln!(
        "the worst request allocated {} bytes per byte of its size (seed {})",
        worst.0, worst.1
    );
}

/// A chain of fragments, each of which spreads the next one twice: each step doubles the size.
fn doubled(fragments: usize, on: &str, leaf: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for at in 0..fragments {
        let _ = write!(text, " fragment F{at} on {on}{{...F{} ...F{}}}", at + 1, at + 1);
    }
    let _ = write!(text, " fragment F{fragments} on {on}{{{leaf}}}");
    text
}

#[test]
fn fragments_are_refused_before_they_are_followed() {
    let shop = shop();
    let aliased = |depth: usize| {
        use std::fmt::Write as _;
        let mut text = String::from("{categories{...F0}}");
        for at in 0..depth {
            let _ = write!(
                text,
                " fragment F{at} on Category{{a:parent{{...F{}}} b:parent{{...F{}}}}}",
                at + 1,
                at + 1
            );
        }
        text + &format!(" fragment F{depth} on Category{{id}}")
    };

    let wide: Vec<String> = (0..900).map(|at| format!("a{at}:__typename")).collect();
    let wide = format!("{{{}}}", wide.join(" "));

    for (document, expected) in [
        (
            format!("{{...F0}}{}", doubled(25, "Query", "__typename")),
            "LIMIT_EXCEEDED",
        ),
        (
            format!("{{...F0}}{}", doubled(90, "Query", "__typename")),
            "LIMIT_EXCEEDED",
        ),
        (
            format!("mutation{{...F0}}{}", doubled(25, "Mutation", "__typename")),
            "LIMIT_EXCEEDED",
        ),
        (
            format!("{{products{{...F0}}}}{}", doubled(25, "Product", "id")),
            "LIMIT_EXCEEDED",
        ),
        (
            format!("{{__schema{{...F0}}}}{}", doubled(25, "__Schema", "description")),
            "LIMIT_EXCEEDED",
        ),
        (
            "{...A ...A} fragment A on Query{...A ...A}".to_owned(),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "{...A ...A} fragment A on Query{...B ...B} fragment B on Query{...A ...A}".to_owned(),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (aliased(7), "LIMIT_EXCEEDED"),
        (aliased(30), "LIMIT_EXCEEDED"),
        (wide, "LIMIT_EXCEEDED"),
        (format!("{{{}}}", "__typename ".repeat(1001)), "LIMIT_EXCEEDED"),
        (format!("{{{}}}", "...{__typename}".repeat(1001)), "LIMIT_EXCEEDED"),
    ] {
        let (bytes, code) = prepared(&shop, "product_catalog", &document, "{}");
        let start: String = document.chars().take(60).collect();
        assert_eq!(code, expected, "{start}");
        assert!(bytes < 16 * 1024 * 1024, "{start}: {bytes} bytes");
    }

    let usual = "{products{...P category{...C}} p2:products{...P}} fragment P on Product{id ...N} fragment N on Product{name} fragment C on Category{id}";
    assert_eq!(prepared(&shop, "product_catalog", usual, "{}").1, "");
}

#[test]
fn what_filters_ask_for_is_limited_wherever_it_stands() {
    let shop = shop();
    let query = "query($f: ProductFilter) { products(filters: $f) { id } }";
    let list = |part: &str, times: usize| format!("[{}]", vec![part; times].join(","));
    let nested = |depth: usize| format!("{}{{}}{}", "{\"not\":".repeat(depth), "}".repeat(depth));
    let with = |filter: String| format!("{{\"f\":{filter}}}");
    let related = r#"{"reviews":{"some":{"rating":{"gt":0}}}}"#;
    let plain = r#"{"stock":{"gt":0}}"#;

    for (filter, expected) in [
        (format!("{{\"or\":{}}}", list(related, 20_000)), "LIMIT_EXCEEDED"),
        (format!("{{\"or\":{}}}", list(related, 51)), "LIMIT_EXCEEDED"),
        (format!("{{\"or\":{}}}", list(plain, 60_000)), "LIMIT_EXCEEDED"),
        (format!("{{\"or\":{}}}", list(plain, 1_001)), "LIMIT_EXCEEDED"),
        (format!("{{\"or\":{}}}", list("{}", 60_000)), "LIMIT_EXCEEDED"),
        (format!("{{\"or\":{}}}", list(plain, 1_000)), ""),
        (nested(33), "LIMIT_EXCEEDED"),
        (nested(20), ""),
    ] {
        let variables = with(filter);
        let (bytes, code) = prepared(&shop, "product_catalog", query, &variables);
        let start: String = variables.chars().take(60).collect();
        assert_eq!(code, expected, "{start} ({} bytes)", variables.len());
        assert!(
            bytes < FOR_ANY + FOR_EACH * variables.len() as u64,
            "{start}: {bytes} bytes"
        );
    }

    // The same in the document, as a default, and as an order.
    let conditions = vec!["{stock:{gt:0}}"; 1_001].join(" ");
    for document in [
        format!("{{products(filters:{{or:[{conditions}]}}){{id}}}}"),
        format!("query($f:ProductFilter={{or:[{conditions}]}}){{products(filters:$f){{id}}}}"),
        format!("{{products(orderBy:[{}]){{id}}}}", vec!["{name:ASC}"; 33].join(" ")),
        format!(
            "{{products(filters:{{and:[{}]}}){{id}}}}",
            vec!["{category:{name:{eq:\"x\"}}}"; 51].join(" ")
        ),
    ] {
        let code = prepared(&shop, "product_catalog", &document, "{}").1;
        assert_eq!(code, "LIMIT_EXCEEDED", "{}", &document[..60]);
    }
}

#[test]
fn related_rows_count_in_the_complexity() {
    let (runtime, registry) = shop();
    let schema = registry.find("product_catalog").expect("the schema");
    let ask = |query: String| {
        let answer = runtime.block_on(schema.engine().execute(Request {
            query,
            ..Request::default()
        }));
        serde_json::from_slice::<serde_json::Value>(&answer.body).expect("JSON")
    };

    let nested = |depth: usize| {
        let (open, close) = ("{reviews:{some:{product:", "}}}");
        format!(
            "{{productsAggregate(filters:{}{{id:{{ne:0}}}}{}){{count}}}}",
            open.repeat(depth),
            close.repeat(depth)
        )
    };

    assert_eq!(ask(nested(2)).get("errors"), None);
    assert_eq!(ask(nested(4))["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
}

/// The cached documents and plans take bounded memory, however many different documents are sent.
#[test]
fn what_is_kept_of_many_documents_is_bounded() {
    const COLUMNS: &str = "id categoryId sku name description price stock weight isFeatured attributes createdAt";
    const MOST: i64 = 64 * 1024 * 1024;

    let (runtime, registry) = shop();
    let schema = registry.find("product_catalog").expect("the schema");
    let counted = allocation_counter::measure(|| {
        // Each takes about 0.7 MB.
        for number in 0..200 {
            let root = |root: usize| format!("p{root}: products(limit: 1000, offset: {number}) {{ {COLUMNS} }}");
            let query = format!("{{ {} }}", (0..50).map(root).collect::<Vec<_>>().join(" "));
            let request = Request {
                query,
                ..Request::default()
            };
            assert!(runtime.block_on(schema.engine().prepare(request)).is_ok());
        }
    });
    assert!(counted.bytes_current < MOST, "{} bytes are kept", counted.bytes_current);

    // Introspection with short answers and long documents.
    let counted = allocation_counter::measure(|| {
        for number in 0..1_200 {
            let query = format!("{{ __schema {{ queryType {{ name }} }} }}{:1$}", "", 60_000 + number);
            let answer = runtime.block_on(schema.engine().execute(Request {
                query,
                ..Request::default()
            }));
            assert!(answer.body.starts_with(b"{\"data\":{\"__schema\""));
        }
    });
    assert!(counted.bytes_current < MOST, "{} bytes are kept", counted.bytes_current);
}
