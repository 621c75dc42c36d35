"""Walks through the client against a running server: ``python try_it.py http://localhost:8000``."""

import sys

from schema_registry import GraphQLError, RegistryError, SchemaRegistry

registry = SchemaRegistry(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")

name = "python_test_schema"
before = [schema["name"] for schema in registry.schemas()]
assert name not in before, before

made = registry.register(name, description="Made by a client", apps=["users", "test_app"], settings={"tags": ["try"]})
assert made["origin"] == "api" and made["version"] == "1.0.0", made
assert any("test_app" in warning for warning in made["warnings"]), made
assert registry.query(name, "query($n: Int) { users(limit: $n) { id } }", {"n": 2}) == {"users": [{"id": "1"}, {"id": "2"}]}

try:
    registry.register(name)
    raise AssertionError("a name that is taken was registered")
except RegistryError as error:
    assert (error.status, error.code, error.field) == (409, "SCHEMA_ALREADY_EXISTS", "name"), vars(error)

assert registry.update(name, version="1.1.0")["version"] == "1.1.0"
assert registry.patch(name, settings={"domain": "shop"})["settings"] == {"tags": ["try"], "domain": "shop"}
registry.disable(name)
try:
    registry.query(name, "{ __typename }")
    raise AssertionError("a disabled schema answered")
except GraphQLError as error:
    assert error.errors[0]["extensions"]["code"] == "SCHEMA_DISABLED", error.errors
registry.enable(name)
assert registry.schema(name)["models"] == ["User"]
assert registry.health()["status"] == "healthy"
assert registry.metrics()["usage"][name]["query_count"] >= 1
registry.delete(name)
assert [schema["name"] for schema in registry.schemas()] == before
print("the Python client works")
