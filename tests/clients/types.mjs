// graphql-codegen makes types and TypeScript takes them: `node types.mjs URL`.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { generate } from "@graphql-codegen/cli";

const [url] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "types-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

const documents = `
  query Products($limit: Int, $order: [ProductOrderBy!], $filters: ProductFilter) {
    products(limit: $limit, orderBy: $order, filters: $filters) { id name price category { name } }
  }`;
const generated = join(folder, "schema.ts");
const scalars = { DateTime: "string", Decimal: { input: "string | number", output: "string" } };
await generate(
  {
    // The address of the SDL: by introspection it does not ask for `@oneOf`.
    schema: `${url}schema.graphql`,
    documents,
    // Where plugins are looked for.
    cwd: here,
    silent: true,
    generates: { [generated]: { plugins: ["typescript-operations"], config: { scalars } } },
  },
  true,
);

const compiles = (text) => {
  const file = join(folder, "use.ts");
  writeFileSync(file, text);
  const tsc = join(here, "node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "--strict", "--noEmit", "--skipLibCheck", "--target", "es2022", file]);
    return "";
  } catch (error) {
    return `${error.stdout}`;
  }
};

const use = (order) => `import type { ProductsQueryVariables } from "./schema";
export const variables: ProductsQueryVariables = { limit: 1, order: ${order}, filters: { name: { eq: "Mug" } } };`;
assert.equal(compiles(use('[{ price: "DESC" }, { name: "ASC" }]')), "");

// An object of two keys has no order, and is no type.
assert.match(compiles(use('[{ price: "DESC", name: "ASC" }]')), /error TS/);
