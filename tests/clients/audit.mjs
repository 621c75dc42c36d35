// The audits of graphql-http, and graphql-js on the introspection: `node audit.mjs URL...`.

import assert from "node:assert/strict";

import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema, validateSchema }
  from "graphql";
import { auditServer } from "graphql-http";

for (const url of process.argv.slice(2)) {
  const results = await auditServer({ url, fetchFn: fetch });
  const missed = results.filter((result) => result.status !== "ok").map((result) => `${result.name}: ${result.reason}`);
  assert.deepEqual(missed, [], url);
  assert.ok(results.length > 50, `${results.length} audits`);

  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: getIntrospectionQuery({ schemaDescription: true, specifiedByUrl: true, oneOf: true }) }),
  });
  const { data } = await response.json();
  const introspected = buildClientSchema(data);
  assert.deepEqual(validateSchema(introspected), []);

  // The SDL that is served says the same.
  const sdl = await (await fetch(`${url}schema.graphql`)).text();
  const read = buildSchema(sdl);
  assert.deepEqual(validateSchema(read), []);
  assert.equal(
    printSchema(lexicographicSortSchema(read)),
    printSchema(lexicographicSortSchema(introspected)),
  );
}
