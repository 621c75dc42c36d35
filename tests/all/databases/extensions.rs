//! Types of PostgreSQL's extensions: pairs of texts, and places.

use serde_json::json;
use tests::{Engine, empty_database, execute};

use super::served;
use crate::field::served::Served;

#[tokio::test(flavor = "multi_thread")]
async fn hstore_is_an_object_of_texts() {
    let tables = "CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext;
        CREATE TYPE labelled AS (label TEXT, tags ext.hstore);
        CREATE TABLE items (id INT PRIMARY KEY, tags ext.hstore, lists ext.hstore[], inner_tags labelled);
        INSERT INTO items VALUES (1, 'a=>1, b=>NULL', ARRAY['a=>1'::ext.hstore], ROW('x', 'a=>1')), (2, '', NULL, NULL), (3, NULL, NULL, NULL)";
    let config = "[tables.items]\nactions = [\"create\", \"update\"]";
    let Some(api) = served(Engine::Postgres, "pairs", tables, config).await else {
        return;
    };

    let rows = api.data("{ items { tags } }").await["items"].clone();
    assert_eq!(
        rows,
        json!([{"tags": {"a": "1", "b": null}}, {"tags": {}}, {"tags": null}])
    );
    let inside = api.data("{ items(limit: 1) { lists innerTags { label tags } } }").await["items"][0].clone();
    assert_eq!(
        inside,
        json!({"lists": ["\"a\"=>\"1\""], "innerTags": {"label": "x", "tags": "\"a\"=>\"1\""}})
    );

    for (filter, expected) in [
        ("{tags: {eq: {b: null, a: \"1\"}}}", json!([{"id": "1"}])),
        ("{tags: {hasKey: \"b\"}}", json!([{"id": "1"}])),
        ("{tags: {contains: {a: \"1\"}}}", json!([{"id": "1"}])),
        ("{tags: {eq: {}}}", json!([{"id": "2"}])),
        ("{tags: {isNull: true}}", json!([{"id": "3"}])),
    ] {
        assert_eq!(
            api.data(&format!("{{ items(filters: {filter}) {{ id }} }}")).await["items"],
            expected,
            "{filter}"
        );
    }
    for (id, given) in [
        (4, json!({"x": "y \"z\"", "n": null})),
        (5, json!({})),
        (6, json!(null)),
    ] {
        let tags = given.to_string().replace("\"x\"", "x").replace("\"n\"", "n");
        let create = format!("mutation {{ it: createItem(input: {{id: {id}, tags: {tags}}}) {{ item {{ tags }} }} }}");
        assert_eq!(api.data(&create).await["it"]["item"]["tags"], given);
    }
    let wrong = api
        .data("mutation { it: updateItem(id: 1, input: {tags: [1]}) { success errors { code } } }")
        .await;
    assert_eq!(wrong["it"], json!({"success": false, "errors": [{"code": "INVALID"}]}));
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_geojson_and_found_in_a_box() {
    let Some(url) = empty_database(Engine::Postgres, "places").await else {
        return;
    };
    let is_there = tests::number(
        &url,
        "SELECT COUNT(*) FROM pg_available_extensions WHERE name = 'postgis'",
    )
    .await
        == 1;
    if !is_there {
        assert!(
            std::env::var_os("CI").is_none(),
            "PostGIS is not installed; run tests/run"
        );
        eprintln!("SKIPPED: PostGIS is not installed; install it with `apt-get install postgresql-15-postgis-3`");
        return;
    }
    execute(
        &url,
        "CREATE EXTENSION postgis;
         CREATE TABLE towns (id INT PRIMARY KEY, spot geometry(Point, 4326), area geometry, ground geography(Point, 4326));
         CREATE INDEX towns_spot ON towns USING gist (spot);
         INSERT INTO towns VALUES
           (1, ST_SetSRID(ST_Point(10.75, 59.91), 4326), ST_GeomFromText('POLYGON((0 0, 2 0, 2 2, 0 0))'), 'POINT(10 50)'),
           (2, ST_SetSRID(ST_Point(-74, 40.7), 4326), NULL, NULL)",
    )
    .await;
    let api = Served::new(&url, 2, "[tables.towns]\nactions = [\"create\"]").await;

    let oslo = json!({"type": "Point", "coordinates": [10.75, 59.91]});
    let rows = api.data("{ towns { spot area ground } }").await["towns"].clone();
    assert_eq!(rows[0]["spot"], oslo);
    assert_eq!(rows[0]["area"]["type"], "Polygon");
    assert_eq!(rows[0]["ground"]["coordinates"], json!([10, 50]));
    for (filter, expected) in [
        ("{spot: {intersectsBox: [0, 50, 20, 70]}}", json!([{"id": "1"}])),
        ("{area: {intersectsBox: [1, 0.5, 5, 5]}}", json!([{"id": "1"}])),
        ("{ground: {intersectsBox: [9, 49, 11, 51]}}", json!([{"id": "1"}])),
        (
            "{spot: {eq: {type: \"Point\", coordinates: [10.75, 59.91]}}}",
            json!([{"id": "1"}]),
        ),
        ("{area: {isNull: true}}", json!([{"id": "2"}])),
    ] {
        assert_eq!(
            api.data(&format!("{{ towns(filters: {filter}) {{ id }} }}")).await["towns"],
            expected,
            "{filter}"
        );
    }
    assert_eq!(
        api.code("{ towns(filters: {spot: {intersectsBox: [1, 2]}}) { id } }")
            .await,
        "BAD_USER_INPUT"
    );

    let place = "{type: \"Point\", coordinates: [10.75, 59.91]}";
    let create = |spot: &str| {
        format!(
            "mutation {{ it: createTown(input: {{id: 3, spot: {spot}, ground: {place}}}) {{ success town {{ spot ground }} errors {{ code }} }} }}"
        )
    };
    let wrong = api.data(&create("{type: \"Nowhere\"}")).await;
    assert_eq!(wrong["it"]["errors"], json!([{"code": "INVALID"}]));
    assert_eq!(
        api.data(&create(place)).await["it"]["town"],
        json!({"spot": oslo, "ground": oslo})
    );
}
