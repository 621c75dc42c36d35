// Walks through the client against a running server: `node tryIt.mjs http://localhost:8000`.

import assert from "node:assert/strict";
import { GraphQLError, RegistryError, SchemaRegistry } from "./schemaRegistry.mjs";

const registry = new SchemaRegistry(process.argv[2]);
const name = "javascript_test_schema";
const names = async () => (await registry.schemas()).map((schema) => schema.name);
const before = await names();

const made = await registry.register({ name, apps: ["users", "test_app"], settings: { tags: ["try"] } });
assert.equal(made.origin, "api");
assert.ok(made.warnings.some((warning) => warning.includes("test_app")));
const data = await registry.query(name, "query($n: Int) { users(limit: $n) { id } }", { n: 2 });
assert.deepEqual(data, { users: [{ id: "1" }, { id: "2" }] });
await assert.rejects(registry.register({ name }), (error) => {
  assert.ok(error instanceof RegistryError);
  assert.deepEqual([error.status, error.code, error.field], [409, "SCHEMA_ALREADY_EXISTS", "name"]);
  return true;
});
assert.equal((await registry.update(name, { version: "1.1.0" })).version, "1.1.0");
const patched = await registry.patch(name, { settings: { domain: "shop" } });
assert.deepEqual(patched.settings, { tags: ["try"], domain: "shop" });
await registry.disable(name);
await assert.rejects(registry.query(name, "{ __typename }"), (error) => {
  assert.ok(error instanceof GraphQLError);
  assert.equal(error.errors[0].extensions.code, "SCHEMA_DISABLED");
  return true;
});
await registry.enable(name);
assert.deepEqual((await registry.schema(name)).models, ["User"]);
assert.equal((await registry.health()).status, "healthy");
assert.ok((await registry.metrics()).usage[name].query_count >= 1);
await registry.delete(name);
assert.deepEqual(await names(), before);
console.log("the JavaScript client works");
