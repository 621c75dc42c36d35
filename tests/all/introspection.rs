//! Catalogs of real databases.

use codegen::catalog::{Catalog, SnapshotError};
use codegen::config::{ConfigFile, Settings};
use codegen::introspect::{DatabaseUrl, introspect};
use codegen::schema::{self, Schema};
use sqlx::{Connection, Executor};
use tests::{Engine, empty_database, shops};

fn shop_settings() -> Settings {
    let file = ConfigFile::parse(include_str!("../sample/codegen.toml")).expect("the shop's settings");
    file.settings().expect("the shop's settings")
}

async fn catalog(url: &str) -> Catalog {
    let url: DatabaseUrl = url.parse().expect("a URL");
    introspect(&url).await.expect("a catalog")
}

/// What databases spell differently, and generated APIs must not.
fn without_spelling(mut schema: Schema) -> Schema {
    for entity in &mut schema.entities {
        entity.table.namespace.clear();
        entity.unique_keys.sort();
        // Each database names its own constraints.
        entity.constraints.clear();
        for field in &mut entity.columns {
            field.sql_type = None;
        }
    }
    for ty in &mut schema.enums {
        ty.database_type = None;
    }
    schema.enums.sort_by(|a, b| a.type_name.cmp(&b.type_name));
    schema
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_becomes_the_same_api_from_every_database() {
    let mut models = Vec::new();
    for shop in shops().await {
        let catalog = catalog(&shop.url).await;
        assert_eq!(catalog.tables.len(), 10, "{}", shop.engine);
        let model = without_spelling(schema::build(&catalog, &shop_settings()));
        assert_eq!(model.diagnostics, [], "{}", shop.engine);
        models.push((shop.engine, model));
    }
    for pair in models.windows(2) {
        for (a, b) in pair[0].1.entities.iter().zip(&pair[1].1.entities) {
            assert_eq!(a, b, "{} and {}", pair[0].0, pair[1].0);
        }
        assert_eq!(pair[0].1, pair[1].1, "{} and {}", pair[0].0, pair[1].0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_deterministic_and_reads_back_losslessly() {
    for shop in shops().await {
        let first = catalog(&shop.url).await;
        let text = first.to_snapshot();
        assert_eq!(text, catalog(&shop.url).await.to_snapshot(), "{}", shop.engine);
        assert_eq!(
            Catalog::from_snapshot(&text).expect("a snapshot"),
            first,
            "{}",
            shop.engine
        );
        assert!(!text.contains("127.0.0.1") && !text.contains("root"), "{}", shop.engine);
    }
}

#[test]
fn a_snapshot_from_the_future_is_refused_with_the_command_that_renews_it() {
    let error = Catalog::from_snapshot("{\"format\": 99, \"novel\": true}").expect_err("another format");
    assert!(matches!(error, SnapshotError::Format { found: 99 }));
    assert_eq!(
        error.to_string(),
        "the snapshot has format 99, this program reads format 3; renew it with `codegen --db URL`"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keys_across_namespaces_domains_views_and_generated_columns() {
    let Some(url) = empty_database(Engine::Postgres, "catalog_test").await else {
        return;
    };
    let mut connection = sqlx::PgConnection::connect(&url).await.expect("the server");
    connection
        .execute(sqlx::raw_sql(
            "CREATE SCHEMA sales;
             CREATE DOMAIN positive AS numeric(8, 3) CHECK (value > 0);
             CREATE TYPE mood AS ENUM ('sad', 'so-so', 'happy');
             CREATE TABLE places (country text, town text, PRIMARY KEY (country, town));
             CREATE TABLE sales.deals (
                id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, country text NOT NULL, town text NOT NULL,
                boss int REFERENCES sales.deals, amount positive NOT NULL, twice numeric GENERATED ALWAYS AS (amount * 2) STORED,
                feeling mood[] DEFAULT '{}', day date NOT NULL DEFAULT CURRENT_DATE,
                FOREIGN KEY (country, town) REFERENCES places);
             CREATE UNIQUE INDEX ON sales.deals (day, town);
             CREATE UNIQUE INDEX ON sales.deals (amount) WHERE amount > 5;
             CREATE VIEW big AS SELECT * FROM sales.deals WHERE amount > 100;
             CREATE MATERIALIZED VIEW towns AS SELECT town FROM places;
             CREATE TABLE logs (at timestamptz NOT NULL) PARTITION BY RANGE (at);
             CREATE TABLE logs_2025 PARTITION OF logs FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
        ))
        .await
        .expect("tables");
    let catalog = catalog(&url).await;
    let names: Vec<String> = catalog.tables.iter().map(|table| table.name.to_string()).collect();
    assert_eq!(
        names,
        [
            "public.big",
            "public.logs",
            "public.places",
            "public.towns",
            "sales.deals"
        ]
    );
    let deals = &catalog.tables[4];
    assert_eq!(deals.foreign_keys.len(), 2);
    assert_eq!(deals.foreign_keys[1].columns, ["country", "town"]);
    assert_eq!(deals.foreign_keys[1].references.to_string(), "public.places");
    assert_eq!(deals.unique_keys.len(), 1, "a partial index makes no rows unique");
    let column = |name: &str| {
        deals
            .columns
            .iter()
            .find(|column| column.name == name)
            .expect("a column")
    };
    assert_eq!(column("amount").ty.domain.as_ref().expect("a domain").name, "positive");
    assert_eq!(
        (column("amount").ty.name.as_str(), column("amount").ty.scale),
        ("numeric", Some(3))
    );
    assert_eq!(column("id").generation, codegen::catalog::Generation::IdentityAlways);
    assert_eq!(column("twice").generation, codegen::catalog::Generation::Computed);
    assert!(column("feeling").ty.array && column("feeling").ty.enumeration.is_some());
    let model = schema::build(&catalog, &Settings::default());
    assert_eq!(
        model.apps.iter().map(|app| app.name.as_str()).collect::<Vec<_>>(),
        ["main", "sales"]
    );
    let deal = model
        .entities
        .iter()
        .find(|entity| entity.type_name.as_str() == "Deal")
        .expect("the type");
    let relations: Vec<&str> = deal
        .relations
        .iter()
        .map(|relation| relation.graphql.as_str())
        .collect();
    assert_eq!(
        relations,
        ["boss", "place", "deals"],
        "the key column `boss` is the field `bossId`"
    );
    let labels: Vec<&str> = model.enums[0]
        .values
        .iter()
        .map(|value| value.graphql.as_str())
        .collect();
    assert_eq!(labels, ["sad", "so_so", "happy"]);
}
