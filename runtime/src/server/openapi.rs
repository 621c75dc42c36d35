//! The `OpenAPI` 3.1 description of the management API, built from the endpoints that are served.

use serde_json::{Map, Value, json};

use super::api_keys::Scope;
use super::rest::endpoints::{Call, ENDPOINTS};
use super::{Management, ManagementRead, ServerConfig};

/// The whole document.
pub(super) fn document(config: &ServerConfig) -> Value {
    let mut paths = Map::new();
    for endpoint in ENDPOINTS {
        let mut item = Map::new();
        if endpoint.path.contains("{name}") {
            let name = json!({"name": "name", "in": "path", "required": true, "schema": {"type": "string"}});
            item.insert("parameters".into(), json!([name]));
        }
        for call in endpoint.calls {
            item.insert(call.method.to_lowercase(), operation(call, config));
        }
        paths.insert(format!("/api/v1{}", endpoint.path), item.into());
    }

    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Schema management",
            "description": "Registers, changes and monitors the GraphQL schemas of a program. Every path is also served without its trailing slash.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{"url": if config.public_path.is_empty() { "/" } else { &config.public_path }}],
        "paths": paths,
        "components": {
            "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}},
            "schemas": components(),
        },
    })
}

fn operation(call: &Call, config: &ServerConfig) -> Value {
    let mut responses = Map::new();
    let content = |schema: Value| json!({"application/json": {"schema": schema}});
    let data = reference(call.data);

    let answer = if call.id == "openapi" {
        data
    } else {
        json!({"allOf": [reference("Success"), {"type": "object", "properties": {"data": data}}]})
    };

    responses.insert(
        call.status.to_string(),
        json!({"description": call.summary, "content": content(answer)}),
    );

    let access: &[u16] = if call.scope.is_some() { &[401, 403] } else { &[] };
    for status in access.iter().chain(call.failures) {
        let failure = if call.id == "health" {
            json!({"allOf": [reference("Success"), {"type": "object", "properties": {"data": reference("Health")}}]})
        } else {
            reference("Failure")
        };

        responses.insert(
            status.to_string(),
            json!({"description": reason(*status), "content": content(failure)}),
        );
    }

    let mut operation = json!({"operationId": call.id, "summary": call.summary, "responses": responses});
    if let Some(body) = call.body {
        operation["requestBody"] = json!({"required": true, "content": content(reference(body))});
    }

    operation["security"] = match call.scope {
        Some(Scope::Read) if config.management_read == ManagementRead::Open => json!([]),
        // Programs on this machine need no key.
        Some(Scope::Admin) if config.management == Management::Open => json!([{"apiKey": []}, {}]),
        Some(Scope::Read | Scope::Admin) => json!([{"apiKey": []}]),
        None => json!([]),
    };

    if call.id == "listSchemas" {
        operation["parameters"] = json!([
            {"name": "enabled", "in": "query", "schema": {"enum": ["true", "false", "1", "0", "yes", "no"]}},
            {"name": "app", "in": "query", "schema": {"type": "string"}},
            {"name": "format", "in": "query", "schema": {"enum": ["summary", "detailed"], "default": "summary"}},
        ]);
    }

    operation
}

fn reference(component: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{component}")})
}

fn reason(status: u16) -> &'static str {
    match status {
        400 => "The body or the query is invalid.",
        401 => "An API key is required.",
        403 => "The API key does not allow this.",
        404 => "The schema does not exist.",
        409 => "A schema with this name already exists.",
        413 => "The body is too large.",
        415 => "The body is not JSON.",
        _ => "The server or its database is unhealthy.",
    }
}

