"""A client for the schema management API and the GraphQL schemas of a server.

It needs the package ``requests``. Copy it into your program, or put this folder on your path.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

import requests


class Schema(TypedDict, total=False):
    """A registered schema, as the server shows it."""

    name: str
    description: str
    version: str
    apps: list[str]
    models: list[str]
    exclude_models: list[str]
    settings: dict[str, Any]
    auto_discover: bool
    enabled: bool
    origin: Literal["derive", "manual", "discovered", "api"]
    registered_at: str
    updated_at: str
    graphql_url: str
    warnings: list[str]


class RegistryError(Exception):
    """A call that the server rejected; ``code`` is its ``error_code``, ``field`` the invalid field."""

    def __init__(self, status: int, message: str, details: dict[str, Any]) -> None:
        super().__init__(message)
        self.status = status
        self.code: str | None = details.get("error_code")
        self.field: str | None = details.get("field")


class GraphQLError(Exception):
    """A response with errors; ``errors`` has all of them, ``data`` the partial result."""

    def __init__(self, errors: list[dict[str, Any]], data: Any) -> None:
        super().__init__(errors[0].get("message", "the request failed"))
        self.errors = errors
        self.data = data


class SchemaRegistry:
    """A client for one server."""

    def __init__(
        self, base_url: str = "http://localhost:8000", api_key: str | None = None, timeout: float = 10.0
    ) -> None:
        self._base = base_url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()
        if api_key:
            self._session.headers["Authorization"] = f"Bearer {api_key}"

    def schemas(self, *, enabled: bool | None = None, app: str | None = None, detailed: bool = False) -> list[Schema]:
        """The registered schemas, in the order of their registration."""
        query: dict[str, str] = {"format": "detailed" if detailed else "summary"}
        if enabled is not None:
            query["enabled"] = "true" if enabled else "false"
        if app is not None:
            query["app"] = app
        return self._call("GET", "schemas/", params=query)["schemas"]

    def schema(self, name: str) -> Schema:
        """One schema, with its models resolved to the tables that it serves."""
        return self._call("GET", f"schemas/{name}/")["schema"]

    def register(self, name: str, **fields: Any) -> Schema:
        """Registers a schema."""
        return self._call("POST", "schemas/", json={"name": name, **fields})["schema"]

    def update(self, name: str, **fields: Any) -> Schema:
        """Changes the fields that are given; ``settings`` are replaced."""
        return self._call("PUT", f"schemas/{name}/", json=fields)["schema"]

    def patch(self, name: str, **fields: Any) -> Schema:
        """Changes the fields that are given; ``settings`` are merged with the existing ones."""
        return self._call("PATCH", f"schemas/{name}/", json=fields)["schema"]

    def delete(self, name: str) -> None:
        """Deletes a schema."""
        self._call("DELETE", f"schemas/{name}/")

    def enable(self, name: str) -> None:
        """Enables a schema."""
        self._call("POST", "management/", json={"action": "enable", "schema_name": name})

    def disable(self, name: str) -> None:
        """Disables a schema: it answers 503."""
        self._call("POST", "management/", json={"action": "disable", "schema_name": name})

    def clear_all(self) -> None:
        """Deletes all schemas."""
        self._call("POST", "management/", json={"action": "clear_all"})

    def discover(self) -> list[str]:
        """Registers the program's schemas that are not registered; returns the new names."""
        return self._call("POST", "discovery/")["new_schemas"]

    def health(self) -> dict[str, Any]:
        """The health of schemas and database, also if they are unhealthy."""
        return self._call("GET", "health/", allow_503=True)

    def metrics(self) -> dict[str, Any]:
        """The metrics of schemas, plugins, cache and connections."""
        return self._call("GET", "metrics/")

    def query(self, schema: str, document: str, variables: dict[str, Any] | None = None) -> Any:
        """Queries a schema and returns the response's ``data``."""
        response = self._session.post(
            f"{self._base}/graphql/{schema}/",
            json={"query": document, "variables": variables},
            timeout=self._timeout,
        )
        answer = response.json()
        if answer.get("errors"):
            raise GraphQLError(answer["errors"], answer.get("data"))
        return answer["data"]

    def _call(self, method: str, path: str, *, allow_503: bool = False, **request: Any) -> Any:
        response = self._session.request(method, f"{self._base}/api/v1/{path}", timeout=self._timeout, **request)
        body = response.json()
        if response.ok or (allow_503 and response.status_code == 503):
            return body["data"]
        raise RegistryError(response.status_code, body["message"], body["data"].get("details", {}))
