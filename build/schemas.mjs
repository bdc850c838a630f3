// Makes schemas/*.json, and the part of docs/json.md that lists members, from the definitions of the results.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makePage } from "./results/page.mjs";
import { readDefinitions } from "./results/read.mjs";
import { makeSchemas } from "./results/schemas.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "schemas");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const definitions = readDefinitions(root);
writeFileSync(join(root, "dist", "results.md"), makePage(definitions));
for (const [name, schema] of makeSchemas(definitions))
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
