//! Actions on schemas, discovery, health and metrics.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::endpoints::ENDPOINTS;
use super::envelope::{Failure, success};
use super::fields::object;
use crate::registry::{HookKind, Origin, Registry, timestamp};

/// How long the health check waits for the database.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn manage(registry: &Registry, headers: &HeaderMap, body: &[u8]) -> Result<Response, Failure> {
    let object = object(headers, body)?;
    let action = object
        .get("action")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim()
        .to_lowercase();

    if !matches!(action.as_str(), "enable" | "disable" | "clear_all") {
        let message = "Invalid action. Must be one of: enable, disable, clear_all";
        return Err(Failure::field("action", message));
    }

    if object
        .get("schema_name")
        .is_some_and(|name| !name.is_string() && !name.is_null())
    {
        return Err(Failure::field("schema_name", "Schema name must be a string"));
    }

    if action == "clear_all" {
        let cleared = registry.clear();
        let data = json!({ "action": action, "cleared_count": cleared });
        return Ok(success(StatusCode::OK, &data, Some("All schemas cleared successfully")));
    }

    let name = object
        .get("schema_name")
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let Some(name) = name else {
        return Err(Failure::field(
            "schema_name",
            format!("Schema name is required for '{action}' action"),
        ));
    };

    let enabled = action == "enable";
    registry.set_enabled(name, enabled)?;
    let data = json!({ "action": action, "schema_name": name, "enabled": enabled });

    Ok(success(
        StatusCode::OK,
        &data,
        Some(&format!("Schema '{name}' {action}d successfully")),
    ))
}

/// The paths of the API, which its root lists.
pub(super) fn index(public_path: &str) -> Response {
    let endpoints: Vec<String> = ENDPOINTS
        .iter()
        .map(|endpoint| format!("{public_path}/api/v1{}", endpoint.path))
        .collect();
    let data = json!({ "endpoints": endpoints, "description": format!("{public_path}/api/v1/openapi.json") });

    success(StatusCode::OK, &data, None)
}

pub(super) fn discovery_state(registry: &Registry) -> Response {
    let schemas = registry.schemas();
    let discovered: Vec<&str> = schemas
        .iter()
        .filter(|schema| matches!(schema.info.origin, Origin::Derive | Origin::Discovered))
        .map(|schema| schema.info.name.as_str())
        .collect();
    let auto = schemas.iter().filter(|schema| schema.info.auto_discover).count();

    let data = json!({
        "auto_discovery_enabled": true,
        "discovery_enabled": true,
        "last_discovery": registry.last_discovery().map(timestamp),
        "discovered_schemas": discovered,
        "total_schemas": schemas.len(),
        "auto_discover_schemas": auto,
        "manual_schemas": schemas.len() - auto,
        "discovery_hooks_count": registry.hooks().count(HookKind::Discovery),
    });

    success(StatusCode::OK, &data, None)
}

pub(super) fn discover(registry: &Registry) -> Response {
    const DONE: &str = "Discovery completed successfully";

    let discovery = registry.rediscover();
    let failed: Vec<Value> = discovery
        .errors
        .into_iter()
        .map(|error| Failure::from(error).into_message().into())
        .collect();

    let data = json!({
        "discovered_count": discovery.found.len(),
        "new_schemas": discovery.new,
        "failed": failed,
        "timestamp": timestamp(SystemTime::now()),
        "message": DONE,
    });

    success(StatusCode::OK, &data, Some(DONE))
}

