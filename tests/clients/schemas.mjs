// Reads each schema of a folder as graphql-js does, and says what is wrong with it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, validateSchema } from "graphql";

const folder = process.argv[2];
for (const name of readdirSync(folder)) {
  const text = readFileSync(join(folder, name), "utf8");
  try {
    const schema = buildSchema(text);
    for (const error of validateSchema(schema)) console.log(`${name}: ${error.message}`);
  } catch (error) {
    const line = error.locations?.[0]?.line ?? 1;
    console.log(`${name}: ${error.message}\n${text.split("\n").slice(Math.max(0, line - 4), line + 1).join("\n")}`);
  }
}
