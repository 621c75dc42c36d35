//! The endpoints as data, from which routes, `Allow` headers and the `OpenAPI` document are built.

use crate::server::api_keys::Scope;

/// A path below `/api/v1`, with its trailing slash.
pub(in crate::server) struct Endpoint {
    pub(in crate::server) path: &'static str,
    pub(in crate::server) calls: &'static [Call],
}

/// A method of an endpoint.
#[derive(Clone, Copy)]
pub(in crate::server) struct Call {
    pub(in crate::server) method: &'static str,
    /// The scope that a key must have; `None` for a call that is always open.
    pub(in crate::server) scope: Option<Scope>,
    pub(in crate::server) id: &'static str,
    pub(in crate::server) summary: &'static str,
    /// The `OpenAPI` component that describes the request body.
    pub(in crate::server) body: Option<&'static str>,
    /// The `OpenAPI` component that describes the answer's `data`.
    pub(in crate::server) data: &'static str,
    pub(in crate::server) status: u16,
    /// The statuses of this call's failures, besides 401 and 403.
    pub(in crate::server) failures: &'static [u16],
}

const fn call(
    method: &'static str,
    scope: Option<Scope>,
    id: &'static str,
    summary: &'static str,
    data: &'static str,
) -> Call {
    Call {
        method,
        scope,
        id,
        summary,
        body: None,
        data,
        status: 200,
        failures: &[],
    }
}

impl Call {
    const fn with_body(self, body: &'static str, failures: &'static [u16]) -> Self {
        Self {
            body: Some(body),
            failures,
            ..self
        }
    }

    const fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    const fn failing(self, failures: &'static [u16]) -> Self {
        Self { failures, ..self }
    }
}

const READ: Option<Scope> = Some(Scope::Read);
const ADMIN: Option<Scope> = Some(Scope::Admin);

/// All endpoints.
pub(in crate::server) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/schemas/",
        calls: &[
            call(
                "GET",
                READ,
                "listSchemas",
                "Lists the registered schemas in registration order.",
                "SchemaList",
            )
            .failing(&[400]),
            call(
                "POST",
                ADMIN,
                "registerSchema",
                "Registers a schema.",
                "RegisteredSchema",
            )
            .with_body("NewSchema", &[400, 409, 413, 415])
            .with_status(201),
        ],
    },
    Endpoint {
        path: "/schemas/{name}/",
        calls: &[
            call(
                "GET",
                READ,
                "getSchema",
                "Returns a schema, its models resolved to tables.",
                "RegisteredSchema",
            )
            .failing(&[404]),
            call(
                "PUT",
                ADMIN,
                "replaceSchema",
                "Changes fields; `settings` is replaced.",
                "RegisteredSchema",
            )
            .with_body("SchemaChange", &[400, 404, 413, 415]),
            call(
                "PATCH",
                ADMIN,
                "changeSchema",
                "Changes fields; `settings` is merged.",
                "RegisteredSchema",
            )
            .with_body("SchemaChange", &[400, 404, 413, 415]),
            call("DELETE", ADMIN, "deleteSchema", "Removes the schema.", "Nothing").failing(&[404]),
        ],
    },
    Endpoint {
        path: "/management/",
        calls: &[call(
            "POST",
            ADMIN,
            "manage",
            "Enables or disables a schema, or removes all schemas.",
            "Nothing",
        )
        .with_body("Action", &[400, 404, 413, 415])],
    },
    Endpoint {
        path: "/discovery/",
        calls: &[
            call(
                "GET",
                READ,
                "discoveryState",
                "Returns what discovery has found.",
                "DiscoveryState",
            ),
            call(
                "POST",
                ADMIN,
                "discover",
                "Registers the schemas of the program again, also removed ones.",
                "DiscoveryRun",
            ),
        ],
    },
    Endpoint {
        path: "/health/",
        calls: &[call(
            "GET",
            None,
            "health",
            "Reports the health of schemas and database.",
            "Health",
        )
        .failing(&[503])],
    },
    Endpoint {
        path: "/metrics/",
        calls: &[call(
            "GET",
            READ,
            "metrics",
            "Returns metrics of schemas, plugins, cache and connections.",
            "Metrics",
        )],
    },
    Endpoint {
        path: "/",
        calls: &[call("GET", READ, "index", "Lists the paths of this API.", "Index")],
    },
    Endpoint {
        path: "/openapi.json",
        calls: &[call("GET", READ, "openapi", "Returns this document.", "OpenApi")],
    },
];

impl Endpoint {
    /// The methods, as `Allow` lists them.
    pub(in crate::server) fn allow(&self) -> String {
        self.calls.iter().map(|call| call.method).collect::<Vec<_>>().join(", ")
    }
}