#[expect(clippy::needless_pass_by_value, reason = "called with literals")]
fn object(properties: Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

fn components() -> Value {
    let text = json!({"type": "string"});
    let texts = json!({"type": "array", "items": {"type": "string"}});
    let number = json!({"type": "integer", "minimum": 0});
    let switch = json!({"type": "boolean"});
    let time = json!({"type": ["string", "null"], "format": "date-time"});
    let any = json!({"type": "object"});

    // The pattern is that of semver.org, without names for its groups.
    let version = json!({"type": "string", "pattern": r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$"});
    let names = json!({"type": "array", "items": {"type": "string", "minLength": 1, "pattern": r"\S"}});

    let fields = json!({
        "description": text, "version": version, "apps": names, "models": names, "exclude_models": names,
        "settings": any, "auto_discover": switch, "enabled": switch,
    });

    let mut new = fields.clone();
    new["name"] = json!({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,100}$"});

    let mut schema = new.clone();
    for (name, value) in [
        ("origin", &text),
        ("registered_at", &time),
        ("updated_at", &time),
        ("graphql_url", &text),
    ] {
        schema[name] = value.clone();
    }

    schema["origin"] = json!({"enum": ["derive", "manual", "discovered", "api"]});
    schema["warnings"] = texts.clone();

    let whole = [
        "name",
        "description",
        "version",
        "apps",
        "models",
        "settings",
        "enabled",
        "origin",
        "graphql_url",
    ];

    json!({
        "Success": object(json!({"status": {"const": "success"}, "data": {}, "message": text, "timestamp": time}), &["status", "data", "timestamp"]),
        "Failure": object(json!({
            "status": {"const": "error"},
            "data": object(json!({"message": text, "details": object(json!({"error_code": text, "field": text}), &["error_code"])}), &["message", "details"]),
            "message": text,
            "timestamp": time,
        }), &["status", "data", "message", "timestamp"]),
        "NewSchema": object(new, &["name"]),
        "SchemaChange": object(fields, &[]),
        "Schema": object(schema, &whole),
        "RegisteredSchema": {"allOf": [reference("Schema"), object(json!({"schema": reference("Schema")}), &["schema"])]},
        "SchemaList": object(json!({
            "schemas": {"type": "array", "items": any}, "count": number, "total_count": number,
            "enabled_count": number, "disabled_count": number,
        }), &["schemas", "count", "total_count", "enabled_count", "disabled_count"]),
        "Action": {"oneOf": [
            object(json!({"action": {"const": "clear_all"}, "schema_name": {"type": ["string", "null"]}}), &["action"]),
            object(json!({
                "action": {"enum": ["enable", "disable"]},
                "schema_name": {"type": "string", "minLength": 1, "pattern": r"\S"},
            }), &["action", "schema_name"]),
        ]},
        "DiscoveryState": object(json!({
            "auto_discovery_enabled": switch, "discovery_enabled": switch, "last_discovery": time,
            "discovered_schemas": texts, "total_schemas": number, "auto_discover_schemas": number,
            "manual_schemas": number, "discovery_hooks_count": number,
        }), &["discovered_schemas", "total_schemas"]),
        "DiscoveryRun": object(json!({
            "discovered_count": number, "new_schemas": texts, "failed": texts, "timestamp": time, "message": text,
        }), &["discovered_count", "new_schemas"]),
        "Health": object(json!({
            "status": {"enum": ["healthy", "warning", "unhealthy"]}, "registry_status": text, "total_schemas": number,
            "schema_count": number, "enabled_schemas": number, "disabled_schemas": number, "plugin_count": number,
            "database": object(json!({"status": text, "latency_ms": {"type": "number"}}), &["status"]),
            "issues": texts, "last_check": time, "timestamp": time,
        }), &["status"]),
        "Metrics": object(json!({
            "schema_metrics": any, "model_metrics": any, "app_metrics": any, "plugin_metrics": any,
            "usage": any, "cache": any, "pool": any,
        }), &["schema_metrics", "usage"]),
        "Index": object(json!({"endpoints": texts, "description": text}), &["endpoints", "description"]),
        "Nothing": any,
        "OpenApi": any,
    })
}