/// The health of schemas and database. Callers without a valid key get the status only.
pub(super) async fn health(registry: &Registry, is_known: bool) -> Response {
    let started = Instant::now();
    let asked = tokio::time::timeout(PATIENCE, registry.database().ping()).await;
    let latency = started.elapsed().as_secs_f64() * 1000.0;

    let mut issues: Vec<&str> = Vec::new();
    let database = match asked {
        Ok(Ok(())) => "connected",
        Ok(Err(_)) => "unavailable",
        Err(_) => "timeout",
    };
    if database != "connected" {
        issues.push("The database does not answer");
    }

    let schemas = registry.schemas();
    let enabled = schemas.iter().filter(|schema| schema.info.enabled).count();
    if enabled == 0 {
        issues.push("No enabled schemas found");
    }

    let (status, code) = match (database, enabled) {
        ("connected", 0) => ("warning", StatusCode::OK),
        ("connected", _) => ("healthy", StatusCode::OK),
        _ => ("unhealthy", StatusCode::SERVICE_UNAVAILABLE),
    };

    if !is_known {
        return success(code, &json!({ "status": status }), None);
    }

    let now = timestamp(SystemTime::now());
    let data = json!({
        "status": status,
        "registry_status": "operational",
        "total_schemas": schemas.len(),
        "schema_count": schemas.len(),
        "enabled_schemas": enabled,
        "disabled_schemas": schemas.len() - enabled,
        "plugin_count": registry.plugins().list().len(),
        "database": { "status": database, "latency_ms": (latency * 1000.0).round() / 1000.0 },
        "issues": issues,
        "last_check": now,
        "timestamp": now,
    });

    success(code, &data, None)
}

pub(super) fn metrics(registry: &Registry) -> Response {
    let schemas = registry.schemas();
    let enabled = schemas.iter().filter(|schema| schema.info.enabled).count();
    let models_per_app: BTreeMap<&str, usize> =
        registry.apps().iter().map(|app| (app.name, app.tables.len())).collect();

    let mut with_schemas: Vec<&str> = schemas
        .iter()
        .flat_map(|schema| &schema.info.apps)
        .map(String::as_str)
        .collect();
    with_schemas.sort_unstable();
    with_schemas.dedup();

    let plugins = registry.plugins().list();
    let names: Vec<&str> = plugins.iter().map(|installed| installed.plugin.name()).collect();
    let figures: Map<String, Value> = plugins
        .iter()
        .map(|installed| (installed.plugin.name().to_owned(), guarded_metrics(&*installed.plugin)))
        .filter(|(_, figures)| !figures.is_null())
        .collect();

    let mut usage = Map::new();
    for schema in schemas.iter() {
        let counted = schema.meter.usage();
        let figures = json!({
            "query_count": counted.queries,
            "mutation_count": counted.mutations,
            "subscription_count": 0,
            "error_count": counted.errors,
            "cached_count": counted.cached,
            "last_used": counted.last_used.map(timestamp),
            "latency_ms": { "p50": counted.latency[0], "p95": counted.latency[1], "p99": counted.latency[2] },
        });

        usage.insert(schema.info.name.clone(), figures);
    }

    let cache = match registry.cache().size() {
        Some((bytes, entries)) => json!({ "kind": "memory", "bytes": bytes, "entries": entries }),
        None => match registry.cache().health() {
            Some(health) => json!({
                "kind": "redis", "address": health.address, "answering": health.is_answering, "hits": health.hits,
                "misses": health.misses, "failures": health.failures, "skipped": health.skipped,
                "openings": health.openings, "foreign": health.invalid, "unraised": health.unraised,
            }),
            None => json!({ "kind": "external" }),
        },
    };

    let pool = registry.database().pool_usage();
    let data = json!({
        "schema_metrics": {
            "total_schemas": schemas.len(),
            "enabled_schemas": enabled,
            "disabled_schemas": schemas.len() - enabled,
        },
        "model_metrics": { "total_models": models_per_app.values().sum::<usize>(), "models_per_app": models_per_app },
        "app_metrics": { "total_apps": registry.apps().len(), "apps_with_schemas": with_schemas },
        "plugin_metrics": {
            "total_plugins": plugins.len(),
            "enabled_plugins": plugins.iter().filter(|installed| installed.is_enabled()).count(),
            "plugin_names": names,
            "plugins": figures,
        },
        "usage": usage,
        "cache": cache,
        "pool": { "connections": pool.open, "idle": pool.idle, "max": pool.max, "down": pool.is_down },
    });

    success(StatusCode::OK, &data, None)
}

fn guarded_metrics(plugin: &dyn crate::registry::Plugin) -> Value {
    crate::panics::catch_panic(|| Ok(plugin.metrics())).unwrap_or(Value::Null)
}
